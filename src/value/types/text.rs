//! Text.

use super::numbers::number_text;
use crate::bytes;
use crate::decode::{DecodeError, FromValue, IntoValue, is_secret};
use crate::schema::Type;
use crate::value_model::Value;
use std::fmt;
use std::sync::Arc;

/// Strings, numbers, text that is not secret, and the bytes that `encoding.from_base64` gives.
impl FromValue for String {
    fn ty() -> Type {
        Type::String
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(Self::new()),
            Value::String(text) => Ok(text.to_string()),
            Value::Number(number) => Ok(number_text(*number)),
            Value::Capsule(capsule) => match capsule.text() {
                Some(text) => Ok(text.to_owned()),
                None if is_secret(capsule) => {
                    let hint = "use `convert.nonsensitive(…)` when the text may be shown";
                    Err(DecodeError::new("a secret cannot be used where plain text is expected").hint(hint))
                }
                None => Err(DecodeError::expected("string", value)),
            },
            Value::Array(_) => match bytes::as_text(value) {
                Some(text) => Ok(text),
                None => Err(DecodeError::expected("string", value).hint("only one text is accepted here: take the brackets away")),
            },
            Value::Bool(flag) => Err(DecodeError::expected("string", value).hint(format!("write \"{flag}\", with quotes"))),
            _ => Err(DecodeError::expected("string", value)),
        }
    }
}

impl IntoValue for String {
    fn into_value(&self) -> Value {
        Value::string(self)
    }
}

impl IntoValue for &str {
    fn into_value(&self) -> Value {
        Value::string(self)
    }
}

impl FromValue for Arc<str> {
    fn ty() -> Type {
        Type::String
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::String(text) => Ok(Arc::clone(text)),
            other => String::from_value(other).map(Arc::from),
        }
    }
}

impl IntoValue for Arc<str> {
    fn into_value(&self) -> Value {
        Value::String(Arc::clone(self))
    }
}

/// An address such as `https://host:9009/api/v1/push`; empty when not set. A password in it is hidden when shown.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Url(Arc<str>);

impl Url {
    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True when nothing was written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with `xxxxx` instead of a password.
    pub fn redacted(&self) -> String {
        let hidden = || {
            let (scheme, rest) = self.0.split_once("://")?;
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (user, host) = rest.get(..end)?.rsplit_once('@')?;
            let (name, _) = user.split_once(':')?;
            Some(format!("{scheme}://{name}:xxxxx@{host}{}", rest.get(end..)?))
        };
        hidden().unwrap_or_else(|| self.0.to_string())
    }
}

impl std::str::FromStr for Url {
    type Err = DecodeError;
    fn from_str(text: &str) -> Result<Self, DecodeError> {
        let fail = |message: &str| Err(DecodeError::new(message).hint("an address looks like `https://host:port/path`"));
        if text.chars().any(|c| c.is_ascii_control()) {
            return fail("an address must not contain control characters");
        }
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest)) if !scheme.contains(['/', '?', '#']) => (Some(scheme), rest),
            _ => (None, text),
        };
        match scheme {
            Some("") => return fail("the scheme before `:` is missing"),
            Some(scheme) if !is_scheme(scheme) => return fail("what stands before `:` is not a scheme"),
            _ => {}
        }
        if !escapes_are_whole(rest.split(['?', '#']).next().unwrap_or_default()) {
            return fail("`%` must be followed by two hexadecimal digits");
        }
        if let Some(authority) = rest.strip_prefix("//") {
            let host = authority.split(['/', '?', '#']).next().unwrap_or_default();
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            let port = match host.rsplit_once(']') {
                Some((_, rest)) => rest.strip_prefix(':'),
                None => host.split_once(':').map(|(_, port)| port),
            };
            if port.is_some_and(|port| !port.bytes().all(|b| b.is_ascii_digit())) {
                return fail("the port is not a number");
            }
            if host.contains(' ') {
                return fail("a host name contains no blanks");
            }
        }
        Ok(Self(Arc::from(text)))
    }
}

/// True when every `%` begins an escape such as `%2F`.
fn escapes_are_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|after| after.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.redacted())
    }
}

impl FromValue for Url {
    fn ty() -> Type {
        Type::Text("config.URL")
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        String::from_value(value)?.parse()
    }
}

impl IntoValue for Url {
    fn into_value(&self) -> Value {
        Value::string(self.redacted())
    }
}
