//! `loki.source.*`: where log lines come from.

mod deliver;
pub(crate) mod file;
mod positions;
