//! What can be said of a value before anything runs: enough to find a receiver of the wrong kind without starting it.

use crate::decode::{DecodeError, FromValue, IN_BRACKETS, NO_SECRET, OUT_OF_BRACKETS, Step};
use crate::reader::inside;
use crate::schema::Type;
use crate::secret::{OptionalSecret, Secret};
use crate::types::{ByteSize, Duration, Regexp, Target, Url};
use crate::value_model::Value;

/// A value of which only a part is known.
#[derive(Clone, Debug)]
pub enum Partial {
    /// The value itself.
    Known(Value),
    /// A value of this type.
    Typed(Type),
    /// An array of these.
    Array(Vec<Partial>),
    /// An object with these members.
    Object(Vec<(String, Partial)>),
    /// Nothing.
    Unknown,
}

impl Partial {
    /// True when nothing at all is known.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether the value may turn out to fit `want`.
    ///
    /// # Errors
    /// When it cannot, whatever it turns out to be.
    pub fn check(&self, want: &Type) -> Result<(), DecodeError> {
        match (self, want) {
            (Self::Unknown, _) | (_, Type::Any) => Ok(()),
            (Self::Known(value), _) => want.accepts(value),
            (Self::Typed(got), _) if want.may_be(got) => Ok(()),
            (Self::Typed(got), _) => Err(misfit(want, got)),
            (Self::Array(items), Type::List(item)) => {
                items.iter().enumerate().try_for_each(|(i, part)| inside(part.check(item), || Step::Index(i)))
            }
            (Self::Array(_), _) => Err(DecodeError::new(format!("expected {}, got array", want.words()))),
            (Self::Object(members), Type::Map(item)) => {
                members.iter().try_for_each(|(name, part)| inside(part.check(item), || Step::Key(name.clone())))
            }
            (Self::Object(_), _) => Self::Typed(Type::Map(Box::new(Type::Any))).check(want),
        }
    }
}

/// A value of the type `got` stands where `want` is expected.
fn misfit(want: &Type, got: &Type) -> DecodeError {
    let words = if *got == Type::Secret { "a secret".into() } else { got.words() };
    let error = DecodeError::new(format!("expected {}, got {words}", want.words()));
    match (want, got) {
        (Type::List(item), _) if item.may_be(got) => error.hint(IN_BRACKETS),
        (_, Type::List(item)) if want.may_be(item) => error.hint(OUT_OF_BRACKETS),
        (_, Type::Secret) => error.hint(NO_SECRET),
        (Type::Capsule(want), Type::Capsule(_)) => match sink(want) {
            Some(sink) => error.hint(format!("what is sent here goes to a component such as `{sink}`")),
            None => error,
        },
        _ => error,
    }
}

/// A component that takes what is sent to receivers of this kind.
fn sink(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "storage.Appendable" => "prometheus.remote_write",
        "loki.LogsReceiver" => "loki.write",
        "otelcol.Consumer" => "otelcol.exporter.otlp",
        "pyroscope.Appendable" => "pyroscope.write",
        _ => return None,
    })
}

impl Type {
    /// Whether a value of the type `got` may be used where this type is expected. Says yes in doubt.
    pub fn may_be(&self, got: &Self) -> bool {
        match (self, got) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Capsule("discovery.Target") | Self::Map(_), Self::Capsule("discovery.Target") | Self::Map(_)) => true,
            (Self::Capsule(want), Self::Capsule(got)) => want == got,
            (Self::List(want), Self::List(got)) => want.may_be(got),
            (Self::Capsule(_) | Self::List(_) | Self::Map(_), _) | (_, Self::Capsule(_) | Self::List(_) | Self::Map(_)) => false,
            (Self::Secret | Self::OptionalSecret, Self::Secret) => true,
            (_, Self::Secret) => false,
            _ => true,
        }
    }

    /// Whether `value` is of this type, by the rules of the types that arguments have.
    ///
    /// # Errors
    /// When it is not.
    pub fn accepts(&self, value: &Value) -> Result<(), DecodeError> {
        fn of<T: FromValue>(value: &Value) -> Result<(), DecodeError> {
            T::from_value(value).map(|_| ())
        }
        match self {
            _ if matches!(value, Value::Null) => Ok(()),
            Self::Any => Ok(()),
            Self::Bool => of::<bool>(value),
            Self::Int => of::<i64>(value),
            Self::Uint => of::<u64>(value),
            Self::Float => of::<f64>(value),
            Self::Text("units.Base2Bytes") => of::<ByteSize>(value),
            Self::Text("relabel.Regexp") => of::<Regexp>(value),
            Self::Text("config.URL") => of::<Url>(value),
            Self::String | Self::Text(_) => of::<String>(value),
            Self::Duration => of::<Duration>(value),
            Self::Secret => of::<Secret>(value),
            Self::OptionalSecret => of::<OptionalSecret>(value),
            Self::Capsule("discovery.Target") => of::<Target>(value),
            Self::List(item) => match value {
                Value::Array(items) => items.iter().enumerate().try_for_each(|(i, part)| inside(item.accepts(part), || Step::Index(i))),
                other => Err(DecodeError::expected(self.words(), other)),
            },
            Self::Map(item) => match value {
                Value::Object(members) => {
                    members.iter().try_for_each(|(key, part)| inside(item.accepts(part), || Step::Key(key.to_string())))
                }
                Value::Capsule(capsule) if capsule.kind() == "discovery.Target" => Ok(()),
                other => Err(DecodeError::expected(self.words(), other)),
            },
            Self::Capsule(kind) => match value {
                Value::Capsule(capsule) if capsule.kind() == *kind => Ok(()),
                other => Err(DecodeError::expected(self.words(), other)),
            },
        }
    }
}
