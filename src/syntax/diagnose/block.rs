//! What can be wrong around statements: what follows them, and braces that do not pair.

use super::Context;
use super::value::begins_statement;
use crate::diag::Diagnostic;
use crate::token::Kind;

/// Token `at` follows the statement that began with token `first`, on the same line.
pub(crate) fn after_statement(context: Context<'_>, first: usize, at: usize) -> Diagnostic {
    let found = context.found(at);
    let error = context.error("syntax/unexpected", at, format!("expected the end of the line after this statement, found {found}"));
    let before = context.kind(at.saturating_sub(1));
    match context.kind(at) {
        Kind::Assign if at > first && begins_statement(context, at - 1) => context
            .error("syntax/expected-value", at, "the value before this line is missing")
            .label(context.span(at.saturating_sub(2)), "nothing follows this `=`"),
        Kind::Assign => error.hint("an attribute has one value; compare with `==`"),
        Kind::Comma => trailing_comma(context, at),
        Kind::CloseBracket | Kind::CloseParen => error.here("nothing is open that this could close"),
        Kind::Ident | Kind::String if context.kind(at + 1) == Kind::Assign || context.kind(at + 1) == Kind::OpenCurly => {
            error.hint("write each statement on a line of its own")
        }
        Kind::Ident if matches!(context.text(at), "if" | "for" | "and" | "or" | "in") => {
            error.hint("there are no such words in expressions; use the operators `&&`, `||`, `!` and functions")
        }
        Kind::Ident if matches!(before, Kind::Number | Kind::Float) => {
            error.hint(format!("text stands in double quotes: `\"{}{}\"`", context.excerpt(at - 1), context.excerpt(at)))
        }
        Kind::Ident | Kind::Number | Kind::Float if matches!(before, Kind::Number | Kind::Float | Kind::Ident) => {
            error.hint("text with spaces, units or dashes stands in double quotes: `\"10s\"`, `\"5MiB\"`")
        }
        Kind::String => error.hint("join strings with `+`; several values stand in a list: `[\"a\", \"b\"]`"),
        Kind::Number | Kind::Float => error.hint("text stands in double quotes; numbers are joined with operators"),
        _ => error,
    }
}

/// A comma between statements, or several values without brackets.
fn trailing_comma(context: Context<'_>, at: usize) -> Diagnostic {
    let what = if context.kind(at.saturating_sub(1)) == Kind::CloseCurly { "blocks" } else { "attributes" };
    let error = context.error("syntax/trailing-comma", at, format!("{what} are separated by line ends, not by commas"));
    match context.kind(at + 1) {
        Kind::Terminator | Kind::Eof | Kind::CloseCurly => error.hint("remove the `,`"),
        _ if context.begins_line(at + 1) => error.hint("remove the `,`"),
        kind if what == "attributes" && kind.starts_value() && context.kind(at + 2) != Kind::Assign => {
            error.hint("several values stand in a list: `[ … , … ]`")
        }
        _ => error.hint("remove the `,` and go on in a new line"),
    }
}

/// A `}` where no block is open.
pub(crate) fn stray_brace(context: Context<'_>, at: usize) -> Diagnostic {
    context
        .error("syntax/stray-brace", at, "this `}` closes nothing")
        .here("no block is open here")
        .hint("remove it, or look for a block above that is closed too early")
}

/// The file ends at token `end` while blocks are open; `open` has the first token and the `{` of each, outermost first.
pub(crate) fn unclosed_block(context: Context<'_>, open: &[(usize, usize)], end: usize) -> Diagnostic {
    let misaligned = misaligned(context);
    let (first, brace) = misaligned.map_or_else(|| suspect(context, open), |(first, brace, _)| (first, brace));
    let name = context.source.slice(context.span(first).to(context.span(brace.saturating_sub(1))));
    let message = match open.len() {
        1 => format!("missing `}}` for the block `{}`", super::excerpt(name)),
        n => format!("missing `}}`: {n} blocks are open at the end of the file, `{}` among them", super::excerpt(name)),
    };
    let error = context.error("syntax/unclosed", end, message).here("the file ends here");
    let error = error.label(context.span(brace), "opened here and never closed");
    match misaligned {
        Some((.., close)) => error.label(context.span(close), "by its place, this one closes a block around it"),
        None => error,
    }
}

/// The first block whose `}` stands further left than its line begins: that one was meant for a block around it. Its first
/// token, its `{` and that `}`.
fn misaligned(context: Context<'_>) -> Option<(usize, usize, usize)> {
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut line = 0;
    for (at, token) in context.tokens.iter().enumerate() {
        if context.begins_line(at) && token.kind != Kind::Terminator {
            line = at;
        }
        if token.kind == Kind::OpenCurly {
            open.push((line, at));
        } else if token.kind == Kind::CloseCurly
            && let Some((first, brace)) = open.pop()
            && line == at
            && context.column(at) < context.column(first)
            && context.kind(first) == Kind::Ident
        {
            return Some((first, brace, at));
        }
    }
    None
}

/// Open blocks that are looked at, from the innermost. Each costs a look at the rest of the file.
const MAX_SUSPECTS: usize = 16;

/// The open block that most likely lacks its `}`: the innermost whose line is followed by another at the same column or
/// further left, which a body would not be.
fn suspect(context: Context<'_>, open: &[(usize, usize)]) -> (usize, usize) {
    let fallback = open.last().copied().unwrap_or_default();
    open.iter()
        .rev()
        .take(MAX_SUSPECTS)
        .find(|(first, brace)| {
            let column = context.column(*first);
            let mut depth: u32 = 0;
            for (index, token) in context.tokens.iter().enumerate().skip(brace + 1) {
                if depth == 0 && context.begins_line(index) && token.kind == Kind::Ident && context.column(index) <= column {
                    return true;
                }
                if token.kind.opens() {
                    depth += 1;
                } else if token.kind.closes() {
                    depth = depth.saturating_sub(1);
                }
            }
            false
        })
        .copied()
        .unwrap_or(fallback)
}
