//! Samples and lines under one lock and within one budget of memory and time.

use super::held::Held;
use super::lines::{Block, Lines, pack};
use super::series::{Chosen, Metrics};
use component::{Clock, Ledger};
use data::{LogBatch, MetricBatch, MetricType};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use tokio::sync::{Notify, watch};

/// A lock is held for at most so many samples or lines.
const SLICE: usize = 512;
/// A chunk or block covers at most this part of the window, because it is forgotten whole.
const PARTS: i64 = 4;
/// Samples that claim to be this far in the future are wrong, and would stand in the way of all later ones.
const FUTURE: i64 = 10 * 60 * 1000;
/// Longer lines are not for reading.
const LONGEST_LINE: usize = 1024 * 1024;

/// What was let go, by reason.
#[derive(Debug, Default)]
struct Dropped {
    out_of_order: usize,
    too_old: usize,
    in_the_future: usize,
    line_too_long: usize,
    expired: usize,
    memory_limit: usize,
}

/// The numbers that the page shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stats {
    /// Memory in use.
    pub(super) bytes: usize,
    /// The most that may be used.
    pub(super) max_bytes: usize,
    /// How far back data is kept, in milliseconds.
    pub(super) window: i64,
    /// Series with at least one sample.
    pub(super) series: usize,
    /// Samples kept.
    pub(super) samples: usize,
    /// Lines kept.
    pub(super) lines: usize,
}

#[derive(Debug, Default)]
struct Inner {
    metrics: Metrics,
    lines: Lines,
    held: Held,
}

impl Inner {
    fn bytes(&self) -> usize {
        self.metrics.bytes() + self.lines.bytes() + self.held.bytes()
    }

    /// Forgets what is older than the window, then the oldest until the rest fits.
    fn evict(&mut self, oldest: i64, most: usize, dropped: &mut Dropped) {
        while self.metrics.oldest().is_some_and(|(_, last)| last < oldest) {
            dropped.expired += self.metrics.pop(&mut self.held).unwrap_or(0);
        }
        while self.lines.oldest().is_some_and(|(_, last)| last < oldest) {
            dropped.expired += self.lines.pop(&mut self.held).unwrap_or(0);
        }
        while self.bytes() > most {
            let (samples, lines) = (self.metrics.oldest().map(|o| o.0), self.lines.oldest().map(|o| o.0));
            let popped = match (samples, lines) {
                (Some(sample), Some(line)) if sample <= line => self.metrics.pop(&mut self.held),
                (Some(_), None) => self.metrics.pop(&mut self.held),
                _ => self.lines.pop(&mut self.held),
            };
            let Some(popped) = popped else { break };
            dropped.memory_limit += popped;
        }
    }
}

/// What a `local.recent` keeps.
pub(super) struct Store {
    inner: Mutex<Inner>,
    window: AtomicI64,
    max_bytes: AtomicUsize,
    ledger: Ledger,
    clock: Clock,
    /// Counts batches of lines, for those who follow.
    pub(super) arrivals: watch::Sender<u64>,
    /// Told when a block of lines waits to be compressed.
    pub(super) packing: Notify,
}

impl Store {
    /// An empty store that keeps `window` milliseconds in `max_bytes` bytes.
    pub(super) fn new(window: i64, max_bytes: usize, ledger: Ledger, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::default(),
            window: AtomicI64::new(window),
            max_bytes: AtomicUsize::new(max_bytes),
            ledger,
            clock,
            arrivals: watch::Sender::new(0),
            packing: Notify::new(),
        })
    }

    /// Other limits from now on.
    pub(super) fn limit(&self, window: i64, max_bytes: usize) {
        self.window.store(window, Ordering::Relaxed);
        self.max_bytes.store(max_bytes, Ordering::Relaxed);
        self.maintain();
    }

    /// How far back data is kept, in milliseconds.
    pub(super) fn window(&self) -> i64 {
        self.window.load(Ordering::Relaxed)
    }

    /// Milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.clock.millis()
    }

    /// Keeps samples.
    pub(super) fn keep_metrics(&self, batch: &MetricBatch) {
        let mut dropped = Dropped::default();
        let (now, span) = (self.now(), (self.window() / PARTS).max(1));
        let oldest = now - self.window();
        for samples in batch.samples.chunks(SLICE) {
            let mut guard = self.inner.lock();
            let inner = &mut *guard;
            for sample in samples {
                if sample.timestamp < oldest {
                    dropped.too_old += 1;
                } else if sample.timestamp > now.saturating_add(FUTURE) {
                    dropped.in_the_future += 1;
                } else if inner.metrics.push(sample, span, &mut inner.held).is_err() {
                    dropped.out_of_order += 1;
                }
            }
            inner.evict(oldest, self.max_bytes.load(Ordering::Relaxed), &mut dropped);
        }
        if !batch.metadata.is_empty() {
            let mut inner = self.inner.lock();
            batch.metadata.iter().for_each(|metadata| inner.metrics.describe(metadata));
        }
        self.book(batch.samples.len(), &dropped);
    }

    /// Keeps lines.
    pub(super) fn keep_lines(&self, batch: &LogBatch) {
        let mut dropped = Dropped::default();
        let (now, most) = (self.now(), self.max_bytes.load(Ordering::Relaxed));
        let longest = LONGEST_LINE.min(most / 4);
        let mut full = false;
        for stream in batch.iter() {
            for entries in stream.entries.chunks(SLICE) {
                let mut guard = self.inner.lock();
                let inner = &mut *guard;
                for entry in entries {
                    if entry.line.len() > longest {
                        dropped.line_too_long += 1;
                    } else {
                        full |= inner.lines.push(&stream.labels, entry, now, &mut inner.held);
                    }
                }
                inner.evict(now - self.window(), most, &mut dropped);
            }
        }
        if full {
            self.packing.notify_one();
        }
        self.arrivals.send_modify(|count| *count = count.wrapping_add(1));
        self.book(batch.entries(), &dropped);
    }

    fn book(&self, taken: usize, dropped: &Dropped) {
        self.ledger.took(taken);
        self.ledger.dropped("out_of_order", dropped.out_of_order);
        self.ledger.dropped("too_old", dropped.too_old);
        self.ledger.dropped("in_the_future", dropped.in_the_future);
        self.ledger.dropped("line_too_long", dropped.line_too_long);
        self.ledger.dropped("expired", dropped.expired);
        self.ledger.dropped("memory_limit", dropped.memory_limit);
        let inner = self.inner.lock();
        self.ledger.queued(inner.metrics.samples() + inner.lines.count());
    }

    /// Forgets what has become too old.
    pub(super) fn maintain(&self) {
        let mut dropped = Dropped::default();
        let (now, window) = (self.now(), self.window());
        let mut inner = self.inner.lock();
        let full = inner.lines.open_since().is_some_and(|since| now.saturating_sub(since) >= window / PARTS) && inner.lines.seal();
        inner.evict(now - window, self.max_bytes.load(Ordering::Relaxed), &mut dropped);
        drop(inner);
        if full {
            self.packing.notify_one();
        }
        self.book(0, &dropped);
    }

    /// Compresses one block of lines, mostly without the lock; false when none waits.
    pub(super) fn pack_one(&self) -> bool {
        let waiting = self.inner.lock().lines.next_to_pack();
        let Some(raw) = waiting else { return false };
        let packed = pack(&raw);
        self.inner.lock().lines.put_packed(&raw, packed);
        true
    }

    /// See [`Metrics::names`].
    pub(super) fn names(&self) -> Vec<(Arc<str>, usize, MetricType)> {
        self.inner.lock().metrics.names()
    }

    /// See [`Metrics::choose`].
    pub(super) fn choose(&self, name: &str, labels: &[(String, String)], since: i64, most: usize) -> Vec<Chosen> {
        self.inner.lock().metrics.choose(name, labels, since, most)
    }

    /// Blocks with the lines numbered `number` and up, oldest first.
    pub(super) fn blocks(&self, number: u64) -> Vec<Arc<Block>> {
        self.inner.lock().lines.since(number)
    }

    /// The number of the next line to come.
    pub(super) fn next_line(&self) -> u64 {
        self.inner.lock().lines.next()
    }

    /// The numbers that the page shows.
    pub(super) fn stats(&self) -> Stats {
        let inner = self.inner.lock();
        Stats {
            bytes: inner.bytes(),
            max_bytes: self.max_bytes.load(Ordering::Relaxed),
            window: self.window(),
            series: inner.metrics.series(),
            samples: inner.metrics.samples(),
            lines: inner.lines.count(),
        }
    }

    /// True when the running counts agree with what is there.
    #[cfg(test)]
    pub(super) fn adds_up(&self) -> bool {
        let inner = self.inner.lock();
        let metrics = (inner.metrics.heap(), inner.metrics.samples()) == inner.metrics.recount();
        metrics && (inner.lines.heap(), inner.lines.count()) == inner.lines.recount()
    }
}
