//! Regular expressions in the syntax of RE2.

use crate::decode::{DecodeError, FromValue, IntoValue};
use crate::schema::Type;
use crate::value_model::Value;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A compiled expression that matches anywhere in a text. Relabelling rules have a type of their own.
#[derive(Clone)]
pub struct Regexp {
    text: Arc<str>,
    regex: regex::Regex,
}

impl Regexp {
    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The compiled expression.
    pub fn regex(&self) -> &regex::Regex {
        &self.regex
    }

    /// True when some part of `text` matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl FromStr for Regexp {
    type Err = DecodeError;
    fn from_str(text: &str) -> Result<Self, DecodeError> {
        let regex = regex::Regex::new(text).map_err(|error| explain(text, &error))?;
        Ok(Self { text: Arc::from(text), regex })
    }
}

/// One line: the library's message spans several and repeats the expression.
fn explain(text: &str, error: &regex::Error) -> DecodeError {
    let full = error.to_string();
    let cause = full.lines().filter_map(|line| line.strip_prefix("error: ")).next_back().unwrap_or("it is too large");
    let error = DecodeError::new(format!("{text:?} is not a regular expression: {cause}"));
    if text.contains("(?=") || text.contains("(?!") || text.contains("(?<=") || text.contains("(?<!") {
        error.hint("looking ahead or behind is not possible; match the text itself, or use two rules")
    } else {
        error
    }
}

impl PartialEq for Regexp {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Regexp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl fmt::Display for Regexp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromValue for Regexp {
    fn ty() -> Type {
        Type::String
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        String::from_value(value)?.parse()
    }
}

impl IntoValue for Regexp {
    fn into_value(&self) -> Value {
        Value::string(&self.text)
    }
}
