//! `json_path`
use super::{Entry};
pub(super) const FUNCTIONS: &[Entry] = &[];
