//! The parser generated from `grammar/alloy.pest`.
#![allow(missing_docs)]

use pest_derive::Parser;

/// Parses with the rules of the grammar file.
#[derive(Parser)]
#[grammar = "../../grammar/alloy.pest"]
pub(crate) struct Grammar;
