//! Metrics: scraping, relabelling, and writing to systems that speak remote write.

mod remote_write;

use component::Registration;

/// Every component of the family.
pub static FAMILY: &[&Registration] = &[
    &remote_write::COMPONENT,
];
