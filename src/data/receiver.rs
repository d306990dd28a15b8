//! Receivers: what a component exports for others to send to.

use crate::{LogBatch, MetricBatch};
use futures_util::future::BoxFuture;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use value::schema::Type;
use value::{Capsule, CapsuleValue, DecodeError, FromValue, IntoValue, Value};

/// Why a batch was not taken. Nobody owns it then: a source must not advance, a server answers 503.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SendError {
    /// The receiver cannot take it now: try again later.
    #[error("{0}")]
    Retry(String),
    /// The receiver was stopped.
    #[error("{0} is stopped")]
    Stopped(Arc<str>),
}

/// Takes batches. `Ok` means that the downstream owns the data: handed on, or in the durable queue.
///
/// The future may wait: that is the backpressure. It may be dropped at any time; the batch is then not taken, or
/// taken whole.
pub trait Sink<B>: Send + Sync + 'static {
    /// Hands over `batch`.
    fn send(&self, batch: B) -> BoxFuture<'_, Result<(), SendError>>;
}

/// A kind of data that receivers take.
pub trait Signal: Clone + Send + Sync + 'static {
    /// The capsule kind of its receivers, as schemas name it.
    const KIND: &'static str;
    /// How much there is: samples, lines.
    fn count(&self) -> usize;
}

impl Signal for MetricBatch {
    const KIND: &'static str = "storage.Appendable";
    fn count(&self) -> usize {
        self.samples.len()
    }
}

impl Signal for LogBatch {
    const KIND: &'static str = "loki.LogsReceiver";
    fn count(&self) -> usize {
        self.entries()
    }
}

/// An exported place to send batches to. Cloning is a reference count; equal when it is the same receiver.
pub struct Receiver<B: Signal>(Arc<Inner<B>>);

/// Takes samples.
pub type MetricsReceiver = Receiver<MetricBatch>;
/// Takes log lines.
pub type LogsReceiver = Receiver<LogBatch>;

struct Inner<B> {
    name: Arc<str>,
    sink: Arc<dyn Sink<B>>,
    signal: PhantomData<fn(B)>,
}

impl<B: Signal> Receiver<B> {
    /// A receiver called `name` (`loki.write.default.receiver`) that hands batches to `sink`.
    pub fn new(name: impl Into<Arc<str>>, sink: Arc<dyn Sink<B>>) -> Self {
        Self(Arc::new(Inner { name: name.into(), sink, signal: PhantomData }))
    }

    /// Hands over `batch`; see [`Sink::send`].
    pub fn send(&self, batch: B) -> BoxFuture<'_, Result<(), SendError>> {
        self.0.sink.send(batch)
    }

    /// `component.id.receiver`
    pub fn name(&self) -> &str {
        &self.0.name
    }
}

impl<B: Signal> Clone for Receiver<B> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<B: Signal> PartialEq for Receiver<B> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<B: Signal> fmt::Debug for Receiver<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name)
    }
}

/// The capsule around a receiver.
struct ReceiverCapsule<B: Signal>(Receiver<B>);

impl<B: Signal> CapsuleValue for ReceiverCapsule<B> {
    fn kind(&self) -> &'static str {
        B::KIND
    }
    fn display(&self) -> String {
        self.0.name().to_owned()
    }
    fn same(&self, other: &dyn CapsuleValue) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| other.0 == self.0)
    }
}

impl<B: Signal> IntoValue for Receiver<B> {
    fn into_value(&self) -> Value {
        Value::Capsule(Capsule::new(ReceiverCapsule(self.clone())))
    }
}

impl<B: Signal> FromValue for Receiver<B> {
    fn ty() -> Type {
        Type::Capsule(B::KIND)
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        if let Value::Capsule(capsule) = value {
            if let Some(found) = capsule.downcast_ref::<ReceiverCapsule<B>>() {
                return Ok(found.0.clone());
            }
            let message = format!("expected capsule({:?}), got capsule({:?})", B::KIND, capsule.kind());
            return Err(DecodeError::new(message).hint(wrong_kind_hint::<B>(capsule.kind())));
        }
        let message = format!("expected capsule({:?}), got {}", B::KIND, value.type_name());
        let hint = Some("name the export of another component, such as `loki.write.default.receiver`".to_owned());
        Err(DecodeError { hint, ..DecodeError::new(message) })
    }
}

fn wrong_kind_hint<B: Signal>(got: &str) -> String {
    let takes = |kind: &str| match kind {
        "storage.Appendable" => "metrics",
        "loki.LogsReceiver" => "logs",
        _ => "something else",
    };
    format!("this receiver takes {}, here one for {} is needed", takes(got), takes(B::KIND))
}
