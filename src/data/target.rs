//! Targets: the label sets that discovery finds and that scrapes and file tails start from.

use crate::labels::Labels;
use std::fmt;
use std::ops::Deref;
use value::schema::Type;
use value::{DecodeError, FromValue, IntoValue, Value};

/// What discovery finds. An object in the configuration, and the same as its labels in the program.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target(pub Labels);

impl Target {
    /// A target with these labels.
    pub fn new(labels: Labels) -> Self {
        Self(labels)
    }

    /// A target of these pairs; of several with one name the last wins.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(Labels::from_pairs(pairs))
    }

    /// The labels whose names do not start with `__`.
    pub fn public(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter(|(name, _)| !name.starts_with("__"))
    }
}

impl Default for Target {
    fn default() -> Self {
        Self(Labels::empty())
    }
}

impl Deref for Target {
    type Target = Labels;
    fn deref(&self) -> &Labels {
        &self.0
    }
}

impl From<Labels> for Target {
    fn from(labels: Labels) -> Self {
        Self(labels)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl FromValue for Target {
    fn ty() -> Type {
        value::types::Target::ty()
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        Ok(Self::from_pairs(value::types::Target::from_value(value)?.0))
    }
}

impl IntoValue for Target {
    fn into_value(&self) -> Value {
        Value::object(self.0.iter().map(|(name, value)| (name, Value::string(value))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use value::Number;

    #[test]
    fn objects_become_targets_and_back() {
        let object = Value::object([
            ("__address__", Value::string("host:9100")),
            ("port", Value::Number(Number::Int(9100))),
            ("tls", Value::Bool(true)),
            ("empty", Value::string("")),
        ]);
        let target = Target::from_value(&object).expect("a target");
        assert_eq!(target.to_string(), r#"{__address__="host:9100", empty="", port="9100", tls="true"}"#);
        assert_eq!(target.public().map(|(name, _)| name).collect::<Vec<_>>(), ["empty", "port", "tls"]);
        assert_eq!(Target::from_value(&target.into_value()), Ok(target));
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for value in [
            Value::string("host:9100"),
            Value::array(vec![]),
            Value::object([("a", Value::array(vec![]))]),
            Value::object([("a", Value::Null)]),
        ] {
            assert!(Target::from_value(&value).is_err(), "{value:?}");
        }
        assert_eq!(Target::ty(), Type::Capsule("discovery.Target"));
    }
}
