//! One tail at work: reads off the threads that carry data, delivers, and only then moves the position.

use super::args::{Args, Decompression, FileWatch, OnPositionsFileError};
use super::generation::Chunk;
use super::lines::{Text, cut};
use super::store::{Claim, Claims, Store};
use super::tail::{Seen, Start, Step, Tail};
use super::watch::{Watched, Watcher};
use crate::source::deliver::{Delivery, Outlet};
use crate::source::positions::Key;
use component::{Context, Counter, Gauge, MetricScope, Shutdown};
use data::{Labels, LogBatch};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Pauses between attempts to read a file that cannot be read.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How often to look whether another tail has let go of a file.
const BUSY_LOOK: Duration = Duration::from_secs(1);

/// What all tails of a component share.
pub(super) struct Shared {
    pub context: Arc<Context>,
    pub outlet: Outlet,
    pub store: Store,
    pub watcher: Watcher,
    pub active: Gauge,
    pub pieces: Counter,
    pub lost: Counter,
}

/// How a tail reads. A tail whose options change is started again.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TailOptions {
    pub encoding: String,
    pub decompression: Decompression,
    pub watch: FileWatch,
    pub from_end: bool,
    pub on_bad_position: OnPositionsFileError,
    pub legacy: bool,
}

impl TailOptions {
    pub fn of(args: &Args) -> Self {
        Self {
            encoding: args.encoding.clone(),
            decompression: args.decompression.clone(),
            watch: args.file_watch.clone(),
            from_end: args.tail_from_end,
            on_bad_position: args.on_positions_file_error,
            legacy: !args.legacy_positions_file.is_empty(),
        }
    }
}

/// One tail.
pub(super) struct Task {
    pub key: Key,
    /// The labels of its lines.
    pub labels: Labels,
    pub options: TailOptions,
    pub shared: Arc<Shared>,
    /// Set when the target is gone: the rest is read, then the tail ends.
    pub ending: Arc<AtomicBool>,
    pub running: Arc<AtomicBool>,
}

/// Metrics of one path, gone with it.
pub(super) struct PathMetrics {
    _scope: MetricScope,
    read_bytes: Gauge,
    file_bytes: Gauge,
    pub lines: Counter,
}

impl PathMetrics {
    fn new(context: &Context, path: &str) -> Self {
        let component_path = format!("/{}", context.id.module);
        let scope = context.metrics.registry().scope(&[("component_id", &context.id.local), ("component_path", &component_path)]);
        let labels = [("path", path)];
        Self {
            read_bytes: scope.gauge_with("loki_source_file_read_bytes_total", "Number of bytes read.", &labels),
            file_bytes: scope.gauge_with("loki_source_file_file_bytes_total", "Number of bytes total.", &labels),
            lines: scope.counter_with("loki_source_file_read_lines_total", "Number of lines read.", &labels),
            _scope: scope,
        }
    }
}

impl Task {
    /// Reads until `stop`, or until the target is gone and everything is read.
    pub async fn run(self, stop: Shutdown) {
        let metrics = PathMetrics::new(&self.shared.context, &self.key.path);
        let Ok(text) = Text::by_name(&self.options.encoding) else { return };
        if self.options.decompression.enabled {
            self.run_compressed(text, &stop, &metrics).await;
        } else {
            self.tail(text, &stop, &metrics).await;
        }
        self.shared.store.set_active(&self.key, false);
        if self.running.swap(false, Ordering::SeqCst) {
            self.shared.active.add(-1.0);
        }
    }

    /// The target has a file that is being read.
    pub(super) fn begin(&self) {
        if !self.running.swap(true, Ordering::SeqCst) {
            self.shared.active.add(1.0);
        }
    }

    /// Follows the files at the path.
    async fn tail(&self, text: Text, stop: &Shutdown, metrics: &PathMetrics) {
        let mut tail = Tail::new(self.key.path.clone().into(), text);
        let mut retry = Retry::default();
        let mut watched = None;
        while !stop.is_stopping() {
            let (back, step) = self.step(tail).await;
            tail = back;
            let result = match step {
                Ok(step) => step,
                Err(error) => {
                    if !retry.after(self, &error, stop).await {
                        break;
                    }
                    continue;
                }
            };
            retry = Retry::default();
            if result.is_some() {
                self.begin();
            }
            let (offset, size) = tail.current();
            metrics.file_bytes.set(size as f64);
            metrics.read_bytes.set(offset as f64);
            match result {
                Some(Step::Chunk(chunk)) => {
                    let Some(lines) = self.deliver(&chunk, stop).await else { break };
                    metrics.lines.add(lines as u64);
                    tail.commit(&chunk);
                    self.shared.store.put(&self.key, tail.current().0, tail.places());
                }
                Some(Step::Wait(until)) => self.wait(&mut watched, tail.seen(), until, stop).await,
                Some(Step::End) => break,
                None if self.ending.load(Ordering::SeqCst) => break,
                None => self.wait(&mut watched, tail.seen(), None, stop).await,
            }
        }
        self.shared.lost.add(tail.lost);
    }

    /// One step on a thread that may block. `None`: there is no file yet.
    async fn step(&self, mut tail: Tail) -> (Tail, io::Result<Option<Step>>) {
        let (shared, key, options) = (Arc::clone(&self.shared), self.key.clone(), self.options.clone());
        let ending = self.ending.load(Ordering::SeqCst);
        let work = move || {
            let step = (|| {
                let claims = Claims { store: &shared.store, key: &key };
                if !tail.is_open() {
                    match start(&mut tail, &claims, &options)? {
                        Begun::Yes => {}
                        Begun::NoFile => return Ok(None),
                        Begun::Busy => return Ok(Some(Step::Wait(Some(Instant::now() + BUSY_LOOK)))),
                    }
                }
                let step = tail.next(ending, &claims).map(Some);
                tail.take_emptied().into_iter().for_each(|place| shared.store.emptied(&key, place));
                tail.take_released().into_iter().for_each(|place| shared.store.release(&key, place));
                if tail.take_change() {
                    shared.store.put(&key, tail.current().0, tail.places());
                }
                step
            })();
            (tail, step)
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => done,
            // The process is ending, or the step panicked: begin anew from what is stored.
            Err(error) => (Tail::new(self.key.path.clone().into(), Text::Utf8), Err(io::Error::other(error))),
        }
    }

    /// Hands the lines on, however long it takes. `None` when it is time to stop first.
    pub(super) async fn deliver(&self, chunk: &Chunk, stop: &Shutdown) -> Option<usize> {
        let shared = &self.shared;
        let count = chunk.text.len() / 64 + 1;
        let batch = || {
            let mut entries = Vec::with_capacity(count);
            cut(&chunk.text, shared.context.clock().nanos(), &mut entries);
            LogBatch::of(self.labels.clone(), entries)
        };
        if chunk.piece {
            shared.pieces.inc();
        }
        match shared.outlet.deliver(batch, stop).await {
            Delivery::Done(lines) => Some(lines),
            Delivery::Stopped => None,
        }
    }

    /// Waits for the path to change, for `until`, or for the end of the target.
    pub(super) async fn wait(&self, watched: &mut Option<Arc<Watched>>, seen: Seen, until: Option<Instant>, stop: &Shutdown) {
        if self.ending.load(Ordering::SeqCst) && until.is_none() {
            return;
        }
        let device = seen.id.map_or(0, |id| id.device);
        let options = &self.options.watch;
        let watched = watched.get_or_insert_with(|| {
            self.shared.watcher.watch(Path::new(&self.key.path), device, options.min_poll_frequency.std(), options.max_poll_frequency.std())
        });
        let timer = async {
            match until {
                Some(until) => tokio::time::sleep_until(until.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.wait() => {}
            () = watched.changed(seen) => {}
            () = timer => {}
        }
    }
}

/// Attempts to read a file that cannot be read: the first failure in a row is told, and the pauses grow.
#[derive(Default)]
pub(super) struct Retry {
    pause: Option<Duration>,
}

impl Retry {
    /// Waits after a failure. False when it is time to end.
    pub async fn after(&mut self, task: &Task, error: &io::Error, stop: &Shutdown) -> bool {
        if self.pause.is_none() {
            tracing::error!(component_id = %task.shared.context.id, path = task.key.path, %error, "the file cannot be read; it is tried again");
        }
        let pause = self.pause.map_or(FIRST_PAUSE, |last| (last * 2).min(LONGEST_PAUSE));
        self.pause = Some(pause);
        !task.ending.load(Ordering::SeqCst) && stop.or(tokio::time::sleep(pause)).await.is_some()
    }
}

/// What came of an attempt to begin.
enum Begun {
    Yes,
    /// There is nothing at the path.
    NoFile,
    /// What is there was rotated away from another path, and its tail is not done with it.
    Busy,
}

/// Opens the files where reading stopped.
fn start(tail: &mut Tail, claims: &Claims<'_>, options: &TailOptions) -> io::Result<Begun> {
    let Claims { store, key } = claims;
    let places = store.places(key);
    if !places.is_empty() && tail.resume(&places, claims)? {
        return Ok(Begun::Yes);
    }
    let Some(first) = tail.open()? else { return Ok(Begun::NoFile) };
    let stored = store.positions.get(key).or_else(|| if options.legacy { store.positions.get(&Key::new(&key.path, "{}")) } else { None });
    // A position is believed when it may be this file's: the one it was of may be gone.
    let is_other = places.last().is_some_and(|place| !first.begins_as(&place.fingerprint));
    let from = match stored.filter(|_| !is_other).map(|text| text.parse::<u64>()) {
        None => match claims.of(&first) {
            Claim::Busy => return Ok(Begun::Busy),
            Claim::ReadTo(offset) => Start::At(offset),
            Claim::Free if options.from_end && !is_other => Start::End,
            Claim::Free => Start::At(0),
        },
        Some(Ok(0)) if options.from_end => Start::End,
        Some(Ok(offset)) => Start::At(offset),
        Some(Err(_)) => match options.on_bad_position {
            OnPositionsFileError::Skip => {
                return Err(io::Error::other("its position is no number, and `on_positions_file_error` says to skip it"));
            }
            OnPositionsFileError::RestartFromEnd => Start::End,
            OnPositionsFileError::RestartFromBeginning if options.from_end => Start::End,
            OnPositionsFileError::RestartFromBeginning => Start::At(0),
        },
    };
    tail.start(first, from)?;
    Ok(Begun::Yes)
}
