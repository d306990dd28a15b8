//! Says what is wrong with a statement that the grammar refused, and what to write instead.
//!
//! A small parser over the tokens finds the first place that cannot be right; it agrees with the original about where
//! that is. The special cases are the mistakes people really make.

mod block;
mod name;
mod value;

use crate::diag::Diagnostic;
use crate::recover;
use crate::scan::LexError;
use crate::source::{Source, Span};
use crate::token::{Kind, Token};
use crate::tree::MAX_DEPTH;
use std::sync::Arc;

pub(crate) use block::{after_statement, stray_brace, unclosed_block};

/// What the functions here look at.
#[derive(Clone, Copy)]
pub(crate) struct Context<'s> {
    pub(crate) source: &'s Arc<Source>,
    pub(crate) tokens: &'s [Token],
    pub(crate) lexical: &'s [LexError],
    /// Whether the statement stands in a block.
    pub(crate) in_block: bool,
}

impl<'s> Context<'s> {
    pub(crate) fn token(self, index: usize) -> Token {
        self.tokens.get(index).or(self.tokens.last()).copied().unwrap_or(Token { kind: Kind::Eof, span: Span::default() })
    }

    pub(crate) fn kind(self, index: usize) -> Kind {
        self.token(index).kind
    }

    pub(crate) fn span(self, index: usize) -> Span {
        self.token(index).span
    }

    pub(crate) fn text(self, index: usize) -> &'s str {
        self.source.slice(self.span(index))
    }

    /// The token's text, cut to what fits in a message.
    pub(crate) fn excerpt(self, index: usize) -> String {
        excerpt(self.text(index))
    }

    pub(crate) fn line(self, index: usize) -> usize {
        self.source.position(self.span(index).start).line
    }

    pub(crate) fn column(self, index: usize) -> usize {
        self.source.position(self.span(index).start).column
    }

    /// Whether the token is the first of its line.
    pub(crate) fn begins_line(self, index: usize) -> bool {
        if index == 0 {
            return true;
        }
        let before = self.token(index - 1);
        before.kind == Kind::Terminator || self.source.slice(Span { start: before.span.end, end: self.span(index).start }).contains('\n')
    }

    /// The place right after a token, where something is missing.
    pub(crate) fn after(self, index: usize) -> Span {
        let end = self.span(index).end;
        Span { start: end, end }
    }

    /// The place of a token to point at: the end of a line is shown as the place after the token before it.
    pub(crate) fn place(self, index: usize) -> Span {
        let token = self.token(index);
        if token.kind == Kind::Terminator && index > 0 && self.line(index) == self.end_line(index - 1) {
            self.after(index - 1)
        } else if token.kind == Kind::Terminator {
            Span { start: token.span.start, end: token.span.start }
        } else {
            token.span
        }
    }

    fn end_line(self, index: usize) -> usize {
        self.source.position(self.span(index).end).line
    }

    pub(crate) fn error(self, code: &'static str, index: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.source, self.place(index), message)
    }

    /// How a message names the token found: its text where that says more than its kind.
    pub(crate) fn found(self, index: usize) -> String {
        match self.kind(index) {
            Kind::Ident | Kind::Number | Kind::Float | Kind::Bool | Kind::String | Kind::Illegal => {
                format!("`{}`", self.excerpt(index))
            }
            kind => kind.name().to_owned(),
        }
    }
}

/// `text` on one line and not longer than fits in a message.
pub(crate) fn excerpt(text: &str) -> String {
    const LIMIT: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LIMIT) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None if line.len() < text.len() => format!("{line}…"),
        None => line.to_owned(),
    }
}

/// An expression (or blocks) nested beyond what anybody writes by hand.
pub(crate) fn too_deep(source: &Arc<Source>, place: Span) -> Diagnostic {
    let start = Span { start: place.start, end: place.start.saturating_add(1).min(place.end) };
    Diagnostic::error("syntax/too-deep", source, start, format!("nested more than {MAX_DEPTH} levels deep"))
        .here("this goes beyond the limit")
        .hint("split the value: give a part of it to an attribute of another component or module and refer to that")
}

/// What is wrong with a statement.
pub(crate) struct Findings {
    /// Empty when an error inside a token says it all.
    pub(crate) found: Vec<Diagnostic>,
    /// The token up to which the statement was understood; the next one begins behind it.
    pub(crate) at: usize,
}

/// What is wrong with the statement that begins with token `first`.
pub(crate) fn statement(context: Context<'_>, first: usize) -> Findings {
    run(context, first, |diagnoser| diagnoser.statement())
}

/// What is wrong with a text that should be one expression.
pub(crate) fn expression(context: Context<'_>) -> Vec<Diagnostic> {
    let Findings { found, .. } = run(context, 0, |diagnoser| {
        diagnoser.value("here")?;
        if diagnoser.kind() == Kind::Terminator {
            diagnoser.at += 1;
        }
        if diagnoser.kind() == Kind::Eof { Ok(()) } else { diagnoser.stop(after_statement(context, 0, diagnoser.at)) }
    });
    if found.is_empty() {
        return vec![context.error("syntax/unexpected", 0, "this is not an expression")];
    }
    found
}

/// The statement is beyond saving; what was found stands in `found`.
struct Stop;

type Step = Result<(), Stop>;

fn run(context: Context<'_>, first: usize, parse: impl FnOnce(&mut Diagnoser<'_>) -> Step) -> Findings {
    let from = context.span(first).start;
    let after = context.lexical.partition_point(|error| error.span.start < from);
    let blind_from = context.lexical.get(after).map_or(u32::MAX, |error| error.span.start);
    let unclosed = recover::next_statement(context, first, first).unclosed;
    let mut diagnoser = Diagnoser { context, first, at: first, blind_from, unclosed, opened: Vec::new(), found: Vec::new() };
    // A stop is no error of its own: what was found is the result.
    let _ = parse(&mut diagnoser);
    let blind_at = context.tokens.partition_point(|token| token.span.start < blind_from);
    Findings { at: diagnoser.at.min(blind_at).max(first), found: diagnoser.found }
}

/// A parser that only looks for the first thing that is wrong.
struct Diagnoser<'s> {
    context: Context<'s>,
    first: usize,
    at: usize,
    /// An error inside a token stands here: from here on the tokens prove nothing.
    blind_from: u32,
    /// The bracket of this statement that nothing closes.
    unclosed: Option<usize>,
    /// Brackets open at `at`.
    opened: Vec<usize>,
    found: Vec<Diagnostic>,
}

impl Diagnoser<'_> {
    fn kind(&self) -> Kind {
        self.context.kind(self.at)
    }

    fn peek(&self, ahead: usize) -> Kind {
        self.context.kind(self.at + ahead)
    }

    fn stop(&mut self, diagnostic: Diagnostic) -> Step {
        self.note(diagnostic);
        Err(Stop)
    }

    /// Adds a finding, unless an error inside a token, at that place or before it, is the cause.
    fn note(&mut self, diagnostic: Diagnostic) {
        if self.context.span(self.at).start < self.blind_from {
            self.found.push(diagnostic);
        }
    }

    fn statement(&mut self) -> Step {
        let labelled = self.statement_name()?;
        match self.kind() {
            Kind::Assign => {
                self.attribute_name(labelled)?;
                self.at += 1;
                self.value("after `=`")?;
                match self.kind() {
                    Kind::Terminator | Kind::Eof => Ok(()),
                    Kind::CloseCurly if self.context.in_block => Ok(()),
                    _ => {
                        let found = after_statement(self.context, self.first, self.at);
                        self.stop(found)
                    }
                }
            }
            Kind::OpenCurly => Ok(()),
            _ => {
                let found = self.no_assignment();
                self.stop(found)
            }
        }
    }
}
