//! Replacement texts with `$1`, `${1}` and `${name}`, expanded as Go's `regexp.Expand` does it.

use super::regexp::Groups;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use value::schema::Type;
use value::{DecodeError, FromValue, IntoValue, Value};

/// A replacement text. Derefs to the text as written.
#[derive(Clone)]
pub struct Template(Arc<Inner>);

struct Inner {
    text: Box<str>,
    parts: Box<[Part]>,
}

#[derive(Debug, PartialEq)]
enum Part {
    Text(Box<str>),
    Group(usize),
    Named(Box<str>),
}

impl Template {
    /// Reads `text`. Every text is a template: a `$` that starts no group stands for itself.
    pub fn new(text: &str) -> Self {
        Self(Arc::new(Inner { text: text.into(), parts: parse(text).into_boxed_slice() }))
    }

    /// The text when nothing in it is to be replaced.
    pub fn literal(&self) -> Option<&str> {
        match &*self.0.parts {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Appends the text with the groups filled in; groups that do not exist or did not match are empty.
    pub fn expand(&self, groups: &Groups<'_>, out: &mut String) {
        for part in &self.0.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Group(n) => out.push_str(groups.get(*n).unwrap_or("")),
                Part::Named(name) => out.push_str(groups.name(name).unwrap_or("")),
            }
        }
    }
}

impl Deref for Template {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}
impl Eq for Template {}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.text, f)
    }
}

impl From<&str> for Template {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl Default for Template {
    fn default() -> Self {
        Self::new("")
    }
}

impl FromValue for Template {
    fn ty() -> Type {
        Type::String
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        String::from_value(value).map(|text| Self::new(&text))
    }
}

impl IntoValue for Template {
    fn into_value(&self) -> Value {
        Value::string(&**self)
    }
}

fn parse(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            plain.push('$');
            rest = after;
        } else if let Some((name, after)) = reference(rest) {
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain).into()));
            }
            parts.push(group(name));
            rest = after;
        } else {
            plain.push('$');
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Text(plain.into()));
    }
    parts
}

/// The name after a `$` and what follows it. Without braces the name is as long as it can be: `$1_x` names `1_x`.
fn reference(rest: &str) -> Option<(&str, &str)> {
    let (braced, body) = match rest.strip_prefix('{') {
        Some(body) => (true, body),
        None => (false, rest),
    };
    let end = body.find(|c: char| !(c == '_' || c.is_alphabetic() || c.is_numeric())).unwrap_or(body.len());
    let (name, after) = body.split_at(end);
    if name.is_empty() {
        return None;
    }
    if braced { Some((name, after.strip_prefix('}')?)) } else { Some((name, after)) }
}

/// Digits without a leading zero are a number; everything else is a name.
fn group(name: &str) -> Part {
    let number = name.bytes().all(|b| b.is_ascii_digit()) && (name.len() == 1 || !name.starts_with('0')) && name.len() <= 9;
    match name.parse() {
        Ok(n) if number => Part::Group(n),
        _ => Part::Named(name.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_go_reads_them() {
        let text = |s: &str| Part::Text(s.into());
        let named = |s: &str| Part::Named(s.into());
        for (template, want) in [
            ("", vec![]),
            ("plain", vec![text("plain")]),
            ("$1", vec![Part::Group(1)]),
            ("${1}_x", vec![Part::Group(1), text("_x")]),
            ("$1_x", vec![named("1_x")]),
            ("$1-x", vec![Part::Group(1), text("-x")]),
            ("$01", vec![named("01")]),
            ("$0", vec![Part::Group(0)]),
            ("$$1", vec![text("$1")]),
            ("a$", vec![text("a$")]),
            ("${1", vec![text("${1")]),
            ("${}", vec![text("${}")]),
            ("$-$name", vec![text("$-"), named("name")]),
            ("${größe}€", vec![named("größe"), text("€")]),
        ] {
            assert_eq!(parse(template), want, "{template}");
        }
    }
}
