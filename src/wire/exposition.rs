//! The text formats that scrapes read: Prometheus 0.0.4 and OpenMetrics 1.0.
//!
//! The parser borrows from the body and allocates nothing. A series is named by its key, the bytes of name and labels
//! as they stand in the body: a scrape that remembers the keys of the last one never looks inside them
//! ([`Parser::try_series`]), and decodes only what is new ([`decode_key`]). What is accepted is exactly what
//! Prometheus' own lexers accept, oddities included.

mod float;
mod key;
mod openmetrics;
#[cfg(test)]
mod tests;
mod text;

pub use float::{format_float, parse_float};
pub use key::{KeyError, decode_key, normalise_bound};

use data::MetricType;

/// The NaN that samples carry: no payload but the lowest bit, as Prometheus has it.
pub const NORMAL_NAN: f64 = f64::from_bits(0x7ff8_0000_0000_0001);

/// Which text format a body is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus text 0.0.4, and 1.0.0, which has the same grammar.
    Text,
    /// OpenMetrics text.
    OpenMetrics,
}

impl Format {
    /// The format that a `Content-Type` names, parameters aside. `None` for everything else.
    pub fn from_content_type(content_type: &str) -> Option<Self> {
        let media = content_type.split(';').next().unwrap_or("").trim();
        if media.eq_ignore_ascii_case("text/plain") {
            Some(Self::Text)
        } else if media.eq_ignore_ascii_case("application/openmetrics-text") {
            Some(Self::OpenMetrics)
        } else {
            None
        }
    }
}

/// One entry of an exposition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event<'a> {
    /// A sample.
    Series(Series<'a>),
    /// Help of a family; escapes are as in the body, see [`unescape_help`].
    Help {
        /// The family.
        name: &'a [u8],
        /// UTF-8.
        text: &'a [u8],
    },
    /// The type of a family.
    Type {
        /// The family.
        name: &'a [u8],
        /// Its type.
        kind: MetricType,
    },
    /// The unit of a family; OpenMetrics only.
    Unit {
        /// The family.
        name: &'a [u8],
        /// The unit.
        unit: &'a [u8],
    },
    /// Any other comment.
    Comment(&'a [u8]),
    /// The end; every further call gives it again.
    Eof,
}

/// A sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Series<'a> {
    /// Name and labels as they stand in the body.
    pub key: &'a [u8],
    /// The value; a NaN is [`NORMAL_NAN`].
    pub value: f64,
    /// Milliseconds since 1970.
    pub timestamp: Option<i64>,
    /// OpenMetrics only.
    pub exemplar: Option<Exemplar<'a>>,
}

/// An exemplar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exemplar<'a> {
    /// What stands between the braces: `trace_id="abc"`.
    pub labels: &'a [u8],
    /// Its value.
    pub value: f64,
    /// Milliseconds since 1970.
    pub timestamp: Option<i64>,
}

impl<'a> Exemplar<'a> {
    /// Names and values. As in the original, escapes in values stay as they are.
    pub fn pairs(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        key::exemplar_pairs(self.labels)
    }
}

/// Why a body is refused; nothing after it is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}: {near:?}")]
pub struct ParseError {
    /// The line, counted from 1.
    pub line: usize,
    /// The cause.
    pub reason: &'static str,
    /// The line's beginning.
    pub near: String,
}

/// Reads one body.
#[derive(Clone, Debug)]
pub struct Parser<'a> {
    buf: &'a [u8],
    pos: usize,
    format: Format,
    kind: MetricType,
    unit: &'a [u8],
    done: bool,
}

/// What went wrong and where; made into a [`ParseError`] at the top.
type Step<T> = Result<T, &'static str>;

impl<'a> Parser<'a> {
    /// A parser of `body`. An empty one is accepted in both formats, as scrapes do.
    pub fn new(body: &'a [u8], format: Format) -> Self {
        Self { buf: body, pos: 0, format, kind: MetricType::Unknown, unit: &[], done: body.is_empty() }
    }

    /// The type that was declared last. It is what [`decode_key`] wants for the series read last: later families
    /// without a declaration inherit it, as in the original.
    pub fn kind(&self) -> MetricType {
        self.kind
    }

    /// The unit that was declared last; it is inherited too.
    pub fn unit(&self) -> &'a [u8] {
        self.unit
    }

    /// How many bytes were read.
    pub fn position(&self) -> usize {
        self.pos
    }

    /// The next entry.
    ///
    /// # Errors
    /// When the body is malformed here; the parser then stays at its end.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Event<'a>, ParseError> {
        if self.done {
            return Ok(Event::Eof);
        }
        let start = self.pos;
        let event = match self.format {
            Format::Text => self.next_text(),
            Format::OpenMetrics => self.next_openmetrics(),
        };
        match event {
            Ok(Event::Eof) => {
                self.done = true;
                Ok(Event::Eof)
            }
            Ok(event) => Ok(event),
            Err(reason) => {
                self.done = true;
                Err(self.error(start, reason))
            }
        }
    }

    /// The next entry when it is the series with this key: its value and its time in milliseconds since 1970.
    ///
    /// `None` says nothing, and nothing was read: [`Self::next`] has the answer. It is also given for what is rare,
    /// such as exemplars and further blanks.
    #[inline]
    pub fn try_series(&mut self, key: &[u8]) -> Option<(f64, Option<i64>)> {
        if self.done {
            return None;
        }
        let rest = self.buf.get(self.pos..)?.strip_prefix(key)?.strip_prefix(b" ")?;
        let (value, read) = float::parse_short(rest).or_else(|| long_number(rest))?;
        let mut end = read;
        let mut timestamp = None;
        if rest.get(end) == Some(&b' ') {
            if self.format == Format::OpenMetrics {
                return None;
            }
            let (time, read) = parse_time(&rest[end + 1..])?;
            timestamp = Some(time);
            end += 1 + read;
        }
        match rest.get(end) {
            Some(b'\n') => end += 1,
            None if self.format == Format::Text => {}
            _ => return None,
        }
        self.pos += key.len() + 1 + end;
        Some((value, timestamp))
    }

    fn error(&self, start: usize, reason: &'static str) -> ParseError {
        let start = start.min(self.buf.len());
        let begin = self.buf[..start].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let line = 1 + self.buf[..start].iter().filter(|b| **b == b'\n').count();
        let text = self.buf[begin..].split(|b| *b == b'\n').next().unwrap_or(&[]);
        let near = String::from_utf8_lossy(&text[..text.len().min(120)]).into_owned();
        ParseError { line, reason, near }
    }

    /// The byte at `at`. In the text format a line end is assumed at the end of the body.
    fn at(&self, at: usize) -> u8 {
        match self.buf.get(at) {
            Some(byte) => *byte,
            None if at == self.buf.len() && self.format == Format::Text => b'\n',
            None => 0,
        }
    }

    /// The end of the longest name of letters, digits and `_`, and `:` when `colons`, at `at`.
    fn name_end(&self, at: usize, colons: bool) -> Option<usize> {
        let class = if colons { METRIC } else { LABEL };
        let rest = self.buf.get(at..)?;
        let first = *rest.first()?;
        if CLASSES[first as usize] & class == 0 || first.is_ascii_digit() {
            return None;
        }
        let len = rest.iter().position(|b| CLASSES[*b as usize] & class == 0);
        Some(at + len.unwrap_or(rest.len()))
    }

    /// The end of the quoted text that starts at `at`, behind its closing quote. NUL and, where `lines` is not set,
    /// line ends are refused.
    fn quoted_end(&self, at: usize, lines: bool, nul: bool) -> Option<usize> {
        if self.buf.get(at) != Some(&b'"') {
            return None;
        }
        let mut i = at + 1;
        loop {
            match *self.buf.get(i)? {
                b'"' => return Some(i + 1),
                b'\\' => match *self.buf.get(i + 1)? {
                    b'\n' => return None,
                    0 if !nul => return None,
                    _ => i += 2,
                },
                b'\n' if !lines => return None,
                0 if !nul => return None,
                _ => i += 1,
            }
        }
    }

    /// The value in `from..to`.
    fn value(&self, from: usize, to: usize) -> Step<f64> {
        let value = parse_float(&self.buf[from..to]).ok_or("the value is not a number")?;
        Ok(if value.is_nan() { NORMAL_NAN } else { value })
    }
}

const LABEL: u8 = 1;
const METRIC: u8 = 2;

/// Which bytes may stand in names.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        if (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_' {
            classes[byte] = LABEL | METRIC;
        }
        byte += 1;
    }
    classes[b':' as usize] = METRIC;
    classes
};

/// The number at the start of `text`, however it is written, and how many bytes it has.
#[cold]
fn long_number(text: &[u8]) -> Option<(f64, usize)> {
    let end = text.iter().position(|b| matches!(b, b'{' | b' ' | b'\t' | b'\n' | 0)).unwrap_or(text.len());
    let value = parse_float(&text[..end])?;
    Some((if value.is_nan() { NORMAL_NAN } else { value }, end))
}

/// Digits of a time and how many there were.
#[inline]
fn parse_time(text: &[u8]) -> Option<(i64, usize)> {
    let mut time = 0i64;
    let mut read = 0;
    while let Some(digit) = text.get(read).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
        time = time.checked_mul(10)?.checked_add(i64::from(digit))?;
        read += 1;
    }
    (read > 0).then_some((time, read))
}

/// Help as it was meant: `\n` is a line end, `\\` a backslash, and in OpenMetrics `\"` a quote.
pub fn unescape_help(text: &str, format: Format) -> std::borrow::Cow<'_, str> {
    key::unescape(text, format == Format::OpenMetrics)
}
