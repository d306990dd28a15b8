//! Logs: sources, processing, and writing to Loki.

mod echo;
mod process;
mod relabel;
#[cfg(test)]
mod schema_tests;
mod source;
mod write;

use component::Registration;

/// Every component of the family.
pub static FAMILY: &[&Registration] = &[
    &echo::COMPONENT,
    &process::COMPONENT,
    &relabel::COMPONENT,
    &source::api::COMPONENT,
    &source::docker::COMPONENT,
    &source::file::COMPONENT,
    &write::COMPONENT,
];
