//! JSON in the two dialects that functions need: Go's `encoding/json`, and the reader behind `json_path`.

use super::json_number;
use crate::number::{Number, shortest};
use crate::secret::{OptionalSecret, Secret};
use crate::text::quote;
use crate::value_model::{Object, Value};
use std::sync::Arc;

/// How deep values may stand in each other.
pub(super) const MAX_DEPTH: usize = 500;

/// Which reader to be like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `encoding/json`: numbers are floating point, surrogate pairs make one character.
    Standard,
    /// The reader of `json_path`: whole numbers stay whole, numbers with very many digits stay text, surrogates are
    /// replaced one by one, an empty text is null.
    Path,
}

/// Reads one JSON value.
pub(super) fn parse(text: &str, dialect: Dialect) -> Result<Value, String> {
    let text = match dialect {
        Dialect::Path => text.strip_prefix('\u{feff}').filter(|rest| !rest.is_empty()).unwrap_or(text),
        Dialect::Standard => text,
    };
    let mut reader = Reader { text, at: 0, dialect };
    reader.space();
    if reader.peek().is_none() && dialect == Dialect::Path {
        return Ok(Value::Null);
    }
    let value = reader.value(0)?;
    reader.space();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.unexpected("after the value")),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    dialect: Dialect,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected(&self, place: &str) -> String {
        let before = self.text.get(..self.at).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            None => "the JSON text ends too early".into(),
            Some(c) => format!("not JSON: unexpected {} {place}, line {line}, column {column}", quote(&c.to_string())),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(format!("JSON values cannot stand more than {MAX_DEPTH} levels deep"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::from),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                for (word, value) in [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))] {
                    if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(self.unexpected("where a value should begin"))
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.eat(b']') {
            return Ok(Value::array(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            if self.eat(b']') {
                return Ok(Value::array(items));
            }
            if !self.eat(b',') {
                return Err(self.unexpected("in an array"));
            }
        }
    }

    /// Of several members of one name the last counts.
    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut members = Object::new();
        self.space();
        if self.eat(b'}') {
            return Ok(Value::Object(Arc::new(members)));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("where a key should begin"));
            }
            let key = self.string()?;
            self.space();
            if !self.eat(b':') {
                return Err(self.unexpected("after a key"));
            }
            self.space();
            let value = self.value(depth + 1)?;
            members.insert(Arc::from(key), value);
            self.space();
            if self.eat(b'}') {
                return Ok(Value::Object(Arc::new(members)));
            }
            if !self.eat(b',') {
                return Err(self.unexpected("in an object"));
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or("");
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').unwrap_or(rest.len());
            out.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(&mut out)?,
                _ => return Err(self.unexpected("in a string")),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), String> {
        self.at += 1;
        let c = match self.peek() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0c',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(out),
            _ => return Err(self.unexpected("in an escape sequence")),
        };
        self.at += 1;
        out.push(c);
        Ok(())
    }

    fn unicode(&mut self, out: &mut String) -> Result<(), String> {
        let first = self.hex()?;
        if (0xd800..0xdc00).contains(&first) && self.dialect == Dialect::Standard {
            let start = self.at;
            if self.text.get(start..).is_some_and(|rest| rest.starts_with("\\u")) {
                self.at += 1;
                let second = self.hex()?;
                if (0xdc00..0xe000).contains(&second) {
                    let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    out.extend(char::from_u32(code));
                    return Ok(());
                }
                self.at = start;
            }
        }
        out.push(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(())
    }

    /// The four digits after `u`.
    fn hex(&mut self) -> Result<u32, String> {
        self.at += 1;
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|b| char::from(b).to_digit(16)) else {
                return Err(self.unexpected("in an escape sequence"));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        let path = self.dialect == Dialect::Path;
        self.eat(b'-');
        let zero = self.peek() == Some(b'0');
        let whole = if zero { usize::from(self.eat(b'0')) } else { self.digits() };
        if whole == 0 {
            return Err(self.unexpected("in a number"));
        }
        let point = self.eat(b'.');
        if point && self.digits() == 0 && !path {
            return Err(self.unexpected("in a number"));
        }
        // The reader of `json_path` takes no exponent after a single zero.
        if matches!(self.peek(), Some(b'e' | b'E')) && !(path && zero && !point) {
            self.at += 1;
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            if self.digits() == 0 {
                return Err(self.unexpected("in a number"));
            }
        }
        let text = &self.text[start..self.at];
        if path {
            return json_number::read(text).ok_or_else(|| self.unexpected("in a number"));
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::from(number)),
            _ => Err(format!("the number {} is out of range", head(text))),
        }
    }
}

/// The beginning of a long text.
pub(super) fn head(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Writes an object as `encoding/json` does: sorted keys, `<`, `>` and `&` escaped.
pub(super) fn encode(value: &Value) -> Result<String, String> {
    let mut out = String::new();
    write(&mut out, value)?;
    Ok(out)
}

fn write(out: &mut String, value: &Value) -> Result<(), String> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => write_number(out, *number)?,
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(out, item)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (i, (key, value)) in members.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(out, key);
                out.push(':');
                write(out, value)?;
            }
            out.push('}');
        }
        Value::Function(function) => return Err(format!("the function `{}` cannot be written as JSON", function.name)),
        Value::Capsule(capsule) => {
            if let Some(secret) = capsule.downcast_ref::<Secret>() {
                write_string(out, secret.expose());
            } else if let Some(secret) = capsule.downcast_ref::<OptionalSecret>() {
                out.push_str(if secret.is_secret { "{\"IsSecret\":true,\"Value\":" } else { "{\"IsSecret\":false,\"Value\":" });
                write_string(out, secret.expose());
                out.push('}');
            } else {
                return Err(format!("a capsule of {} cannot be written as JSON", capsule.kind()));
            }
        }
    }
    Ok(())
}

fn write_number(out: &mut String, number: Number) -> Result<(), String> {
    let Number::Float(double) = number else {
        out.push_str(&number.to_string());
        return Ok(());
    };
    if !double.is_finite() {
        return Err(format!("{number} cannot be written as JSON"));
    }
    let magnitude = double.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let (digits, exponent) = shortest(double);
        let (sign, point) = (if double < 0.0 { "-" } else { "" }, if digits.len() > 1 { "." } else { "" });
        out.push_str(&format!("{sign}{}{point}{}e{exponent:+}", &digits[..1], &digits[1..]));
    } else {
        out.push_str(&number.to_string());
    }
    Ok(())
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | ..' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::to_text;

    #[test]
    fn reading() {
        let cases = [
            (
                Dialect::Standard,
                r#" {"a": [1, -0.5e2, true, null, "\ud83d\ude00\ud800x"]} "#,
                "{\n\ta = [1, -50, true, null, \"😀\u{fffd}x\"],\n}",
            ),
            (Dialect::Standard, "9223372036854775807", "9223372036854776000"),
            (Dialect::Path, "", "null"),
            (Dialect::Path, "[9223372036854775799, 9223372036854775800]", "[9223372036854775799, \"9223372036854775800\"]"),
            (Dialect::Path, "[1., 1.0, 1e2, 0.123456789012345678]", "[1, 1, 100, \"0.123456789012345678\"]"),
            (Dialect::Path, r#""\ud83d\ude00""#, "\"\u{fffd}\u{fffd}\""),
        ];
        for (dialect, text, want) in cases {
            let value = parse(text, dialect).expect("is accepted");
            assert_eq!(to_text(&value), want, "{text}");
        }
    }

    #[test]
    fn refused() {
        let deep = "[".repeat(MAX_DEPTH + 2);
        for text in ["", "nope", "[1,]", "{\"a\":1,}", "{a:1}", "01", "1.", ".5", "+1", "\"\n\"", "\"\\x\"", "1 2", "1e400", "[1 2]", &deep]
        {
            assert!(parse(text, Dialect::Standard).is_err(), "{text}");
        }
        for text in ["0e5", "[1,]", "1 2", "-", "nul"] {
            assert!(parse(text, Dialect::Path).is_err(), "{text}");
        }
    }

    #[test]
    fn writing() {
        let value = Value::object([
            ("f", Value::array(vec![Value::from(1e21), Value::from(1e-7), Value::from(0.000001), Value::from(-0.0), Value::from(5.0)])),
            ("s", Value::from("<a&b>\u{2028}\x01\x7f\"")),
        ]);
        assert_eq!(
            encode(&value).as_deref(),
            Ok(r#"{"f":[1e+21,1e-7,0.000001,-0,5],"s":"\u003ca\u0026b\u003e\u2028\u0001"#.to_owned() + "\x7f\\\"\"}").as_deref()
        );
    }
}
