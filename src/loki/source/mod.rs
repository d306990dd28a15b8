//! `loki.source.*`: where log lines come from.

pub(crate) mod api;
mod deliver;
pub(crate) mod docker;
pub(crate) mod file;
mod positions;
