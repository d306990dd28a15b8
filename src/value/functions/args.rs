//! Arguments of functions: how many there are, and the conversions that the original makes.

use crate::bytes;
use crate::secret::{OptionalSecret, Secret};
use crate::value_model::{CallError, Value};
use std::sync::Arc;

/// Checks the number of arguments.
pub(super) fn arity(args: &[Value], expected: usize) -> Result<(), CallError> {
    if args.len() == expected {
        return Ok(());
    }
    let plural = if expected == 1 { "" } else { "s" };
    Err(whole(format!("expected {expected} argument{plural}, got {}", args.len())))
}

/// The call as a whole is wrong.
pub(super) fn whole(message: impl Into<String>) -> CallError {
    CallError { argument: None, message: message.into() }
}

/// An argument is wrong.
pub(super) fn wrong(argument: usize, message: impl Into<String>) -> CallError {
    CallError { argument: Some(argument), message: message.into() }
}

/// An argument has the wrong type.
pub(super) fn mismatch(argument: usize, expected: &str, value: &Value) -> CallError {
    wrong(argument, format!("this should be {expected}, got {}", value.type_name()))
}

/// Argument `i` as text: numbers convert, null is empty, secrets are refused.
pub(super) fn text(args: &[Value], i: usize) -> Result<Arc<str>, CallError> {
    match args.get(i) {
        Some(value) => to_text(i, value),
        None => Err(whole("an argument is missing")),
    }
}

/// Argument `i` as [`text`] takes it, but of an array of bytes the bytes, which may be no text.
pub(super) fn octets(args: &[Value], i: usize) -> Result<Vec<u8>, CallError> {
    match args.get(i).and_then(bytes::as_bytes) {
        Some(bytes) => Ok(bytes),
        None => text(args, i).map(|text| text.as_bytes().to_vec()),
    }
}

fn to_text(i: usize, value: &Value) -> Result<Arc<str>, CallError> {
    match value {
        Value::Null => Ok(Arc::from("")),
        Value::String(text) => Ok(Arc::clone(text)),
        Value::Number(number) => Ok(Arc::from(number.to_string())),
        Value::Array(_) => bytes::as_text(value).map(Arc::from).ok_or_else(|| mismatch(i, "a string", value)),
        Value::Capsule(capsule) => match capsule.text() {
            Some(text) => Ok(Arc::from(text)),
            None if secret(value).is_some() => {
                Err(wrong(i, "a secret cannot be used as a string: `convert.nonsensitive` makes it one, and visible"))
            }
            None => Err(mismatch(i, "a string", value)),
        },
        _ => Err(mismatch(i, "a string", value)),
    }
}

/// Argument `i` as a list of texts; null is the empty list.
pub(super) fn texts(args: &[Value], i: usize) -> Result<Vec<Arc<str>>, CallError> {
    match args.get(i) {
        Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => items.iter().map(|item| to_text(i, item)).collect(),
        Some(other) => Err(mismatch(i, "an array", other)),
        None => Err(whole("an argument is missing")),
    }
}

/// Argument `i` as an array, without conversions.
pub(super) fn array(args: &[Value], i: usize) -> Result<&Arc<Vec<Value>>, CallError> {
    match args.get(i) {
        Some(Value::Array(items)) => Ok(items),
        Some(other) => Err(mismatch(i, "an array", other)),
        None => Err(whole("an argument is missing")),
    }
}

/// Argument `i` as a bool, without conversions.
pub(super) fn boolean(args: &[Value], i: usize) -> Result<bool, CallError> {
    match args.get(i) {
        Some(Value::Bool(value)) => Ok(*value),
        Some(other) => Err(mismatch(i, "a bool", other)),
        None => Err(whole("an argument is missing")),
    }
}

/// The text inside a secret, hidden or not.
pub(super) fn secret(value: &Value) -> Option<&str> {
    let Value::Capsule(capsule) = value else { return None };
    let secret = capsule.downcast_ref::<Secret>().map(Secret::expose);
    secret.or_else(|| capsule.downcast_ref::<OptionalSecret>().map(OptionalSecret::expose))
}
