//! Log lines on their way from a source to a queue, grouped by stream.

use crate::labels::Labels;
use bytes::Bytes;
use std::sync::Arc;

/// Names and values that travel beside a line, in the order they were added.
pub type StructuredMetadata = Arc<Vec<(Arc<str>, Arc<str>)>>;

/// One log line.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Nanoseconds since 1970.
    pub timestamp: i64,
    /// The line, UTF-8, without its line end: usually a slice of the buffer it was read into.
    pub line: Bytes,
    /// Structured metadata: names and values in the order they were added. `None` for none, which is the rule.
    pub metadata: Option<StructuredMetadata>,
}

impl Entry {
    /// An entry without structured metadata.
    pub fn new(timestamp: i64, line: impl Into<Bytes>) -> Self {
        Self { timestamp, line: line.into(), metadata: None }
    }

    /// The line as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.line)
    }
}

/// Lines of one stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// The stream's labels.
    pub labels: Labels,
    /// Its lines, in order.
    pub entries: Vec<Entry>,
}

/// Lines of some streams. Cloning is a reference count; `make_mut` copies only when shared.
#[derive(Clone, Debug, Default)]
pub struct LogBatch(Arc<Vec<Stream>>);

impl LogBatch {
    /// A batch of these streams.
    pub fn new(streams: Vec<Stream>) -> Self {
        Self(Arc::new(streams))
    }

    /// A batch of one stream.
    pub fn of(labels: Labels, entries: Vec<Entry>) -> Self {
        Self::new(vec![Stream { labels, entries }])
    }

    /// The streams, to change; copied when somebody else holds them too.
    pub fn make_mut(&mut self) -> &mut Vec<Stream> {
        Arc::make_mut(&mut self.0)
    }

    /// The streams themselves; copied when somebody else holds them too.
    pub fn into_streams(self) -> Vec<Stream> {
        Arc::unwrap_or_clone(self.0)
    }

    /// How many lines there are.
    pub fn entries(&self) -> usize {
        self.0.iter().map(|s| s.entries.len()).sum()
    }
}

impl std::ops::Deref for LogBatch {
    type Target = [Stream];
    fn deref(&self) -> &[Stream] {
        &self.0
    }
}
