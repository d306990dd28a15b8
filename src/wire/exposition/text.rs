//! The Prometheus text format: blanks between all tokens, numbers right after a name, line ends inside quotes.

use super::{Event, Parser, Series, Step, parse_time};
use data::MetricType;

impl<'a> Parser<'a> {
    pub(super) fn next_text(&mut self) -> Step<Event<'a>> {
        loop {
            if self.pos > self.buf.len() {
                return Ok(Event::Eof);
            }
            let start = self.pos;
            let at = self.blanks(start);
            match self.at(at) {
                b'\n' => self.pos = at + 1,
                // A NUL where an entry could start ends the body, as in the original.
                0 => return Ok(Event::Eof),
                b'#' => return self.text_comment(at),
                b'{' => {
                    let end = self.text_labels(at + 1, false)?;
                    return self.text_sample(start, end);
                }
                _ => {
                    let mut end = self.name_end(at, true).ok_or("expected a metric name, a comment or a blank line")?;
                    let brace = self.blanks(end);
                    if self.at(brace) == b'{' {
                        end = self.text_labels(brace + 1, true)?;
                    }
                    return self.text_sample(start, end);
                }
            }
        }
    }

    fn blanks(&self, at: usize) -> usize {
        let rest = self.buf.get(at..).unwrap_or(&[]);
        at + rest.iter().position(|b| !matches!(b, b' ' | b'\t')).unwrap_or(rest.len())
    }

    /// After `{`: where the labels end, behind `}`. Between labels a comma is not needed.
    fn text_labels(&self, at: usize, mut named: bool) -> Step<usize> {
        let mut at = self.blanks(at);
        loop {
            let quoted = match self.at(at) {
                b'}' if named => return Ok(at + 1),
                b'}' => return Err("the metric has no name"),
                b'"' => true,
                _ => false,
            };
            let end = if quoted { self.quoted_end(at, true, false) } else { self.name_end(at, false) };
            at = self.blanks(end.ok_or("expected a label name")?);
            let next = self.at(at);
            if quoted && matches!(next, b',' | b'}') {
                if named {
                    return Err("the metric has two names");
                }
                named = true;
                if next == b'}' {
                    return Ok(at + 1);
                }
                at = self.blanks(at + 1);
                continue;
            }
            if next != b'=' {
                return Err("expected `=` after a label name");
            }
            let value = self.blanks(at + 1);
            let end = self.quoted_end(value, true, true).ok_or("expected a label value in quotes")?;
            self.check_utf8(value, end)?;
            at = self.blanks(end);
            if self.at(at) == b',' {
                at = self.blanks(at + 1);
            }
        }
    }

    pub(super) fn check_utf8(&self, from: usize, to: usize) -> Step<()> {
        let text = &self.buf[from..to];
        if text.is_ascii() || std::str::from_utf8(text).is_ok() { Ok(()) } else { Err("a label value is not UTF-8") }
    }

    /// Value, time and line end after a key.
    fn text_sample(&mut self, start: usize, end: usize) -> Step<Event<'a>> {
        let from = self.blanks(end);
        let rest = self.buf.get(from..).unwrap_or(&[]);
        let to = from + rest.iter().position(|b| matches!(b, b'{' | b' ' | b'\t' | b'\n' | 0)).unwrap_or(rest.len());
        if to == from {
            return Err("expected a value");
        }
        let value = self.value(from, to)?;
        let mut at = self.blanks(to);
        let mut timestamp = None;
        if self.at(at).is_ascii_digit() {
            let (time, read) = parse_time(&self.buf[at..]).ok_or("the time is out of range")?;
            timestamp = Some(time);
            at = self.blanks(at + read);
        }
        if self.at(at) != b'\n' {
            return Err("expected a time or the end of the line");
        }
        self.pos = at + 1;
        Ok(Event::Series(Series { key: &self.buf[start..end], value, timestamp, exemplar: None }))
    }

    /// After blanks, at `#`. Without a blank behind it, and with any other word than `HELP` and `TYPE`, it is a comment.
    fn text_comment(&mut self, at: usize) -> Step<Event<'a>> {
        let word = self.blanks(at + 1);
        let declares = |name: &[u8]| self.buf[word.min(self.buf.len())..].starts_with(name) && matches!(self.at(word + 4), b' ' | b'\t');
        let help = declares(b"HELP");
        if word > at + 1 && (help || declares(b"TYPE")) {
            return self.text_metadata(word + 4, help);
        }
        let start = if word > at + 1 { word } else { at };
        let rest = self.buf.get(start..).unwrap_or(&[]);
        let end = start + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        // NUL is skipped in comments that start with a blank and ends the body in others.
        if start == at && self.buf[start..end].contains(&0) {
            return Ok(Event::Eof);
        }
        self.pos = end + 1;
        Ok(Event::Comment(&self.buf[start..end]))
    }

    /// After `# HELP` or `# TYPE`.
    fn text_metadata(&mut self, at: usize, help: bool) -> Step<Event<'a>> {
        let from = self.blanks(at);
        let to =
            self.quoted_end(from, true, false).or_else(|| self.name_end(from, true)).ok_or("expected a metric name after HELP or TYPE")?;
        let name = if self.buf[from] == b'"' { &self.buf[from + 1..to - 1] } else { &self.buf[from..to] };
        let rest = self.buf.get(to..).unwrap_or(&[]);
        if rest.first() == Some(&0) {
            return Err("expected a text after the metric name");
        }
        let len = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        let blank = rest[..len].iter().all(|b| matches!(b, b' ' | b'\t'));
        // The first byte is taken for the blank behind the name, whatever it is.
        let text = if blank { &[] } else { &rest[1..len] };
        self.pos = to + len + 1;
        if help {
            std::str::from_utf8(text).map_err(|_| "the help is not UTF-8")?;
            return Ok(Event::Help { name, text });
        }
        self.kind = match text {
            b"counter" => MetricType::Counter,
            b"gauge" => MetricType::Gauge,
            b"histogram" => MetricType::Histogram,
            b"summary" => MetricType::Summary,
            b"untyped" => MetricType::Unknown,
            _ => return Err("the type is not one of the text format"),
        };
        Ok(Event::Type { name, kind: self.kind })
    }
}
