//! Secrets.

use crate::decode::{DecodeError, FromValue, IntoValue};
use crate::schema::Type;
use crate::secret::{OptionalSecret, Secret};
use crate::value_model::Value;

impl FromValue for Secret {
    fn ty() -> Type {
        Type::Secret
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(Self::default()),
            Value::String(text) => Ok(Self::new(text)),
            Value::Capsule(capsule) => {
                let optional = || capsule.downcast_ref::<OptionalSecret>().map(|secret| Self::new(secret.expose()));
                let secret = capsule.downcast_ref::<Self>().cloned().or_else(optional);
                secret.ok_or_else(|| DecodeError::expected("secret or string", value))
            }
            _ => Err(DecodeError::expected("secret or string", value).hint("write the secret in quotes")),
        }
    }
}

impl IntoValue for Secret {
    fn into_value(&self) -> Value {
        Value::Capsule(self.clone().into())
    }
}

impl FromValue for OptionalSecret {
    fn ty() -> Type {
        Type::OptionalSecret
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(Self::default()),
            Value::String(text) => Ok(Self::plain(text)),
            Value::Capsule(capsule) => {
                let hidden = || capsule.downcast_ref::<Secret>().map(|secret| Self::secret(secret.expose()));
                let secret = capsule.downcast_ref::<Self>().cloned().or_else(hidden);
                secret.ok_or_else(|| DecodeError::expected("secret or string", value))
            }
            _ => Err(DecodeError::expected("secret or string", value).hint("write the text in quotes")),
        }
    }
}

impl IntoValue for OptionalSecret {
    fn into_value(&self) -> Value {
        Value::Capsule(self.clone().into())
    }
}
