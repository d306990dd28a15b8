//! `discovery.*`: who is there to be scraped.

pub mod docker;
pub mod relabel;
