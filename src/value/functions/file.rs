//! `file`: names of files. Touches no files.

use super::args::text;
use super::{Entry, entry};
use crate::value_model::{CallError, Value};

pub(super) const FUNCTIONS: &[Entry] = &[entry("file.path_join", "file.path_join(part, …)", path_join)];

/// Joins what is not empty and takes out `.`, `..` and repeated slashes.
fn path_join(args: &[Value]) -> Result<Value, CallError> {
    let parts = (0..args.len()).map(|i| text(args, i)).collect::<Result<Vec<_>, _>>()?;
    let parts: Vec<&str> = parts.iter().map(|part| &**part).filter(|part| !part.is_empty()).collect();
    Ok(Value::from(if parts.is_empty() { String::new() } else { clean(&parts.join("/")) }))
}

fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => _ = kept.pop(),
            ".." if rooted => {}
            name => kept.push(name),
        }
    }
    let joined = kept.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}
