//! One line on its way through the stages.

use super::extracted::{Extracted, Key, ValueRef};
use super::pipeline::Reason;
use super::transitions::Transitions;
use bytes::Bytes;
use data::{Entry, Labels};
use std::borrow::Cow;

/// Structured metadata as entries hold it.
pub(crate) type Metadata = Option<std::sync::Arc<Vec<(std::sync::Arc<str>, std::sync::Arc<str>)>>>;

/// A line, its labels and what was extracted from it.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) labels: Labels,
    /// Nanoseconds since 1970.
    pub(crate) timestamp: i64,
    pub(crate) line: Bytes,
    pub(crate) metadata: Metadata,
    pub(crate) extracted: Extracted,
}

impl Work {
    /// A line without anything.
    pub(crate) fn new(extracted: Extracted) -> Self {
        Self { labels: Labels::empty(), timestamp: 0, line: Bytes::new(), metadata: None, extracted }
    }

    /// Takes over `entry` of the stream `labels`.
    pub(crate) fn begin(&mut self, labels: &Labels, entry: Entry) {
        if self.labels.address() != labels.address() {
            self.labels = labels.clone();
        }
        self.timestamp = entry.timestamp;
        self.line = entry.line;
        self.metadata = entry.metadata;
        self.extracted.reset(labels);
    }

    /// The entry; the labels stay.
    pub(crate) fn take_entry(&mut self) -> Entry {
        Entry { timestamp: self.timestamp, line: std::mem::take(&mut self.line), metadata: self.metadata.take() }
    }

    /// The line as text; what is not UTF-8 is replaced.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.line)
    }

    /// Sets one label, through what the stage remembers.
    pub(crate) fn set_label(&mut self, memory: &mut Transitions, name: &str, value: &str) {
        memory.begin();
        memory.value(Some(Cow::Borrowed(value.as_bytes())));
        memory.apply(&mut self.labels, |labels| _ = labels.set(name, value));
    }
}

/// What becomes of a line after a stage.
#[derive(Debug)]
pub(crate) enum Flow {
    /// It goes on.
    Next,
    /// It is dropped.
    Drop(Reason),
    /// It is kept back: it is or will be part of another line.
    Held,
    /// These go on instead.
    Many(Vec<Work>),
}

/// Where a parser reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// The line.
    #[default]
    Line,
    /// A value.
    Value(Key),
}

impl Source {
    /// What to read; `None` when there is no such value, or it is null.
    pub(crate) fn read(self, work: &Work) -> Option<Bytes> {
        match self {
            Self::Line => Some(work.line.clone()),
            Self::Value(key) => work.extracted.bytes(key),
        }
    }

    /// What to read, as text.
    pub(crate) fn text(self, work: &Work) -> Option<Cow<'_, str>> {
        match self {
            Self::Line => Some(work.text()),
            Self::Value(key) => work.extracted.get(key).and_then(ValueRef::text),
        }
    }
}

/// True for names of `[a-zA-Z_][a-zA-Z0-9_]*`.
pub(crate) fn is_label_name(name: &str) -> bool {
    data::relabel::Names::Legacy.allow(name)
}
