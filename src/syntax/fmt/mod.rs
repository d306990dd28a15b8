//! The formatter: syntax tree and comments to text, byte for byte as the original writes it.
//!
//! The walk over the tree sends tokens, white space and source positions to a `printer`, which puts comments where they
//! belong; the result is a text with cells, whose columns `align` lines up.

mod align;
mod check;
mod comments;
mod printer;
mod quote;
mod walk;

use crate::ast;
use crate::parse;
use crate::source::Source;

/// Formats a file that was parsed without errors. The text ends with a newline. Nodes that carry their own text in the
/// source (numbers, strings) are taken from there.
pub fn format(file: &ast::File) -> String {
    let mut printer = printer::Printer::new(comments::groups(file));
    walk::Walk::new(&file.source, &mut printer).file(&file.body);
    let mut out = align::align(&printer.finish());
    out.push(b'\n');
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Like [`format()`], but `None` where the result would say something else than the file. The original's layout does that in
/// rare cases, which are kept: a comment before the `)` of a call can swallow it, a call without arguments over two lines gets a
/// comma, tabs and blanks at line ends inside of raw strings are laid out like the rest, and the escapes of a quoted key are
/// escaped again.
pub fn format_checked(file: &ast::File) -> Option<String> {
    let text = format(file);
    let again = parse(&Source::new(file.source.name(), text.as_str()));
    let same =
        again.diagnostics.is_empty() && check::same_body(&file.body, &again.file.body) && file.comments.len() == again.file.comments.len();
    same.then_some(text)
}
