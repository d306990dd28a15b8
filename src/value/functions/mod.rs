//! The function library: namespaces of functions, the constants, and the deprecated names.

mod args;
mod array;
mod coalesce;
mod constants;
mod convert;
mod encoding;
mod file;
mod format;
mod json_codec;
mod json_number;
mod json_path;
mod string;
mod sys;
mod yaml;

use crate::value_model::{CallError, Function, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A function of the library.
pub struct Entry {
    /// Full name and implementation.
    pub function: Function,
    /// How to call it: `string.trim(text, characters)`; optional arguments in brackets.
    pub signature: &'static str,
}

const fn entry(name: &'static str, signature: &'static str, call: fn(&[Value]) -> Result<Value, CallError>) -> Entry {
    Entry { function: Function { name, call }, signature }
}

/// The function `sys.env` in a world where every environment variable has a value, for checks.
pub fn env_as_if_set() -> Value {
    Value::Function(sys::AS_IF_SET)
}

static ENTRIES: &[&[Entry]] = &[
    array::FUNCTIONS,
    coalesce::FUNCTIONS,
    convert::FUNCTIONS,
    encoding::FUNCTIONS,
    file::FUNCTIONS,
    json_path::FUNCTIONS,
    string::FUNCTIONS,
    sys::FUNCTIONS,
];

/// Reads YAML; an error says what is wrong with it.
pub(crate) fn from_yaml(text: &str) -> Result<Value, String> {
    yaml::parse(text)
}

/// Former names and what replaces them.
static DEPRECATED: &[(&str, &str)] = &[
    ("base64_decode", "encoding.from_base64"),
    ("concat", "array.concat"),
    ("env", "sys.env"),
    ("format", "string.format"),
    ("join", "string.join"),
    ("json_decode", "encoding.from_json"),
    ("nonsensitive", "convert.nonsensitive"),
    ("replace", "string.replace"),
    ("split", "string.split"),
    ("to_lower", "string.to_lower"),
    ("to_upper", "string.to_upper"),
    ("trim", "string.trim"),
    ("trim_prefix", "string.trim_prefix"),
    ("trim_space", "string.trim_space"),
    ("trim_suffix", "string.trim_suffix"),
    ("yaml_decode", "encoding.from_yaml"),
];

/// Functions that need `--stability.level=experimental`.
static EXPERIMENTAL: &[&str] = &["array.combine_maps", "array.group_by"];

static ROOTS: LazyLock<BTreeMap<&'static str, Value>> = LazyLock::new(|| {
    let mut namespaces: BTreeMap<&str, Vec<(&str, Value)>> = BTreeMap::new();
    let mut roots = BTreeMap::from([("constants", constants::constants())]);
    for entry in entries() {
        let value = Value::Function(entry.function);
        match entry.function.name.split_once('.') {
            Some((namespace, name)) => namespaces.entry(namespace).or_default().push((name, value)),
            None => _ = roots.insert(entry.function.name, value),
        }
    }
    for (alias, name) in DEPRECATED {
        if let Some(entry) = find(name) {
            roots.insert(alias, Value::Function(Function { name: alias, ..entry.function }));
        }
    }
    roots.extend(namespaces.into_iter().map(|(namespace, functions)| (namespace, Value::object(functions))));
    roots
});

/// Every function under its present name.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    ENTRIES.iter().copied().flatten()
}

/// The function of the full name, such as `string.format`; not the deprecated ones.
pub fn find(name: &str) -> Option<&'static Entry> {
    entries().find(|entry| entry.function.name == name)
}

/// What replaces the deprecated function `name`; `None` for all other names.
pub fn deprecated(name: &str) -> Option<&'static str> {
    DEPRECATED.iter().find(|(alias, _)| *alias == name).map(|(_, successor)| *successor)
}

/// True for functions that need `--stability.level=experimental`; `name` is the full name.
pub fn is_experimental(name: &str) -> bool {
    EXPERIMENTAL.contains(&name)
}

/// The namespace, constant or function that the library has under a single name.
pub fn root(name: &str) -> Option<&'static Value> {
    ROOTS.get(name)
}

/// Every name that [`root`] knows.
pub fn roots() -> impl Iterator<Item = &'static str> {
    ROOTS.keys().copied()
}

/// Reads JSON as `encoding.from_json` does: every number is floating point.
pub(crate) fn read_json(text: &str) -> Result<Value, String> {
    json_codec::parse(text, json_codec::Dialect::Standard)
}

/// How to call a function; deprecated ones show their successor.
pub(crate) fn signature(name: &str) -> Option<&'static str> {
    find(deprecated(name).unwrap_or(name)).map(|entry| entry.signature)
}

/// The value as Go's `%#v` prints it; empty when that would be longer than [`MAX_SIZE`](crate::eval::MAX_SIZE).
pub fn go_syntax(value: &Value) -> String {
    format::sprintf("%#v", std::slice::from_ref(value)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_original_is_there() {
        let names = "array base64_decode coalesce concat constants convert encoding env file format join json_decode json_path \
                     nonsensitive replace split string sys to_lower to_upper trim trim_prefix trim_space trim_suffix yaml_decode";
        assert_eq!(roots().collect::<Vec<_>>(), names.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn deprecated_and_experimental_names_lead_somewhere() {
        for (alias, successor) in DEPRECATED {
            assert!(find(successor).is_some(), "{alias}");
            assert!(matches!(root(alias), Some(Value::Function(function)) if function.name == *alias));
            assert_eq!(deprecated(alias), Some(*successor));
        }
        assert!(EXPERIMENTAL.iter().all(|name| find(name).is_some() && is_experimental(name)));
        assert_eq!((deprecated("string.format"), is_experimental("array.concat")), (None, false));
    }

    #[test]
    fn signatures_begin_with_the_name() {
        for entry in entries() {
            assert!(entry.signature.starts_with(&format!("{}(", entry.function.name)), "{}", entry.signature);
        }
    }
}
