//! Finds where the next statement begins after a broken one. Indentation tells an unclosed bracket from a long value.

use crate::diagnose::Context;
use crate::token::Kind;

/// Where to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recovered {
    /// The token to go on with.
    pub(crate) at: usize,
    /// The bracket of the broken statement that nothing closes.
    pub(crate) unclosed: Option<usize>,
}

/// Where the statement that begins with token `first` ends, as far as that can be told. Looks for new statements only
/// after token `from`.
pub(crate) fn next_statement(context: Context<'_>, first: usize, from: usize) -> Recovered {
    let mut opened: Vec<usize> = Vec::new();
    let indent = context.column(first);
    let mut at = first;
    loop {
        let kind = context.kind(at);
        if kind == Kind::Eof {
            return Recovered { at, unclosed: opened.last().copied() };
        }
        if at > from && !opened.is_empty() && context.begins_line(at) {
            let outside = context.column(at) <= indent && looks_like_statement(context, at);
            let closes_outer = kind == Kind::CloseCurly && context.column(at) < indent;
            if outside || closes_outer {
                return Recovered { at, unclosed: opened.last().copied() };
            }
        }
        if kind.opens() {
            opened.push(at);
        } else if kind.closes() {
            match opened.iter().rposition(|open| context.kind(*open).closer() == kind) {
                Some(index) => opened.truncate(index),
                None if kind == Kind::CloseCurly => {
                    return Recovered { at, unclosed: opened.last().copied() };
                }
                None => {}
            }
        } else if kind == Kind::Terminator && opened.is_empty() {
            return Recovered { at, unclosed: None };
        }
        at += 1;
    }
}

/// The `{` that opens a block on the line of token `first`, unless an `=` comes before it.
pub(crate) fn block_on_line(context: Context<'_>, first: usize) -> Option<usize> {
    let mut at = first;
    loop {
        if at > first && context.begins_line(at) {
            return None;
        }
        match context.kind(at) {
            Kind::OpenCurly if at > first => return Some(at),
            // The name on one line, its `{` alone on the next.
            Kind::Terminator if context.kind(at + 1) == Kind::OpenCurly => return Some(at + 1),
            Kind::Assign | Kind::OpenBracket | Kind::OpenParen | Kind::CloseCurly | Kind::Terminator | Kind::Eof => {
                return None;
            }
            _ => at += 1,
        }
    }
}

/// Whether the tokens at `at` read like the beginning of a statement: `name =` or `name.name "label" {`.
pub(crate) fn looks_like_statement(context: Context<'_>, at: usize) -> bool {
    if context.kind(at) != Kind::Ident {
        return false;
    }
    let mut next = at + 1;
    while context.kind(next) == Kind::Dot && context.kind(next + 1) == Kind::Ident {
        next += 2;
    }
    if context.kind(next) == Kind::Assign {
        return next == at + 1;
    }
    if context.kind(next) == Kind::String {
        next += 1;
    }
    context.kind(next) == Kind::OpenCurly
}
