//! A scanner over JSON text that checks everything and builds nothing.

use std::borrow::Cow;
use std::ops::Range;

/// The text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

type Result<T> = std::result::Result<T, Malformed>;

/// Containers in each other at most.
const MOST_DEPTH: usize = 10_000;

/// A value, as ranges of the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(f64),
    /// What stands between the quotes, and whether there are escapes in it.
    String(Range<usize>, bool),
    /// An array or an object with its brackets.
    Container(Range<usize>),
}

/// A position in a text.
#[derive(Clone, Debug)]
pub(crate) struct Scan<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Scan<'t> {
    /// The beginning of `text`.
    pub(crate) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// A place in `text`.
    pub(crate) fn at(text: &'t [u8], at: usize) -> Self {
        Self { text, at }
    }

    /// The next byte that is not white space.
    fn next(&mut self) -> Result<u8> {
        loop {
            let byte = *self.text.get(self.at).ok_or(Malformed)?;
            self.at += 1;
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Ok(byte);
            }
        }
    }

    /// The next byte that is not white space, left where it is.
    pub(crate) fn peek(&mut self) -> Result<u8> {
        let byte = self.next()?;
        self.at -= 1;
        Ok(byte)
    }

    /// The next byte that is not white space has to be `want`.
    pub(crate) fn expect(&mut self, want: u8) -> Result<()> {
        if self.next()? == want { Ok(()) } else { Err(Malformed) }
    }

    /// Nothing but white space may follow.
    pub(crate) fn end(&mut self) -> Result<()> {
        match self.next() {
            Ok(_) => Err(Malformed),
            Err(Malformed) => Ok(()),
        }
    }

    /// Behind a value in a container that `close` ends: true when another one follows.
    pub(crate) fn another(&mut self, close: u8) -> Result<bool> {
        match self.next()? {
            b',' => Ok(true),
            byte if byte == close => Ok(false),
            _ => Err(Malformed),
        }
    }

    /// Takes the end of a container when it is empty.
    pub(crate) fn closes(&mut self, close: u8) -> Result<bool> {
        let closed = self.peek()? == close;
        self.at += usize::from(closed);
        Ok(closed)
    }

    /// A key and the colon behind it.
    pub(crate) fn key(&mut self) -> Result<(Range<usize>, bool)> {
        let key = match self.next()? {
            b'"' => self.string()?,
            b'n' => {
                self.word(b"ull")?;
                (self.at..self.at, false)
            }
            _ => return Err(Malformed),
        };
        self.expect(b':')?;
        Ok(key)
    }

    fn word(&mut self, rest: &[u8]) -> Result<()> {
        if !self.text[self.at..].starts_with(rest) {
            return Err(Malformed);
        }
        self.at += rest.len();
        Ok(())
    }

    /// The next value.
    pub(crate) fn value(&mut self) -> Result<Token> {
        match self.next()? {
            b'"' => self.string().map(|(range, escaped)| Token::String(range, escaped)),
            b'{' => self.container(b'{'),
            b'[' => self.container(b'['),
            b't' => self.word(b"rue").map(|()| Token::Bool(true)),
            b'f' => self.word(b"alse").map(|()| Token::Bool(false)),
            b'n' => self.word(b"ull").map(|()| Token::Null),
            b'-' | b'0'..=b'9' => {
                self.at -= 1;
                let number = self.number_text()?;
                parse_number(number).map(Token::Number)
            }
            _ => Err(Malformed),
        }
    }

    /// Passes the next value.
    pub(crate) fn skip(&mut self) -> Result<()> {
        match self.next()? {
            b'"' => self.string().map(|_| ()),
            open @ (b'{' | b'[') => self.skip_container(open, 0),
            b't' => self.word(b"rue"),
            b'f' => self.word(b"alse"),
            b'n' => self.word(b"ull"),
            b'-' | b'0'..=b'9' => {
                self.at -= 1;
                let number = self.number_text()?;
                if is_plain_number(number) { Ok(()) } else { parse_number(number).map(|_| ()) }
            }
            _ => Err(Malformed),
        }
    }

    fn number_text(&mut self) -> Result<&'t [u8]> {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.iter().position(|b| !matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')).unwrap_or(rest.len());
        self.at += length;
        Ok(&rest[..length])
    }

    fn container(&mut self, open: u8) -> Result<Token> {
        let start = self.at - 1;
        self.skip_container(open, 0)?;
        Ok(Token::Container(start..self.at))
    }

    /// Behind the opening bracket. Sixty-four levels are kept in one number; deeper ones call again.
    fn skip_container(&mut self, open: u8, above: usize) -> Result<()> {
        if above >= MOST_DEPTH {
            return Err(Malformed);
        }
        let mut kinds = u64::from(open == b'{');
        let mut depth = 1usize;
        let mut fresh = true;
        loop {
            let object = kinds & 1 == 1;
            let close = if object { b'}' } else { b']' };
            let ended = if fresh { self.closes(close)? } else { !self.another(close)? };
            fresh = false;
            if ended {
                kinds >>= 1;
                depth -= 1;
                if depth == 0 {
                    return Ok(());
                }
                continue;
            }
            if object {
                self.key()?;
            }
            match self.peek()? {
                open @ (b'{' | b'[') => {
                    self.at += 1;
                    if depth == 64 {
                        self.skip_container(open, above + 64)?;
                    } else {
                        kinds = kinds << 1 | u64::from(open == b'{');
                        depth += 1;
                        fresh = true;
                    }
                }
                _ => self.skip()?,
            }
        }
    }

    /// Behind the opening quote: what stands between the quotes, and whether there are escapes in it.
    fn string(&mut self) -> Result<(Range<usize>, bool)> {
        let start = self.at;
        let mut at = start + plain_length(&self.text[start..]);
        match self.text.get(at) {
            Some(b'"') => {
                self.at = at + 1;
                return Ok((start..at, false));
            }
            Some(b'\\') => {}
            _ => return Err(Malformed),
        }
        // Behind the first escape control characters are let through.
        loop {
            at += memchr::memchr2(b'"', b'\\', &self.text[at..]).ok_or(Malformed)?;
            if self.text[at] == b'"' {
                self.at = at + 1;
                return Ok((start..at, true));
            }
            let length = match self.text.get(at + 1).ok_or(Malformed)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
                b'u' if self.text.get(at + 2..at + 6).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) => 6,
                _ => return Err(Malformed),
            };
            at += length;
        }
    }

    /// The text between quotes, escapes replaced.
    pub(crate) fn unescape(&self, range: &Range<usize>, escaped: bool) -> Cow<'t, [u8]> {
        let raw = &self.text[range.clone()];
        if escaped { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) }
    }
}

/// How many bytes stand before the first quote, backslash or control character.
fn plain_length(text: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // True bits are exact up to the first one, which is all that counts.
    let below = |x: u64, n: u64| x.wrapping_sub(ONES * n) & !x & HIGHS;
    let mut chunks = text.chunks_exact(8);
    let mut at = 0;
    for chunk in &mut chunks {
        let x = u64::from_le_bytes(chunk.try_into().unwrap_or_default());
        let found = below(x ^ (ONES * 0x22), 1) | below(x ^ (ONES * 0x5c), 1) | below(x, 0x20);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = chunks.remainder();
    at + rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len())
}

/// True for `-?(0|[1-9][0-9]*)` of at most twenty characters, which is always a number.
fn is_plain_number(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    match digits {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.len() < 20 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// A number as the original reads it: JSON's, and a second sign behind the minus.
fn parse_number(text: &[u8]) -> Result<f64> {
    let (negative, digits) = match text.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let leading_zero = digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit();
    if leading_zero || matches!(digits.first(), None | Some(b'.' | b'-')) {
        return Err(Malformed);
    }
    if let Some(dot) = digits.iter().position(|b| *b == b'.')
        && !digits.get(dot + 1).is_some_and(u8::is_ascii_digit)
    {
        return Err(Malformed);
    }
    let number: f64 = std::str::from_utf8(digits).map_err(|_| Malformed)?.parse().map_err(|_| Malformed)?;
    if number.is_infinite() {
        return Err(Malformed);
    }
    Ok(if negative { -number } else { number })
}

fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let (byte, length) = match rest.get(at + 1) {
            Some(b'b') => (8, 2),
            Some(b'f') => (12, 2),
            Some(b'n') => (b'\n', 2),
            Some(b'r') => (b'\r', 2),
            Some(b't') => (b'\t', 2),
            Some(b'u') => {
                let (c, length) = unicode(&rest[at..]);
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[at + length..];
                continue;
            }
            Some(byte) => (*byte, 2),
            None => (b'\\', 1),
        };
        out.push(byte);
        rest = &rest[at + length..];
    }
    out.extend_from_slice(rest);
    out
}

/// The character of `\uXXXX`, or of two of them, and how many bytes they take. Half a pair is U+FFFD.
fn unicode(text: &[u8]) -> (char, usize) {
    let code = |at: usize| {
        let digits = text.get(at..at + 6).filter(|d| d.starts_with(b"\\u"))?;
        u32::from_str_radix(std::str::from_utf8(&digits[2..]).ok()?, 16).ok()
    };
    let first = code(0).unwrap_or(0xfffd);
    if (0xd800..0xdc00).contains(&first)
        && let Some(second) = code(6)
        && (0xdc00..0xe000).contains(&second)
    {
        let combined = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(combined).unwrap_or('\u{fffd}'), 12);
    }
    (char::from_u32(first).unwrap_or('\u{fffd}'), 6)
}
