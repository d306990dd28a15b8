//! Label sets as text, `{a="b", c="d"}`: how streams are named in requests.

use data::Labels;
use std::fmt::Write;

/// Why a text names no stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a label set: {reason} at byte {at}")]
pub struct LabelsError {
    /// The text.
    pub text: String,
    /// The cause.
    pub reason: &'static str,
    /// Where.
    pub at: usize,
}

/// The name of a stream. Labels that start with `__` are internal and left out.
pub fn stream_labels(labels: &Labels) -> String {
    let mut out = String::with_capacity(64);
    out.push('{');
    for (name, value) in labels.iter().filter(|(name, _)| !name.starts_with("__")) {
        if out.len() > 1 {
            out.push_str(", ");
        }
        out.push_str(name);
        out.push('=');
        quote(value, &mut out);
    }
    out.push('}');
    out
}

/// Appends `text` as Go's `strconv.Quote` writes it.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            ' '..='~' => out.push(c),
            c => quote_other(c, out),
        }
    }
    out.push('"');
}

fn quote_other(c: char, out: &mut String) {
    // `escape_debug` of a text escapes what is not printable, and marks that join with a letter only at its start.
    let text = String::from_iter(['a', c]);
    let printable = text.escape_debug().nth(1) == Some(c);
    let code = c as u32;
    // Writing to a string cannot fail.
    let _ = match code {
        _ if printable => write!(out, "{c}"),
        0..=0x7f => write!(out, "\\x{code:02x}"),
        0x80..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

/// Reads the name of a stream: names, or names in quotes, and values in any of the three quotes; a comma may end the
/// list. A metric name in front, or in quotes without a value, becomes `__name__`. Of labels with one name the last wins.
///
/// # Errors
/// Where and why it is none.
pub fn parse_labels(text: &str) -> Result<Labels, LabelsError> {
    let mut reader = Reader { text, at: 0 };
    let pairs = reader.label_set().map_err(|reason| LabelsError { text: text.chars().take(200).collect(), reason, at: reader.at })?;
    Ok(Labels::from_pairs(pairs))
}

/// Labels of these names and values.
///
/// # Errors
/// When a name is none.
pub(super) fn check_labels(pairs: &[(&str, String)]) -> Result<Labels, LabelsError> {
    let is_name =
        |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.starts_with(|c: char| c.is_ascii_digit());
    match pairs.iter().find(|(name, _)| name.is_empty() || !is_name(name)) {
        Some((name, _)) => Err(LabelsError { text: (*name).to_owned(), reason: "expected a label name", at: 0 }),
        None => Ok(Labels::from_pairs(pairs.iter().map(|(name, value)| (name, value)))),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

type Step<T> = Result<T, &'static str>;

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Skips blanks, then `byte` when it is there.
    fn take(&mut self, byte: char) -> bool {
        self.blanks();
        let found = self.rest().starts_with(byte);
        self.at += usize::from(found);
        found
    }

    fn label_set(&mut self) -> Step<Vec<(String, String)>> {
        let mut pairs = Vec::new();
        self.blanks();
        let metric = self.name(|c| c == ':');
        if !metric.is_empty() {
            pairs.push(("__name__".to_owned(), metric.to_owned()));
        }
        if !self.take('{') {
            self.blanks();
            return if pairs.is_empty() || !self.rest().is_empty() { Err("expected `{`") } else { Ok(pairs) };
        }
        while !self.take('}') {
            pairs.push(self.label()?);
            if !self.take(',') && !self.rest().starts_with('}') {
                return Err("expected `,` or `}`");
            }
        }
        self.blanks();
        if self.rest().is_empty() { Ok(pairs) } else { Err("expected nothing after `}`") }
    }

    fn label(&mut self) -> Step<(String, String)> {
        let quoted = self.rest().starts_with(['"', '\'', '`']);
        let name = if quoted { self.string()? } else { self.name(|_| false).to_owned() };
        if name.is_empty() && !quoted {
            return Err("expected a label name");
        }
        if !self.take('=') {
            return if quoted { Ok(("__name__".to_owned(), name)) } else { Err("expected `=`") };
        }
        self.blanks();
        Ok((name, self.string()?))
    }

    fn name(&mut self, more: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || more(c))).unwrap_or(rest.len());
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return "";
        }
        self.at += end;
        &rest[..end]
    }

    /// A text in quotes, unescaped.
    fn string(&mut self) -> Step<String> {
        let mut chars = self.rest().char_indices();
        let Some((_, quote @ ('"' | '\'' | '`'))) = chars.next() else { return Err("expected a value in quotes") };
        let mut out = Vec::new();
        let mut buffer = [0; 4];
        let start = self.at;
        while let Some((i, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.at = start + i + 1;
                    return String::from_utf8(out).map_err(|_| "the text in quotes is not UTF-8");
                }
                '\n' if quote != '`' => return Err("a text in quotes ends at the end of the line"),
                '\\' if quote != '`' => unescape(&mut chars, quote, &mut out)?,
                c => out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes()),
            }
        }
        Err("a text in quotes does not end")
    }
}

/// After a backslash. `\x` and octal digits are bytes, `\u` and `\U` characters.
fn unescape(chars: &mut std::str::CharIndices<'_>, quote: char, out: &mut Vec<u8>) -> Step<()> {
    const UNKNOWN: &str = "unknown escape in a text in quotes";
    let mut next = || chars.next().map(|(_, c)| c).ok_or(UNKNOWN);
    let c = next()?;
    let mut number = |first: u32, digits: u32, radix: u32| {
        (0..digits).try_fold(first, |value: u32, _| Ok::<u32, &'static str>(value * radix + next()?.to_digit(radix).ok_or(UNKNOWN)?))
    };
    let byte = match c {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' => b'\\',
        c if c == quote => c as u8,
        'x' => u8::try_from(number(0, 2, 16)?).map_err(|_| UNKNOWN)?,
        '0'..='3' => u8::try_from(number(c as u32 - '0' as u32, 2, 8)?).map_err(|_| UNKNOWN)?,
        'u' | 'U' => {
            let code = number(0, if c == 'u' { 4 } else { 8 }, 16)?;
            // What is no character, such as half a surrogate pair, becomes the replacement character, as in Go.
            let c = if code > 0x10_ffff { return Err(UNKNOWN) } else { char::from_u32(code).unwrap_or('\u{fffd}') };
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return Ok(());
        }
        _ => return Err(UNKNOWN),
    };
    out.push(byte);
    Ok(())
}
