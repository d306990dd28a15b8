//! Targets of discovery, as plain labels.

use super::numbers::number_text;
use crate::decode::{DecodeError, FromValue, IntoValue, Step, is_secret};
use crate::number::Number;
use crate::reader::inside;
use crate::schema::Type;
use crate::value_model::Value;
use std::collections::BTreeMap;

/// What discovery finds: label names and values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target(pub BTreeMap<String, String>);

impl FromValue for Target {
    fn ty() -> Type {
        Type::Capsule("discovery.Target")
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(Self::default()),
            Value::Object(members) => members
                .iter()
                .map(|(key, member)| Ok((key.to_string(), inside(label_value(member), || Step::Key(key.to_string()))?)))
                .collect::<Result<_, _>>()
                .map(Self),
            Value::String(address) => {
                Err(DecodeError::expected("target", value).hint(format!("write `{{\"__address__\" = {address:?}}}`")))
            }
            other => Err(DecodeError::expected("target", other).hint("a target is an object, such as `{\"__address__\" = \"host:port\"}`")),
        }
    }
}

/// A label's value: text, or what the original prints for other values.
fn label_value(value: &Value) -> Result<String, DecodeError> {
    match value {
        Value::Null => Err(DecodeError::new("null cannot be the value of a label")),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(Number::Float(n)) if is_written_with_exponent(*n) => Ok(with_exponent(*n)),
        Value::Number(number) => Ok(number_text(*number)),
        Value::Capsule(capsule) if is_secret(capsule) => Err(DecodeError::new("a secret cannot be the value of a label")),
        Value::String(_) | Value::Capsule(_) => String::from_value(value),
        other => Err(DecodeError::new(format!("expected text for a label, got {}", other.type_name()))),
    }
}

impl IntoValue for Target {
    fn into_value(&self) -> Value {
        self.0.into_value()
    }
}

/// The values of targets, unlike other texts, are written as Go's `%v` does.
fn is_written_with_exponent(n: f64) -> bool {
    n.is_finite() && n != 0.0 && !(1e-4..1e21).contains(&n.abs())
}

/// `1e+21`, `1e-07`: a sign and at least two digits.
fn with_exponent(n: f64) -> String {
    let text = format!("{n:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => match exponent.strip_prefix('-') {
            Some(exponent) => format!("{digits}e-{exponent:0>2}"),
            None => format!("{digits}e+{exponent:0>2}"),
        },
        None => text,
    }
}
