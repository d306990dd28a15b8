//! `discovery.*`: who is there to be scraped.

pub mod relabel;
