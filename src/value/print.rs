//! Values as configuration text, laid out as `fmt` would.

use crate::capsule::Capsule;
use crate::secret::{OptionalSecret, Secret};
use crate::text::quote;
use crate::value_model::{Object, Value};
use std::fmt::Write as _;

/// The value in configuration syntax: arrays on one line, objects with one aligned member per line.
///
/// Secrets show as `(secret)`, functions as `function`, other capsules as `capsule("kind")`.
pub fn to_text(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value, 0);
    out
}

/// What stands for a capsule in configuration text.
pub(crate) fn capsule_text(capsule: &Capsule) -> String {
    if capsule.downcast_ref::<Secret>().is_some() {
        return "(secret)".into();
    }
    match capsule.downcast_ref::<OptionalSecret>() {
        Some(secret) if secret.is_secret => "(secret)".into(),
        Some(plain) => quote(plain.expose()),
        None => format!("capsule({})", quote(capsule.kind())),
    }
}

fn write_value(out: &mut String, value: &Value, depth: usize) {
    // Writing to a string cannot fail.
    let _ = match value {
        Value::Null => out.write_str("null"),
        Value::Bool(value) => write!(out, "{value}"),
        Value::Number(number) => write!(out, "{number}"),
        Value::String(text) => out.write_str(&quote(text)),
        Value::Function(_) => out.write_str("function"),
        Value::Capsule(capsule) => out.write_str(&capsule_text(capsule)),
        Value::Array(items) => {
            write_array(out, items, depth);
            Ok(())
        }
        Value::Object(members) => {
            write_object(out, members, depth);
            Ok(())
        }
    };
}

fn write_array(out: &mut String, items: &[Value], depth: usize) {
    out.push('[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write_value(out, item, depth);
    }
    out.push(']');
}

/// The equal signs of a run of members line up; a value of several lines ends its run.
fn write_object(out: &mut String, members: &Object, depth: usize) {
    if members.is_empty() {
        out.push_str("{}");
        return;
    }
    out.push_str("{\n");
    let rows: Vec<(String, &Value)> = members.iter().map(|(name, value)| (key_text(name), value)).collect();
    for run in rows.chunk_by(|(_, value), _| !spans_lines(value)) {
        let width = run.iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
        for (key, value) in run {
            indent(out, depth + 1);
            out.push_str(key);
            out.extend(std::iter::repeat_n(' ', width - key.chars().count()));
            out.push_str(" = ");
            write_value(out, value, depth + 1);
            out.push_str(",\n");
        }
    }
    indent(out, depth);
    out.push('}');
}

fn key_text(name: &str) -> String {
    if syntax::is_identifier(name) {
        return name.to_owned();
    }
    // Keys in quotes are not unescaped when they are read, and are escaped again when they are written.
    let quoted = quote(name);
    quote(&quoted[1..quoted.len() - 1])
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n('\t', depth));
}

/// Whether the value is written over several lines. An empty object counts: the original breaks its line before it
/// decides how to align.
fn spans_lines(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(spans_lines),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn layout_of_nested_objects() {
        let inner = Value::object([("x", Value::from(1i64)), ("long name", Value::Null)]);
        let value = Value::object([
            ("a", Value::from(1i64)),
            ("bcd", Value::array(vec![Value::from("s"), inner.clone()])),
            ("e", Value::object(Vec::<(&str, Value)>::new())),
            ("fg", inner),
            ("h", Value::from(true)),
            ("null", Value::from(Capsule::from(Secret::new("hidden")))),
            ("plain", Value::from(Capsule::from(OptionalSecret::plain("shown")))),
        ]);
        expect![[r#"
            {
            	a   = 1,
            	bcd = ["s", {
            		"long name" = null,
            		x           = 1,
            	}],
            	e = {},
            	fg = {
            		"long name" = null,
            		x           = 1,
            	},
            	h      = true,
            	"null" = (secret),
            	plain  = "shown",
            }"#]]
        .assert_eq(&to_text(&value));
    }

    #[test]
    fn keys_have_no_quotes_where_they_are_names() {
        let value = Value::object([("a²", Value::Null), ("é٣", Value::Null), ("٣", Value::Null)]);
        assert_eq!(to_text(&value), "{\n\t\"a²\" = null,\n\té٣   = null,\n\t\"٣\"  = null,\n}");
    }
}
