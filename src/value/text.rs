//! Text as the original's language writes it: quoting, which characters are printable, and upper and lower case.

use std::fmt::Write as _;

/// `text` between double quotes, with the escapes of configuration strings.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        escape(&mut out, c, '"', false);
    }
    out.push('"');
    out
}

/// Writes `c` as it stands between two `delimiter`s; `ascii` escapes everything beyond ASCII.
pub(crate) fn escape(out: &mut String, c: char, delimiter: char, ascii: bool) {
    let code = u32::from(c);
    if c == delimiter || c == '\\' {
        out.push('\\');
        out.push(c);
        return;
    }
    if is_printable(c) && (c.is_ascii() || !ascii) {
        out.push(c);
        return;
    }
    let short = match c {
        '\x07' => "\\a",
        '\x08' => "\\b",
        '\x0c' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\x0b' => "\\v",
        _ => "",
    };
    // Writing to a string cannot fail.
    let _ = match (short, code) {
        ("", ..0x20 | 0x7f) => write!(out, "\\x{code:02x}"),
        ("", ..0x1_0000) => write!(out, "\\u{code:04x}"),
        ("", _) => write!(out, "\\U{code:08x}"),
        _ => out.write_str(short),
    };
}

/// Letters, marks, digits, punctuation, symbols, and of the spaces only the ASCII one.
pub(crate) fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    // The standard library escapes what is not printable, and combining marks only at the start of a string.
    let mut buffer = [0; 8];
    buffer[0] = b'a';
    let length = 1 + c.encode_utf8(&mut buffer[1..]).len();
    let text = std::str::from_utf8(&buffer[..length]).unwrap_or("");
    text.escape_debug().nth(1) == Some(c)
}

/// Upper case, character by character: no character becomes several, so `ß` stays.
pub(crate) fn to_upper(text: &str) -> String {
    text.chars().map(upper).collect()
}

/// Lower case, character by character: `İ` gives `i`, and `Σ` gives `σ` at the end of a word, too.
pub(crate) fn to_lower(text: &str) -> String {
    text.chars().map(lower).collect()
}

fn upper(c: char) -> char {
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(one), None) if !is_recent(one) => one,
        (_, None) => c,
        // Several characters: what Unicode lists as the mapping to a single one.
        _ => match u32::from(c) {
            code @ (0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7) => char::from_u32(code + 8).unwrap_or(c),
            code @ (0x1fb3 | 0x1fc3 | 0x1ff3) => char::from_u32(code + 9).unwrap_or(c),
            _ => c,
        },
    }
}

fn lower(c: char) -> char {
    match c.to_lowercase().next() {
        Some('i') if c == '\u{130}' => 'i',
        Some(one) if !is_recent(one) && !is_recent(c) => one,
        _ => c,
    }
}

/// Letters newer than the Unicode tables of the original (version 15): they have no case there.
fn is_recent(c: char) -> bool {
    matches!(
        u32::from(c),
        0x1c89..=0x1c8a | 0xa7cb..=0xa7cf | 0xa7d2 | 0xa7d4 | 0xa7da..=0xa7dc | 0x1_0d50..=0x1_0d85 | 0x1_6ea0..=0x1_6ed3
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting() {
        let cases = [
            ("a\"b\\", r#""a\"b\\""#),
            ("\x07\x08\x0c\n\r\t\x0b\x00\x1b\x7f", r#""\a\b\f\n\r\t\v\x00\x1b\x7f""#),
            ("é😀\u{a0}\u{2028}\u{feff}\u{e000}", r#""é😀\u00a0\u2028\ufeff\ue000""#),
            ("e\u{301}\u{301}", "\"e\u{301}\u{301}\""),
            ("\u{301}", "\"\u{301}\""),
            ("\u{10ffff}", r#""\U0010ffff""#),
            ("\u{fffd}", "\"\u{fffd}\""),
        ];
        for (text, want) in cases {
            assert_eq!(quote(text), want);
        }
    }

    #[test]
    fn case_is_simple() {
        assert_eq!(to_upper("aß ﬁ ŉ ᾳ ᾀ ı ſ ǆ ƛ"), "Aß ﬁ ŉ ᾼ ᾈ I S Ǆ ƛ");
        assert_eq!(to_lower("AẞİΣ ΟΔΟΣ ǅ K"), "aßiσ οδοσ ǆ k");
    }
}
