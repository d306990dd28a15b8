//! `array`: lists.

use super::args::{arity, array, boolean, mismatch, whole, wrong};
use super::{Entry, entry};
use crate::number::Number;
use crate::value_model::{CallError, Object, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Elements that a result may have: a join of long lists grows with their product.
const MAX_ELEMENTS: usize = 1_000_000;

pub(super) const FUNCTIONS: &[Entry] = &[
    entry("array.combine_maps", "array.combine_maps(left, right, keys, [passthrough])", combine_maps),
    entry("array.concat", "array.concat(array, …)", concat),
    entry("array.group_by", "array.group_by(objects, key, drop_missing)", group_by),
];

fn concat(args: &[Value]) -> Result<Value, CallError> {
    let arrays = (0..args.len()).map(|i| array(args, i)).collect::<Result<Vec<_>, _>>()?;
    if arrays.iter().map(|items| items.len()).sum::<usize>() > MAX_ELEMENTS {
        return Err(too_many());
    }
    Ok(match args {
        [one] => one.clone(),
        _ => Value::array(arrays.into_iter().flat_map(|items| items.iter().cloned()).collect()),
    })
}

/// Joins each object on the left with each on the right that has the same values under all keys.
fn combine_maps(args: &[Value]) -> Result<Value, CallError> {
    if !matches!(args.len(), 3 | 4) {
        return Err(whole(format!("expected 3 or 4 arguments, got {}", args.len())));
    }
    let (left, right) = (objects(args, 0)?, objects(args, 1)?);
    let keys = array(args, 2)?;
    if keys.is_empty() {
        return Err(wrong(2, "there must be at least one key to join by"));
    }
    let passthrough = args.len() == 4 && boolean(args, 3)?;
    let mut combined = Vec::new();
    for l in &left {
        for r in &right {
            if matches(l, r, keys)? {
                let mut members = Object::clone(l);
                members.extend(r.iter().map(|(key, value)| (Arc::clone(key), value.clone())));
                combined.push(Value::Object(Arc::new(members)));
            } else if passthrough {
                combined.push(Value::Object(Arc::clone(l)));
            }
            if combined.len() > MAX_ELEMENTS {
                return Err(too_many());
            }
        }
    }
    Ok(Value::array(combined))
}

fn objects(args: &[Value], i: usize) -> Result<Vec<Arc<Object>>, CallError> {
    let object = |item: &Value| match item {
        Value::Object(members) => Ok(Arc::clone(members)),
        other => Err(mismatch(i, "an array of objects", other)),
    };
    array(args, i)?.iter().map(object).collect()
}

/// A key that no pair of objects gets to may be anything, as in the original.
fn matches(left: &Object, right: &Object, keys: &[Value]) -> Result<bool, CallError> {
    for key in keys {
        let Value::String(key) = key else { return Err(mismatch(2, "an array of strings", key)) };
        match (left.get(key), right.get(key)) {
            (Some(a), Some(b)) if same(a, b) => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// Stricter than `==`: a whole number and a fraction are never the same.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(Number::Float(a)), Value::Number(Number::Float(b))) => a == b,
        (Value::Number(Number::Float(_)), _) | (_, Value::Number(Number::Float(_))) => false,
        (a, b) => a == b,
    }
}

/// Groups in the order of the key's values; objects without the key go to the group of the empty string, or nowhere.
fn group_by(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 3)?;
    array(args, 0)?;
    let Value::String(key) = &args[1] else { return Err(mismatch(1, "a string", &args[1])) };
    let drop_missing = boolean(args, 2)?;
    let mut groups: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for object in objects(args, 0)? {
        let name = match object.get(key) {
            None if drop_missing => continue,
            None => Arc::from(""),
            Some(Value::String(text)) => Arc::clone(text),
            Some(other) => return Err(mismatch(0, &format!("objects with a string under `{key}`"), other)),
        };
        groups.entry(name).or_default().push(Value::Object(object));
    }
    let group = |(name, items)| Value::object([(&**key, Value::String(name)), ("items", Value::array(items))]);
    Ok(Value::array(groups.into_iter().map(group).collect()))
}

fn too_many() -> CallError {
    whole(format!("the result would have more than {MAX_ELEMENTS} elements"))
}
