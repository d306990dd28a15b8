//! What names mean while an expression is evaluated.

use crate::schema::Type;
use crate::value_model::Value;

/// What a scope knows of a dotted path.
#[derive(Clone, Debug)]
pub enum Lookup {
    /// The first `used` names of the path stand for `value`; the evaluator takes the rest as member access.
    Found {
        /// The value.
        value: Value,
        /// How many names it stands for, at least 1.
        used: usize,
    },
    /// The first `used` names are known, their value is not yet: what depends on them cannot be checked before running.
    Unknown {
        /// How many names are known.
        used: usize,
    },
    /// Nothing of that name.
    Missing,
}

/// Names visible to an expression. The function library is consulted after the scope, so a scope may shadow it.
pub trait Scope {
    /// Looks up the longest known prefix of `path`, such as `["local", "file", "token", "content"]`.
    fn lookup(&self, path: &[&str]) -> Lookup;

    /// The type of what the whole of `path` stands for, where it is known although the value is not.
    fn type_of(&self, _path: &[&str]) -> Option<Type> {
        None
    }
}

/// A scope without names: only the function library is visible.
#[derive(Clone, Copy, Debug, Default)]
pub struct Empty;

impl Scope for Empty {
    fn lookup(&self, _path: &[&str]) -> Lookup {
        Lookup::Missing
    }
}

/// Single-name variables.
impl Scope for std::collections::BTreeMap<String, Value> {
    fn lookup(&self, path: &[&str]) -> Lookup {
        match path.first().and_then(|name| self.get(*name)) {
            Some(value) => Lookup::Found { value: value.clone(), used: 1 },
            None => Lookup::Missing,
        }
    }
}
