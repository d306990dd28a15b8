//! Operators.

use super::access::describe;
use super::{EvalError, MAX_SIZE};
use crate::capsule::Capsule;
use crate::secret::{OptionalSecret, Secret};
use crate::value_model::Value;
use std::cmp::Ordering;
use std::sync::Arc;
use syntax::ast::{BinaryOp, UnaryOp};
use syntax::{Source, Span};

/// An operand and its place; `None` where it is not known yet.
type Side<'v> = (Span, Option<&'v Value>);

/// `-x` and `!x`.
pub(super) fn unary(source: &Arc<Source>, op: UnaryOp, span: Span, value: &Value) -> Result<Value, EvalError> {
    match (op, value) {
        (UnaryOp::Not, Value::Bool(value)) => Ok(Value::Bool(!value)),
        (UnaryOp::Neg, Value::Number(number)) => Ok(Value::Number(number.neg())),
        (UnaryOp::Not, _) => Err(wrong(source, span, "`!` needs a bool", value)),
        (UnaryOp::Neg, _) => Err(wrong(source, span, "`-` needs a number", value)),
    }
}

/// `a + b` and so on. `None` when a side is not known yet and nothing is wrong with the other.
pub(super) fn binary(source: &Arc<Source>, op: BinaryOp, left: Side<'_>, right: Side<'_>) -> Result<Option<Value>, EvalError> {
    let (Some(a), Some(b)) = (left.1, right.1) else {
        for (span, value) in [left, right] {
            if let Some(value) = value.filter(|value| !accepts(op, value) && !matches!(value, Value::Capsule(_))) {
                return Err(wrong(source, span, &needs(op), value));
            }
        }
        return Ok(None);
    };
    let (a, b) = unwrap_capsules(a, b);
    match op {
        BinaryOp::Eq => return Ok(Some(Value::Bool(equal(&a, &b)))),
        BinaryOp::Ne => return Ok(Some(Value::Bool(!equal(&a, &b)))),
        _ => {}
    }
    for (span, value) in [(left.0, &a), (right.0, &b)] {
        if !accepts(op, value) {
            return Err(wrong(source, span, &needs(op), value));
        }
    }
    if a.type_name() != b.type_name() {
        return Err(mismatch(source, right.0, op, &a, &b));
    }
    let value = match (&a, &b) {
        (Value::Bool(a), Value::Bool(b)) => Value::Bool(if op == BinaryOp::Or { *a || *b } else { *a && *b }),
        (Value::String(a), Value::String(b)) => match op {
            BinaryOp::Add => Value::String(concat(source, right.0, a, b)?),
            _ => Value::Bool(holds(op, Some(a.cmp(b)))),
        },
        (Value::Number(a), Value::Number(b)) => match arithmetic(op, *a, *b) {
            Some(number) => Value::Number(number),
            None if matches!(op, BinaryOp::Div | BinaryOp::Mod) => {
                return Err(EvalError::at("eval/divide-by-zero", source, right.0, "division by zero"));
            }
            None => Value::Bool(holds(op, a.order(*b))),
        },
        (Value::Capsule(a), Value::Capsule(b)) => add_capsules(source, (left.0, a), (right.0, b))?,
        _ => return Err(wrong(source, right.0, &needs(op), &b)),
    };
    Ok(Some(value))
}

fn arithmetic(op: BinaryOp, a: crate::Number, b: crate::Number) -> Option<crate::Number> {
    match op {
        BinaryOp::Add => Some(a.add(b)),
        BinaryOp::Sub => Some(a.sub(b)),
        BinaryOp::Mul => Some(a.mul(b)),
        BinaryOp::Div => a.div(b),
        BinaryOp::Mod => a.rem(b),
        BinaryOp::Pow => Some(a.pow(b)),
        _ => None,
    }
}

fn holds(op: BinaryOp, order: Option<Ordering>) -> bool {
    match op {
        BinaryOp::Lt => order == Some(Ordering::Less),
        BinaryOp::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        BinaryOp::Gt => order == Some(Ordering::Greater),
        BinaryOp::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        _ => false,
    }
}

/// Whether the operator takes values of this type at all.
fn accepts(op: BinaryOp, value: &Value) -> bool {
    match op {
        BinaryOp::Eq | BinaryOp::Ne => true,
        BinaryOp::Or | BinaryOp::And => matches!(value, Value::Bool(_)),
        BinaryOp::Add => matches!(value, Value::Number(_) | Value::String(_) | Value::Capsule(_)),
        BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => matches!(value, Value::Number(_) | Value::String(_)),
        BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod | BinaryOp::Pow => matches!(value, Value::Number(_)),
    }
}

fn needs(op: BinaryOp) -> String {
    let what = match op {
        BinaryOp::Or | BinaryOp::And => "bools",
        BinaryOp::Add => "numbers, strings or secrets",
        BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => "numbers or strings",
        _ => "numbers",
    };
    format!("`{}` needs {what}", op.text())
}

fn wrong(source: &Arc<Source>, span: Span, needs: &str, value: &Value) -> EvalError {
    EvalError::at("eval/operand", source, span, format!("{needs}, this is {}", describe(value)))
}

fn mismatch(source: &Arc<Source>, span: Span, op: BinaryOp, left: &Value, right: &Value) -> EvalError {
    let message =
        format!("`{}` needs the same type on both sides: on the left is {}, this is {}", op.text(), describe(left), describe(right));
    let texts = op == BinaryOp::Add && [left, right].iter().all(|v| matches!(v, Value::String(_) | Value::Number(_)));
    let hint = texts.then_some("`string.format(\"%s%v\", text, number)` joins text and numbers");
    EvalError::at("eval/operand", source, span, message).hint(hint)
}

fn concat(source: &Arc<Source>, span: Span, a: &str, b: &str) -> Result<Arc<str>, EvalError> {
    if a.len() + b.len() > MAX_SIZE {
        return Err(EvalError::at("eval/too-large", source, span, format!("a string cannot be longer than {MAX_SIZE} bytes")));
    }
    Ok(Arc::from([a, b].concat()))
}

/// A capsule that holds text.
enum Hidden<'v> {
    Secret(&'v Secret),
    Optional(&'v OptionalSecret),
}

fn hidden(value: &Value) -> Option<Hidden<'_>> {
    let Value::Capsule(capsule) = value else { return None };
    let secret = capsule.downcast_ref::<Secret>().map(Hidden::Secret);
    secret.or_else(|| capsule.downcast_ref::<OptionalSecret>().map(Hidden::Optional))
}

fn secret(text: &str) -> Value {
    Value::Capsule(Capsule::from(Secret::new(text)))
}

/// Brings text that may be secret and what it meets to one type. Secrecy spreads; text that is not secret becomes a
/// plain string next to a string.
fn unwrap_capsules(a: &Value, b: &Value) -> (Value, Value) {
    let shared = |text: &str| Value::Capsule(Capsule::from(OptionalSecret::secret(text)));
    match ((a, hidden(a)), (b, hidden(b))) {
        ((_, Some(Hidden::Optional(x))), (_, Some(Hidden::Secret(_)))) => (secret(x.expose()), b.clone()),
        ((_, Some(Hidden::Secret(_))), (_, Some(Hidden::Optional(y)))) => (a.clone(), secret(y.expose())),
        ((_, Some(Hidden::Secret(_))), (Value::String(y), _)) => (a.clone(), secret(y)),
        ((Value::String(x), _), (_, Some(Hidden::Secret(_)))) => (secret(x), b.clone()),
        ((_, Some(Hidden::Optional(x))), (Value::String(y), _)) => match x.is_secret {
            true => (a.clone(), shared(y)),
            false => (Value::string(x.expose()), b.clone()),
        },
        ((Value::String(x), _), (_, Some(Hidden::Optional(y)))) => match y.is_secret {
            true => (shared(x), b.clone()),
            false => (a.clone(), Value::string(y.expose())),
        },
        _ => (a.clone(), b.clone()),
    }
}

fn add_capsules(source: &Arc<Source>, left: (Span, &Capsule), right: (Span, &Capsule)) -> Result<Value, EvalError> {
    let (a, b) = (Value::Capsule(left.1.clone()), Value::Capsule(right.1.clone()));
    let capsule = match (hidden(&a), hidden(&b)) {
        (Some(Hidden::Secret(x)), Some(Hidden::Secret(y))) => Capsule::from(Secret::new(concat(source, right.0, x.expose(), y.expose())?)),
        (Some(Hidden::Optional(x)), Some(Hidden::Optional(y))) => {
            let text = concat(source, right.0, x.expose(), y.expose())?;
            let both = if x.is_secret || y.is_secret { OptionalSecret::secret(text) } else { OptionalSecret::plain(text) };
            Capsule::from(both)
        }
        (None, _) => return Err(wrong(source, left.0, &needs(BinaryOp::Add), &a)),
        _ => return Err(wrong(source, right.0, &needs(BinaryOp::Add), &b)),
    };
    Ok(Value::Capsule(capsule))
}

/// `a == b`: types must agree, numbers compare in the kind that holds both, functions equal nothing.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a.order(*b) == Some(Ordering::Equal),
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|((k, a), (l, b))| k == l && equal(a, b)),
        (Value::Capsule(a), Value::Capsule(b)) => a == b,
        _ => false,
    }
}
