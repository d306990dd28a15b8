//! `json_path`: a dialect of JSONPath, that of the library `ojg`.

mod equation;
mod filter;
mod get;
mod parse;

use super::args::{arity, text, whole};
use super::json_codec::{self, Dialect};
use super::{Entry, entry};
use crate::value_model::{CallError, Value};
use equation::Equation;

pub(super) const FUNCTIONS: &[Entry] = &[entry("json_path", "json_path(json, path)", json_path)];

/// One step of a path.
#[derive(Debug)]
enum Fragment {
    /// `$`
    Root,
    /// `@`
    At,
    /// `.name`, `['name']`
    Child(String),
    /// `[1]`, `[-1]`
    Nth(i64),
    /// `*`
    Wildcard,
    /// `..`
    Descent,
    /// `['a', 1]`
    Union(Vec<Member>),
    /// `[start:end:step]`
    Slice { start: i64, end: i64, step: i64 },
    /// `[?(…)]`
    Filter(Box<Equation>),
}

/// What a union picks.
#[derive(Debug)]
enum Member {
    Name(String),
    Index(i64),
}

/// Everything that the path finds, in the order of the text; members of objects in the order of their names.
fn json_path(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 2)?;
    let path = text(args, 1)?;
    let fragments = parse::parse(&path).map_err(|error| super::args::wrong(1, error))?;
    let json = json_codec::parse(&text(args, 0)?, Dialect::Path).map_err(whole)?;
    get::get(&fragments, &json, &mut get::Budget::new()).map(Value::array).map_err(whole)
}

#[cfg(test)]
mod tests;
