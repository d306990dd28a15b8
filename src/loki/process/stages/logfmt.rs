//! `stage.logfmt` extracts values of lines such as `level=info msg="all is well"`.

use super::{BuildStage, Stage, optional_regex, source};
use crate::process::entry::{Flow, Source, Work};
use crate::process::extracted::{Key, Value};
use crate::process::pipeline::{Build, Scratch};
use bytes::Bytes;
use data::relabel::GoRegex;
use std::collections::BTreeMap;
use std::ops::Range;
use value::{Arguments, ValidateError};

/// The longest line that is read: the original's scanner takes no longer ones.
const LONGEST: usize = 64 * 1024;

/// Extracts values of lines in logfmt.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct LogfmtArgs {
    /// Names of values, and the keys they are read from. An empty key is the name.
    #[alloy(attr, optional)]
    mapping: BTreeMap<String, String>,
    /// The value to read instead of the line.
    #[alloy(attr, default = "")]
    source: String,
    /// Extracts every key that matches, too.
    #[alloy(attr, default = "")]
    regex: String,
}

struct Logfmt {
    wanted: Vec<(Box<[u8]>, Key)>,
    regex: Option<GoRegex>,
    source: Source,
}

impl BuildStage for LogfmtArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        if self.mapping.is_empty() && self.regex.is_empty() {
            return Err(ValidateError::new("`mapping` or `regex` is needed"));
        }
        let regex = optional_regex("regex", &self.regex)?;
        // Of two names for one key the last one wins.
        let by_key: BTreeMap<&str, &str> =
            self.mapping.iter().map(|(name, key)| (if key.is_empty() { &**name } else { &**key }, &**name)).collect();
        let wanted = by_key.into_iter().map(|(key, name)| (key.as_bytes().into(), build.key(name))).collect();
        let source = source(build, Some(&*self.source).filter(|name| !name.is_empty()));
        Ok(Box::new(Logfmt { wanted, regex, source }))
    }
}

impl Logfmt {
    fn extract(&self, work: &mut Work, input: &Bytes, pair: &Pair<'_>) {
        let value = |work: &mut Work| match &pair.value {
            RawValue::Range(range) => work.extracted.capture(input, range.clone()),
            RawValue::Text(text) => Value::text(Bytes::copy_from_slice(text)),
        };
        for (_, key) in self.wanted.iter().filter(|(key, _)| **key == *pair.key) {
            let value = value(work);
            work.extracted.set(*key, value);
        }
        if let Some(regex) = &self.regex {
            let name = String::from_utf8_lossy(pair.key);
            if regex.regex().is_match(&name) {
                let value = value(work);
                work.extracted.set_name(&name, value);
            }
        }
    }
}

impl Stage for Logfmt {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        let Some(input) = self.source.read(work) else { return Flow::Next };
        let mut start = 0;
        while start < input.len() {
            let end = memchr::memchr(b'\n', &input[start..]).map_or(input.len(), |at| start + at);
            if end - start >= LONGEST {
                break;
            }
            let mut pairs = Pairs { text: &input[..end], at: start };
            while let Some(pair) = pairs.next() {
                match pair {
                    Ok(pair) => self.extract(work, &input, &pair),
                    Err(Broken) => return Flow::Next,
                }
            }
            start = end + 1;
        }
        Flow::Next
    }
}

struct Broken;

struct Pair<'t> {
    key: &'t [u8],
    value: RawValue,
}

enum RawValue {
    Range(Range<usize>),
    Text(Vec<u8>),
}

/// The pairs of one line.
struct Pairs<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Pairs<'t> {
    fn next(&mut self) -> Option<Result<Pair<'t>, Broken>> {
        while *self.text.get(self.at)? <= b' ' {
            self.at += 1;
        }
        Some(self.pair())
    }

    fn pair(&mut self) -> Result<Pair<'t>, Broken> {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.iter().position(|b| matches!(b, b'=' | b'"' | 0..=b' ')).unwrap_or(rest.len());
        let key = &rest[..length];
        if !key.is_ascii() && std::str::from_utf8(key).map_or(true, |key| key.contains('\u{fffd}')) {
            return Err(Broken);
        }
        self.at += length;
        let next = self.text.get(self.at);
        if next == Some(&b'"') || (next == Some(&b'=') && length == 0) {
            return Err(Broken);
        }
        if next != Some(&b'=') {
            return Ok(Pair { key, value: RawValue::Range(self.at..self.at) });
        }
        self.at += 1;
        let value = if self.text.get(self.at) == Some(&b'"') { self.quoted()? } else { self.plain()? };
        Ok(Pair { key, value })
    }

    fn plain(&mut self) -> Result<RawValue, Broken> {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.iter().position(|b| matches!(b, b'=' | b'"' | 0..=b' ')).unwrap_or(rest.len());
        self.at += length;
        if matches!(self.text.get(self.at), Some(b'=' | b'"')) {
            return Err(Broken);
        }
        Ok(RawValue::Range(start..self.at))
    }

    fn quoted(&mut self) -> Result<RawValue, Broken> {
        let start = self.at + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            at += memchr::memchr2(b'"', b'\\', self.text.get(at..).ok_or(Broken)?).ok_or(Broken)?;
            if self.text[at] == b'"' {
                break;
            }
            escaped = true;
            at += 2;
        }
        self.at = at + 1;
        if !escaped {
            return Ok(RawValue::Range(start..at));
        }
        unquote(&self.text[start..at]).map(RawValue::Text).ok_or(Broken)
    }
}

/// What stands between quotes, escapes as in JSON; control characters are not allowed then.
fn unquote(text: &[u8]) -> Option<Vec<u8>> {
    let mut quoted = Vec::with_capacity(text.len() + 2);
    quoted.push(b'"');
    let mut at = 0;
    // An escaped apostrophe stands for itself, unlike in JSON.
    while at < text.len() {
        match text[at] {
            0..0x20 => return None,
            b'\\' if text.get(at + 1) == Some(&b'\'') => {
                quoted.push(b'\'');
                at += 2;
            }
            b'\\' => {
                quoted.extend_from_slice(text.get(at..at + 2)?);
                at += 2;
            }
            byte => {
                quoted.push(byte);
                at += 1;
            }
        }
    }
    quoted.push(b'"');
    match crate::process::json::parse(&quoted) {
        Ok(serde_json::Value::String(text)) => Some(text.into_bytes()),
        _ => None,
    }
}
