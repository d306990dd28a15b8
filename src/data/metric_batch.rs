//! Samples on their way from a scrape to a queue.

use crate::labels::Labels;
use std::sync::Arc;

/// The value that ends a series: Prometheus' staleness marker, a NaN with a payload of its own.
pub const STALE_NAN: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// True for the staleness marker and for no other NaN.
pub fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_NAN.to_bits()
}

/// One value of one series at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The series, `__name__` included.
    pub labels: Labels,
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// The value; see [`STALE_NAN`].
    pub value: f64,
}

/// A sample's link to a trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    /// The series it belongs to.
    pub series: Labels,
    /// Its own labels.
    pub labels: Labels,
    /// Its value.
    pub value: f64,
    /// Milliseconds since 1970; `None` takes the sample's time.
    pub timestamp: Option<i64>,
}

/// Types of metric families, numbered as remote write 1.0 does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum MetricType {
    /// Not declared.
    #[default]
    Unknown = 0,
    /// Only goes up.
    Counter = 1,
    /// Goes up and down.
    Gauge = 2,
    /// Buckets.
    Histogram = 3,
    /// Buckets of a gauge.
    GaugeHistogram = 4,
    /// Quantiles.
    Summary = 5,
    /// Labels of interest, value 1.
    Info = 6,
    /// One of a set of states.
    StateSet = 7,
}

impl MetricType {
    /// As OpenMetrics writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::GaugeHistogram => "gaugehistogram",
            Self::Summary => "summary",
            Self::Info => "info",
            Self::StateSet => "stateset",
        }
    }
}

/// What an exposition says about a metric family.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Metadata {
    /// The family's name.
    pub family: Arc<str>,
    /// Its type.
    pub kind: MetricType,
    /// Its help text.
    pub help: Arc<str>,
    /// Its unit; empty for none.
    pub unit: Arc<str>,
}

/// What one scrape, or one request, brought. Cloning is a reference count; `make_mut` copies only when shared.
#[derive(Clone, Debug, Default)]
pub struct MetricBatch(Arc<MetricBatchInner>);

/// The content of a [`MetricBatch`].
#[derive(Clone, Debug, Default)]
pub struct MetricBatchInner {
    /// Samples, in the order of the exposition.
    pub samples: Vec<Sample>,
    /// Exemplars.
    pub exemplars: Vec<Exemplar>,
    /// Metadata that is new or changed.
    pub metadata: Vec<Metadata>,
    /// Where it comes from, as a hash: batches of one origin are delivered in order.
    pub origin: u64,
}

impl MetricBatch {
    /// A batch of this content.
    pub fn new(inner: MetricBatchInner) -> Self {
        Self(Arc::new(inner))
    }

    /// A batch of samples.
    pub fn from_samples(samples: Vec<Sample>) -> Self {
        Self::new(MetricBatchInner { samples, ..Default::default() })
    }

    /// The content, to change; copied when somebody else holds it too.
    pub fn make_mut(&mut self) -> &mut MetricBatchInner {
        Arc::make_mut(&mut self.0)
    }

    /// The content itself when nobody else holds it, to take its buffers back.
    pub fn try_unwrap(self) -> Result<MetricBatchInner, Self> {
        Arc::try_unwrap(self.0).map_err(Self)
    }
}

impl std::ops::Deref for MetricBatch {
    type Target = MetricBatchInner;
    fn deref(&self) -> &MetricBatchInner {
        &self.0
    }
}
