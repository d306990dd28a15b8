//! Values as typed JSON, the form of the HTTP API: `{"type": "number", "value": 1}`.

use crate::print::capsule_text;
use crate::secret::OptionalSecret;
use crate::value_model::Value;
use crate::{Capsule, Number};
use serde_json::{Value as Json, json};

/// The value with its type. Objects are lists of `{"key", "value"}`; NaN and the infinities are strings; capsules show
/// what they display, which for secrets is `(secret)`.
pub fn typed(value: &Value) -> Json {
    let (kind, inner) = match value {
        Value::Null => ("null", Json::Null),
        Value::Bool(value) => ("bool", Json::Bool(*value)),
        Value::Number(number) => ("number", number_json(*number)),
        Value::String(text) => ("string", Json::String(text.to_string())),
        Value::Array(items) => ("array", items.iter().map(typed).collect()),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| json!({"key": &**key, "value": typed(value)}));
            ("object", members.collect())
        }
        Value::Function(_) => ("function", Json::String("function".into())),
        Value::Capsule(capsule) => ("capsule", Json::String(capsule_json(capsule))),
    };
    json!({"type": kind, "value": inner})
}

/// A double, as the original shows every number; whole numbers without a fraction.
fn number_json(number: Number) -> Json {
    let double = number.as_f64();
    if !double.is_finite() {
        return Json::String(number.to_string());
    }
    if double.fract() == 0.0 && double.abs() < 2f64.powi(53) {
        return Json::from(double as i64);
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
