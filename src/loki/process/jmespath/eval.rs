//! Evaluation of JMESPath.

use super::functions::{self, Argument, number};
use super::parser::Node;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The expression cannot be applied to this value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failed;

pub(super) type Result<T> = std::result::Result<T, Failed>;

/// Variables, the innermost last.
struct Scope<'a> {
    root: &'a Value,
    variables: Vec<(String, Value)>,
}

/// Evaluates `node`.
pub(super) fn search(node: &Node, value: &Value) -> Result<Value> {
    Ok(eval(node, value, &mut Scope { root: value, variables: Vec::new() })?.into_owned())
}

fn eval<'v>(node: &Node, value: &'v Value, scope: &mut Scope<'_>) -> Result<Cow<'v, Value>> {
    let owned = match node {
        Node::Identity => return Ok(Cow::Borrowed(value)),
        Node::Field(name) => return Ok(field(value, name)),
        Node::Index(index) => return Ok(element(value, *index)),
        Node::Sub(left, right) => return then(eval(left, value, scope)?, right, scope),
        Node::Root => scope.root.clone(),
        Node::Literal(value) => value.clone(),
        Node::Variable(name) => scope.variables.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.clone()).ok_or(Failed)?,
        Node::Slice(parts) => slice(value, *parts)?,
        Node::Pipe(left, right) => {
            let left = eval(left, value, scope)?;
            eval(right, &left, scope)?.into_owned()
        }
        Node::Projection(left, right) => projection(left, right, value, scope)?,
        Node::ValueProjection(left, right) => match eval(left, value, scope).as_deref() {
            Ok(Value::Object(members)) => project(members.values(), right, scope)?,
            _ => Value::Null,
        },
        Node::Filter(left, right, condition) => filter(left, right, condition, value, scope)?,
        Node::Flatten(inner) => match eval(inner, value, scope).as_deref() {
            Ok(Value::Array(items)) => Value::Array(
                items.iter().flat_map(|item| item.as_array().map_or(std::slice::from_ref(item), Vec::as_slice)).cloned().collect(),
            ),
            _ => Value::Null,
        },
        Node::Or(left, right) => {
            let left = eval(left, value, scope)?;
            return if is_false(&left) { eval(right, value, scope) } else { Ok(left) };
        }
        Node::And(left, right) => {
            let left = eval(left, value, scope)?;
            return if is_false(&left) { Ok(left) } else { eval(right, value, scope) };
        }
        Node::Not(inner) => Value::Bool(is_false(&*eval(inner, value, scope)?)),
        Node::Sign(negative, inner) => match eval(inner, value, scope)?.as_f64() {
            Some(n) => number(if *negative { -n } else { n }),
            None => Value::Null,
        },
        Node::Binary(sign, left, right) => {
            let left = eval(left, value, scope)?;
            let right = eval(right, value, scope)?;
            binary(sign, &left, &right)
        }
        Node::List(items) => Value::Array(items.iter().map(|item| eval(item, value, scope).map(Cow::into_owned)).collect::<Result<_>>()?),
        Node::Hash(members) => {
            let member = |(key, node): &(String, Node)| Ok((key.clone(), eval(node, value, scope)?.into_owned()));
            Value::Object(members.iter().map(member).collect::<Result<Map<_, _>>>()?)
        }
        Node::Function(name, args) => function(name, args, value, scope)?,
        Node::Reference(_) => return Err(Failed),
        Node::Let(bindings, inner) => {
            let before = scope.variables.len();
            let result = bind(bindings, inner, value, scope);
            scope.variables.truncate(before);
            return result;
        }
    };
    Ok(Cow::Owned(owned))
}

fn bind<'v>(bindings: &[(String, Node)], inner: &Node, value: &'v Value, scope: &mut Scope<'_>) -> Result<Cow<'v, Value>> {
    for (name, node) in bindings {
        let bound = eval(node, value, scope)?.into_owned();
        scope.variables.push((name.clone(), bound));
    }
    eval(inner, value, scope)
}

fn then<'v>(left: Cow<'v, Value>, right: &Node, scope: &mut Scope<'_>) -> Result<Cow<'v, Value>> {
    match left {
        Cow::Borrowed(Value::Null) | Cow::Owned(Value::Null) => Ok(Cow::Owned(Value::Null)),
        Cow::Borrowed(value) => eval(right, value, scope),
        Cow::Owned(value) => Ok(Cow::Owned(eval(right, &value, scope)?.into_owned())),
    }
}

fn field<'v>(value: &'v Value, name: &str) -> Cow<'v, Value> {
    value.as_object().and_then(|members| members.get(name)).map_or(Cow::Owned(Value::Null), Cow::Borrowed)
}

fn element(value: &Value, index: i64) -> Cow<'_, Value> {
    let Value::Array(items) = value else { return Cow::Owned(Value::Null) };
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let index = if index < 0 { index.saturating_add(length) } else { index };
    usize::try_from(index).ok().and_then(|index| items.get(index)).map_or(Cow::Owned(Value::Null), Cow::Borrowed)
}

fn project<'i>(items: impl Iterator<Item = &'i Value>, right: &Node, scope: &mut Scope<'_>) -> Result<Value> {
    let mut out = Vec::new();
    for item in items {
        let value = eval(right, item, scope)?;
        if !value.is_null() {
            out.push(value.into_owned());
        }
    }
    Ok(Value::Array(out))
}

fn projection(left: &Node, right: &Node, value: &Value, scope: &mut Scope<'_>) -> Result<Value> {
    let sliced = matches!(left, Node::Sub(_, inner) if matches!(**inner, Node::Slice(_)));
    match &*eval(left, value, scope)? {
        Value::Array(items) => project(items.iter(), right, scope),
        // A slice of a text is a text, not a list.
        text @ Value::String(_) if sliced => Ok(eval(right, text, scope)?.into_owned()),
        _ => Ok(Value::Null),
    }
}

fn filter(left: &Node, right: &Node, condition: &Node, value: &Value, scope: &mut Scope<'_>) -> Result<Value> {
    let Ok(left) = eval(left, value, scope) else { return Ok(Value::Null) };
    let Value::Array(items) = &*left else { return Ok(Value::Null) };
    let mut kept = Vec::new();
    for item in items {
        if !is_false(&*eval(condition, item, scope)?) {
            kept.push(item);
        }
    }
    project(kept.into_iter(), right, scope)
}

/// Empty things, null and false are false; zero is not.
fn is_false(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Number(_) => false,
    }
}

/// Objects are equal whatever the order of their members.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b))),
        (a, b) => a == b,
    }
}

fn binary(sign: &str, left: &Value, right: &Value) -> Value {
    match sign {
        "==" => return Value::Bool(equal(left, right)),
        "!=" => return Value::Bool(!equal(left, right)),
        _ => {}
    }
    let (Some(a), Some(b)) = (left.as_f64(), right.as_f64()) else { return Value::Null };
    match sign {
        "<" => Value::Bool(a < b),
        "<=" => Value::Bool(a <= b),
        ">" => Value::Bool(a > b),
        ">=" => Value::Bool(a >= b),
        "+" => number(a + b),
        "-" => number(a - b),
        "*" | "×" => number(a * b),
        "/" => number(a / b),
        "%" => number(a % b),
        _ => number((a / b).floor()),
    }
}

fn slice(value: &Value, parts: [Option<i64>; 3]) -> Result<Value> {
    match value {
        Value::Array(items) => {
            Ok(Value::Array(indices(items.len(), parts).ok_or(Failed)?.into_iter().filter_map(|i| items.get(i).cloned()).collect()))
        }
        Value::String(text) => {
            let chars: Vec<char> = text.chars().collect();
            let Some(indices) = indices(chars.len(), parts) else { return Ok(Value::Null) };
            Ok(Value::String(indices.into_iter().filter_map(|i| chars.get(i)).collect()))
        }
        _ => Ok(Value::Null),
    }
}

/// The indices of `[start:stop:step]`; `None` for a step of 0.
fn indices(length: usize, [start, stop, step]: [Option<i64>; 3]) -> Option<Vec<usize>> {
    let length = i64::try_from(length).ok()?;
    let step = step.unwrap_or(1);
    if step == 0 {
        return None;
    }
    let cap = |at: i64| match at {
        at if at < 0 => at.saturating_add(length).max(if step < 0 { -1 } else { 0 }),
        at if at >= length => {
            if step < 0 {
                length - 1
            } else {
                length
            }
        }
        at => at,
    };
    let mut at = start.map_or(if step < 0 { length - 1 } else { 0 }, cap);
    let stop = stop.map_or(if step < 0 { -1 } else { length }, cap);
    let mut out = Vec::new();
    while if step > 0 { at < stop } else { at > stop } {
        out.push(usize::try_from(at).ok()?);
        at = at.saturating_add(step);
    }
    Some(out)
}

fn function(name: &str, args: &[Node], value: &Value, scope: &mut Scope<'_>) -> Result<Value> {
    let mut resolved = Vec::with_capacity(args.len());
    for arg in args {
        resolved.push(match arg {
            Node::Reference(inner) => Argument::Reference(inner),
            arg => Argument::Value(eval(arg, value, scope)?.into_owned()),
        });
    }
    functions::call(name, &resolved, &mut |node, value| Ok(eval(node, value, scope)?.into_owned()))
}
