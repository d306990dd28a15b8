//! Where lines begin, and positions as editors count them.

use serde_json::{Value, json};
use syntax::Span;

/// What the `character` of a position counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, what editors mean when they say nothing.
    #[default]
    Utf16,
}

/// The beginnings of the lines of a text. A line ends with `\n`; a `\r` before it belongs to the end.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    starts: Vec<u32>,
    encoding: Encoding,
}

/// Line and character, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub line: u32,
    pub character: u32,
}

impl Position {
    /// Reads `{"line": …, "character": …}`.
    pub fn of(value: &Value) -> Option<Self> {
        let number = |name: &str| value.get(name)?.as_u64().map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        Some(Self { line: number("line")?, character: number("character")? })
    }
}

impl Lines {
    /// Finds the lines of `text`.
    pub fn new(text: &str, encoding: Encoding) -> Self {
        let mut starts = vec![0];
        starts.extend(line_starts(text, 0));
        Self { starts, encoding }
    }

    /// What the `character` of positions counts.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Follows a change: the bytes of `span` were replaced by `text`.
    pub fn replace(&mut self, span: Span, text: &str) {
        let first = self.starts.partition_point(|start| *start <= span.start);
        let end = self.starts.partition_point(|start| *start <= span.end);
        let removed = span.end - span.start;
        let added = Span::new(0, text.len()).end;
        for start in &mut self.starts[end..] {
            *start = (*start - removed).saturating_add(added);
        }
        self.starts.splice(first..end, line_starts(text, span.start));
    }

    /// The byte that `position` means in `text`. What lies behind the end of its line or of the text means that end, as
    /// the protocol wants it.
    pub fn offset(&self, text: &str, position: Position) -> usize {
        let Some(start) = self.starts.get(position.line as usize) else { return text.len() };
        let end = self.starts.get(position.line as usize + 1).map_or(text.len(), |next| *next as usize - 1);
        let line = text.get(*start as usize..end).unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        *start as usize + self.width(line, position.character as usize)
    }

    /// The bytes that the first `characters` of a line take.
    fn width(&self, line: &str, characters: usize) -> usize {
        match self.encoding {
            Encoding::Utf8 => boundary(line, characters),
            Encoding::Utf16 => {
                let mut units = 0;
                for (at, c) in line.char_indices() {
                    if units >= characters {
                        return at;
                    }
                    units += c.len_utf16();
                }
                line.len()
            }
        }
    }

    /// The position of the byte at `offset` of `text`.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).max(1) - 1;
        let start = self.starts[line] as usize;
        let end = boundary(text, offset as usize).max(start);
        let before = text.get(start..end).unwrap_or_default();
        let character = match self.encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
        };
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position { line: clip(line), character: clip(character) }
    }

    /// The range of `span` as JSON.
    pub fn range(&self, text: &str, span: Span) -> Value {
        let place = |offset| {
            let position = self.position(text, offset);
            json!({ "line": position.line, "character": position.character })
        };
        json!({ "start": place(span.start), "end": place(span.end) })
    }
}

/// The last boundary between two characters that is not behind `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn line_starts(text: &str, base: u32) -> impl Iterator<Item = u32> + '_ {
    text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(move |(at, _)| base.saturating_add(Span::new(0, at + 1).end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_units_of_the_encoding_and_never_cut_one() {
        let text = "a\r\né𝄞x\n\nend";
        let utf16 = Lines::new(text, Encoding::Utf16);
        let at = |line, character| utf16.offset(text, Position { line, character });
        // é is one unit and two bytes, 𝄞 two units and four bytes. Behind an end means the end.
        assert_eq!([at(0, 9), at(1, 0), at(1, 1), at(1, 3), at(1, 4), at(1, 9)], [1, 3, 5, 9, 10, 10]);
        assert_eq!([at(2, 0), at(2, 5), at(3, 3), at(9, 9)], [11, 11, 15, 15]);
        for (offset, line, character) in [(1, 0, 1), (5, 1, 1), (9, 1, 3), (7, 1, 1), (15, 3, 3), (99, 3, 3)] {
            assert_eq!(utf16.position(text, offset), Position { line, character }, "{offset}");
        }
        let utf8 = Lines::new(text, Encoding::Utf8);
        assert_eq!(utf8.position(text, 9), Position { line: 1, character: 6 });
        assert_eq!(utf8.offset(text, Position { line: 1, character: 6 }), 9);
        assert_eq!(utf8.offset(text, Position { line: 1, character: 4 }), 5, "not inside of a character");
    }

    #[test]
    fn a_changed_text_has_the_lines_of_a_new_one() {
        let original = "one\ntwo\nthree\n\nfive";
        for (start, end) in [(0, 0), (0, 4), (3, 4), (2, 9), (4, 19), (19, 19), (0, 19)] {
            for new in ["", "x", "\n", "x\ny\n", "\n\n\n"] {
                let mut text = original.to_owned();
                let mut lines = Lines::new(&text, Encoding::Utf16);
                text.replace_range(start..end, new);
                lines.replace(Span::new(start, end), new);
                assert_eq!(lines.starts, Lines::new(&text, Encoding::Utf16).starts, "{start}..{end} {new:?}");
            }
        }
    }
}
