//! `stage.limit` lets so many lines through in a second.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::pipeline::{Build, Reason, Scratch};
use component::{Clock, Counter, MetricScope};
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::time::Duration;
use value::{Arguments, ValidateError};

/// Values of the label that are told apart at least.
const LEAST_DISTINCT: usize = 10_000;

/// Lets so many lines through in a second.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct LimitArgs {
    /// Lines in a second.
    #[alloy(attr)]
    rate: f64,
    /// Lines at once, after a pause.
    #[alloy(attr)]
    burst: i64,
    /// Drops lines beyond the limit. Otherwise they wait, and so do the components that send them.
    #[alloy(attr, optional)]
    drop: bool,
    /// Limits each value of this label by itself. Needs `drop`.
    #[alloy(attr, default = "")]
    by_label_name: String,
    /// Values of the label that are told apart; less than 10000 means 10000.
    #[alloy(attr, default = 0)]
    max_distinct_labels: i64,
}

/// Tokens that lines take; they come back with time.
#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: i64,
}

/// Buckets by value of the label. The young half becomes the old one when it is full.
#[derive(Default)]
struct Buckets {
    young: HashMap<String, Bucket>,
    old: HashMap<String, Bucket>,
}

enum Mode {
    Wait(Mutex<Bucket>),
    Drop(Mutex<Bucket>),
    ByLabel { name: String, most: usize, buckets: Mutex<Buckets>, metrics: Option<MetricScope> },
}

struct Limit {
    rate: f64,
    burst: f64,
    mode: Mode,
    reason: Reason,
    clock: Clock,
}

impl BuildStage for LimitArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        if self.rate.is_nan() || self.rate <= 0.0 {
            return Err(ValidateError::at("rate", "the rate must be above 0"));
        }
        if self.burst <= 0 {
            return Err(ValidateError::at("burst", "the burst must be above 0"));
        }
        if !self.by_label_name.is_empty() && !self.drop {
            return Err(ValidateError::at("by_label_name", "a limit by label has to drop lines").hint("add `drop = true`"));
        }
        build.keeps_state();
        let full = Bucket { tokens: self.burst as f64, at: build.clock.nanos() };
        let mode = match (self.by_label_name.is_empty(), self.drop) {
            (false, _) => Mode::ByLabel {
                name: self.by_label_name.clone(),
                most: usize::try_from(self.max_distinct_labels).unwrap_or(0).max(LEAST_DISTINCT),
                buckets: Mutex::default(),
                metrics: build.metrics.cloned(),
            },
            (true, true) => Mode::Drop(Mutex::new(full)),
            (true, false) => Mode::Wait(Mutex::new(full)),
        };
        let reason = build.counted_reason("ratelimit_drop_stage", "ratelimit_drop_stage");
        Ok(Box::new(Limit { rate: self.rate, burst: self.burst as f64, mode, reason, clock: build.clock.clone() }))
    }
}

impl Limit {
    fn refill(&self, bucket: &mut Bucket) {
        let now = self.clock.nanos();
        let elapsed = now.saturating_sub(bucket.at).max(0) as f64 / 1e9;
        bucket.tokens = (bucket.tokens + elapsed * self.rate).min(self.burst);
        bucket.at = now;
    }

    fn allow(&self, bucket: &mut Bucket) -> bool {
        self.refill(bucket);
        let allowed = bucket.tokens >= 1.0;
        if allowed {
            bucket.tokens -= 1.0;
        }
        allowed
    }

    fn allow_label(&self, buckets: &mut Buckets, most: usize, value: &str) -> bool {
        if let Some(bucket) = buckets.young.get_mut(value) {
            return self.allow(bucket);
        }
        let (value, mut bucket) =
            buckets.old.remove_entry(value).unwrap_or_else(|| (value.to_owned(), Bucket { tokens: self.burst, at: self.clock.nanos() }));
        let allowed = self.allow(&mut bucket);
        buckets.young.insert(value, bucket);
        if buckets.young.len() >= most {
            buckets.old = std::mem::take(&mut buckets.young);
        }
        allowed
    }
}

fn dropped_by_label(metrics: &MetricScope, name: &str, value: &str) -> Counter {
    metrics.counter_with(
        "loki_process_dropped_lines_by_label_total",
        "Log lines dropped by a limit for each value of a label.",
        &[("label_name", name), ("label_value", value)],
    )
}

impl Stage for Limit {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        match &self.mode {
            Mode::Drop(bucket) => {
                if !self.allow(&mut bucket.lock()) {
                    return Flow::Drop(self.reason);
                }
            }
            Mode::Wait(bucket) => {
                let mut bucket = bucket.lock();
                self.refill(&mut bucket);
                // A token that is not there yet is owed: the batch is held back until it is.
                bucket.tokens -= 1.0;
                if bucket.tokens < 0.0 {
                    scratch.wait = scratch.wait.max(Duration::try_from_secs_f64(-bucket.tokens / self.rate).unwrap_or(Duration::MAX));
                }
            }
            Mode::ByLabel { name, most, buckets, metrics } => {
                let Some(value) = work.labels.get(name) else { return Flow::Next };
                if !self.allow_label(&mut buckets.lock(), *most, value) {
                    if let Some(metrics) = metrics {
                        dropped_by_label(metrics, name, value).inc();
                    }
                    return Flow::Drop(self.reason);
                }
            }
        }
        Flow::Next
    }
}
