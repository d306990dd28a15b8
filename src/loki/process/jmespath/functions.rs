//! The functions of JMESPath.

use super::eval::{Failed, Result, equal};
use super::parser::Node;
use crate::process::json;
use serde_json::{Map, Number, Value};
use std::cmp::Ordering;
use value::case;

/// The longest text that padding may make.
const LONGEST: usize = 1 << 20;

/// An argument.
pub(super) enum Argument<'n> {
    /// A value.
    Value(Value),
    /// `&expression`
    Reference(&'n Node),
}

/// Names with the types of their arguments: `n`umber, `s`tring, `a`rray, `o`bject, `*` any, `&` expression, `N` and `S`
/// and `A` arrays of numbers, strings, arrays; `|` between alternatives. `?` begins optional ones, `+` repeats the last.
const SIGNATURES: &[(&str, &str)] = &[
    ("abs", "n"),
    ("avg", "N"),
    ("ceil", "n"),
    ("contains", "a|s *"),
    ("ends_with", "s s"),
    ("find_first", "s s ? n n"),
    ("find_last", "s s ? n n"),
    ("floor", "n"),
    ("from_items", "A"),
    ("group_by", "a &"),
    ("items", "o"),
    ("join", "s S"),
    ("keys", "o"),
    ("length", "s|a|o"),
    ("lower", "s"),
    ("map", "& a"),
    ("max", "N|S"),
    ("max_by", "a &"),
    ("merge", "o +"),
    ("min", "N|S"),
    ("min_by", "a &"),
    ("not_null", "* +"),
    ("pad_left", "s n ? s"),
    ("pad_right", "s n ? s"),
    ("replace", "s s s ? n"),
    ("reverse", "a|s"),
    ("sort", "S|N"),
    ("sort_by", "a &"),
    ("split", "s s ? n"),
    ("starts_with", "s s"),
    ("sum", "N"),
    ("to_array", "*"),
    ("to_number", "*"),
    ("to_string", "*"),
    ("trim", "s ? s"),
    ("trim_left", "s ? s"),
    ("trim_right", "s ? s"),
    ("type", "*"),
    ("upper", "s"),
    ("values", "o"),
    ("zip", "a +"),
];

/// Refuses names that are no functions. The original finds out with the first line.
pub(super) fn check_name(name: &str) -> std::result::Result<(), String> {
    if SIGNATURES.iter().any(|(known, _)| *known == name) {
        return Ok(());
    }
    tracing::debug!(name, "a JMESPath expression uses a function that does not exist; it will find nothing");
    Ok(())
}

/// A number, or null when it is none.
pub(super) fn number(n: f64) -> Value {
    Number::from_f64(n).map_or(Value::Null, Value::Number)
}

fn fits(kind: &str, arg: &Argument<'_>) -> bool {
    let all = |check: fn(&Value) -> bool| matches!(arg, Argument::Value(Value::Array(items)) if items.iter().all(check));
    match (kind, arg) {
        ("&", Argument::Reference(_)) => true,
        ("N", _) => all(Value::is_number),
        ("S", _) => all(Value::is_string),
        ("A", _) => all(Value::is_array),
        (kind, Argument::Value(value)) => match kind {
            "*" => true,
            "n" => value.is_number(),
            "s" => value.is_string(),
            "a" => value.is_array(),
            "o" => value.is_object(),
            _ => false,
        },
        _ => false,
    }
}

fn check(signature: &str, args: &[Argument<'_>]) -> Result<()> {
    let mut rest = args.iter();
    let mut optional = false;
    let mut last = "";
    for kind in signature.split(' ') {
        match kind {
            "?" => optional = true,
            "+" => {
                if !rest.by_ref().all(|arg| fits(last, arg)) {
                    return Err(Failed);
                }
            }
            kinds => {
                last = kinds;
                match rest.next() {
                    Some(arg) if kinds.split('|').any(|kind| fits(kind, arg)) => {}
                    None if optional => return Ok(()),
                    _ => return Err(Failed),
                }
            }
        }
    }
    if rest.next().is_none() { Ok(()) } else { Err(Failed) }
}

type Run<'a> = &'a mut dyn FnMut(&Node, &Value) -> Result<Value>;

/// Calls a function; `run` evaluates an expression that is an argument.
pub(super) fn call(name: &str, args: &[Argument<'_>], run: Run<'_>) -> Result<Value> {
    let (_, signature) = SIGNATURES.iter().find(|(known, _)| *known == name).ok_or(Failed)?;
    check(signature, args)?;
    let args = Args(args);
    match name {
        "abs" => Ok(number(args.number(0)?.abs())),
        "ceil" => Ok(number(args.number(0)?.ceil())),
        "floor" => Ok(number(args.number(0)?.floor())),
        "map" | "group_by" | "max_by" | "min_by" | "sort_by" => by_expression(name, args, run),
        "avg" | "sum" | "max" | "min" | "sort" | "zip" | "reverse" | "to_array" | "length" | "contains" => of_lists(name, args),
        "items" | "keys" | "values" | "merge" | "from_items" => of_objects(name, args),
        "not_null" => Ok(args.0.iter().find_map(|arg| arg.value().filter(|value| !value.is_null()).cloned()).unwrap_or(Value::Null)),
        "type" => Ok(Value::from(match args.value(0)? {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        })),
        "to_number" => Ok(match args.value(0)? {
            Value::Number(n) => number(n.as_f64().unwrap_or(0.0)),
            Value::String(text) => text.parse().map_or(Value::Null, number),
            _ => Value::Null,
        }),
        "to_string" => Ok(Value::String(match args.value(0)? {
            Value::String(text) => text.clone(),
            other => {
                let mut out = String::new();
                json::write_tree(&mut out, &sorted(other), true, true);
                out
            }
        })),
        _ => of_texts(name, args),
    }
}

/// The members of objects in the order of their names.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().map(|(key, member)| (key.clone(), sorted(member))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(members.into_iter().collect())
        }
        other => other.clone(),
    }
}

impl<'n> Argument<'n> {
    fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Reference(_) => None,
        }
    }
}

#[derive(Clone, Copy)]
struct Args<'a, 'n>(&'a [Argument<'n>]);

impl<'a, 'n> Args<'a, 'n> {
    fn has(self, i: usize) -> bool {
        i < self.0.len()
    }
    fn value(self, i: usize) -> Result<&'a Value> {
        self.0.get(i).and_then(Argument::value).ok_or(Failed)
    }
    fn number(self, i: usize) -> Result<f64> {
        self.value(i)?.as_f64().ok_or(Failed)
    }
    /// A whole number; `None` when there is no such argument.
    fn whole(self, i: usize) -> Result<Option<i64>> {
        if !self.has(i) {
            return Ok(None);
        }
        let n = self.number(i)?;
        if n.fract() == 0.0 { Ok(Some(n as i64)) } else { Err(Failed) }
    }
    /// As [`Args::whole`], not negative.
    fn count(self, i: usize) -> Result<Option<usize>> {
        self.whole(i)?.map(|n| usize::try_from(n).map_err(|_| Failed)).transpose()
    }
    fn text(self, i: usize) -> Result<&'a str> {
        self.value(i)?.as_str().ok_or(Failed)
    }
    fn list(self, i: usize) -> Result<&'a [Value]> {
        self.value(i)?.as_array().map(Vec::as_slice).ok_or(Failed)
    }
    fn object(self, i: usize) -> Result<&'a Map<String, Value>> {
        self.value(i)?.as_object().ok_or(Failed)
    }
    fn expression(self, i: usize) -> Result<&'n Node> {
        match self.0.get(i) {
            Some(Argument::Reference(node)) => Ok(node),
            _ => Err(Failed),
        }
    }
}

/// Compares two numbers or two texts.
fn compare(a: &Value, b: &Value) -> Result<Ordering> {
    match (a, b) {
        (Value::Number(_), Value::Number(_)) => Ok(a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal)),
        (Value::String(a), Value::String(b)) => Ok(a.cmp(b)),
        _ => Err(Failed),
    }
}

/// The indices of `keys` in ascending order; all of one kind, numbers or texts.
fn order(keys: &[Value]) -> Result<Vec<usize>> {
    if keys.len() > 1 {
        for key in keys {
            compare(&keys[0], key)?;
        }
    }
    let mut indices: Vec<usize> = (0..keys.len()).collect();
    indices.sort_by(|a, b| compare(&keys[*a], &keys[*b]).unwrap_or(Ordering::Equal));
    Ok(indices)
}

/// The index of the first extreme one.
fn extreme(keys: &[Value], wanted: Ordering) -> Result<Option<usize>> {
    if keys.len() < 2 {
        return Ok((!keys.is_empty()).then_some(0));
    }
    let mut best = 0;
    for (i, key) in keys.iter().enumerate() {
        if compare(key, &keys[best])? == wanted {
            best = i;
        }
    }
    Ok(Some(best))
}

fn by_expression(name: &str, args: Args<'_, '_>, run: Run<'_>) -> Result<Value> {
    let (list, node) = if name == "map" { (args.list(1)?, args.expression(0)?) } else { (args.list(0)?, args.expression(1)?) };
    let keys = list.iter().map(|item| run(node, item)).collect::<Result<Vec<_>>>()?;
    Ok(match name {
        "map" => Value::Array(keys),
        "sort_by" => Value::Array(order(&keys)?.into_iter().map(|i| list[i].clone()).collect()),
        "max_by" => extreme(&keys, Ordering::Greater)?.map_or(Value::Null, |i| list[i].clone()),
        "min_by" => extreme(&keys, Ordering::Less)?.map_or(Value::Null, |i| list[i].clone()),
        _ => {
            let mut groups = Map::new();
            for (key, item) in keys.iter().zip(list) {
                let group = groups.entry(key.as_str().ok_or(Failed)?).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(items) = group {
                    items.push(item.clone());
                }
            }
            Value::Object(groups)
        }
    })
}

fn of_lists(name: &str, args: Args<'_, '_>) -> Result<Value> {
    let first = args.value(0)?;
    let list = first.as_array().map(Vec::as_slice).unwrap_or_default();
    let total = || list.iter().filter_map(Value::as_f64).fold(0.0, |sum, n| sum + n);
    Ok(match (name, first) {
        ("sum", _) => number(total()),
        ("avg", _) if list.is_empty() => Value::Null,
        ("avg", _) => number(total() / list.len() as f64),
        ("max", _) => extreme(list, Ordering::Greater)?.map_or(Value::Null, |i| list[i].clone()),
        ("min", _) => extreme(list, Ordering::Less)?.map_or(Value::Null, |i| list[i].clone()),
        ("sort", _) => Value::Array(order(list)?.into_iter().map(|i| list[i].clone()).collect()),
        ("reverse", Value::String(text)) => Value::String(text.chars().rev().collect()),
        ("reverse", _) => Value::Array(list.iter().rev().cloned().collect()),
        ("to_array", Value::Array(_)) => first.clone(),
        ("to_array", _) => Value::Array(vec![first.clone()]),
        ("length", Value::String(text)) => number(text.chars().count() as f64),
        ("length", Value::Object(members)) => number(members.len() as f64),
        ("length", _) => number(list.len() as f64),
        ("contains", Value::String(text)) => Value::Bool(args.value(1)?.as_str().is_some_and(|part| text.contains(part))),
        ("contains", _) => {
            let wanted = args.value(1)?;
            Value::Bool(list.iter().any(|item| equal(item, wanted)))
        }
        _ => {
            let lists = (0..args.0.len()).map(|i| args.list(i)).collect::<Result<Vec<_>>>()?;
            let shortest = lists.iter().map(|list| list.len()).min().unwrap_or(0);
            Value::Array((0..shortest).map(|i| Value::Array(lists.iter().map(|list| list[i].clone()).collect())).collect())
        }
    })
}

fn of_objects(name: &str, args: Args<'_, '_>) -> Result<Value> {
    Ok(match name {
        "items" => {
            Value::Array(args.object(0)?.iter().map(|(key, member)| Value::Array(vec![Value::from(&**key), member.clone()])).collect())
        }
        "keys" => Value::Array(args.object(0)?.keys().map(|key| Value::from(&**key)).collect()),
        "values" => Value::Array(args.object(0)?.values().cloned().collect()),
        "merge" => {
            let mut all = Map::new();
            for i in 0..args.0.len() {
                all.extend(args.object(i)?.clone());
            }
            Value::Object(all)
        }
        _ => {
            let pair = |item: &Value| match item.as_array().map(Vec::as_slice) {
                Some([Value::String(key), member]) => Ok((key.clone(), member.clone())),
                _ => Err(Failed),
            };
            Value::Object(args.list(0)?.iter().map(pair).collect::<Result<Map<_, _>>>()?)
        }
    })
}

fn of_texts(name: &str, args: Args<'_, '_>) -> Result<Value> {
    if name == "join" {
        let parts: Vec<&str> = args.list(1)?.iter().filter_map(Value::as_str).collect();
        return Ok(Value::String(parts.join(args.text(0)?)));
    }
    let text = args.text(0)?;
    let trimmed = |start: bool, end: bool| -> Result<Value> {
        let set = if args.has(1) { args.text(1)? } else { "" };
        let cut = |c: char| if set.is_empty() { c.is_whitespace() } else { set.contains(c) };
        let text = if start { text.trim_start_matches(cut) } else { text };
        Ok(Value::from(if end { text.trim_end_matches(cut) } else { text }))
    };
    Ok(match name {
        "ends_with" => Value::Bool(text.ends_with(args.text(1)?)),
        "starts_with" => Value::Bool(text.starts_with(args.text(1)?)),
        "find_first" | "find_last" => find(args, name == "find_last")?,
        "lower" => Value::String(case::to_lower(text)),
        "upper" => Value::String(case::to_upper(text)),
        "pad_left" | "pad_right" => pad(args, name == "pad_left")?,
        "replace" => Value::String(match args.count(3)? {
            Some(count) => text.replacen(args.text(1)?, args.text(2)?, count),
            None => text.replace(args.text(1)?, args.text(2)?),
        }),
        "split" => split(args)?,
        "trim" => trimmed(true, true)?,
        "trim_left" => trimmed(true, false)?,
        "trim_right" => trimmed(false, true)?,
        _ => return Err(Failed),
    })
}

fn find(args: Args<'_, '_>, last: bool) -> Result<Value> {
    let (text, part) = (args.text(0)?, args.text(1)?);
    if text.is_empty() || part.is_empty() {
        return Ok(Value::Null);
    }
    let start = usize::try_from(args.whole(2)?.unwrap_or(0).max(0)).map_err(|_| Failed)?;
    let end = match args.whole(3)? {
        Some(end) => usize::try_from(end).map_err(|_| Failed)?.min(text.len()),
        None => text.len(),
    };
    let within = text.get(start..end).ok_or(Failed)?;
    let found = if last { within.rfind(part) } else { within.find(part) };
    Ok(found.map_or(Value::Null, |at| number((start + at) as f64)))
}

fn pad(args: Args<'_, '_>, left: bool) -> Result<Value> {
    let (text, width) = (args.text(0)?, args.count(1)?.ok_or(Failed)?);
    let with = if args.has(2) { args.text(2)? } else { " " };
    if with.len() > 1 || width > LONGEST {
        return Err(Failed);
    }
    let padding = with.repeat(width.saturating_sub(text.len()));
    Ok(Value::String(if left { format!("{padding}{text}") } else { format!("{text}{padding}") }))
}

fn split(args: Args<'_, '_>) -> Result<Value> {
    let (text, separator, count) = (args.text(0)?, args.text(1)?, args.count(2)?);
    if text.is_empty() {
        return Ok(Value::Array(Vec::new()));
    }
    let most = count.map_or(usize::MAX, |n| n.saturating_add(1));
    let parts: Vec<Value> = if separator.is_empty() {
        let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).take(most).collect();
        starts.push(text.len());
        starts.windows(2).map(|pair| Value::from(&text[pair[0]..pair[1]])).collect()
    } else {
        text.splitn(most, separator).map(Value::from).collect()
    };
    Ok(Value::Array(parts))
}
