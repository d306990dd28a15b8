//! The functions of `text/template` itself.

use super::parser::Call;
use super::value::Val;
use super::{compare, printing};

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("eq", compare::eq),
    ("ne", compare::ne),
    ("lt", compare::lt),
    ("le", compare::le),
    ("gt", compare::gt),
    ("ge", compare::ge),
    ("not", not),
    ("len", len),
    ("index", index),
    ("print", printing::print),
    ("printf", printing::printf),
    ("println", printing::println),
    ("html", printing::html),
    ("js", printing::js),
    ("urlquery", printing::urlquery),
];

fn not(args: &[Val]) -> Result<Val, String> {
    match args {
        [value] => Ok(Val::Bool(!value.is_true())),
        _ => Err("needs one argument".to_owned()),
    }
}

fn len(args: &[Val]) -> Result<Val, String> {
    let length = match args {
        [Val::Str(text)] => text.len(),
        [Val::List(items, _)] => items.len(),
        [Val::Map(members, _)] => members.borrow().len(),
        [Val::Nil] => return Err("nothing has no length".to_owned()),
        [other] => return Err(format!("a value of type {} has no length", other.type_name())),
        _ => return Err("needs one argument".to_owned()),
    };
    Ok(Val::Int(length as i64))
}

fn index(args: &[Val]) -> Result<Val, String> {
    let (first, rest) = args.split_first().ok_or("needs a value")?;
    if matches!(first, Val::Nil) {
        return Err("nothing has no elements".to_owned());
    }
    let mut value = first.clone();
    for at in rest {
        value = element(&value, at)?;
    }
    Ok(value)
}

fn element(value: &Val, at: &Val) -> Result<Val, String> {
    let position = || match at {
        Val::Int(n) | Val::Int64(n) => usize::try_from(*n).map_err(|_| format!("index out of range: {n}")),
        Val::Nil => Err("the index is nil".to_owned()),
        other => Err(format!("an index cannot be of type {}", other.type_name())),
    };
    match value {
        Val::List(items, _) => {
            let at = position()?;
            items.get(at).cloned().ok_or_else(|| format!("index out of range: {at}"))
        }
        Val::Str(text) => {
            let at = position()?;
            text.as_bytes().get(at).map(|byte| Val::Int(i64::from(*byte))).ok_or_else(|| format!("index out of range: {at}"))
        }
        Val::Map(members, _) => match at {
            Val::Str(key) => Ok(members.borrow().get(&**key).cloned().unwrap_or(Val::Nil)),
            other => Err(format!("the key cannot be of type {}", other.type_name())),
        },
        Val::Nil => Err("nothing has no elements".to_owned()),
        other => Err(format!("a value of type {} has no elements", other.type_name())),
    }
}
