//! Components that only export values: discovery of targets, files, and `local.recent`.

pub mod discovery;
pub mod local;

use component::Registration;

/// Every component of this family.
pub static FAMILY: &[&Registration] = &[
    &discovery::docker::COMPONENT,
    &discovery::relabel::COMPONENT,
    &local::file::COMPONENT,
    &local::file_match::COMPONENT,
    &local::recent::COMPONENT,
];
