//! The formatter: syntax tree and comments to text, byte for byte as the original writes it.
//!
//! The walk over the tree sends tokens, white space and source positions to a [`printer`], which puts comments where they
//! belong; the result is a text with cells, whose columns [`align`] lines up.

mod align;
mod comments;
mod printer;
mod quote;
mod walk;

use crate::ast;

/// Formats a file that was parsed without errors. The text ends with a newline. Nodes that carry their own text in the
/// source (numbers, strings) are taken from there.
pub fn format(file: &ast::File) -> String {
    let mut printer = printer::Printer::new(comments::groups(file));
    walk::Walk::new(&file.source, &mut printer).file(&file.body);
    let mut out = align::align(&printer.finish());
    out.push(b'\n');
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
