//! `convert`: from one type to another.

use super::args::{arity, mismatch, secret};
use super::{Entry, entry};
use crate::value_model::{CallError, Value};
use std::sync::Arc;

pub(super) const FUNCTIONS: &[Entry] = &[entry("convert.nonsensitive", "convert.nonsensitive(secret)", nonsensitive)];

/// Strings and null are accepted as if they were secrets.
fn nonsensitive(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 1)?;
    match &args[0] {
        Value::Null => Ok(Value::from("")),
        Value::String(text) => Ok(Value::String(Arc::clone(text))),
        value => secret(value).map(Value::string).ok_or_else(|| mismatch(0, "a secret", value)),
    }
}
