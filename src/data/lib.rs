//! What flows between components: label sets, batches of samples and log lines, and the receivers that take them.
//!
//! Never knows components, the wire or files.

pub mod fanout;
pub mod label_cache;
pub mod labels;
pub mod log_batch;
pub mod metric_batch;
pub mod pair;
pub mod receiver;
pub mod relabel;
pub mod target;

pub use fanout::Fanout;
pub use label_cache::LabelCache;
pub use labels::{Labels, LabelsBuilder};
pub use log_batch::{Entry, LogBatch, Stream, StructuredMetadata};
pub use metric_batch::{Exemplar, Metadata, MetricBatch, MetricType, STALE_NAN, Sample, is_stale};
pub use pair::Pair;
pub use receiver::{LogsReceiver, MetricsReceiver, Receiver, SendError, Sink};
pub use target::Target;
