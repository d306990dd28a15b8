//! Functions of paths, as Go's `path` has them.

use super::args::{Args, Result};
use crate::process::template::parser::Call;
use crate::process::template::value::Val;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("base", base),
    ("osBase", base),
    ("dir", dir),
    ("osDir", dir),
    ("ext", ext),
    ("osExt", ext),
    ("clean", |args| Ok(Val::text(clean(Args::of(args, 1)?.text(0)?)))),
    ("osClean", |args| Ok(Val::text(clean(Args::of(args, 1)?.text(0)?)))),
    ("isAbs", |args| Ok(Val::Bool(Args::of(args, 1)?.text(0)?.starts_with('/')))),
    ("osIsAbs", |args| Ok(Val::Bool(Args::of(args, 1)?.text(0)?.starts_with('/')))),
];

/// The shortest path to the same place.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn base(args: &[Val]) -> Result<Val> {
    let path = Args::of(args, 1)?.text(0)?;
    if path.is_empty() {
        return Ok(Val::text("."));
    }
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    Ok(Val::text(if last.is_empty() { "/" } else { last }))
}

fn dir(args: &[Val]) -> Result<Val> {
    let path = Args::of(args, 1)?.text(0)?;
    Ok(Val::text(clean(&path[..path.rfind('/').map_or(0, |at| at + 1)])))
}

fn ext(args: &[Val]) -> Result<Val> {
    let path = Args::of(args, 1)?.text(0)?;
    let last = path.rsplit('/').next().unwrap_or_default();
    Ok(Val::text(last.rfind('.').map_or("", |at| &last[at..])))
}
