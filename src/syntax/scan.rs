//! The pre-scan: cuts a text into tokens in one pass, without recursion, and finds what is wrong inside a token.
//!
//! The tree is built by the grammar; the tokens serve to find the borders of statements, to measure nesting before the
//! grammar runs, and to say what is wrong when it refuses a statement.

use crate::ast::Comment;
use crate::source::Span;
use crate::token::{Kind, Token};

/// What can be wrong inside one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LexErrorKind {
    Nul,
    ByteOrderMark,
    UnknownCharacter(char),
    SingleQuoted,
    UnterminatedString,
    UnterminatedRawString,
    UnterminatedComment,
    UnknownEscape,
    ShortEscape,
    EscapeOutOfRange,
    HalfOperator,
    EmptyExponent,
    /// `#`, with the rest of its line.
    Hash,
    SmartQuotes,
}

/// Something wrong inside a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LexError {
    pub(crate) kind: LexErrorKind,
    pub(crate) span: Span,
}

/// Everything the pre-scan finds in a text.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    /// Tokens without comments; the last one is [`Kind::Eof`].
    pub(crate) tokens: Vec<Token>,
    pub(crate) comments: Vec<Comment>,
    /// In the order of the text.
    pub(crate) errors: Vec<LexError>,
}

/// Cuts `text` into tokens.
pub(crate) fn scan(text: &str) -> Scanned {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0, may_end: false, out: Scanned::default() };
    if text.starts_with(BYTE_ORDER_MARK) {
        scanner.at = BYTE_ORDER_MARK.len_utf8();
    }
    scanner.find_forbidden();
    scanner.run();
    scanner.out.errors.sort_by_key(|error| error.span.start);
    scanner.out
}

/// The tokens of `text`, the last of which is [`Kind::Eof`], and its comments. Never fails: what is no token is
/// [`Kind::Illegal`], and a string or comment without an end goes on to the end of its line or of the text.
pub fn tokens(text: &str) -> (Vec<Token>, Vec<Comment>) {
    let scanned = scan(text);
    (scanned.tokens, scanned.comments)
}

/// Whether `text` is one identifier and no keyword.
pub fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(is_letter) && chars.all(is_identifier_character) && !matches!(text, "true" | "false" | "null")
}

/// Whether identifiers may contain `c`: a letter, a digit or the underscore.
pub fn is_identifier_character(c: char) -> bool {
    is_letter(c) || is_digit(c)
}

const BYTE_ORDER_MARK: char = '\u{feff}';
/// Characters a string in typographic quotes may have to be recognised.
const MAX_SMART_QUOTED: usize = 500;

/// Letters as the language counts them: Unicode category L, and the underscore.
pub(crate) fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() || c == '_' } else { pest::unicode::LETTER(c) }
}

/// Digits inside identifiers: Unicode category Nd.
fn is_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { pest::unicode::DECIMAL_NUMBER(c) }
}

struct Scanner<'s> {
    text: &'s str,
    bytes: &'s [u8],
    at: usize,
    /// Whether the end of the line, met now, would end a statement.
    may_end: bool,
    out: Scanned,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.text.get(at..).and_then(|rest| rest.chars().next())
    }

    fn error(&mut self, kind: LexErrorKind, start: usize, end: usize) {
        self.out.errors.push(LexError { kind, span: Span::new(start, end) });
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.out.tokens.push(Token { kind, span: Span::new(start, self.at) });
        self.may_end = kind.ends_statement() && (kind != Kind::Illegal || self.may_end);
    }

    /// NUL and a byte order mark are refused everywhere, in strings and comments too. Runs of NUL count once.
    fn find_forbidden(&mut self) {
        let mut previous = None;
        for (at, _) in self.text.match_indices('\0') {
            if previous.is_none_or(|previous| previous + 1 != at) {
                self.error(LexErrorKind::Nul, at, at + 1);
            }
            previous = Some(at);
        }
        for (at, _) in self.text.match_indices(BYTE_ORDER_MARK).filter(|(at, _)| *at > 0) {
            self.error(LexErrorKind::ByteOrderMark, at, at + BYTE_ORDER_MARK.len_utf8());
        }
    }

    fn run(&mut self) {
        loop {
            while let Some(byte) = self.peek() {
                match byte {
                    b' ' | b'\t' | b'\r' => self.at += 1,
                    b'\n' if !self.may_end => self.at += 1,
                    _ => break,
                }
            }
            let start = self.at;
            let Some(byte) = self.peek() else {
                if self.may_end {
                    self.push(Kind::Terminator, start);
                }
                self.push(Kind::Eof, start);
                return;
            };
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.identifier(start),
                b'0'..=b'9' => self.number(start),
                b'.' if self.peek_at(1).is_some_and(|b| b.is_ascii_digit()) => self.number(start),
                b'\n' => {
                    self.at += 1;
                    self.push(Kind::Terminator, start);
                }
                b'"' => self.quoted(start, b'"'),
                b'\'' => self.quoted(start, b'\''),
                b'`' => self.raw(start),
                b'/' if matches!(self.peek_at(1), Some(b'/' | b'*')) => self.comment(start),
                b'#' => self.hash(start),
                0x80.. => self.other(start),
                _ => self.operator(start, byte),
            }
        }
    }

    fn identifier(&mut self, start: usize) {
        loop {
            match self.peek() {
                Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9') => self.at += 1,
                Some(0x80..) => match self.char_at(self.at) {
                    Some(c) if is_letter(c) || is_digit(c) => self.at += c.len_utf8(),
                    _ => break,
                },
                _ => break,
            }
        }
        let kind = match &self.text[start..self.at] {
            "true" | "false" => Kind::Bool,
            "null" => Kind::Null,
            _ => Kind::Ident,
        };
        self.push(kind, start);
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.at > start
    }

    fn number(&mut self, start: usize) {
        let mut kind = Kind::Number;
        self.digits();
        if self.peek() == Some(b'.') {
            kind = Kind::Float;
            self.at += 1;
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            kind = Kind::Float;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !self.digits() {
                self.error(LexErrorKind::EmptyExponent, start, self.at);
            }
        }
        self.push(kind, start);
    }

    /// A string on one line, with escapes; `quote` is `"` or the refused `'`.
    fn quoted(&mut self, start: usize, quote: u8) {
        self.at += 1;
        loop {
            match self.peek() {
                None | Some(b'\n') => {
                    self.error(LexErrorKind::UnterminatedString, start, self.at);
                    break;
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape();
                }
                Some(byte) => {
                    self.at += 1;
                    if byte == quote {
                        break;
                    }
                }
            }
        }
        if quote == b'"' {
            self.push(Kind::String, start);
        } else {
            self.error(LexErrorKind::SingleQuoted, start, self.at);
            self.push(Kind::Illegal, start);
            self.may_end = true;
        }
    }

    /// Checks the escape after a backslash. Stops before an offending character, so that the string goes on with it.
    fn escape(&mut self) {
        let backslash = self.at - 1;
        let (digits, radix, limit) = match self.peek() {
            Some(b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' | b'"') => {
                self.at += 1;
                return;
            }
            Some(b'0'..=b'7') => (3, 8, 0xff),
            Some(b'x') => (2, 16, 0xff),
            Some(b'u') => (4, 16, 0x10_ffff),
            Some(b'U') => (8, 16, 0x10_ffff),
            None | Some(b'\n') => return,
            Some(_) => {
                let end = self.at + self.char_at(self.at).map_or(0, char::len_utf8);
                self.error(LexErrorKind::UnknownEscape, backslash, end);
                return;
            }
        };
        if radix == 16 {
            self.at += 1;
        }
        let mut value: u64 = 0;
        for _ in 0..digits {
            let Some(digit) = self.peek().and_then(|b| char::from(b).to_digit(radix)) else {
                self.error(LexErrorKind::ShortEscape, backslash, self.at);
                return;
            };
            value = value * u64::from(radix) + u64::from(digit);
            self.at += 1;
        }
        if value > limit || (0xd800..0xe000).contains(&value) {
            self.error(LexErrorKind::EscapeOutOfRange, backslash, self.at);
        }
    }

    fn raw(&mut self, start: usize) {
        match self.text[start + 1..].find('`') {
            Some(length) => self.at = start + length + 2,
            None => {
                self.at = self.bytes.len();
                self.error(LexErrorKind::UnterminatedRawString, start, self.at);
            }
        }
        self.push(Kind::String, start);
    }

    /// A comment. Where a statement may end and the comment runs to the end of its line, the statement ends before it.
    fn comment(&mut self, start: usize) {
        if self.may_end && self.rest_of_line_is_comment() {
            self.push(Kind::Terminator, start);
            return;
        }
        let block = self.peek_at(1) == Some(b'*');
        let (end, closed) = comment_end(self.text, start);
        self.at = end;
        if !closed {
            self.error(LexErrorKind::UnterminatedComment, start, end);
        }
        let text = &self.text[start..end];
        let end = if !block && text.ends_with('\r') { end - 1 } else { end };
        self.out.comments.push(Comment { span: Span::new(start, end), block });
        self.may_end = false;
    }

    /// Whether nothing but comments stands between here and the end of the line, a comment over several lines included.
    fn rest_of_line_is_comment(&self) -> bool {
        let mut at = self.at;
        loop {
            if self.bytes.get(at + 1) == Some(&b'/') {
                return true;
            }
            let (end, _) = comment_end(self.text, at);
            if self.bytes[at..end].contains(&b'\n') {
                return true;
            }
            at = end;
            while matches!(self.bytes.get(at), Some(b' ' | b'\t' | b'\r')) {
                at += 1;
            }
            match (self.bytes.get(at), self.bytes.get(at + 1)) {
                (None | Some(b'\n'), _) => return true,
                (Some(b'/'), Some(b'/' | b'*')) => {}
                _ => return false,
            }
        }
    }

    /// What others write for a comment: refused, but read as one, so that it has no further consequences.
    fn hash(&mut self, start: usize) {
        self.at = self.text[start..].find('\n').map_or(self.bytes.len(), |length| start + length);
        self.error(LexErrorKind::Hash, start, start + 1);
    }

    fn other(&mut self, start: usize) {
        let Some(c) = self.char_at(start) else {
            self.at += 1;
            return;
        };
        if is_letter(c) {
            self.at += c.len_utf8();
            self.identifier(start);
            return;
        }
        if let Some(end) = smart_quoted(&self.text[start..]) {
            self.at += end;
            self.error(LexErrorKind::SmartQuotes, start, self.at);
            self.push(Kind::String, start);
            return;
        }
        self.at += c.len_utf8();
        if c != BYTE_ORDER_MARK {
            self.error(LexErrorKind::UnknownCharacter(c), start, self.at);
        }
        self.push(Kind::Illegal, start);
    }

    fn operator(&mut self, start: usize, byte: u8) {
        self.at += 1;
        let next = self.peek();
        let kind = match (byte, next) {
            (b'|', _) => self.doubled(start, b'|', Kind::Or),
            (b'&', _) => self.doubled(start, b'&', Kind::And),
            (b'!', Some(b'=')) => self.two(Kind::Ne),
            (b'!', _) => Kind::Not,
            (b'=', Some(b'=')) => self.two(Kind::Eq),
            (b'=', _) => Kind::Assign,
            (b'<', Some(b'=')) => self.two(Kind::Le),
            (b'<', _) => Kind::Lt,
            (b'>', Some(b'=')) => self.two(Kind::Ge),
            (b'>', _) => Kind::Gt,
            (b'+', _) => Kind::Add,
            (b'-', _) => Kind::Sub,
            (b'*', _) => Kind::Mul,
            (b'/', _) => Kind::Div,
            (b'%', _) => Kind::Mod,
            (b'^', _) => Kind::Pow,
            (b'{', _) => Kind::OpenCurly,
            (b'}', _) => Kind::CloseCurly,
            (b'(', _) => Kind::OpenParen,
            (b')', _) => Kind::CloseParen,
            (b'[', _) => Kind::OpenBracket,
            (b']', _) => Kind::CloseBracket,
            (b',', _) => Kind::Comma,
            (b'.', _) => Kind::Dot,
            _ => {
                if byte != 0 {
                    self.error(LexErrorKind::UnknownCharacter(char::from(byte)), start, self.at);
                }
                Kind::Illegal
            }
        };
        self.push(kind, start);
    }

    fn two(&mut self, kind: Kind) -> Kind {
        self.at += 1;
        kind
    }

    fn doubled(&mut self, start: usize, byte: u8, kind: Kind) -> Kind {
        if self.peek() == Some(byte) {
            self.at += 1;
        } else {
            self.error(LexErrorKind::HalfOperator, start, self.at);
        }
        kind
    }
}

/// Length of the string in typographic quotes that begins `text`, on one line.
fn smart_quoted(text: &str) -> Option<usize> {
    let close: &[char] = match text.chars().next()? {
        '“' | '”' | '„' => &['“', '”'],
        '‘' | '’' => &['‘', '’'],
        '«' => &['»'],
        _ => return None,
    };
    // Bounded, because each opening quote of a long line may have none that closes.
    let mut rest = text.char_indices().skip(1).take(MAX_SMART_QUOTED).take_while(|(_, c)| *c != '\n');
    let (at, quote) = rest.find(|(_, c)| close.contains(c))?;
    Some(at + quote.len_utf8())
}

/// End of the comment that starts at `start` (the line's end excluded) and whether it is closed.
fn comment_end(text: &str, start: usize) -> (usize, bool) {
    let rest = &text[start + 2..];
    if text.as_bytes()[start + 1] == b'/' {
        return (start + 2 + rest.find('\n').unwrap_or(rest.len()), true);
    }
    match rest.find("*/") {
        Some(length) => (start + 2 + length + 2, true),
        None => (text.len(), false),
    }
}
