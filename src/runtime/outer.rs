//! What the expressions of a module see besides its own nodes: the variable and the surroundings of a `foreach`, the
//! `module_path` of an import.

use std::collections::BTreeMap;
use std::sync::Arc;
use value::{Lookup, Value};

/// Values by dotted name, and those further out.
#[derive(Debug, Default)]
pub struct Outer {
    parent: Option<Arc<Outer>>,
    /// `None` stands for a name that is known and has no value yet.
    values: BTreeMap<String, Option<Value>>,
}

impl Outer {
    /// These values, in front of those of `parent`.
    pub fn new(parent: Option<Arc<Outer>>, values: BTreeMap<String, Option<Value>>) -> Arc<Self> {
        Arc::new(Self { parent, values })
    }

    /// One variable in front of `parent`.
    pub fn variable(parent: &Arc<Outer>, name: &str, value: Option<Value>) -> Arc<Self> {
        Self::new(Some(Arc::clone(parent)), BTreeMap::from([(name.to_owned(), value)]))
    }

    /// The value of the longest prefix of `path` that is a name here, or further out.
    pub fn lookup(&self, path: &[&str]) -> Lookup {
        for used in (1..=path.len()).rev() {
            match self.values.get(&path[..used].join(".")) {
                Some(Some(value)) => return Lookup::Found { value: value.clone(), used },
                Some(None) => return Lookup::Unknown { used },
                None => {}
            }
        }
        self.parent.as_ref().map_or(Lookup::Missing, |parent| parent.lookup(path))
    }

    /// True when the beginning of `path` is a name here or further out.
    pub fn knows(&self, path: &[String]) -> bool {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        !matches!(self.lookup(&path), Lookup::Missing)
    }

    /// True when both give the same answers.
    pub fn same(&self, other: &Self) -> bool {
        let parents = match (&self.parent, &other.parent) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a.same(b),
            (None, None) => true,
            _ => false,
        };
        parents && self.values == other.values
    }
}
