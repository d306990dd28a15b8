//! Functions of what is there and what is not.

use super::args::{Args, Result, is_empty};
use crate::process::template::parser::Call;
use crate::process::template::value::Val;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("default", default),
    ("empty", |args| Ok(Val::Bool(is_empty(Args::of(args, 1)?.any(0))))),
    ("coalesce", |args| Ok(args.iter().find(|arg| !is_empty(arg)).cloned().unwrap_or(Val::Nil))),
    ("all", |args| Ok(Val::Bool(!args.iter().any(is_empty)))),
    ("any", |args| Ok(Val::Bool(args.iter().any(|arg| !is_empty(arg))))),
    ("ternary", ternary),
    ("fail", |args| Err(Args::of(args, 1)?.text(0)?.to_owned())),
    ("env", |args| Ok(Val::text(std::env::var(Args::of(args, 1)?.text(0)?).unwrap_or_default()))),
    ("expandenv", expandenv),
];

fn default(args: &[Val]) -> Result<Val> {
    let args = Args::least(args, 1)?;
    Ok(if is_empty(args.any(1)) { args.any(0).clone() } else { args.any(1).clone() })
}

fn ternary(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 3)?;
    Ok(args.any(if args.bool(2)? { 0 } else { 1 }).clone())
}

/// Replaces `$NAME` and `${NAME}` by variables of the environment.
fn expandenv(args: &[Val]) -> Result<Val> {
    let mut rest = Args::of(args, 1)?.text(0)?;
    let mut out = String::new();
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, behind) =
            braced.unwrap_or_else(|| after.split_at(after.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(after.len())));
        if name.is_empty() {
            out.push('$');
        }
        out.push_str(&std::env::var(name).unwrap_or_default());
        rest = behind;
    }
    out.push_str(rest);
    Ok(Val::text(out))
}
