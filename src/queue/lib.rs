//! The durable queue between encoding and sending, the same for every signal.
//!
//! It stores opaque bodies that are ready to send, and hands them to one reader for each endpoint. A reader goes on
//! after the last record it acknowledged, also after a restart. The backlog is never held in memory: that is bounded by
//! the records in flight.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use queue::{NewRecord, Options, Queue, ReaderOptions};
//!
//! let queue = Queue::open("data/remote_write", Options { max_bytes: 2 << 30, ..Options::default() })?;
//! let reader = queue.reader("prod", ReaderOptions::default()).await?;
//! queue.retain_readers(&["prod"]).await;
//! queue.append(NewRecord { items: 500, body: b"...", ..NewRecord::default() }).await?;
//! while let Some(record) = reader.next().await {
//!     // Send `record.body()`. On 2xx:
//!     reader.ack(record.id());
//!     // On a permanent refusal: `reader.reject(record.id(), "http_400")`. On anything else wait, ask `reader.overdue`
//!     // whether to give up, and send again.
//!     reader.recycle(record);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What is guaranteed
//!
//! * **Killed process** (SIGKILL, panic, out of memory): every record whose `append` returned is there, whole, in
//!   order. Records not acknowledged are handed out again, and so are those acknowledged while an earlier one was open
//!   (at most 1024, or `max_in_flight` if that is more). An acknowledgement is in the file when `ack` returns.
//! * **Power loss**: the same for what was forced to the device, see [`Sync`]. What was not may be missing, and is
//!   counted as far as the running numbers show it. Acknowledgements of the last interval may be forgotten, so their
//!   records are sent again; with [`Sync::Never`] that may be more.
//! * **Full disk**: `append` waits and tries again; nothing that was stored is touched, and a half-written record is cut
//!   off. A queue opens on a full disk. A cursor that cannot be written keeps moving in memory and is written later.
//! * **Failing operations** (EIO): counted, shown in [`Stats::last_error`], tried again with growing pauses. A place that
//!   cannot be read is given up after six attempts, about three seconds, and counted as `missing`.
//! * **Damage**: a damaged record is skipped and counted, in items too; reading goes on at the next whole record.
//!   A damaged cursor falls back to the one before it, and then to the oldest record. None of this keeps a queue from
//!   opening.
//! * **Limits**: segment files never hold more than `max_bytes`. Dropping frees whole segments. Records older than
//!   `max_age` are dropped one by one, before they are handed out. For each reader at any time
//!   `appended = acknowledged + pending + dropped`, in records and in items. A record in flight is dropped by nobody but
//!   its sender; if the process dies while its segment is gone already, the next start counts it as `missing`.
//!
//! # On disk
//!
//! All numbers are little-endian. The directory holds `lock`, one `cursor-<reader>` for each reader, and segments
//! `<number with 20 digits>.seg`.
//!
//! A **segment** is a header of 48 bytes and records. The header: magic and version `FQSEGM\0\x01`, CRC-32 of bytes
//! 16..48 as u32, four bytes of zero, segment number u64, running number of the first record u64, items in all earlier
//! records u64, time of creation i64 (Unix milliseconds).
//!
//! A **record** is a header of 72 bytes, the meta and the body:
//!
//! | at | what |
//! | --- | --- |
//! | 0 | magic and version `FQR\x01` |
//! | 4 | CRC-32 u32 of segment number, offset of the record, and bytes 8..72 |
//! | 8 | length of the body u32 |
//! | 12 | CRC-32 u32 of meta and body |
//! | 16 | length of meta u16 |
//! | 18 | shard u16 |
//! | 20 | kind u8, three bytes of zero |
//! | 24 | running number u64 |
//! | 32 | items in all earlier records u64 |
//! | 40 | items u32, four bytes of zero |
//! | 48 | first time, last time, time of the append, i64 each (Unix milliseconds) |
//!
//! The running numbers make every loss visible and exact, whatever caused it, and give the pending figures without
//! reading anything. The place is part of the checksum, so a record inside a body is never taken for one.
//!
//! A **cursor** file has two slots of 512 bytes, written in turn: magic and version `FQC\x01`, CRC-32 u32 of bytes 8..56,
//! then u64 each: generation (the higher one counts), segment, offset, running number of the next record, items before
//! it.

mod cursor;
pub mod files;
mod inner;
mod limits;
mod maintain;
mod open;
mod options;
mod reader;
mod record;
mod segment;
mod stats;
pub mod testing;
mod writer;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use cursor::CursorFile;
use inner::{Inner, ReaderState};
pub use options::{AppendError, Clock, OnDrop, OpenError, Options, ReaderError, ReaderOptions, StartAt, Sync, WhenFull};
pub use reader::Reader;
pub use record::{NewRecord, Record, RecordId};
pub use stats::{DropCount, DropEvent, ReaderStats, Stats, reason};

/// A durable queue in a directory. Clones share it; see the documentation of the crate.
#[derive(Clone)]
pub struct Queue {
    guard: Arc<QueueGuard>,
}

/// Closes the queue when its last handle and reader are gone.
pub(crate) struct QueueGuard {
    pub inner: Arc<Inner>,
}

impl Drop for QueueGuard {
    fn drop(&mut self) {
        self.inner.state.lock().closed = true;
        self.inner.wake.notify_one();
    }
}

impl Queue {
    /// Opens the queue in `dir`, or creates it. Reads the headers of the segments and walks over the last one, so call
    /// it from a thread that may block for some milliseconds.
    ///
    /// # Errors
    /// The directory cannot be used, another process uses it, or there is no tokio runtime. Damaged or torn content is
    /// not an error: it is skipped and counted.
    pub fn open(dir: impl AsRef<Path>, options: Options) -> Result<Queue, OpenError> {
        let dir = dir.as_ref();
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| OpenError::NoRuntime { dir: dir.to_owned() })?;
        let inner = Arc::new(Inner::open(dir, options)?);
        runtime.spawn(maintain::run(Arc::downgrade(&inner), Arc::clone(&inner.wake)));
        Ok(Queue { guard: Arc::new(QueueGuard { inner }) })
    }

    /// Appends a record. `Ok` means that it is written to the file and survives the death of the process.
    ///
    /// Waits while the disk refuses, and while the queue is full if it is set to do so. May be dropped at any await:
    /// the record is then not in the queue. Records of concurrent calls are appended in the order of the calls.
    ///
    /// # Errors
    /// The queue is closed, the record can never fit, or (with [`Sync::Always`]) the device did not confirm it.
    pub async fn append(&self, record: NewRecord<'_>) -> Result<(), AppendError> {
        self.guard.inner.append(record).await
    }

    /// The reader of an endpoint. It goes on after the last record acknowledged under this name, also after a restart.
    ///
    /// # Errors
    /// The queue is closed, the name cannot be a file name, or the name is in use. A cursor that cannot be written is
    /// not an error: that is tried again in the background.
    pub async fn reader(&self, name: &str, options: ReaderOptions) -> Result<Reader, ReaderError> {
        let file_name = cursor::file_name(name).ok_or(ReaderError::Name(name.len()))?;
        let inner = &self.guard.inner;
        let changed = {
            let mut state = inner.state.lock();
            if state.closed {
                return Err(ReaderError::Closed);
            }
            let start = match options.start {
                StartAt::Oldest => open::start_of(&state),
                StartAt::End => open::end_of(&state),
            };
            let reader = state
                .readers
                .entry(name.to_owned())
                .or_insert_with(|| ReaderState::new(name, start, CursorFile::new(&inner.dir, &file_name), None));
            if std::mem::replace(&mut reader.attached, true) {
                return Err(ReaderError::InUse(name.to_owned()));
            }
            Arc::clone(&reader.changed)
        };
        let reader = Reader::new(Arc::clone(&self.guard), name, options, changed);
        let (inner, name) = (Arc::clone(inner), name.to_owned());
        writer::blocking(move || inner.begin_cursor(&name)).await;
        Ok(reader)
    }

    /// Forgets all readers but these, with their cursors: they hold back nothing any more. Call it when the endpoints
    /// are known. The `next` of a reader that is forgotten answers `None`.
    pub async fn retain_readers(&self, names: &[&str]) {
        let inner = Arc::clone(&self.guard.inner);
        let gone: Vec<ReaderState> = {
            let mut state = inner.state.lock();
            let gone = state.readers.keys().filter(|name| !names.contains(&name.as_str())).cloned().collect::<Vec<_>>();
            gone.iter().filter_map(|name| state.readers.remove(name)).collect()
        };
        writer::blocking(move || {
            for reader in gone {
                if let Err(e) = reader.cursor.lock().remove(&*inner.options.files) {
                    inner.note_error("remove a cursor", &e);
                }
                reader.changed.notify_waiters();
            }
            inner.state.lock().doom_passed();
            inner.wake.notify_one();
            inner.space.notify_waiters();
        })
        .await;
    }

    /// Figures of the queue. Reads one record header for each reader that has something unread.
    pub fn stats(&self) -> Stats {
        self.guard.inner.stats()
    }

    /// Writes the cursors, forces everything to the device and gives the directory free. Waiting calls return; calls
    /// after this fail or do nothing, so stop the senders first.
    pub async fn close(&self) {
        let inner = Arc::clone(&self.guard.inner);
        let cursors = Arc::clone(&inner);
        writer::blocking(move || cursors.persist_cursors()).await;
        {
            let mut state = inner.state.lock();
            state.closed = true;
            state.notify_readers();
        }
        inner.space.notify_waiters();
        inner.wake.notify_one();
        let writer = Arc::clone(&inner.writer).lock_owned().await;
        writer::blocking(move || {
            if inner.options.sync != Sync::Never
                && let Err(e) = inner.sync_files()
            {
                inner.note_error("sync the queue", &e);
            }
            *inner.lock.lock() = None;
            drop(writer);
        })
        .await;
    }
}
