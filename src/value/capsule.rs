//! Capsules: opaque values with a kind, handed from one component to another.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// What can be put into a [`Capsule`].
pub trait CapsuleValue: Any + Send + Sync {
    /// The kind as schemas and messages name it, such as `loki.LogsReceiver`.
    fn kind(&self) -> &'static str;

    /// What the UI and the API show: a receiver's name, `(secret)`.
    fn display(&self) -> String {
        format!("capsule({:?})", self.kind())
    }

    /// The text inside, where the capsule may be used like a string and is not secret.
    fn text(&self) -> Option<&str> {
        None
    }

    /// True when both are the same value although not the same object.
    fn same(&self, _other: &dyn CapsuleValue) -> bool {
        false
    }
}

impl dyn CapsuleValue {
    /// The value, when it is a `T`.
    pub fn downcast_ref<T: CapsuleValue>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }
}

/// A shared opaque value. Two capsules are equal when they are the same object, or say of each other that they are the same.
#[derive(Clone)]
pub struct Capsule(Arc<dyn CapsuleValue>);

impl Capsule {
    /// Wraps `value`.
    pub fn new<T: CapsuleValue>(value: T) -> Self {
        Self(Arc::new(value))
    }

    /// Wraps what is already shared.
    pub fn from_arc(value: Arc<dyn CapsuleValue>) -> Self {
        Self(value)
    }

    /// See [`CapsuleValue::kind`].
    pub fn kind(&self) -> &'static str {
        self.0.kind()
    }

    /// See [`CapsuleValue::display`].
    pub fn display(&self) -> String {
        self.0.display()
    }

    /// See [`CapsuleValue::text`].
    pub fn text(&self) -> Option<&str> {
        self.0.text()
    }

    /// A reference to the value inside, when it is a `T`.
    pub fn downcast_ref<T: CapsuleValue>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }

    /// The value inside, shared, when it is a `T`.
    pub fn downcast<T: CapsuleValue>(&self) -> Option<Arc<T>> {
        let value: Arc<dyn Any + Send + Sync> = Arc::<dyn CapsuleValue>::clone(&self.0);
        value.downcast().ok()
    }
}

impl PartialEq for Capsule {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.same(&*other.0)
    }
}

impl fmt::Debug for Capsule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "capsule({})", self.kind())
    }
}
