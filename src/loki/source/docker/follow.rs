//! One container: its lines, through restarts of the container and of the daemon.

use super::cursors::{Cursor, Cursors, Sieve};
use super::targets::Wanted;
use crate::source::deliver::{Delivery, Outlet};
use arc_swap::ArcSwap;
use component::{Context, Counter, Shutdown};
use data::{Entry, LogBatch, Stream};
use docker::{Client, Error, Message, Output, State};
use futures_util::StreamExt;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How often a container that does not run is looked at.
const LOOK: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 5 });
/// Pauses after errors.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A container that sends nothing for so long is caught up with.
const CAUGHT_UP: Duration = Duration::from_millis(200);
/// Lines handed on at once.
const BATCH: usize = 1024;

/// What all containers of a component share.
pub(super) struct Shared {
    pub context: Arc<Context>,
    pub outlet: Outlet,
    pub cursors: Cursors,
    pub entries: Counter,
    pub errors: Counter,
    /// Containers that are read from their cursors to the present at the same time: a start must not be a storm.
    pub catching_up: Arc<Semaphore>,
}

/// A container that is read.
pub(super) struct Follower {
    pub id: String,
    pub wanted: ArcSwap<Wanted>,
    pub client: Client,
    pub shared: Arc<Shared>,
    /// Asked for when the target is gone.
    pub ending: Shutdown,
    pub running: AtomicBool,
    pub last_error: Mutex<String>,
}

/// Why a stream of lines is over.
enum Over {
    /// The daemon has closed it.
    Closed,
    /// It broke.
    Failed(Error),
    /// It is time to stop.
    Stopped,
}

impl Follower {
    /// Reads until `stop`, until the container does not exist any more, or, when the target is gone, to its end.
    pub async fn run(self: Arc<Self>, stop: Shutdown) {
        let mut pause = FIRST_PAUSE;
        let mut read = None;
        while !stop.is_stopping() {
            let wait = match self.once(&mut read, &stop).await {
                Ok(true) => {
                    pause = FIRST_PAUSE;
                    LOOK
                }
                Ok(false) => break,
                Err(Error::Gone) => break,
                Err(error) => {
                    self.failed(&error);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    pause
                }
            };
            tokio::select! {
                () = stop.wait() => {}
                () = self.ending.wait(), if !self.ending.is_stopping() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Reads what there is, following the container while it runs. `read` is the state that was read to its end.
    /// False when nothing more is wanted.
    async fn once(&self, read: &mut Option<State>, stop: &Shutdown) -> Result<bool, Error> {
        let state = self.client.state(&self.id).await?;
        if read.as_ref() == Some(&state) && !state.running {
            return Ok(!self.ending.is_stopping());
        }
        if state.running && self.ending.is_stopping() {
            return Ok(false);
        }
        let permit = Arc::clone(&self.shared.catching_up).acquire_owned().await.ok();
        self.running.store(true, Ordering::SeqCst);
        let over = self.read(&state, true, permit, stop).await;
        self.running.store(false, Ordering::SeqCst);
        match over {
            Over::Stopped => return Ok(false),
            Over::Failed(error) => return Err(error),
            Over::Closed => {}
        }
        // A daemon may close a followed stream before the last lines of a container are written.
        let after = self.client.state(&self.id).await?;
        if !after.running {
            match self.read(&after, false, None, stop).await {
                Over::Stopped => return Ok(false),
                Over::Failed(error) => return Err(error),
                Over::Closed => *read = Some(after),
            }
        }
        self.last_error.lock().clear();
        Ok(!(self.ending.is_stopping() && read.is_some()))
    }

    async fn read(&self, state: &State, follow: bool, mut permit: Option<tokio::sync::OwnedSemaphorePermit>, stop: &Shutdown) -> Over {
        let mut cursor = self.shared.cursors.get(&self.id);
        let mut sieve = Sieve::new(&cursor);
        let mut lines = self.client.logs(&self.id, cursor.since(), state.tty, follow).ready_chunks(BATCH);
        let mut checked = false;
        loop {
            let chunk = tokio::select! {
                () = stop.wait() => return Over::Stopped,
                chunk = lines.next() => chunk,
                () = tokio::time::sleep(CAUGHT_UP), if permit.is_some() => {
                    permit = None;
                    continue;
                }
                () = self.ending.wait(), if !checked => {
                    checked = true;
                    // A container that has ended is read to its end; one that goes on is not wanted any more.
                    match self.client.state(&self.id).await {
                        Ok(state) if state.running => return Over::Stopped,
                        _ => continue,
                    }
                }
            };
            let Some(chunk) = chunk else { return Over::Closed };
            let mut failed = None;
            let new = |message: Result<Message, Error>| match message {
                Ok(message) => sieve.is_new(&message).then_some(message),
                Err(error) => {
                    failed = Some(error);
                    None
                }
            };
            let messages: Vec<Message> = chunk.into_iter().filter_map(new).collect();
            if !messages.is_empty() && !self.deliver(&messages, &mut cursor, stop).await {
                return Over::Stopped;
            }
            if let Some(error) = failed {
                return Over::Failed(error);
            }
        }
    }

    /// Hands lines on and moves the cursor. False when it was time to stop first.
    async fn deliver(&self, messages: &[Message], cursor: &mut Cursor, stop: &Shutdown) -> bool {
        let shared = &self.shared;
        let wanted = self.wanted.load_full();
        let batch = || LogBatch::new(streams(messages, &wanted));
        let lines = batch().entries();
        if lines > 0 && shared.outlet.deliver(batch, stop).await == Delivery::Stopped {
            return false;
        }
        shared.entries.add(lines as u64);
        let unplaced = messages.iter().filter(|m| m.timestamp.is_none()).count();
        shared.errors.add(unplaced as u64);
        shared.context.ledger.dropped("no_timestamp", unplaced);
        cursor.advance(messages);
        shared.cursors.put(&self.id, &wanted.target, cursor.clone(), shared.context.clock().nanos() / 1_000_000_000);
        true
    }

    fn failed(&self, error: &Error) {
        let text = error.to_string();
        let mut last = self.last_error.lock();
        if *last != text {
            tracing::warn!(component_id = %self.shared.context.id, container = self.id, "the logs of a container cannot be read: {text}; it is tried again");
            *last = text;
        }
    }
}

/// The lines that have labels and a time, and are not empty, by output.
fn streams(messages: &[Message], wanted: &Wanted) -> Vec<Stream> {
    let stream = |output: Output| {
        let labels = wanted.streams[output as usize].clone()?;
        let mine = messages.iter().filter(|m| m.output == output && !m.line.is_empty());
        let entries: Vec<Entry> = mine.filter_map(|m| Some(Entry::new(m.timestamp?, text(m)))).collect();
        (!entries.is_empty()).then_some(Stream { labels, entries })
    };
    [Output::Stdout, Output::Stderr].into_iter().filter_map(stream).collect()
}

/// The line as UTF-8; what is no text becomes U+FFFD.
fn text(message: &Message) -> bytes::Bytes {
    match String::from_utf8_lossy(&message.line) {
        std::borrow::Cow::Borrowed(_) => message.line.clone(),
        std::borrow::Cow::Owned(text) => text.into(),
    }
}
