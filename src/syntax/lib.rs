//! The Alloy configuration language: source text, spans, tokens, syntax tree, diagnostics and the formatter.
//!
//! Knows nothing of values, components or I/O. [`parse`] never fails: broken text gives a tree of what could be read
//! and a diagnostic for each thing that could not.

pub mod ast;
mod codes;
pub mod diag;
mod diagnose;
pub mod fmt;
mod foreign;
mod grammar;
mod lexical;
mod parse;
mod recover;
pub mod render;
mod reuse;
mod scan;
mod source;
mod stack;
mod suggest;
mod templated;
pub mod token;
mod tree;

pub use codes::CODES;
pub use diag::{Diagnostic, Severity};
pub use fmt::{format, format_checked};
pub use parse::{Parse, parse, parse_again, parse_expression};
pub use render::{Style, render, render_json, render_sarif, render_short};
pub use scan::{is_identifier, is_identifier_character, tokens};
pub use source::{Position, Source, Span};
pub use suggest::suggest;
