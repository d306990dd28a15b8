//! The Alloy configuration language: source text, spans, tokens, syntax tree, diagnostics and the formatter.
//!
//! Knows nothing of values, components or I/O. [`parse`] never fails: broken text gives a tree of what could be read
//! and a diagnostic for each thing that could not.

pub mod ast;
pub mod diag;
mod diagnose;
pub mod fmt;
mod grammar;
mod lexical;
mod parse;
mod recover;
mod scan;
mod source;
mod token;
mod tree;

pub use diag::{Diagnostic, Severity};
pub use fmt::format;
pub use parse::{Parse, parse, parse_expression};
pub use source::{Position, Source, Span};
