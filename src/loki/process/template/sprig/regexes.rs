//! Functions of regular expressions. Compiled ones are remembered by their text.

use super::args::{Args, Result};
use crate::process::template::parser::Call;
use crate::process::template::value::Val;
use data::relabel::GoRegex;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("regexMatch", matches_or_false),
    ("mustRegexMatch", matches),
    ("regexFind", find),
    ("mustRegexFind", find),
    ("regexFindAll", find_all),
    ("mustRegexFindAll", find_all),
    ("regexReplaceAll", replace_all),
    ("mustRegexReplaceAll", replace_all),
    ("regexReplaceAllLiteral", replace_literal),
    ("mustRegexReplaceAllLiteral", replace_literal),
    ("regexSplit", split),
    ("mustRegexSplit", split),
    ("regexQuoteMeta", quote_meta),
];

/// Expressions remembered; all are forgotten when there would be more.
const MOST: usize = 256;

thread_local! {
    static COMPILED: RefCell<HashMap<String, Rc<GoRegex>>> = RefCell::default();
}

fn compile(text: &str) -> Result<Rc<GoRegex>> {
    COMPILED.with_borrow_mut(|compiled| {
        if let Some(regex) = compiled.get(text) {
            return Ok(Rc::clone(regex));
        }
        let regex = Rc::new(GoRegex::new(text)?);
        if compiled.len() >= MOST {
            compiled.clear();
        }
        compiled.insert(text.to_owned(), Rc::clone(&regex));
        Ok(regex)
    })
}

fn matches(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    Ok(Val::Bool(compile(args.text(0)?)?.regex().is_match(args.text(1)?)))
}

/// An expression that cannot be compiled matches nothing.
fn matches_or_false(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let text = args.text(1)?;
    Ok(Val::Bool(compile(args.text(0)?).is_ok_and(|regex| regex.regex().is_match(text))))
}

fn find(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let regex = compile(args.text(0)?)?;
    Ok(Val::text(regex.regex().find(args.text(1)?).map_or("", |found| found.as_str())))
}

fn find_all(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 3)?;
    let most = usize::try_from(args.int(2)?).unwrap_or(usize::MAX);
    let regex = compile(args.text(0)?)?;
    Ok(Val::texts(regex.regex().find_iter(args.text(1)?).take(most).map(|found| found.as_str())))
}

fn replace_all(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 3)?;
    let regex = compile(args.text(0)?)?;
    let template = args.text(2)?;
    Ok(Val::text(&*regex.regex().replace_all(args.text(1)?, |captures: &regex::Captures<'_>| expand(&regex, captures, template))))
}

/// Replaces `$1`, `$name`, `${name}` and `$$` in a replacement.
fn expand(regex: &GoRegex, captures: &regex::Captures<'_>, template: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let word = |text: &str| text.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(text.len());
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}')).filter(|(name, _)| word(name) == name.len());
        let (name, behind) = braced.unwrap_or_else(|| after.split_at(word(after)));
        if name.is_empty() {
            out.push('$');
            rest = after;
            continue;
        }
        let value = match name.parse::<usize>() {
            Ok(number) => captures.get(number).map(|found| found.as_str()),
            Err(_) => regex.named(captures, name),
        };
        out.push_str(value.unwrap_or_default());
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn replace_literal(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 3)?;
    let regex = compile(args.text(0)?)?;
    Ok(Val::text(&*regex.regex().replace_all(args.text(1)?, regex::NoExpand(args.text(2)?))))
}

fn split(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 3)?;
    let regex = compile(args.text(0)?)?;
    let text = args.text(1)?;
    match args.int(2)? {
        0 => Ok(Val::texts(Vec::<String>::new())),
        most => Ok(Val::texts(regex.regex().splitn(text, usize::try_from(most).unwrap_or(usize::MAX)))),
    }
}

fn quote_meta(args: &[Val]) -> Result<Val> {
    let mut out = String::new();
    for c in Args::of(args, 1)?.text(0)?.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    Ok(Val::text(out))
}
