//! Where a cursor stands, told from the tokens before it: while someone types, the text around it seldom parses.

use syntax::ast::Comment;
use syntax::token::{Kind, Token};
use syntax::{Span, tokens};

/// The name and label of a block that is open.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Head {
    pub name: String,
    pub label: Option<String>,
}

/// What is around a value, within its attribute.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Around {
    /// `[`
    Array,
    /// `{`, and the key whose value it is.
    Object(Option<String>),
    /// `(`, and what is called; empty for mere parentheses.
    Call(String),
    /// `[` after a value.
    Index,
}

/// What may be written at a cursor.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    /// A statement: an attribute or a block.
    Statement,
    /// A value of an attribute.
    Value {
        /// The attribute.
        attr: String,
        /// What is around, outermost first.
        around: Vec<Around>,
    },
    /// The inside of a string that is a value of an attribute.
    Text {
        /// The attribute.
        attr: String,
        /// What is around, outermost first.
        around: Vec<Around>,
    },
    /// Nothing that could be foretold: a label, a key, a comment, what follows a value.
    Nothing,
}

/// A cursor.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cursor {
    /// The open blocks, outermost first.
    pub blocks: Vec<Head>,
    pub place: Place,
    /// What was typed of a dotted name or a text, up to the cursor.
    pub typed: String,
    /// What is replaced: what was typed, and the rest of the word.
    pub span: Span,
    /// True when something follows on the line that belongs to the statement already: `=`, a label, `{` or `(`.
    pub goes_on: bool,
}

impl Cursor {
    /// Looks at the byte `offset` of `text`.
    pub fn at(text: &str, offset: usize) -> Self {
        let end = text.get(offset..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| offset + length);
        // What follows the line has no say.
        let (tokens, comments) = tokens(text.get(..end).unwrap_or_default());
        let word = Word::at(text, &tokens, offset);
        let mut walk = Walk { text, tokens: &tokens[..word.first], at: 0, frames: Vec::new(), attr: None };
        walk.run();
        let place = if is_in_comment(&comments, text, offset) { Place::Nothing } else { walk.place(&word) };
        Self {
            place,
            blocks: walk.blocks(),
            typed: text.get(word.span.range().start..offset).unwrap_or_default().to_owned(),
            span: word.span,
            goes_on: word.goes_on,
        }
    }
}

fn is_in_comment(comments: &[Comment], text: &str, offset: usize) -> bool {
    comments.iter().any(|comment| {
        let range = comment.span.range();
        let is_closed = comment.block && text[range.clone()].len() > 3 && text[range.clone()].ends_with("*/");
        range.start < offset && (offset < range.end || (offset == range.end && !is_closed))
    })
}

/// What is being typed.
struct Word {
    /// The first token that belongs to it, or the first behind the cursor.
    first: usize,
    span: Span,
    /// Inside of quotes.
    is_text: bool,
    goes_on: bool,
}

impl Word {
    fn at(text: &str, tokens: &[Token], offset: usize) -> Self {
        let behind = tokens.iter().take_while(|token| token.span.range().start < offset && token.kind != Kind::Eof).count();
        let plain = |first: usize, start: usize, end: usize, rest: usize| Self {
            first,
            span: Span::new(start, end),
            is_text: false,
            goes_on: tokens.get(rest).is_some_and(|t| matches!(t.kind, Kind::Assign | Kind::String | Kind::OpenCurly | Kind::OpenParen)),
        };
        let Some(last) = behind.checked_sub(1) else { return plain(behind, offset, offset, behind) };
        let range = tokens[last].span.range();
        let is_word = |kind: Kind| matches!(kind, Kind::Ident | Kind::Bool | Kind::Null);
        match tokens[last].kind {
            Kind::String => {
                let quote = &text[range.start..=range.start];
                let is_closed = range.len() > 1 && text[range.clone()].ends_with(quote);
                if offset < range.end || !is_closed {
                    let inner_end = if is_closed { range.end - 1 } else { offset };
                    return Self { first: last, span: Span::new(range.start + 1, inner_end), is_text: true, goes_on: false };
                }
                plain(behind, offset, offset, behind)
            }
            kind if range.end >= offset && (is_word(kind) || kind == Kind::Dot) => {
                let mut first = last;
                let touches = |at: usize| tokens[at - 1].span.end == tokens[at].span.start;
                while first > 0 && touches(first) {
                    let (before, this) = (tokens[first - 1].kind, tokens[first].kind);
                    if (is_word(before) && this == Kind::Dot) || (before == Kind::Dot && is_word(this)) {
                        first -= 1;
                    } else {
                        break;
                    }
                }
                let follows = |at: usize| touches(at) && is_word(tokens[at].kind);
                let end = if kind == Kind::Dot && tokens.get(last + 1).is_some() && follows(last + 1) { last + 1 } else { last };
                plain(first, tokens[first].span.range().start, tokens[end].span.range().end, end + 1)
            }
            _ => plain(behind, offset, offset, behind),
        }
    }
}

enum Frame {
    /// `{` of a block.
    Block(Head),
    /// Another bracket; for an object, whether a value is due.
    Around(Around, bool),
}

/// A walk over the tokens before the word.
struct Walk<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
    frames: Vec<Frame>,
    /// The attribute whose value is being read.
    attr: Option<String>,
}

impl Walk<'_> {
    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn slice(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|token| self.text.get(token.span.range())).unwrap_or_default()
    }

    fn begins_line(&self, at: usize) -> bool {
        let start = self.tokens.get(at).map_or(self.text.len(), |t| t.span.range().start);
        match at.checked_sub(1).map(|before| &self.tokens[before]) {
            None => true,
            Some(before) => before.kind == Kind::Terminator || self.has_line_end(before.span.range().end, start),
        }
    }

    fn has_line_end(&self, start: usize, end: usize) -> bool {
        self.text.get(start..end).is_some_and(|between| between.contains('\n'))
    }

    fn run(&mut self) {
        while self.at < self.tokens.len() {
            if self.attr.is_some() {
                self.value();
            } else {
                self.statement();
            }
        }
    }

    /// The token after the dotted name at `at`.
    fn after_name(&self, mut at: usize) -> usize {
        while self.kind(at + 1) == Some(Kind::Dot) && self.kind(at + 2) == Some(Kind::Ident) {
            at += 2;
        }
        at + 1
    }

    /// The head of a block at `at`, and the token after its `{`.
    fn head(&self, at: usize) -> Option<(Head, usize)> {
        if self.kind(at) != Some(Kind::Ident) {
            return None;
        }
        let mut next = self.after_name(at);
        let name = (at..next).map(|part| self.slice(part)).collect();
        let mut label = None;
        if self.kind(next) == Some(Kind::String) {
            label = Some(self.slice(next).trim_matches('"').to_owned());
            next += 1;
        }
        (self.kind(next) == Some(Kind::OpenCurly)).then_some((Head { name, label }, next + 1))
    }

    fn statement(&mut self) {
        if self.kind(self.at) == Some(Kind::CloseCurly) {
            self.frames.pop();
            self.at += 1;
        } else if let Some((head, next)) = self.head(self.at) {
            self.frames.push(Frame::Block(head));
            self.at = next;
        } else if self.kind(self.at) == Some(Kind::Ident) && self.kind(self.at + 1) == Some(Kind::Assign) {
            self.attr = Some(self.slice(self.at).to_owned());
            self.at += 2;
        } else {
            self.at += 1;
        }
    }

    /// Leaves the value: nothing but blocks is open.
    fn end_value(&mut self) {
        self.attr = None;
        self.frames.truncate(self.frames.iter().rposition(|frame| matches!(frame, Frame::Block(_))).map_or(0, |at| at + 1));
    }

    /// True when a new statement begins here although the value is not complete.
    fn is_new_statement(&self) -> bool {
        if !self.begins_line(self.at) {
            return false;
        }
        let is_attr = self.kind(self.at) == Some(Kind::Ident) && self.kind(self.at + 1) == Some(Kind::Assign);
        let is_labelled = self.head(self.at).is_some_and(|(head, _)| head.label.is_some());
        match self.frames.last() {
            Some(Frame::Around(Around::Object(_), _)) => is_labelled,
            Some(Frame::Around(..)) => is_attr || is_labelled,
            _ => is_attr || self.head(self.at).is_some(),
        }
    }

    fn value(&mut self) {
        if self.is_new_statement() {
            self.end_value();
            return;
        }
        let Some(kind) = self.kind(self.at) else { return };
        let follows_value = self.at > 0 && self.kind(self.at - 1).is_some_and(Kind::ends_statement) && !self.begins_line(self.at);
        match kind {
            Kind::Terminator if !matches!(self.frames.last(), Some(Frame::Around(..))) => self.end_value(),
            Kind::OpenBracket => self.frames.push(Frame::Around(if follows_value { Around::Index } else { Around::Array }, true)),
            Kind::OpenParen => {
                let callee = if follows_value { self.callee() } else { String::new() };
                self.frames.push(Frame::Around(Around::Call(callee), true));
            }
            Kind::OpenCurly => self.frames.push(Frame::Around(Around::Object(None), false)),
            Kind::CloseCurly => self.close_curly(),
            Kind::CloseBracket => _ = self.close(|around| matches!(around, Around::Array | Around::Index)),
            Kind::CloseParen => _ = self.close(|around| matches!(around, Around::Call(_))),
            Kind::Assign | Kind::Comma => self.member(kind),
            _ => {}
        }
        self.at += 1;
    }

    fn close_curly(&mut self) {
        if !self.close(|around| matches!(around, Around::Object(_))) {
            // Nothing in the value is open: it closes the block.
            self.end_value();
            self.frames.pop();
        }
    }

    /// `=` after a key, or the comma after a member.
    fn member(&mut self, kind: Kind) {
        let key = (kind == Kind::Assign && self.at > 0).then(|| self.slice(self.at - 1).trim_matches('"').to_owned());
        if let Some(Frame::Around(Around::Object(of), is_due)) = self.frames.last_mut() {
            *is_due = key.is_some();
            *of = key;
        }
    }

    /// Closes the innermost bracket that `fits` within the value, with what is open in it; false when there is none.
    fn close(&mut self, fits: impl Fn(&Around) -> bool) -> bool {
        let within = self.frames.iter().rposition(|frame| matches!(frame, Frame::Block(_))).map_or(0, |at| at + 1);
        let open = self.frames[within..].iter().rposition(|frame| matches!(frame, Frame::Around(around, _) if fits(around)));
        if let Some(open) = open {
            self.frames.truncate(within + open);
        }
        open.is_some()
    }

    /// The dotted name before `(`.
    fn callee(&self) -> String {
        let mut first = self.at - 1;
        while first >= 2 && self.kind(first - 1) == Some(Kind::Dot) && self.kind(first - 2) == Some(Kind::Ident) {
            first -= 2;
        }
        (first..self.at).map(|at| self.slice(at)).collect()
    }

    fn blocks(&self) -> Vec<Head> {
        let heads = self.frames.iter().filter_map(|frame| match frame {
            Frame::Block(head) => Some(head.clone()),
            Frame::Around(..) => None,
        });
        heads.collect()
    }

    /// What may stand where the word stands.
    fn place(&mut self, word: &Word) -> Place {
        let start = word.span.range().start - usize::from(word.is_text);
        let last = self.tokens.last().copied();
        let is_new_line = last.is_none_or(|last| last.kind == Kind::Terminator || self.has_line_end(last.span.range().end, start));
        let in_brackets = matches!(self.frames.last(), Some(Frame::Around(..)));
        if self.attr.is_some() && !in_brackets && is_new_line {
            // A value begins on the line of its `=`, unless an operator asks for more.
            self.end_value();
        }
        let Some(attr) = self.attr.clone() else {
            let begins = is_new_line || last.is_some_and(|last| matches!(last.kind, Kind::OpenCurly | Kind::CloseCurly));
            return if begins && !word.is_text { Place::Statement } else { Place::Nothing };
        };
        let is_key = matches!(self.frames.last(), Some(Frame::Around(Around::Object(_), false)));
        if is_key || last.is_some_and(|last| last.kind.ends_statement()) {
            return Place::Nothing;
        }
        let around = self.frames.iter().filter_map(|frame| match frame {
            Frame::Around(around, _) => Some(around.clone()),
            Frame::Block(_) => None,
        });
        let around = around.collect();
        if word.is_text { Place::Text { attr, around } } else { Place::Value { attr, around } }
    }
}
