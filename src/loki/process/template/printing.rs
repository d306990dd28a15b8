//! Printing and escaping: `printf`, `print`, `html`, `js`, `urlquery`.

use super::value::Val;
use std::fmt::Write;
use value::Value;

/// A value of the configuration language, whose formatting is Go's.
fn value(val: &Val) -> Value {
    match val {
        Val::Nil | Val::Root => Value::Null,
        Val::Bool(flag) => Value::Bool(*flag),
        Val::Int(n) | Val::Int64(n) => Value::Number(value::Number::Int(*n)),
        Val::Float(n) => Value::Number(value::Number::Float(*n)),
        Val::Str(text) => Value::from(&**text),
        Val::List(items, _) => Value::array(items.iter().map(value).collect()),
        Val::Map(members, _) => {
            Value::object(members.borrow().iter().map(|(key, member)| (key.clone(), value(member))).collect::<Vec<_>>())
        }
        other => Value::from(other.printed()),
    }
}

/// Formats as Go's `Sprintf`.
pub(super) fn sprintf(pattern: &str, args: &[Val]) -> Result<String, String> {
    let format = value::functions::find("string.format").ok_or("formatting is not available")?;
    let mut values = vec![Value::from(pattern)];
    values.extend(args.iter().map(value));
    match (format.function.call)(&values) {
        Ok(Value::String(text)) => Ok(text.to_string()),
        _ => Err("the result is too long".to_owned()),
    }
}

pub(super) fn printf(args: &[Val]) -> Result<Val, String> {
    match args.split_first() {
        Some((Val::Str(pattern), args)) => sprintf(pattern, args).map(Val::text),
        _ => Err("needs a format".to_owned()),
    }
}

/// A blank stands between two values of which none is text.
pub(super) fn print(args: &[Val]) -> Result<Val, String> {
    let mut out = String::new();
    let mut after_text = true;
    for arg in args {
        let is_text = matches!(arg, Val::Str(_));
        if !is_text && !after_text {
            out.push(' ');
        }
        arg.print(&mut out);
        after_text = is_text;
    }
    Ok(Val::text(out))
}

pub(super) fn println(args: &[Val]) -> Result<Val, String> {
    let texts: Vec<String> = args.iter().map(Val::printed).collect();
    Ok(Val::text(format!("{}\n", texts.join(" "))))
}

/// What functions that escape work on. Nothing is a text there, as it is when it is printed by itself.
fn joined(args: &[Val]) -> String {
    let shown: Vec<Val> = args.iter().map(|arg| if matches!(arg, Val::Nil) { Val::text("<no value>") } else { arg.clone() }).collect();
    match print(&shown) {
        Ok(Val::Str(text)) => text.to_string(),
        _ => String::new(),
    }
}

pub(super) fn html(args: &[Val]) -> Result<Val, String> {
    let mut out = String::new();
    for c in joined(args).chars() {
        match c {
            '\0' => out.push('\u{fffd}'),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    Ok(Val::text(out))
}

pub(super) fn js(args: &[Val]) -> Result<Val, String> {
    let mut out = String::new();
    for c in joined(args).chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '<' => out.push_str("\\u003C"),
            '>' => out.push_str("\\u003E"),
            '&' => out.push_str("\\u0026"),
            '=' => out.push_str("\\u003D"),
            c if u32::from(c) < 0x20 => _ = write!(out, "\\u{:04X}", u32::from(c)),
            c if c.is_ascii() || !c.is_control() => out.push(c),
            c => _ = write!(out, "\\u{:04X}", u32::from(c)),
        }
    }
    Ok(Val::text(out))
}

pub(super) fn urlquery(args: &[Val]) -> Result<Val, String> {
    let mut out = String::new();
    for byte in joined(args).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            byte => _ = write!(out, "%{byte:02X}"),
        }
    }
    Ok(Val::text(out))
}
