//! Delivery: what stands between an encoded request and the far end. A request body is appended to the durable queue
//! of its endpoint and is the endpoint's from then on; senders post it, again and again until the far end has it.
//!
//! Small records are merged into one request on their way out: a snappy block is a length and a list of elements, and
//! a protobuf message with repeated fields may be written in pieces, so that merging is adding lengths and copying.
//!
//! Guarantees: what [`Endpoint::append`] answered `Ok` for is sent, or counted as dropped with a reason: refused by the
//! far end for good, or older or more than the queue may hold. Records of one shard arrive in order.

mod fleet;
mod merge;
mod pool;
mod sender;
#[cfg(test)]
mod tests;

pub use fleet::{Fleet, Spec};
pub use pool::Pool;
pub use sender::{Meter, Settings};

use arc_swap::ArcSwap;
use component::Shutdown;
use queue::{AppendError, NewRecord, OpenError, Options, Queue, ReaderError, ReaderOptions, Stats};
use sender::Pace;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Records handed to senders and not acknowledged: small ones are merged, so there may be many.
const MOST_IN_FLIGHT: usize = 1024;
/// How often a stopping endpoint looks whether it is done.
const LOOK: Duration = Duration::from_millis(5);
/// The name of the one reader of an endpoint's queue.
const READER: &str = "sender";

/// One far end with its durable queue.
pub struct Endpoint {
    queue: Queue,
    settings: ArcSwap<Settings>,
    meter: Arc<dyn Meter>,
}

impl Endpoint {
    /// Opens the queue in `dir`, with what an earlier run has left in it. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the directory cannot be used or belongs to another process.
    pub fn open(dir: &Path, mut options: Options, settings: Settings, meter: Arc<dyn Meter>) -> Result<Arc<Self>, OpenError> {
        let drops = Arc::clone(&meter);
        options.on_drop = Some(Arc::new(move |event| drops.dropped(event.count.items, event.reason)));
        let queue = Queue::open(dir, options)?;
        Ok(Arc::new(Self { queue, settings: ArcSwap::from_pointee(settings), meter }))
    }

    /// Takes over a request body. `Ok` means that it survives the death of the process.
    ///
    /// # Errors
    /// When the queue is closed or the record can never fit.
    pub async fn append(&self, record: NewRecord<'_>) -> Result<(), AppendError> {
        self.queue.append(record).await
    }

    /// Sends to another address, with other credentials or limits, from the next request on.
    pub fn configure(&self, settings: Settings) {
        self.settings.store(Arc::new(settings));
    }

    /// Figures of the queue.
    pub fn stats(&self) -> Stats {
        self.queue.stats()
    }

    /// Sends until `stop`. Then it gets rid of what it has, as long as the far end takes it and for no longer than
    /// `grace`; the rest stays in the queue.
    ///
    /// # Errors
    /// When another run of the same endpoint has not ended.
    pub async fn run(&self, stop: Shutdown, grace: Duration) -> Result<(), ReaderError> {
        let options = ReaderOptions { max_in_flight: MOST_IN_FLIGHT, ..ReaderOptions::default() };
        let reader = self.queue.reader(READER, options).await?;
        let pace = Pace::default();
        let stopping = async {
            stop.wait().await;
            pace.hurry.stop();
            let failing = async {
                while !pace.failing.load(Ordering::Relaxed) {
                    tokio::time::sleep(LOOK).await;
                }
            };
            tokio::select! {
                () = self.drained() => {}
                () = failing => {}
                () = tokio::time::sleep(grace) => {}
            }
            pace.stop.stop();
        };
        futures_util::future::join(sender::run(&reader, &self.settings, &self.meter, &pace), stopping).await;
        Ok(())
    }

    /// Items that wait to be delivered.
    pub fn pending(&self) -> u64 {
        self.stats().readers.iter().map(|r| r.pending_items).sum()
    }

    /// Waits until everything is sent, for tests and for shutdown.
    pub async fn drained(&self) {
        // Before the first run there is no reader to ask.
        let waiting = |stats: Stats| stats.readers.is_empty() || stats.readers.iter().any(|r| r.pending_records > 0);
        while waiting(self.stats()) {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Closes the queue; what is not sent stays in it for the next run.
    pub async fn close(&self) {
        self.queue.close().await;
    }
}
