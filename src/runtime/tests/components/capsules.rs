//! Receivers of numbers and of texts, which one test component exports and another calls.

use std::sync::Arc;
use value::schema::Type;
use value::{Capsule, CapsuleValue, DecodeError, FromValue, IntoValue, Value};

/// Takes what it is sent.
pub struct Receiver<T>(pub Arc<dyn Fn(T) + Send + Sync>);

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> PartialEq for Receiver<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T: 'static> CapsuleValue for Receiver<T> {
    fn kind(&self) -> &'static str {
        "testcomponents.Receiver"
    }
    fn display(&self) -> String {
        "testcomponents.Receiver".into()
    }
    fn same(&self, other: &dyn CapsuleValue) -> bool {
        other.downcast_ref::<Self>() == Some(self)
    }
}

impl<T: 'static> FromValue for Receiver<T> {
    fn ty() -> Type {
        Type::Capsule("testcomponents.Receiver")
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Capsule(capsule) => {
                capsule.downcast_ref::<Self>().cloned().ok_or_else(|| DecodeError::expected("another receiver", value))
            }
            _ => Err(DecodeError::expected("a receiver", value)),
        }
    }
}

impl<T: 'static> IntoValue for Receiver<T> {
    fn into_value(&self) -> Value {
        Value::Capsule(Capsule::new(self.clone()))
    }
}
