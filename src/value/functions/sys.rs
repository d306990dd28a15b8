//! `sys`: the machine and the process.

use super::args::{arity, text};
use super::{Entry, entry};
use crate::value_model::{CallError, Value};

pub(super) const FUNCTIONS: &[Entry] = &[entry("sys.env", "sys.env(name)", env)];

/// A variable that is not set is an empty string.
fn env(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 1)?;
    let value = std::env::var_os(&*text(args, 0)?).unwrap_or_default();
    Ok(Value::string(value.to_string_lossy()))
}
