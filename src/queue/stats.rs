//! Figures of a queue, and the account of everything it had to drop.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::inner::Inner;

/// Reasons for drops that the queue itself gives; callers add their own through `reject`.
pub mod reason {
    /// The queue held as many bytes as it may.
    pub const QUEUE_FULL: &str = "queue_full";
    /// The record was older than it may be.
    pub const TOO_OLD: &str = "too_old";
    /// The record was damaged on disk.
    pub const CORRUPT: &str = "corrupt";
    /// The segment file had gone, or could not be read.
    pub const MISSING: &str = "missing";
}

/// How much was dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DropCount {
    /// Records.
    pub records: u64,
    /// Items in these records.
    pub items: u64,
    /// Time of the oldest item, Unix milliseconds, where it is known.
    pub oldest_ms: Option<i64>,
}

impl DropCount {
    pub(crate) fn add(&mut self, other: DropCount) {
        self.records += other.records;
        self.items += other.items;
        self.oldest_ms = match (self.oldest_ms, other.oldest_ms) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

/// One drop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropEvent {
    /// The reader that will not get the records; empty when the queue has no reader.
    pub reader: String,
    /// Why.
    pub reason: &'static str,
    /// How much.
    pub count: DropCount,
}

/// Figures of a queue since it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Bytes of segment files in the directory.
    pub bytes: u64,
    /// The limit of `bytes`.
    pub max_bytes: u64,
    /// Number of segment files.
    pub segments: usize,
    /// Records appended.
    pub appended_records: u64,
    /// Items appended.
    pub appended_items: u64,
    /// Bytes appended, headers included.
    pub appended_bytes: u64,
    /// An `append` waits for space or for the disk.
    pub append_waiting: bool,
    /// One entry for each reader, by name.
    pub readers: Vec<ReaderStats>,
    /// Drops in a queue without readers.
    pub drops: BTreeMap<&'static str, DropCount>,
    /// Damaged places found in segments. What was lost there is counted in `drops`.
    pub corrupt: u64,
    /// Unfinished records cut off when the queue was opened; nobody had been told that they were stored.
    pub torn: u64,
    /// Operations on files that failed, full disk included.
    pub io_errors: u64,
    /// The last failure; `None` once writing works again.
    pub last_error: Option<String>,
}

/// Figures of one reader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReaderStats {
    /// Its name.
    pub name: String,
    /// Records neither acknowledged nor dropped.
    pub pending_records: u64,
    /// Items in them.
    pub pending_items: u64,
    /// Bytes of segments between the reader's cursor and the end.
    pub pending_bytes: u64,
    /// Records handed out and not acknowledged.
    pub in_flight: usize,
    /// Records acknowledged since the queue was opened.
    pub acked_records: u64,
    /// Items in them.
    pub acked_items: u64,
    /// Time of the oldest item pending, Unix milliseconds.
    pub oldest_ms: Option<i64>,
    /// What was dropped, by reason.
    pub drops: BTreeMap<&'static str, DropCount>,
}

/// One log line at most in this time.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Gathers drops until they are logged, so that a burst is one line.
#[derive(Debug, Default)]
pub(crate) struct DropLog {
    gathered: BTreeMap<(String, &'static str), DropCount>,
    last: Option<Instant>,
}

impl DropLog {
    /// When the gathered drops are to be logged; `None` when there are none.
    pub fn due(&self) -> Option<Instant> {
        (!self.gathered.is_empty()).then(|| self.last.map_or_else(Instant::now, |last| last + LOG_EVERY))
    }
}

impl Inner {
    /// Tells the caller and the log about drops. Must be called without holding a lock.
    pub(crate) fn report_drops(&self) {
        let events = {
            let mut state = self.state.lock();
            if !state.events.is_empty() {
                state.notify_readers();
            }
            std::mem::take(&mut state.events)
        };
        if let Some(on_drop) = &self.options.on_drop {
            events.iter().for_each(|event| on_drop(event));
        }
        let lines = {
            let mut log = self.drop_log.lock();
            for event in events {
                log.gathered.entry((event.reader, event.reason)).or_default().add(event.count);
            }
            if log.due().is_none_or(|due| due > Instant::now()) {
                return;
            }
            log.last = Some(Instant::now());
            std::mem::take(&mut log.gathered)
        };
        for ((reader, reason), count) in lines {
            tracing::warn!(
                queue = %self.dir.display(),
                endpoint = reader,
                reason,
                records = count.records,
                items = count.items,
                oldest_ms = count.oldest_ms,
                "dropped records from the queue"
            );
        }
    }
}
