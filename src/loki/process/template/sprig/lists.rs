//! Functions of lists.

use super::args::{Args, Result, is_empty, to_int};
use crate::process::template::compare::deep_equal;
use crate::process::template::parser::Call;
use crate::process::template::value::{Of, Val};
use std::rc::Rc;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("list", |args| Ok(Val::list(args.to_vec()))),
    ("tuple", |args| Ok(Val::list(args.to_vec()))),
    ("append", push),
    ("push", push),
    ("mustAppend", push),
    ("mustPush", push),
    ("prepend", prepend),
    ("mustPrepend", prepend),
    ("first", |args| Ok(Args::of(args, 1)?.list(0)?.first().cloned().unwrap_or(Val::Nil))),
    ("mustFirst", |args| Ok(Args::of(args, 1)?.list(0)?.first().cloned().unwrap_or(Val::Nil))),
    ("last", |args| Ok(Args::of(args, 1)?.list(0)?.last().cloned().unwrap_or(Val::Nil))),
    ("mustLast", |args| Ok(Args::of(args, 1)?.list(0)?.last().cloned().unwrap_or(Val::Nil))),
    ("rest", rest),
    ("mustRest", rest),
    ("initial", initial),
    ("mustInitial", initial),
    ("reverse", reverse),
    ("mustReverse", reverse),
    ("compact", compact),
    ("mustCompact", compact),
    ("uniq", uniq),
    ("mustUniq", uniq),
    ("without", without),
    ("mustWithout", without),
    ("has", has),
    ("mustHas", has),
    ("slice", slice),
    ("mustSlice", slice),
    ("concat", concat),
    ("chunk", chunk),
    ("mustChunk", chunk),
];

fn push(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let mut items = args.list(0)?.to_vec();
    items.push(args.any(1).clone());
    Ok(Val::list(items))
}

fn prepend(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let mut items = vec![args.any(1).clone()];
    items.extend_from_slice(args.list(0)?);
    Ok(Val::list(items))
}

fn rest(args: &[Val]) -> Result<Val> {
    Ok(Val::list(Args::of(args, 1)?.list(0)?.get(1..).unwrap_or_default().to_vec()))
}

fn initial(args: &[Val]) -> Result<Val> {
    let items = Args::of(args, 1)?.list(0)?;
    Ok(Val::list(items[..items.len().saturating_sub(1)].to_vec()))
}

fn reverse(args: &[Val]) -> Result<Val> {
    Ok(Val::list(Args::of(args, 1)?.list(0)?.iter().rev().cloned().collect()))
}

fn compact(args: &[Val]) -> Result<Val> {
    Ok(Val::list(Args::of(args, 1)?.list(0)?.iter().filter(|item| !is_empty(item)).cloned().collect()))
}

fn uniq(args: &[Val]) -> Result<Val> {
    let mut out: Vec<Val> = Vec::new();
    for item in Args::of(args, 1)?.list(0)? {
        if !out.iter().any(|seen| deep_equal(seen, item)) {
            out.push(item.clone());
        }
    }
    Ok(Val::list(out))
}

fn without(args: &[Val]) -> Result<Val> {
    let args = Args::least(args, 1)?;
    let unwanted = &args.0[1..];
    Ok(Val::list(args.list(0)?.iter().filter(|item| !unwanted.iter().any(|other| deep_equal(item, other))).cloned().collect()))
}

/// The element comes first, the list last.
fn has(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    if matches!(args.any(1), Val::Nil) {
        return Ok(Val::Bool(false));
    }
    Ok(Val::Bool(args.list(1)?.iter().any(|item| deep_equal(item, args.any(0)))))
}

fn slice(args: &[Val]) -> Result<Val> {
    let args = Args::least(args, 1)?;
    let Val::List(items, of) = args.any(0) else { return args.list(0).map(|_| Val::Nil) };
    if items.is_empty() {
        return Ok(Val::Nil);
    }
    let at = |i: usize, default: usize| if args.0.len() > i { usize::try_from(to_int(args.any(i))).unwrap_or(usize::MAX) } else { default };
    let (start, end) = (at(1, 0), at(2, items.len()));
    let part = items.get(start..end).ok_or("slice bounds out of range")?;
    Ok(Val::List(Rc::new(part.to_vec()), *of))
}

fn concat(args: &[Val]) -> Result<Val> {
    let mut out = Vec::new();
    for i in 0..args.len() {
        out.extend_from_slice(Args(args).list(i)?);
    }
    Ok(Val::list(out))
}

fn chunk(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let size = args.count(0)?;
    if size == 0 {
        return Err("the size must be above 0".to_owned());
    }
    Ok(Val::list(args.list(1)?.chunks(size).map(|chunk| Val::List(Rc::new(chunk.to_vec()), Of::Any)).collect()))
}
