//! `tracing`: traces of the program itself. The block is checked; this build makes no traces of itself.

use crate::environment::Environment;
use component::AnyArguments;
use value::schema::Type;
use value::types::Duration;
use value::{Arguments, Capsule, DecodeError, FromValue, IntoValue, Value};

const CONSUMER: &str = "otelcol.Consumer";

/// A receiver of OpenTelemetry data.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Consumer(Capsule);

impl FromValue for Consumer {
    fn ty() -> Type {
        Type::Capsule(CONSUMER)
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Capsule(capsule) if capsule.kind() == CONSUMER => Ok(Self(capsule.clone())),
            other => Err(DecodeError::expected("an otelcol consumer", other).hint("name the `input` of an `otelcol` component")),
        }
    }
}

impl IntoValue for Consumer {
    fn into_value(&self) -> Value {
        Value::Capsule(self.0.clone())
    }
}

/// Traces of the program itself. Accepted and checked; no traces are made.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct Tracing {
    /// Share of traces that is kept.
    #[alloy(attr, default = 0.1)]
    sampling_fraction: f64,
    /// Sends the header `traceparent` with requests.
    #[alloy(attr, optional)]
    send_traceparent: bool,
    /// Asks somebody how much to keep.
    #[alloy(block, optional)]
    sampler: Sampler,
    /// Receivers of the traces.
    #[alloy(attr, optional)]
    write_to: Vec<Consumer>,
}

/// Who says how many traces are kept.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Sampler {
    /// A Jaeger agent.
    #[alloy(block, optional)]
    jaeger_remote: Option<JaegerRemote>,
}

/// A Jaeger agent that is asked.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct JaegerRemote {
    /// Its address.
    #[alloy(attr, default = "http://127.0.0.1:5778/sampling")]
    url: String,
    /// Operations that are told apart.
    #[alloy(attr, default = 256)]
    max_operations: i64,
    /// Time between two questions.
    #[alloy(attr, default = "1m")]
    refresh_interval: Duration,
}

pub(super) fn apply(_args: Option<&dyn AnyArguments>, _environment: &Environment) {}
