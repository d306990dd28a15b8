//! Anchored regular expressions of rules, with short cuts for the shapes that rules usually have.

use std::fmt;
use std::sync::Arc;
use value::GoRegex;
use value::schema::Type;
use value::{DecodeError, FromValue, IntoValue, Value};

/// A regular expression in Go's syntax that has to match the whole text; `.` matches line ends too.
#[derive(Clone)]
pub struct Regexp(Arc<Inner>);

struct Inner {
    text: Box<str>,
    matcher: Matcher,
}

enum Matcher {
    /// `lit.*`, `lit(.*)`, `lit.+`, `(.*)`: text in front of a rest of at least `min` bytes.
    Prefix { text: Box<str>, rest: Rest },
    /// `a|b|c`, `(a|b|c)`.
    OneOf { texts: Box<[Box<str>]>, group: bool },
    /// Everything else.
    Regex(Box<GoRegex>),
}

#[derive(Clone, Copy)]
struct Rest {
    min: usize,
    group: bool,
}

/// What the groups of a match hold.
pub enum Groups<'t> {
    /// The whole text and at most one group.
    Simple {
        /// Group 0.
        whole: &'t str,
        /// Group 1.
        first: Option<&'t str>,
    },
    /// Any groups.
    Captures(Box<regex::Captures<'t>>, &'t GoRegex),
}

impl Groups<'_> {
    /// What group `n` matched.
    pub fn get(&self, n: usize) -> Option<&str> {
        match self {
            Self::Simple { whole, .. } if n == 0 => Some(whole),
            Self::Simple { first, .. } if n == 1 => *first,
            Self::Simple { .. } => None,
            Self::Captures(captures, _) => captures.get(n).map(|m| m.as_str()),
        }
    }

    /// What the first group of this name that took part in the match matched.
    pub fn name(&self, name: &str) -> Option<&str> {
        match self {
            Self::Simple { .. } => None,
            Self::Captures(captures, regex) => regex.named(captures, name),
        }
    }
}

impl Regexp {
    /// What rules match without an expression of their own: everything.
    pub const DEFAULT: &'static str = "(.*)";

    /// Compiles `text`.
    ///
    /// # Errors
    /// What is wrong with the expression, in one line.
    pub fn new(text: &str) -> Result<Self, String> {
        let matcher = match shortcut(text) {
            Some(matcher) => matcher,
            None => Matcher::Regex(Box::new(GoRegex::new(&format!("^(?s:{text})$"))?)),
        };
        Ok(Self(Arc::new(Inner { text: text.into(), matcher })))
    }

    /// The expression as written.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// True when the whole of `text` matches.
    pub fn is_match(&self, text: &str) -> bool {
        match &self.0.matcher {
            Matcher::Prefix { text: prefix, rest } => text.len() >= prefix.len() + rest.min && text.starts_with(&**prefix),
            Matcher::OneOf { texts, .. } => texts.iter().any(|t| **t == *text),
            Matcher::Regex(regex) => regex.regex().is_match(text),
        }
    }

    /// The groups when the whole of `text` matches.
    pub fn groups<'t>(&'t self, text: &'t str) -> Option<Groups<'t>> {
        match &self.0.matcher {
            Matcher::Regex(regex) => Some(Groups::Captures(Box::new(regex.regex().captures(text)?), regex)),
            Matcher::Prefix { text: prefix, rest } => {
                let first = rest.group.then(|| text.get(prefix.len()..)).flatten();
                self.is_match(text).then_some(Groups::Simple { whole: text, first })
            }
            Matcher::OneOf { group, .. } => self.is_match(text).then_some(Groups::Simple { whole: text, first: group.then_some(text) }),
        }
    }
}

/// A matcher for the shapes that need no regular expression.
fn shortcut(text: &str) -> Option<Matcher> {
    let (inner, group) = match text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    if let Some(texts) = inner.split('|').map(literal).collect::<Option<Vec<_>>>() {
        return Some(Matcher::OneOf { texts: texts.into(), group });
    }
    let endings = [(".*", 0, false), (".+", 1, false), ("(.*)", 0, true), ("(.+)", 1, true)];
    let (prefix, min, group) = endings.into_iter().rev().find_map(|(end, min, group)| Some((text.strip_suffix(end)?, min, group)))?;
    Some(Matcher::Prefix { text: literal(prefix)?, rest: Rest { min, group } })
}

/// The text that a pattern without operators matches.
fn literal(pattern: &str) -> Option<Box<str>> {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(chars.next().filter(char::is_ascii_punctuation)?),
            '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => return None,
            c => out.push(c),
        }
    }
    Some(out.into())
}

/// [`Regexp::DEFAULT`].
impl Default for Regexp {
    fn default() -> Self {
        let rest = Rest { min: 0, group: true };
        Self(Arc::new(Inner { text: Self::DEFAULT.into(), matcher: Matcher::Prefix { text: "".into(), rest } }))
    }
}

impl PartialEq for Regexp {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}
impl Eq for Regexp {}

impl fmt::Debug for Regexp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.text, f)
    }
}

impl FromValue for Regexp {
    fn ty() -> Type {
        Type::Text("relabel.Regexp")
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let text = String::from_value(value)?;
        Self::new(&text).map_err(|cause| {
            let error = DecodeError::new(format!("{text:?} is not a regular expression: {cause}"));
            let looks = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|around| text.contains(around));
            if looks { error.hint("looking ahead or behind is not possible; use two rules instead") } else { error }
        })
    }
}

impl IntoValue for Regexp {
    fn into_value(&self) -> Value {
        Value::string(self.as_str())
    }
}
