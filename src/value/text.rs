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
}
