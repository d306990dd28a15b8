//! Keys of series, taken apart into labels.

use super::float::{format_float, parse_float};
use data::MetricType;
use std::borrow::Cow;

/// Why a key has no labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A quoted name is not UTF-8.
    #[error("a name or a value is not UTF-8")]
    NotUtf8,
    /// Not a key that the parser gave.
    #[error("it is not a series")]
    Malformed,
}

/// Names and values of a series, unescaped.
pub type Pairs<'k> = Vec<(Cow<'k, str>, Cow<'k, str>)>;

/// Takes a key of [`super::Series`] apart: `__name__` first, then the labels in the order they are written, which may
/// hold a name twice. `kind` is the type declared for the series, see [`normalise_bound`]. `out` is cleared first.
///
/// # Errors
/// When a quoted name is not UTF-8.
pub fn decode_key<'k>(key: &'k [u8], kind: MetricType, out: &mut Pairs<'k>) -> Result<(), KeyError> {
    out.clear();
    let key = std::str::from_utf8(key).map_err(|_| KeyError::NotUtf8)?;
    let Some(open) = key.find('{') else {
        out.push((Cow::Borrowed("__name__"), Cow::Borrowed(key)));
        return Ok(());
    };
    // White space in front belongs to the name, where it makes it invalid, but not to a name in quotes.
    let name = key[..open].trim_end_matches([' ', '\t']);
    out.push((Cow::Borrowed("__name__"), Cow::Borrowed(name)));
    let mut rest = &key[open + 1..];
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.starts_with('}') {
            return Ok(());
        }
        let (name, after, quoted) = label_name(rest)?;
        let after = after.trim_start_matches([' ', '\t']);
        let Some(after) = after.strip_prefix('=') else {
            if !quoted {
                return Err(KeyError::Malformed);
            }
            out[0].1 = name;
            rest = after;
            continue;
        };
        let (value, after) = quoted_text(after.trim_start_matches([' ', '\t']))?;
        let value = unescape(value, true);
        let value = match normalise_bound(kind, &name, &value) {
            Some(bound) => Cow::Owned(bound),
            None => value,
        };
        out.push((name, value));
        rest = after;
    }
}

/// The value of `le` of a histogram or `quantile` of a summary in the one spelling it is stored in: `1` becomes `1.0`.
/// `None` when the value stays, because it is another label, another type, or no number.
pub fn normalise_bound(kind: MetricType, name: &str, value: &str) -> Option<String> {
    match (kind, name) {
        (MetricType::Histogram, "le") | (MetricType::Summary, "quantile") => {
            let bound = format_float(parse_float(value.as_bytes())?);
            (bound != value).then_some(bound)
        }
        _ => None,
    }
}

/// A name, what follows it, and whether it was in quotes.
fn label_name(text: &str) -> Result<(Cow<'_, str>, &str, bool), KeyError> {
    if text.starts_with('"') {
        let (name, after) = quoted_text(text)?;
        return Ok((unescape(name, true), after, true));
    }
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    if end == 0 {
        return Err(KeyError::Malformed);
    }
    Ok((Cow::Borrowed(&text[..end]), &text[end..], false))
}

/// What stands between the quotes at the start of `text`, and what follows them.
fn quoted_text(text: &str) -> Result<(&str, &str), KeyError> {
    let body = text.strip_prefix('"').ok_or(KeyError::Malformed)?;
    let mut escaped = false;
    let end = body.bytes().position(|byte| match byte {
        _ if escaped => {
            escaped = false;
            false
        }
        b'\\' => {
            escaped = true;
            false
        }
        byte => byte == b'"',
    });
    let end = end.ok_or(KeyError::Malformed)?;
    Ok((&body[..end], &body[end + 1..]))
}

/// `\\` and `\n`, and `\"` when `quotes`; other escapes stay as they are.
pub(super) fn unescape(text: &str, quotes: bool) -> Cow<'_, str> {
    let Some(first) = text.find('\\') else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut chars = text[first..].chars().peekable();
    while let Some(c) = chars.next() {
        let replaced = match (c, chars.peek()) {
            ('\\', Some('\\')) => '\\',
            ('\\', Some('n')) => '\n',
            ('\\', Some('"')) if quotes => '"',
            _ => {
                out.push(c);
                continue;
            }
        };
        chars.next();
        out.push(replaced);
    }
    Cow::Owned(out)
}

/// Labels of an exemplar, which the parser has checked; escapes stay.
pub(super) fn exemplar_pairs(labels: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = std::str::from_utf8(labels).unwrap_or("");
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(',');
        let (name, after) = match rest.starts_with('"') {
            true => quoted_text(rest).ok()?,
            false => rest.split_at(rest.find('=')?),
        };
        let (value, after) = quoted_text(after.strip_prefix('=')?).ok()?;
        rest = after;
        Some((name, value))
    })
}
