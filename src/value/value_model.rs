//! The value model.

use crate::capsule::Capsule;
use crate::number::Number;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Members of an object, ordered by key as the language prints them.
pub type Object = BTreeMap<Arc<str>, Value>;

/// A value of the configuration language. Cloning is a reference count.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number; int, uint and float are kept apart.
    Number(Number),
    /// A string.
    String(Arc<str>),
    /// An array.
    Array(Arc<Vec<Value>>),
    /// An object.
    Object(Arc<Object>),
    /// Something that can be called.
    Function(Function),
    /// Something opaque that one component hands to another: a receiver, a secret, rules.
    Capsule(Capsule),
}

impl Value {
    /// A string value.
    pub fn string(text: impl AsRef<str>) -> Self {
        Self::String(Arc::from(text.as_ref()))
    }

    /// An array value.
    pub fn array(items: Vec<Value>) -> Self {
        Self::Array(Arc::new(items))
    }

    /// An object value.
    pub fn object(members: impl IntoIterator<Item = (impl AsRef<str>, Value)>) -> Self {
        Self::Object(Arc::new(members.into_iter().map(|(k, v)| (Arc::from(k.as_ref()), v)).collect()))
    }

    /// True when the value holds more than `limit` values, itself included. Values that stand in several places count at each.
    pub fn is_larger_than(&self, limit: usize) -> bool {
        let mut count = 0;
        let mut open: Vec<&Value> = vec![self];
        while let Some(value) = open.pop() {
            count += 1;
            if count + open.len() > limit {
                return true;
            }
            match value {
                Self::Array(items) => open.extend(items.iter()),
                Self::Object(members) => open.extend(members.values()),
                _ => {}
            }
        }
        false
    }

    /// The name of the value's type as messages say it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
            Self::Function(_) => "function",
            Self::Capsule(_) => "capsule",
        }
    }
}

/// Equality of data: numbers by value, containers deep, functions and capsules by identity (secrets by content).
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Object(a), Self::Object(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Function(a), Self::Function(b)) => a == b,
            (Self::Capsule(a), Self::Capsule(b)) => a == b,
            _ => false,
        }
    }
}

/// A function of the library: its full name and what it does. Errors name the argument.
#[derive(Clone, Copy)]
pub struct Function {
    /// Full name, `string.format`.
    pub name: &'static str,
    /// The implementation.
    pub call: fn(&[Value]) -> Result<Value, CallError>,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq)]
pub struct CallError {
    /// Which argument is at fault, counted from 0; `None` when it is the call as a whole.
    pub argument: Option<usize>,
    /// The cause: lower case, no full stop.
    pub message: String,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "function {}", self.name)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::string(value)
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(Arc::from(value))
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(Number::Int(value))
    }
}
impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Number(Number::Uint(value))
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(Number::Float(value))
    }
}
impl From<Capsule> for Value {
    fn from(value: Capsule) -> Self {
        Self::Capsule(value)
    }
}
