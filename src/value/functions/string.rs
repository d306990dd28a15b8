//! `string`: text.

use super::args::{arity, text, texts, whole};
use super::format::sprintf;
use super::{Entry, entry};
use crate::case;
use crate::eval::MAX_SIZE;
use crate::value_model::{CallError, Value};

pub(super) const FUNCTIONS: &[Entry] = &[
    entry("string.format", "string.format(pattern, value, …)", format),
    entry("string.join", "string.join(list, separator)", join),
    entry("string.replace", "string.replace(text, old, new)", replace),
    entry("string.split", "string.split(text, separator)", split),
    entry("string.to_lower", "string.to_lower(text)", to_lower),
    entry("string.to_upper", "string.to_upper(text)", to_upper),
    entry("string.trim", "string.trim(text, characters)", trim),
    entry("string.trim_prefix", "string.trim_prefix(text, prefix)", trim_prefix),
    entry("string.trim_space", "string.trim_space(text)", trim_space),
    entry("string.trim_suffix", "string.trim_suffix(text, suffix)", trim_suffix),
];

fn format(args: &[Value]) -> Result<Value, CallError> {
    if args.is_empty() {
        return Err(whole("expected at least 1 argument, got 0"));
    }
    let pattern = text(args, 0)?;
    sprintf(&pattern, &args[1..]).map(Value::from).ok_or_else(too_long)
}

fn join(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 2)?;
    let (parts, separator) = (texts(args, 0)?, text(args, 1)?);
    let total = parts.iter().map(|part| part.len()).sum::<usize>() + separator.len() * parts.len();
    if total > MAX_SIZE {
        return Err(too_long());
    }
    Ok(Value::from(parts.join(&*separator)))
}

/// An empty `old` matches before every character and at the end.
fn replace(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 3)?;
    let (text, old, new) = (text(args, 0)?, text(args, 1)?, text(args, 2)?);
    let count = text.matches(&*old).count();
    if text.len().saturating_add(count.saturating_mul(new.len())) > MAX_SIZE {
        return Err(too_long());
    }
    Ok(Value::from(text.replace(&*old, &new)))
}

/// An empty separator splits into characters.
fn split(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 2)?;
    let (text, separator) = (text(args, 0)?, text(args, 1)?);
    let parts = match &*separator {
        "" => text.chars().map(|c| Value::string(c.encode_utf8(&mut [0; 4]))).collect(),
        separator => text.split(separator).map(Value::from).collect(),
    };
    Ok(Value::array(parts))
}

fn to_lower(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 1)?;
    Ok(Value::from(case::to_lower(&text(args, 0)?)))
}

fn to_upper(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 1)?;
    Ok(Value::from(case::to_upper(&text(args, 0)?)))
}

fn trim(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 2)?;
    let (text, characters) = (text(args, 0)?, text(args, 1)?);
    Ok(Value::from(text.trim_matches(|c| characters.contains(c))))
}

fn trim_prefix(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 2)?;
    let (text, prefix) = (text(args, 0)?, text(args, 1)?);
    Ok(Value::from(text.strip_prefix(&*prefix).unwrap_or(&text)))
}

fn trim_space(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 1)?;
    Ok(Value::from(text(args, 0)?.trim()))
}

fn trim_suffix(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 2)?;
    let (text, suffix) = (text(args, 0)?, text(args, 1)?);
    Ok(Value::from(text.strip_suffix(&*suffix).unwrap_or(&text)))
}

fn too_long() -> CallError {
    whole(format!("the result would be longer than {MAX_SIZE} bytes"))
}
