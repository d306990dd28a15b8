//! JSON text, as the original writes values back.

use serde_json::Value;
use std::fmt::Write;

/// `value` as text; `<`, `>`, `&` and the two line separators of Unicode are escaped.
pub(crate) fn write(value: &Value) -> String {
    let mut out = String::new();
    write_tree(&mut out, value, true, false);
    out
}

/// Writes `value`. `html` escapes `<`, `>` and `&`; `short_exponent` writes `1e-7` instead of `1e-07`.
pub(crate) fn write_tree(out: &mut String, value: &Value, html: bool, short_exponent: bool) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => write_number(out, number.as_f64().unwrap_or(0.0), short_exponent),
        Value::String(text) => write_string(out, text, html),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_tree(out, item, html, short_exponent);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (i, (key, member)) in members.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(out, key, html);
                out.push(':');
                write_tree(out, member, html, short_exponent);
            }
            out.push('}');
        }
    }
}

/// Writing to a string cannot fail, so its result is not looked at.
fn write_number(out: &mut String, number: f64, short_exponent: bool) {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(exponent) => ('-', exponent),
            None => ('+', exponent),
        };
        let zero = if exponent.len() < 2 && !(short_exponent && sign == '-') { "0" } else { "" };
        let _ = write!(out, "{digits}e{sign}{zero}{exponent}");
    } else {
        let _ = write!(out, "{number}");
    }
}

/// Writes `text` in quotes.
pub(crate) fn write_string(out: &mut String, text: &str, html: bool) {
    out.push('"');
    let mut plain = 0;
    for (at, c) in text.char_indices() {
        let escaped = match c {
            '"' => Some("\\\""),
            '\\' => Some("\\\\"),
            '\n' => Some("\\n"),
            '\r' => Some("\\r"),
            '\t' => Some("\\t"),
            '\u{2028}' | '\u{2029}' | '\0'..'\u{20}' => None,
            '<' | '>' | '&' if html => None,
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        plain = at + c.len_utf8();
        match escaped {
            Some(escaped) => out.push_str(escaped),
            None => _ = write!(out, "\\u{:04x}", c as u32),
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
}
