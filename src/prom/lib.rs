//! Metrics: scraping, relabelling, and writing to systems that speak remote write.

pub mod pool;
mod remote_write;
mod scrape;

use component::Registration;

#[doc(hidden)]
pub use scrape::bench;

/// Every component of the family.
pub static FAMILY: &[&Registration] = &[
    &remote_write::COMPONENT,
    &scrape::COMPONENT,
];
