//! Functions of JSON.

use super::args::{Args, Result};
use crate::process::json;
use crate::process::template::parser::Call;
use crate::process::template::value::Val;
use serde_json::Value;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("toJson", |args| Ok(Val::text(write(Args::of(args, 1)?.any(0), true)))),
    ("mustToJson", |args| Ok(Val::text(write(Args::of(args, 1)?.any(0), true)))),
    ("toRawJson", |args| Ok(Val::text(write(Args::of(args, 1)?.any(0), false)))),
    ("mustToRawJson", |args| Ok(Val::text(write(Args::of(args, 1)?.any(0), false)))),
    ("toPrettyJson", pretty),
    ("mustToPrettyJson", pretty),
    ("fromJson", |args| Ok(read(Args::of(args, 1)?.text(0)?).unwrap_or(Val::Nil))),
    ("mustFromJson", |args| read(Args::of(args, 1)?.text(0)?)),
];

fn tree(value: &Val) -> Value {
    match value {
        Val::Bool(flag) => Value::Bool(*flag),
        Val::Int(n) | Val::Int64(n) => Value::from(*n),
        Val::Float(n) => Value::from(*n),
        Val::Str(text) => Value::from(&**text),
        Val::List(items, _) => Value::Array(items.iter().map(tree).collect()),
        Val::Map(members, _) => Value::Object(members.borrow().iter().map(|(key, member)| (key.clone(), tree(member))).collect()),
        Val::Version(_) | Val::Time(_) => Value::from(value.printed()),
        Val::Nil | Val::Root => Value::Null,
    }
}

fn write(value: &Val, html: bool) -> String {
    let mut out = String::new();
    json::write_tree(&mut out, &tree(value), html, true);
    out
}

/// With two blanks for each level.
fn pretty(args: &[Val]) -> Result<Val> {
    let mut out = String::new();
    indented(&mut out, &tree(Args::of(args, 1)?.any(0)), 0);
    Ok(Val::text(out))
}

fn indented(out: &mut String, value: &Value, level: usize) {
    let line = |out: &mut String, level: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(level));
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            for (i, item) in items.iter().enumerate() {
                out.push(if i == 0 { '[' } else { ',' });
                line(out, level + 1);
                indented(out, item, level + 1);
            }
            line(out, level);
            out.push(']');
        }
        Value::Object(members) if !members.is_empty() => {
            for (i, (key, member)) in members.iter().enumerate() {
                out.push(if i == 0 { '{' } else { ',' });
                line(out, level + 1);
                json::write_string(out, key, true);
                out.push_str(": ");
                indented(out, member, level + 1);
            }
            line(out, level);
            out.push('}');
        }
        other => json::write_tree(out, other, true, true),
    }
}

fn read(text: &str) -> Result<Val> {
    serde_json::from_str(text).map(|value| val(&value)).map_err(|error| format!("the text is not JSON: {error}"))
}

fn val(value: &Value) -> Val {
    match value {
        Value::Null => Val::Nil,
        Value::Bool(flag) => Val::Bool(*flag),
        Value::Number(number) => Val::Float(number.as_f64().unwrap_or(0.0)),
        Value::String(text) => Val::text(text.as_str()),
        Value::Array(items) => Val::list(items.iter().map(val).collect()),
        Value::Object(members) => Val::map(members.iter().map(|(key, member)| (key.clone(), val(member))).collect()),
    }
}
