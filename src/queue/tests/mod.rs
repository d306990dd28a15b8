//! Behaviour of the whole queue, on the real file system and on one that fails.

mod basics;
mod crash;
mod faults;
mod limits;
mod model;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::testing::FaultyFs;
use crate::{AppendError, NewRecord, Options, Queue, Reader, ReaderOptions, ReaderStats, Record};

/// No wait in a test may take longer than this.
const DEADLINE: Duration = Duration::from_secs(30);
const DIR: &str = "/queue";

/// A clock that stands still until it is set.
#[derive(Clone, Default)]
struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::SeqCst);
    }
}

fn options(fs: &FaultyFs) -> Options {
    Options { files: Arc::new(fs.clone()), segment_bytes: Some(1000), ..Options::default() }
}

fn clocked(options: Options, clock: &ManualClock) -> Options {
    let clock = clock.clone();
    Options { clock: Arc::new(move || clock.0.load(Ordering::SeqCst)), ..options }
}

fn open(options: Options) -> Queue {
    Queue::open(Path::new(DIR), options).expect("the queue opens whatever it finds")
}

/// A body that tells its number and whose length depends on it.
fn body(n: u64) -> Vec<u8> {
    let mut body = n.to_le_bytes().to_vec();
    body.resize(usize::try_from(20 + n * 7 % 90).expect("small"), u8::try_from(n % 251).expect("small"));
    body
}

async fn append(queue: &Queue, n: u64) {
    append_to(queue, n).await.expect("the queue is open");
}

async fn append_to(queue: &Queue, n: u64) -> Result<(), AppendError> {
    let body = body(n);
    let ms = i64::try_from(n).expect("small");
    let record = NewRecord { items: 10, first_ms: ms, last_ms: ms, meta: b"tenant", body: &body, ..NewRecord::default() };
    within(queue.append(record)).await
}

/// The number in a record, after a check that nothing in it has changed.
fn number(record: &Record) -> u64 {
    let bytes = record.body();
    let n = u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes"));
    assert_eq!(bytes, body(n), "the body is as it was appended");
    assert_eq!((record.meta(), record.items()), (&b"tenant"[..], 10));
    n
}

async fn reader(queue: &Queue, name: &str) -> Reader {
    within(queue.reader(name, ReaderOptions::default())).await.expect("the name is free")
}

async fn next(reader: &Reader) -> u64 {
    number(&within(reader.next()).await.expect("the queue is open"))
}

/// Reads and acknowledges all there is.
async fn drain(queue: &Queue, reader: &Reader) -> Vec<u64> {
    let mut out = Vec::new();
    while figures(queue, reader.name()).pending_records > 0 {
        let Ok(record) = tokio::time::timeout(Duration::from_millis(200), reader.next()).await else { break };
        let record = record.expect("the queue is open");
        out.push(number(&record));
        reader.ack(record.id());
        reader.recycle(record);
    }
    out
}

fn figures(queue: &Queue, name: &str) -> ReaderStats {
    queue.stats().readers.into_iter().find(|r| r.name == name).expect("there is such a reader")
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future).await.expect("this takes far less than the deadline")
}

/// Waits for a condition.
async fn until(what: &str, condition: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !condition() {
        assert!(start.elapsed() < DEADLINE, "waited in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Whether only the active segment is left, and all others are removed.
fn settled(queue: &Queue) -> bool {
    let state = queue.guard.inner.state.lock();
    state.doomed.is_empty() && state.removing == 0 && state.segments.len() <= 1
}
