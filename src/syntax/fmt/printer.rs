//! Writes tokens and white space, and the comments that stand before each token in the source.
//!
//! The printer knows the place in the source it has reached only roughly: the walk tells it some places, in between it
//! counts what it writes. Where comments land depends on that count, so it must be kept exactly as the original keeps it.

use super::comments::{Comment, Group};
use crate::source::Source;

/// A place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: usize,
    pub(super) line: usize,
}

impl Place {
    /// The place of the byte at `offset`.
    pub(super) fn of(source: &Source, offset: u32) -> Self {
        Self { offset: offset as usize, line: source.position(offset).line }
    }
}

/// White space that waits for the next token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// Dropped by a comment.
    Nothing,
    Blank,
    /// Ends a cell of the column layout.
    Cell,
    Newline,
    /// A newline that also ends the run of aligned lines.
    Break,
    Indent,
    Unindent,
}

/// Bytes that mean something to the layout.
pub(super) const CELL: u8 = b'\x0b';
pub(super) const BREAK: u8 = b'\x0c';
/// Stands around text the layout must not touch. Cannot occur in UTF-8.
pub(super) const ESCAPE: u8 = 0xff;

/// Spaces that may wait at once; when one more comes they are all written.
const MAX_WAITING: usize = 16;

/// The last token, as far as the next must be kept apart from it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Number,
    Other,
}

/// See the module.
pub(super) struct Printer {
    out: Vec<u8>,
    indent: usize,
    last: Last,
    waiting: Vec<Space>,
    comments: std::iter::Peekable<std::vec::IntoIter<Group>>,
    at: Place,
    /// Source line reached by the last text written; 0 before any.
    last_line: usize,
    /// Column in the output, from 1.
    column: usize,
}

impl Printer {
    pub(super) fn new(comments: Vec<Group>) -> Self {
        Self {
            out: Vec::new(),
            indent: 0,
            last: Last::Other,
            waiting: Vec::with_capacity(MAX_WAITING),
            comments: comments.into_iter().peekable(),
            at: Place { offset: 0, line: 1 },
            last_line: 0,
            column: 1,
        }
    }

    /// Writes the comments that are left and returns the text with its cells.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let end = Place { offset: usize::MAX, line: usize::MAX };
        if self.comment_before(end) {
            self.write_comments(end);
        }
        self.out
    }

    /// Sets the place in the source.
    pub(super) fn at(&mut self, place: Place) {
        self.at = place;
    }

    /// White space before the next token.
    pub(super) fn space(&mut self, space: Space) {
        if self.waiting.len() == MAX_WAITING {
            self.write_waiting(MAX_WAITING);
        }
        self.waiting.push(space);
        self.last = Last::Other;
    }

    /// A name or a string.
    pub(super) fn text(&mut self, text: &str) {
        self.last = Last::Other;
        self.write(text);
    }

    /// A number; a dot that follows must be kept apart.
    pub(super) fn number(&mut self, text: &str) {
        self.last = Last::Number;
        self.write(text);
    }

    /// An operator or a bracket.
    pub(super) fn token(&mut self, token: &str) {
        if self.last == Last::Number && token == "." {
            self.waiting.push(Space::Blank);
        }
        self.last = Last::Other;
        self.write(token);
    }

    fn write(&mut self, text: &str) {
        let next = self.at;
        if self.comment_before(next) {
            self.write_comments(next);
            self.after_comments(next);
        } else {
            self.write_waiting(self.waiting.len());
        }
        self.write_text(next, text, false);
    }

    fn comment_before(&mut self, next: Place) -> bool {
        self.comments.peek().and_then(|group| group.first()).is_some_and(|comment| comment.at.offset <= next.offset)
    }

    fn write_comments(&mut self, next: Place) {
        while self.comment_before(next) {
            let Some(group) = self.comments.next() else { return };
            let last = group.len().saturating_sub(1);
            for (index, comment) in group.iter().enumerate() {
                self.before_comment(next, comment);
                self.write_text(comment.at, &comment.text, true);
                if index == last {
                    self.last_comment(next, comment);
                }
            }
        }
    }

    /// What separates a comment from the text before it.
    fn before_comment(&mut self, next: Place, comment: &Comment) {
        if self.out.is_empty() {
            return;
        }
        if comment.at.line == self.last_line {
            self.write_byte(if comment.at.line == next.line { b' ' } else { b'\t' }, 1);
            return;
        }
        let first = self.waiting.iter().position(|space| !matches!(space, Space::Indent | Space::Unindent));
        if let Some(first) = first {
            self.waiting[first] = Space::Nothing;
        }
        self.write_waiting(first.unwrap_or(0));
        if self.last_line > 0 && comment.at.line > self.last_line {
            self.write_byte(BREAK, limit(comment.at.line - self.last_line));
        }
    }

    /// Remembers what [`Self::after_comments`] needs of the last comment.
    fn last_comment(&mut self, next: Place, comment: &Comment) {
        let more = self.comment_before(next);
        let at_end = next.offset == usize::MAX;
        if !more && !at_end && comment.block && next.line == comment.last_line {
            self.write_byte(b' ', 1);
        }
    }

    /// What separates the token at `next` from the comments before it.
    fn after_comments(&mut self, next: Place) {
        let newlines = next.line.saturating_sub(self.last_line);
        let mut broke = false;
        for space in &mut self.waiting {
            match space {
                Space::Indent | Space::Unindent => {}
                Space::Break => {
                    broke = true;
                    *space = Space::Nothing;
                }
                _ => *space = Space::Nothing,
            }
        }
        self.write_waiting(self.waiting.len());
        if newlines > 0 {
            self.write_byte(if broke { BREAK } else { b'\n' }, limit(newlines));
        }
    }

    fn write_text(&mut self, place: Place, text: &str, literal: bool) {
        if self.column == 1 {
            self.write_indent();
        }
        self.at = place;
        if literal {
            self.out.push(ESCAPE);
        }
        self.out.extend_from_slice(text.as_bytes());
        if literal {
            self.out.push(ESCAPE);
        }
        let breaks = text.bytes().filter(|b| matches!(*b, b'\n' | BREAK)).count();
        match text.bytes().rposition(|b| matches!(b, b'\n' | BREAK)) {
            Some(last) => self.column = text.len() - last,
            None => self.column += text.len(),
        }
        self.at.offset += text.len();
        self.at.line += breaks;
        self.last_line = self.at.line;
    }

    fn write_indent(&mut self) {
        self.out.resize(self.out.len() + self.indent, b'\t');
        self.at.offset += self.indent;
        self.column += self.indent;
    }

    fn write_byte(&mut self, byte: u8, times: usize) {
        if self.column == 1 {
            self.write_indent();
        }
        self.out.resize(self.out.len() + times, byte);
        self.at.offset += times;
        if matches!(byte, b'\n' | BREAK) {
            self.at.line += times;
            self.column = 1;
        } else {
            self.column += times;
        }
    }

    /// Writes the first `count` waiting spaces.
    fn write_waiting(&mut self, count: usize) {
        for index in 0..count {
            match self.waiting[index] {
                Space::Nothing => {}
                Space::Indent => self.indent += 1,
                Space::Unindent => self.indent = self.indent.saturating_sub(1),
                Space::Blank => self.write_byte(b' ', 1),
                Space::Cell => self.write_byte(CELL, 1),
                Space::Newline => self.write_byte(b'\n', 1),
                Space::Break => self.write_byte(BREAK, 1),
            }
        }
        self.waiting.drain(..count);
    }
}

/// At most one empty line is kept.
fn limit(newlines: usize) -> usize {
    newlines.min(2)
}
