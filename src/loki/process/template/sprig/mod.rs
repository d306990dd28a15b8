//! The functions of Sprig, and those that the original adds.

mod args;
mod dates;
mod defaults;
mod dicts;
mod encoding;
mod json;
mod lists;
mod math;
mod paths;
mod regexes;
mod strings;
mod types;
mod urls;
mod versions;
mod words;

pub(crate) use dates::time_text;
pub(crate) use versions::Version;

use super::builtins;
use super::parser::{Call, Function};
use super::value::Val;
use std::collections::HashMap;
use std::sync::LazyLock;

static FUNCTIONS: LazyLock<HashMap<&'static str, Call>> = LazyLock::new(|| {
    let tables = [
        // Later ones win: Sprig's over Go's, the original's over both.
        builtins::FUNCTIONS,
        dates::FUNCTIONS,
        defaults::FUNCTIONS,
        dicts::FUNCTIONS,
        encoding::FUNCTIONS,
        json::FUNCTIONS,
        lists::FUNCTIONS,
        math::FUNCTIONS,
        paths::FUNCTIONS,
        regexes::FUNCTIONS,
        strings::FUNCTIONS,
        types::FUNCTIONS,
        urls::FUNCTIONS,
        versions::FUNCTIONS,
        words::FUNCTIONS,
    ];
    tables.into_iter().flatten().copied().collect()
});

/// The function called `name`.
pub(super) fn find(name: &str) -> Option<Function> {
    let (name, call) = FUNCTIONS.get_key_value(name)?;
    Some(Function { name, call: *call })
}

/// A field or method of the first value.
pub(super) fn method(name: &str, values: &[Val]) -> Result<Val, String> {
    match values.first() {
        Some(Val::Version(version)) => versions::method(version, name),
        Some(Val::Time(nanos)) => dates::method(*nanos, name, &values[1..]),
        Some(other) => Err(format!("a value of type {} has no method .{name}", other.type_name())),
        None => Err("there is no value".to_owned()),
    }
}
