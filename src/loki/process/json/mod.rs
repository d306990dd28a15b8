//! JSON as stages read and write it: a scanner that looks for fields without building anything, a tree, and text again.
//!
//! The grammar is that of the original's reader: numbers are floating point, text may hold control characters behind
//! an escape, a sign may follow a minus, `null` may stand for an empty key.

mod scan;
#[cfg(test)]
mod tests;
mod tree;
mod write;

pub(crate) use scan::{Malformed, Scan, Token};
pub(crate) use tree::parse;
pub(crate) use write::{write, write_string, write_tree};
