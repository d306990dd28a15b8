//! `coalesce`: the first value that is not empty.

use super::{Entry, entry};
use crate::secret::{OptionalSecret, Secret};
use crate::value_model::{CallError, Value};

pub(super) const FUNCTIONS: &[Entry] = &[entry("coalesce", "coalesce(value, …)", coalesce)];

fn coalesce(args: &[Value]) -> Result<Value, CallError> {
    let chosen = args.iter().find(|value| !is_empty(value)).or_else(|| args.last());
    Ok(chosen.cloned().unwrap_or_default())
}

/// Null, false, zero, and everything of length zero.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.is_zero(),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Function(_) => false,
        Value::Capsule(capsule) => {
            capsule.downcast_ref::<Secret>().is_some_and(Secret::is_empty)
                || capsule.downcast_ref::<OptionalSecret>().is_some_and(|s| !s.is_secret && s.expose().is_empty())
        }
    }
}
