//! Values as typed JSON, the form of the HTTP API: `{"type": "number", "value": 1}`.

use crate::print::capsule_text;
use crate::secret::OptionalSecret;
use crate::value_model::Value;
use crate::{Capsule, Number};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// The value with its type. Objects are lists of `{"key", "value"}`; NaN and the infinities are strings; capsules show
/// what they display, which for secrets is `(secret)`.
pub fn typed(value: &Value) -> Json {
    // Containers apart, and no macros here: values stand deep in each other, and each level takes its share of the stack.
    match value {
        Value::Array(items) => pair("type", "array", "value", Json::Array(items.iter().map(typed).collect())),
        Value::Object(members) => pair("type", "object", "value", Json::Array(members.iter().map(member).collect())),
        _ => scalar(value),
    }
}

fn member((key, value): (&Arc<str>, &Value)) -> Json {
    pair("key", key, "value", typed(value))
}

fn pair(first: &str, text: &str, second: &str, value: Json) -> Json {
    let mut members = Map::with_capacity(2);
    members.insert(first.into(), Json::String(text.into()));
    members.insert(second.into(), value);
    Json::Object(members)
}

fn scalar(value: &Value) -> Json {
    let inner = match value {
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number) => number_json(*number),
        Value::String(text) => Json::String(text.to_string()),
        Value::Function(_) => Json::String("function".into()),
        Value::Capsule(capsule) => Json::String(capsule_json(capsule)),
        Value::Null | Value::Array(_) | Value::Object(_) => Json::Null,
    };
    pair("type", value.type_name(), "value", inner)
}

/// A double, as the original shows every number; whole numbers without a fraction.
fn number_json(number: Number) -> Json {
    let double = number.as_f64();
    if !double.is_finite() {
        return Json::String(number.to_string());
    }
    if double.fract() == 0.0 && double.abs() < 1e21 {
        // The shortest digits that mean this double, then zeros: 2^63 is 9223372036854776000.
        let digits = format!("{double}");
        let whole = digits.parse::<i64>().map(Json::from).or_else(|_| digits.parse::<u64>().map(Json::from));
        return whole.unwrap_or_else(|_| Json::from(double));
    }
    Json::from(double)
}

fn capsule_json(capsule: &Capsule) -> String {
    if capsule.downcast_ref::<OptionalSecret>().is_some() { capsule_text(capsule) } else { capsule.display() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_secrets() {
        let cases = [
            (Value::from(1i64), r#"{"type":"number","value":1}"#),
            (Value::from(i64::MAX), r#"{"type":"number","value":9223372036854776000}"#),
            (Value::from(i64::MIN), r#"{"type":"number","value":-9.223372036854776e+18}"#),
            (Value::from(12345678901234567890.0), r#"{"type":"number","value":12345678901234567000}"#),
            (Value::from(-2.5), r#"{"type":"number","value":-2.5}"#),
            (Value::from(f64::NAN), r#"{"type":"number","value":"NaN"}"#),
            (Value::from(f64::NEG_INFINITY), r#"{"type":"number","value":"-Inf"}"#),
            (Value::from(Capsule::from(OptionalSecret::plain("a"))), r#"{"type":"capsule","value":"\"a\""}"#),
            (Value::from(Capsule::from(OptionalSecret::secret("a"))), r#"{"type":"capsule","value":"(secret)"}"#),
            (Value::object([("k", Value::Null)]), r#"{"type":"object","value":[{"key":"k","value":{"type":"null","value":null}}]}"#),
        ];
        for (value, want) in cases {
            assert_eq!(typed(&value).to_string(), want);
        }
    }
}
