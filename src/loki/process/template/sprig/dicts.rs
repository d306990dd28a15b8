//! Functions of maps.

use super::args::{Args, Result, strval};
use crate::process::template::parser::Call;
use crate::process::template::value::{Members, Val};
use std::collections::BTreeMap;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("dict", dict),
    ("get", get),
    ("set", set),
    ("unset", unset),
    ("hasKey", |args| Ok(Val::Bool(Args::of(args, 2)?.dict(0)?.borrow().contains_key(Args(args).text(1)?)))),
    ("pluck", pluck),
    ("keys", keys),
    ("values", |args| Ok(Val::list(Args::of(args, 1)?.dict(0)?.borrow().values().cloned().collect()))),
    ("pick", |args| chosen(args, true)),
    ("omit", |args| chosen(args, false)),
    ("merge", |args| merge(args, false)),
    ("mustMerge", |args| merge(args, false)),
    ("mergeOverwrite", |args| merge(args, true)),
    ("mustMergeOverwrite", |args| merge(args, true)),
    ("dig", dig),
    ("deepCopy", copy),
    ("mustDeepCopy", copy),
];

fn dict(args: &[Val]) -> Result<Val> {
    let pair = |pair: &[Val]| (strval(&pair[0]), pair.get(1).cloned().unwrap_or_else(|| Val::text("")));
    Ok(Val::map(args.chunks(2).map(pair).collect()))
}

fn get(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    Ok(args.dict(0)?.borrow().get(args.text(1)?).cloned().unwrap_or_else(|| Val::text("")))
}

fn set(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 3)?;
    let dict = args.dict(0)?;
    if matches!(args.any(0), Val::Nil) {
        return Err("nothing can have no members".to_owned());
    }
    // A map inside of itself could not be printed.
    if let Val::Map(inner, _) = args.any(2)
        && holds(inner, &dict)
    {
        return Err("a map cannot be put into itself".to_owned());
    }
    dict.borrow_mut().insert(args.text(1)?.to_owned(), args.any(2).clone());
    Ok(args.any(0).clone())
}

/// True when `outer` is `inner` or has it somewhere inside.
fn holds(outer: &Members, inner: &Members) -> bool {
    fn within(value: &Val, inner: &Members) -> bool {
        match value {
            Val::Map(members, _) => holds(members, inner),
            Val::List(items, _) => items.iter().any(|item| within(item, inner)),
            _ => false,
        }
    }
    std::rc::Rc::ptr_eq(outer, inner) || outer.borrow().values().any(|value| within(value, inner))
}

fn unset(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    args.dict(0)?.borrow_mut().remove(args.text(1)?);
    Ok(args.any(0).clone())
}

fn pluck(args: &[Val]) -> Result<Val> {
    let args = Args::least(args, 1)?;
    let name = args.text(0)?;
    let mut out = Vec::new();
    for i in 1..args.0.len() {
        out.extend(args.dict(i)?.borrow().get(name).cloned());
    }
    Ok(Val::list(out))
}

fn keys(args: &[Val]) -> Result<Val> {
    let mut out = Vec::new();
    for i in 0..args.len() {
        out.extend(Args(args).dict(i)?.borrow().keys().cloned());
    }
    Ok(Val::texts(out))
}

fn chosen(args: &[Val], wanted: bool) -> Result<Val> {
    let args = Args::least(args, 1)?;
    let names = args.texts_from(1)?;
    let dict = args.dict(0)?;
    Ok(Val::map(
        dict.borrow()
            .iter()
            .filter(|(key, _)| names.contains(&key.as_str()) == wanted)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    ))
}

/// Puts the members of the others into the first; maps in maps are merged, too.
fn merge(args: &[Val], overwrite: bool) -> Result<Val> {
    let args = Args::least(args, 1)?;
    let target = args.dict(0)?;
    for i in 1..args.0.len() {
        let source = args.dict(i)?;
        if std::rc::Rc::ptr_eq(&target, &source) {
            continue;
        }
        let copy = deep_copy(args.any(i));
        if let Val::Map(source, _) = copy {
            merge_into(&target, &source.take(), overwrite);
        }
    }
    Ok(Val::Map(target, false))
}

fn merge_into(target: &Members, source: &BTreeMap<String, Val>, overwrite: bool) {
    for (key, value) in source {
        let old = target.borrow().get(key).cloned();
        match (old, value) {
            (Some(Val::Map(inner, _)), Val::Map(source, _)) => merge_into(&inner, &source.borrow(), overwrite),
            (Some(old), _) if !super::args::is_empty(&old) && (!overwrite || super::args::is_empty(value)) => {}
            _ => _ = target.borrow_mut().insert(key.clone(), value.clone()),
        }
    }
}

fn dig(args: &[Val]) -> Result<Val> {
    let args = Args::least(args, 3)?;
    let last = args.0.len() - 1;
    let mut value = args.any(last).clone();
    for i in 0..last - 1 {
        let Val::Map(members, _) = &value else { return Err("dig goes into maps only".to_owned()) };
        let next = members.borrow().get(args.text(i)?).cloned();
        match next {
            Some(next) => value = next,
            None => return Ok(args.any(last - 1).clone()),
        }
    }
    Ok(value)
}

fn copy(args: &[Val]) -> Result<Val> {
    match Args::of(args, 1)?.any(0) {
        Val::Nil => Err("nothing cannot be copied".to_owned()),
        value => Ok(deep_copy(value)),
    }
}

fn deep_copy(value: &Val) -> Val {
    match value {
        Val::List(items, of) => Val::List(std::rc::Rc::new(items.iter().map(deep_copy).collect()), *of),
        Val::Map(members, text) => {
            let copy: BTreeMap<String, Val> = members.borrow().iter().map(|(key, value)| (key.clone(), deep_copy(value))).collect();
            Val::Map(std::rc::Rc::new(copy.into()), *text)
        }
        other => other.clone(),
    }
}
