//! Arrays, objects, null and values of any type.

use crate::decode::{DecodeError, FromValue, IN_BRACKETS, IntoValue, Step};
use crate::reader::inside;
use crate::schema::Type;
use crate::value_model::Value;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

impl FromValue for Value {
    fn ty() -> Type {
        Type::Any
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        Ok(value.clone())
    }
}

impl IntoValue for Value {
    fn into_value(&self) -> Value {
        self.clone()
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn ty() -> Type {
        T::ty()
    }
    fn one_of() -> &'static [&'static str] {
        T::one_of()
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
    fn warnings(value: &Value, out: &mut Vec<DecodeError>) {
        if !matches!(value, Value::Null) {
            T::warnings(value, out);
        }
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::into_value)
    }
}

/// Warnings of a part, with its place in the whole.
fn notes<T: FromValue>(item: &Value, out: &mut Vec<DecodeError>, step: impl Fn() -> Step) {
    let first = out.len();
    T::warnings(item, out);
    for note in out.iter_mut().skip(first) {
        note.path.insert(0, step());
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn ty() -> Type {
        Type::List(Box::new(T::ty()))
    }
    fn one_of() -> &'static [&'static str] {
        T::one_of()
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(Self::new()),
            Value::Array(items) => items.iter().enumerate().map(|(i, item)| inside(T::from_value(item), || Step::Index(i))).collect(),
            other => {
                let error = DecodeError::expected(Self::ty().words(), other);
                // Brackets help only where the value itself is right.
                Err(match (T::from_value(other), other) {
                    (Ok(_), _) => error.hint(IN_BRACKETS),
                    (Err(_), Value::String(address)) if T::ty() == Type::Capsule("discovery.Target") => {
                        error.hint(format!("write `[{{\"__address__\" = {address:?}}}]`"))
                    }
                    _ => error,
                })
            }
        }
    }
    fn warnings(value: &Value, out: &mut Vec<DecodeError>) {
        if let Value::Array(items) = value {
            for (i, item) in items.iter().enumerate() {
                notes::<T>(item, out, || Step::Index(i));
            }
        }
    }
}

impl<T: IntoValue> IntoValue for Vec<T> {
    fn into_value(&self) -> Value {
        Value::array(self.iter().map(T::into_value).collect())
    }
}

fn members<T: FromValue, M: FromIterator<(String, T)>>(value: &Value) -> Result<M, DecodeError> {
    match value {
        Value::Null => Ok(std::iter::empty().collect()),
        Value::Object(members) => members
            .iter()
            .map(|(key, member)| Ok((key.to_string(), inside(T::from_value(member), || Step::Key(key.to_string()))?)))
            .collect(),
        Value::Array(items) if items.len() == 1 => {
            Err(DecodeError::expected(Type::Map(Box::new(T::ty())).words(), value)
                .hint("only one object is accepted: take the brackets away"))
        }
        other => Err(DecodeError::expected(Type::Map(Box::new(T::ty())).words(), other).hint("write `{ key = value, … }`")),
    }
}

fn member_notes<T: FromValue>(value: &Value, out: &mut Vec<DecodeError>) {
    if let Value::Object(members) = value {
        for (key, member) in members.iter() {
            notes::<T>(member, out, || Step::Key(key.to_string()));
        }
    }
}

impl<T: FromValue> FromValue for BTreeMap<String, T> {
    fn ty() -> Type {
        Type::Map(Box::new(T::ty()))
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        members(value)
    }
    fn warnings(value: &Value, out: &mut Vec<DecodeError>) {
        member_notes::<T>(value, out);
    }
}

impl<T: IntoValue> IntoValue for BTreeMap<String, T> {
    fn into_value(&self) -> Value {
        Value::object(self.iter().map(|(key, member)| (key, member.into_value())))
    }
}

impl<T: FromValue, S: BuildHasher + Default> FromValue for HashMap<String, T, S> {
    fn ty() -> Type {
        Type::Map(Box::new(T::ty()))
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        members(value)
    }
    fn warnings(value: &Value, out: &mut Vec<DecodeError>) {
        member_notes::<T>(value, out);
    }
}

impl<T: IntoValue, S: BuildHasher> IntoValue for HashMap<String, T, S> {
    fn into_value(&self) -> Value {
        Value::object(self.iter().map(|(key, member)| (key, member.into_value())))
    }
}
