//! The tokens of JMESPath.

use serde_json::Value;

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// `[?`, `[]`, `&&`, `a` operator or bracket.
    Sign(&'static str),
    Number(i64),
    Name(String),
    QuotedName(String),
    Variable(String),
    Literal(Value),
    End,
}

/// Longest first, where one begins with another.
const SIGNS: &[&str] = &[
    "[?", "[]", "||", "&&", "<=", ">=", "==", "!=", "//", ".", "*", ",", ":", "{", "}", "]", "[", "(", ")", "@", "+", "%", "-", "/", "|",
    "<", ">", "!", "=", "&",
];

/// Takes `text` apart.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (token, length) = match c {
            ' ' | '\t' | '\n' | '\r' => {
                rest = &rest[1..];
                continue;
            }
            'a'..='z' | 'A'..='Z' | '_' => {
                let length = word(rest);
                (Token::Name(rest[..length].to_owned()), length)
            }
            '$' => match word(&rest[1..]) {
                0 => (Token::Sign("$"), 1),
                length => (Token::Variable(rest[..=length].to_owned()), length + 1),
            },
            '\u{2212}' => (Token::Sign("-"), c.len_utf8()),
            '\u{d7}' => (Token::Sign("×"), c.len_utf8()),
            '\u{f7}' => (Token::Sign("/"), c.len_utf8()),
            '0'..='9' => number(rest)?,
            '-' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => number(rest)?,
            '"' | '`' | '\'' => quoted(c, rest)?,
            c => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign)).ok_or_else(|| format!("{c:?} is not expected"))?;
                (Token::Sign(sign), sign.len())
            }
        };
        out.push(token);
        rest = &rest[length..];
    }
    out.push(Token::End);
    Ok(out)
}

fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

fn number(text: &str) -> Result<(Token, usize), String> {
    let digits = text[1..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |at| at + 1);
    let number = text[..digits].parse().map_err(|_| format!("{} is too large", &text[..digits]))?;
    Ok((Token::Number(number), digits))
}

/// A quoted name, a JSON literal or a raw text. A backslash keeps the closing sign from closing.
fn quoted(quote: char, text: &str) -> Result<(Token, usize), String> {
    let mut escaped = false;
    let closes = |(_, c): &(usize, char)| {
        let close = !escaped && *c == quote;
        escaped = !escaped && *c == '\\';
        close
    };
    let (end, _) = text.char_indices().skip(1).find(closes).ok_or_else(|| format!("the closing {quote} is missing"))?;
    let body = &text[1..end];
    let json = |text: &str| serde_json::from_str::<Value>(text).map_err(|error| format!("{text} is not JSON: {error}"));
    let token = match quote {
        '"' => match json(&text[..=end])? {
            Value::String(name) => Token::QuotedName(name),
            _ => return Err(format!("{body} is no name")),
        },
        '`' => Token::Literal(floats(json(&body.replace("\\`", "`"))?)),
        _ => Token::Literal(Value::String(raw(body))),
    };
    Ok((token, end + 1))
}

/// In raw text only the quote and the backslash can be escaped.
fn raw(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(next @ ('\'' | '\\'))) => {
                out.push(*next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

/// Every number as a floating point number, as the lines' numbers are.
fn floats(value: Value) -> Value {
    match value {
        Value::Number(number) => super::functions::number(number.as_f64().unwrap_or(0.0)),
        Value::Array(items) => Value::Array(items.into_iter().map(floats).collect()),
        Value::Object(members) => Value::Object(members.into_iter().map(|(key, member)| (key, floats(member))).collect()),
        other => other,
    }
}
