//! What a caller chooses when opening a queue or a reader, and the errors it may get.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::files::{Files, RealFiles};
use crate::stats::DropEvent;

/// What happens when the queue holds [`Options::max_bytes`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// The oldest segment is dropped and its unsent records are counted as `queue_full`.
    #[default]
    DropOldest,
    /// `append` waits until records have been acknowledged or have become too old.
    Backpressure,
}

/// When written data is forced to the device. A killed process loses nothing in any case; this is about power loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sync {
    /// Left to the operating system.
    Never,
    /// At most this long after a write.
    Every(Duration),
    /// Before `append` returns.
    Always,
}

/// The wall clock, in Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + std::marker::Sync>;
/// Called for every drop, outside all locks.
pub type OnDrop = Arc<dyn Fn(&DropEvent) + Send + std::marker::Sync>;

/// Settings of a queue.
#[derive(Clone)]
pub struct Options {
    /// Most bytes of segment files in the directory; never exceeded. At least 4 KiB.
    pub max_bytes: u64,
    /// Records that were appended longer ago than this are dropped and counted as `too_old`.
    pub max_age: Option<Duration>,
    /// Size at which a new segment is begun. `None`: one 64th of `max_bytes`, between 1 and 64 MiB. Never more than one 8th of `max_bytes`.
    pub segment_bytes: Option<u64>,
    /// What happens when the queue is full.
    pub when_full: WhenFull,
    /// When data is forced to the device.
    pub sync: Sync,
    /// Called for every drop.
    pub on_drop: Option<OnDrop>,
    /// The wall clock.
    pub clock: Clock,
    /// The file system.
    pub files: Arc<dyn Files>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            max_bytes: 1 << 30,
            max_age: None,
            segment_bytes: None,
            when_full: WhenFull::default(),
            sync: Sync::Every(Duration::from_secs(1)),
            on_drop: None,
            clock: Arc::new(system_ms),
            files: Arc::new(RealFiles),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("max_bytes", &self.max_bytes)
            .field("max_age", &self.max_age)
            .field("segment_bytes", &self.segment_bytes)
            .field("when_full", &self.when_full)
            .field("sync", &self.sync)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// The size of a segment that results from the settings.
    pub(crate) fn segment_limit(&self) -> u64 {
        let wanted = self.segment_bytes.unwrap_or((self.max_bytes / 64).clamp(1 << 20, 64 << 20));
        wanted.min(self.max_bytes / 8)
    }
}

fn system_ms() -> i64 {
    #[allow(clippy::disallowed_methods, reason = "the clock that callers may replace")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Where a reader begins that has no cursor yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartAt {
    /// At the oldest record that is still there.
    #[default]
    Oldest,
    /// After the newest record.
    End,
}

/// Settings of a reader.
#[derive(Clone, Copy, Debug)]
pub struct ReaderOptions {
    /// Where to begin when there is no cursor yet.
    pub start: StartAt,
    /// How many records may be handed out and unacknowledged at once; `next` waits beyond that. At least 1.
    pub max_in_flight: usize,
}

impl Default for ReaderOptions {
    fn default() -> Self {
        ReaderOptions { start: StartAt::Oldest, max_in_flight: 64 }
    }
}

/// Why a queue cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another queue of this process, uses the directory.
    #[error("queue directory {dir} is in use by another process: stop it, or choose another directory")]
    Locked {
        /// The directory.
        dir: PathBuf,
    },
    /// The directory cannot be created, listed or locked.
    #[error("queue directory {dir}: {action}: {source}: check that the path is a directory this user may write to")]
    Io {
        /// The directory.
        dir: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// The settings make no sense.
    #[error("queue directory {dir}: max_bytes is {max_bytes}, but must be at least 4096")]
    TooSmall {
        /// The directory.
        dir: PathBuf,
        /// The value given.
        max_bytes: u64,
    },
    /// The queue works in the background and needs a runtime for that.
    #[error("queue directory {dir}: opened outside a tokio runtime")]
    NoRuntime {
        /// The directory.
        dir: PathBuf,
    },
}

/// Why a record was not appended. The queue holds nothing of it.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The queue was closed.
    #[error("the queue is closed")]
    Closed,
    /// The record can never fit.
    #[error("a record of {size} bytes does not fit into a queue of {max} bytes: raise the limit of the queue or send smaller batches")]
    TooLarge {
        /// Bytes of the record with its header.
        size: u64,
        /// Most bytes that would fit.
        max: u64,
    },
    /// Only with [`Sync::Always`]: the record was written, but the device did not confirm it. It may be delivered.
    #[error("the record could not be forced to the device: {0}")]
    Sync(io::Error),
}

/// Why there is no reader.
#[derive(Debug, thiserror::Error)]
pub enum ReaderError {
    /// The queue was closed.
    #[error("the queue is closed")]
    Closed,
    /// The name cannot be a file name.
    #[error(
        "reader name of {0} bytes: must have 1 to 200 bytes, where each byte other than letters, digits, `-` and `_` counts three times"
    )]
    Name(usize),
    /// There is a reader of that name already; drop it first.
    #[error("reader `{0}` is in use")]
    InUse(String),
}
