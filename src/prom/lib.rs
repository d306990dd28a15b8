//! Metrics: scraping, relabelling, and writing to systems that speak remote write.

mod echo;
mod forward;
pub mod pool;
mod relabel;
mod remote_write;
mod scrape;

use component::Registration;

/// For the benchmark only.
#[doc(hidden)]
pub mod bench {
    pub use crate::relabel::bench::Relabel;
    pub use crate::scrape::bench::Target;
}

/// Every component of the family.
pub static FAMILY: &[&Registration] = &[&echo::COMPONENT, &relabel::COMPONENT, &remote_write::COMPONENT, &scrape::COMPONENT];
