//! The Alloy configuration language: source text, spans, tokens, syntax tree, diagnostics and the formatter.
//!
//! Knows nothing of values, components or I/O. [`parse`] never fails: broken text gives a tree of what could be read
//! and a diagnostic for each thing that could not.

pub mod ast;
pub mod diag;
mod source;

pub use diag::{Diagnostic, Severity};
pub use source::{Position, Source, Span};
