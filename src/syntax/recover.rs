//! Finds where the next statement begins after a broken one. Indentation tells an unclosed bracket from a long value.

use crate::diagnose::Context;
use crate::scan::is_identifier;
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
    let mut opened = Opened::default();
    let indent = context.column(first);
    let mut at = first;
    loop {
        let kind = context.kind(at);
        if kind == Kind::Eof {
            return Recovered { at, unclosed: opened.innermost() };
        }
        if at > from
            && let Some(innermost) = opened.innermost()
            && context.begins_line(at)
        {
            let in_object = context.kind(innermost) == Kind::OpenCurly;
            let outside =
                (context.column(at) <= indent || !in_object) && looks_like_statement(context, at) && !line_ends_with_comma(context, at);
            let closes_outer = kind == Kind::CloseCurly && context.column(at) < indent;
            if outside || closes_outer {
                return Recovered { at, unclosed: Some(innermost) };
            }
        }
        if kind.opens() {
            opened.push(at, kind);
        } else if kind.closes() {
            if !opened.close(kind) && kind == Kind::CloseCurly {
                return Recovered { at, unclosed: opened.innermost() };
            }
        } else if kind == Kind::Terminator && opened.brackets.is_empty() {
            return Recovered { at, unclosed: None };
        }
        at += 1;
    }
}

/// Brackets without their partner.
#[derive(Default)]
struct Opened {
    /// The token of each and its kind, outermost first.
    brackets: Vec<(usize, Kind)>,
    /// How many there are of `{`, `(` and `[`, so that a closing one without a partner needs no search.
    counts: [usize; 3],
}

impl Opened {
    fn slot(kind: Kind) -> usize {
        match kind {
            Kind::OpenCurly | Kind::CloseCurly => 0,
            Kind::OpenParen | Kind::CloseParen => 1,
            _ => 2,
        }
    }

    fn innermost(&self) -> Option<usize> {
        self.brackets.last().map(|(at, _)| *at)
    }

    fn push(&mut self, at: usize, kind: Kind) {
        self.brackets.push((at, kind));
        self.counts[Self::slot(kind)] += 1;
    }

    /// Takes out the last bracket that `kind` closes and what was opened after it; false when there is none.
    fn close(&mut self, kind: Kind) -> bool {
        if self.counts[Self::slot(kind)] == 0 {
            return false;
        }
        while let Some((_, open)) = self.brackets.pop() {
            self.counts[Self::slot(open)] -= 1;
            if open.closer() == kind {
                return true;
            }
        }
        false
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
            // A label whose closing quote is missing has swallowed the brace.
            Kind::String if context.text(at).starts_with('"') && context.text(at).ends_with('{') => return Some(at),
            // The name on one line, its `{` alone on the next.
            Kind::Terminator if context.kind(at + 1) == Kind::OpenCurly => return Some(at + 1),
            // The `{` is missing, but the lines below are indented like a body.
            Kind::Terminator
                if is_head(context, first, at)
                    && looks_like_statement(context, at + 1)
                    && context.column(at + 1) > context.column(first) =>
            {
                return Some(at);
            }
            Kind::Assign | Kind::OpenBracket | Kind::OpenParen | Kind::CloseCurly | Kind::Terminator | Kind::Eof => {
                return None;
            }
            _ => at += 1,
        }
    }
}

/// Whether the tokens from `first` up to `end` may be the head of a block: names, dots, and a label that is one.
fn is_head(context: Context<'_>, first: usize, end: usize) -> bool {
    (first..end).all(|at| match context.kind(at) {
        Kind::Ident | Kind::Dot => true,
        Kind::String => is_identifier(context.text(at).trim_matches('"')),
        _ => false,
    })
}

/// Whether the line that begins with token `at` ends with a comma, as the line of a field does and that of a statement not.
fn line_ends_with_comma(context: Context<'_>, at: usize) -> bool {
    let mut last = at;
    while !matches!(context.kind(last + 1), Kind::Eof | Kind::Terminator) && !context.begins_line(last + 1) {
        last += 1;
    }
    context.kind(last) == Kind::Comma
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
