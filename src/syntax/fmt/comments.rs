//! Comments as the printer wants them: without carriage returns, and in groups of lines that belong together.

use super::printer::Place;
use crate::ast;
use crate::source::Source;

/// A comment to print.
#[derive(Debug)]
pub(super) struct Comment {
    /// Text without carriage returns.
    pub(super) text: String,
    /// Where it begins.
    pub(super) at: Place,
    /// The line of its last byte, counted without carriage returns.
    pub(super) last_line: usize,
    pub(super) block: bool,
}

/// Comments without a token or an empty line between them.
pub(super) type Group = Vec<Comment>;

/// The comments of a file in groups.
pub(super) fn groups(file: &ast::File) -> Vec<Group> {
    let source = &*file.source;
    let mut groups: Vec<Group> = Vec::new();
    let mut previous: Option<(u32, usize)> = None;
    for comment in &file.comments {
        let made = make(source, comment);
        let end_line = made.at.line + made.text.bytes().filter(|b| *b == b'\n').count();
        let joined = previous.is_some_and(|(end, line)| {
            let between = source.text().get(end as usize..comment.span.start as usize).unwrap_or_default();
            made.at.line <= line + 1 && between.bytes().all(|b| b.is_ascii_whitespace())
        });
        previous = Some((comment.span.end, end_line));
        match groups.last_mut() {
            Some(group) if joined => group.push(made),
            _ => groups.push(vec![made]),
        }
    }
    groups
}

fn make(source: &Source, comment: &ast::Comment) -> Comment {
    let text = strip(source.slice(comment.span), comment.block);
    let start = comment.span.start;
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    Comment {
        at: Place::of(source, start),
        last_line: source.position(start.saturating_add(length).saturating_sub(1)).line,
        block: comment.block,
        text,
    }
}

/// Drops carriage returns, except one that keeps `*` and `/` of a block comment apart.
fn strip(text: &str, block: bool) -> String {
    if !text.contains('\r') {
        return text.to_owned();
    }
    let text = text.strip_suffix('\r').unwrap_or(text);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let keeps_apart = block && out.len() > 2 && out.ends_with('*') && chars.peek() == Some(&'/');
        if c != '\r' || keeps_apart {
            out.push(c);
        }
    }
    out
}
