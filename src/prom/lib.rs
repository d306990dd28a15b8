//! Metrics: scraping, relabelling, and writing to systems that speak remote write.

mod echo;
mod forward;
pub mod pool;
mod relabel;
mod remote_write;
mod scrape;

use component::Registration;

#[doc(hidden)]
pub use scrape::bench;

/// Every component of the family.
pub static FAMILY: &[&Registration] = &[
    &echo::COMPONENT,
    &relabel::COMPONENT,
    &remote_write::COMPONENT,
    &scrape::COMPONENT,
];
