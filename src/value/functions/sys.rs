//! `sys`: the machine and the process.

use super::args::{arity, text};
use super::{Entry, entry};
use crate::value_model::{CallError, Function, Value};

pub(super) const FUNCTIONS: &[Entry] = &[entry("sys.env", "sys.env(name)", env)];

/// Stands for the value of any variable that is not set.
const SOMETHING: &str = "x";

/// `sys.env` as if every variable was set.
pub(super) const AS_IF_SET: Function = Function { name: "sys.env", call: env_as_if_set };

fn env_as_if_set(args: &[Value]) -> Result<Value, CallError> {
    let value = env(args)?;
    Ok(if matches!(&value, Value::String(text) if text.is_empty()) { Value::string(SOMETHING) } else { value })
}

/// A variable that is not set is an empty string.
fn env(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 1)?;
    let value = std::env::var_os(&*text(args, 0)?).unwrap_or_default();
    Ok(Value::string(value.to_string_lossy()))
}
