//! Comparisons of templates.

use super::value::Val;
use std::cmp::Ordering;

/// The kinds that can be compared with each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basic {
    Bool,
    Int,
    Float,
    Text,
}

fn basic(value: &Val) -> Option<Basic> {
    match value {
        Val::Bool(_) => Some(Basic::Bool),
        Val::Int(_) | Val::Int64(_) => Some(Basic::Int),
        Val::Float(_) => Some(Basic::Float),
        Val::Str(_) => Some(Basic::Text),
        _ => None,
    }
}

fn int(value: &Val) -> i64 {
    match value {
        Val::Int(n) | Val::Int64(n) => *n,
        _ => 0,
    }
}

/// Orders two values of one basic kind.
fn order(a: &Val, b: &Val) -> Option<Ordering> {
    match (a, b) {
        (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
        (Val::Float(a), Val::Float(b)) => a.partial_cmp(b),
        (Val::Str(a), Val::Str(b)) => Some(a.cmp(b)),
        _ => Some(int(a).cmp(&int(b))),
    }
}

/// Equal to one of the others.
pub(super) fn eq(args: &[Val]) -> Result<Val, String> {
    let (first, rest) = args.split_first().filter(|(_, rest)| !rest.is_empty()).ok_or("missing argument for comparison")?;
    for other in rest {
        if same(first, other)? {
            return Ok(Val::Bool(true));
        }
    }
    Ok(Val::Bool(false))
}

fn same(a: &Val, b: &Val) -> Result<bool, String> {
    match (basic(a), basic(b)) {
        (Some(x), Some(y)) if x == y => Ok(order(a, b) == Some(Ordering::Equal)),
        _ if matches!(a, Val::Nil) || matches!(b, Val::Nil) => Ok(matches!((a, b), (Val::Nil, Val::Nil))),
        (None, None) if a.kind() == b.kind() => Err(format!("non-comparable type {}", a.type_name())),
        _ => Err("incompatible types for comparison".to_owned()),
    }
}

pub(super) fn ne(args: &[Val]) -> Result<Val, String> {
    let [a, b] = args else { return Err("needs two arguments".to_owned()) };
    same(a, b).map(|same| Val::Bool(!same))
}

fn ordered(args: &[Val], wanted: fn(Ordering) -> bool) -> Result<Val, String> {
    let [a, b] = args else { return Err("needs two arguments".to_owned()) };
    match (basic(a), basic(b)) {
        (Some(x), Some(y)) if x == y && x != Basic::Bool => Ok(Val::Bool(order(a, b).is_some_and(wanted))),
        (Some(x), Some(y)) if x != y => Err("incompatible types for comparison".to_owned()),
        _ => Err("invalid type for comparison".to_owned()),
    }
}

pub(super) fn lt(args: &[Val]) -> Result<Val, String> {
    ordered(args, Ordering::is_lt)
}
pub(super) fn le(args: &[Val]) -> Result<Val, String> {
    ordered(args, Ordering::is_le)
}
pub(super) fn gt(args: &[Val]) -> Result<Val, String> {
    ordered(args, Ordering::is_gt)
}
pub(super) fn ge(args: &[Val]) -> Result<Val, String> {
    ordered(args, Ordering::is_ge)
}

/// As Go's `reflect.DeepEqual`: types count.
pub(super) fn deep_equal(a: &Val, b: &Val) -> bool {
    match (a, b) {
        (Val::Nil, Val::Nil) => true,
        (Val::Bool(a), Val::Bool(b)) => a == b,
        (Val::Int(a), Val::Int(b)) | (Val::Int64(a), Val::Int64(b)) | (Val::Time(a), Val::Time(b)) => a == b,
        (Val::Float(a), Val::Float(b)) => a == b,
        (Val::Str(a), Val::Str(b)) => a == b,
        (Val::List(a, x), Val::List(b, y)) => x == y && a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| deep_equal(a, b)),
        (Val::Map(a, x), Val::Map(b, y)) => {
            let (a, b) = (a.borrow(), b.borrow());
            x == y && a.len() == b.len() && a.iter().zip(b.iter()).all(|((j, a), (k, b))| j == k && deep_equal(a, b))
        }
        _ => false,
    }
}
