//! Members, elements and callees.

use super::EvalError;
use super::machine::{Operand, shorten};
use crate::functions;
use crate::value_model::Value;
use std::sync::Arc;
use syntax::ast::{Expr, Ident};
use syntax::suggest;
use syntax::{Source, Span};

/// `base.name`: the object must have the member.
pub(super) fn member(source: &Arc<Source>, base: &Value, span: Span, name: &Ident) -> Result<Value, EvalError> {
    let Value::Object(members) = base else {
        let message = format!("cannot take `.{}` of {}", shorten(&name.text), describe(base));
        let hint = match base {
            Value::Function(function) if matches!(function.name, "env" | "sys.env") => {
                Some(format!("the environment is read with `sys.env(\"{}\")`", shorten(&name.text)))
            }
            Value::Function(function) => functions::signature(function.name).map(|signature| format!("call it: `{signature}`")),
            _ => None,
        };
        return Err(EvalError::at("eval/not-an-object", source, span, message).hint(hint));
    };
    if let Some(value) = members.get(name.text.as_str()) {
        return Ok(value.clone());
    }
    let error = EvalError::at("eval/unknown-member", source, name.span, format!("there is no member `{}`", shorten(&name.text)));
    Err(match suggest(&name.text, members.keys().map(|key| &**key)) {
        Some(best) => error.did_you_mean(name.span, best),
        None => error.hint(Some(format!("write `[\"{}\"]` where a missing member stands for null", shorten(&name.text)))),
    })
}

/// `base[key]`: an array element, or the member of an object, null when it has none of the name.
pub(super) fn index(source: &Arc<Source>, base: (Span, &Value), key: (Span, &Value)) -> Result<Value, EvalError> {
    let wrong_key = |want: &str| {
        let message = format!("this should be a {want}, not {}", describe(key.1));
        EvalError::at("eval/index", source, key.0, message)
    };
    match (base.1, key.1) {
        (Value::Array(items), Value::Number(number)) => {
            let index = number.as_i64();
            let item = usize::try_from(index).ok().and_then(|i| items.get(i));
            item.cloned().ok_or_else(|| {
                let message = format!("there is no element {index} in an array of {}", items.len());
                let hint = (!items.is_empty()).then(|| format!("elements are numbered from 0 to {}", items.len() - 1));
                EvalError::at("eval/index", source, key.0, message).hint(hint)
            })
        }
        (Value::Array(_), _) => Err(wrong_key("number")),
        (Value::Object(members), Value::String(name)) => Ok(members.get(name).cloned().unwrap_or_default()),
        (Value::Object(_), _) => Err(wrong_key("string")),
        (other, _) => {
            let message = format!("only arrays and objects have elements, not {}", describe(other));
            Err(EvalError::at("eval/index", source, base.0, message))
        }
    }
}

/// What stands before the parentheses must be a function, where it is known.
pub(super) fn check_callee(source: &Arc<Source>, callee: &Expr, value: Option<&Operand>) -> Result<(), EvalError> {
    match value {
        Some(Some(value)) if !matches!(value, Value::Function(_)) => {
            let message = format!("only functions can be called, not {}", describe(value));
            Err(EvalError::at("eval/not-a-function", source, callee.span, message))
        }
        _ => Ok(()),
    }
}

/// A value as messages name it.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Array(_) | Value::Object(_) => format!("an {}", value.type_name()),
        Value::Capsule(capsule) => format!("a capsule of {}", capsule.kind()),
        _ => format!("a {}", value.type_name()),
    }
}
