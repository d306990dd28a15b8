//! `local.recent`, an extension: keeps the metrics and logs of the last minutes in a fixed amount of memory for the
//! debug UI, which shows them live. Nothing of the original has this name.

mod chunk;
mod held;
mod lines;
mod pages;
mod query;
mod series;
mod store;
#[cfg(test)]
mod tests;

use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use data::{LogBatch, LogsReceiver, MetricBatch, MetricsReceiver, SendError, Sink};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration as StdDuration;
use store::Store;
use tokio::time::MissedTickBehavior;
use value::types::{ByteSize, Duration};
use value::{Arguments, Exports, Node, ValidateError, Value};

pub(crate) static COMPONENT: Registration = Registration::of::<Recent>("local.recent", Stability::GenerallyAvailable);

/// How often old data is looked for.
const TICKS: u32 = 60;

/// Keeps the metrics and logs of the last minutes in memory, for the debug UI at `/`.
///
/// Forward data to its receivers beside your other ones. It never slows the others down: what does not fit makes room
/// by dropping the oldest. Memory is taken as data comes; without data there is next to none.
///
/// Below `/api/v0/component/local.recent.LABEL/` it answers:
/// * `names`: metric names with the number of their series and their type;
/// * `series?name=NAME&match=LABEL=VALUE&since=MILLISECONDS`: points of the series, thinned out to 1,000 each;
/// * `logs?q=TEXT&label=LABEL=VALUE&limit=N&before=NANOSECONDS`: lines that contain a text, newest first;
/// * `tail?q=TEXT&label=LABEL=VALUE`: new lines as server-sent events;
/// * `stats`: how much is kept.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
struct Args {
    /// How far back data is kept. Must be at least a second. Metrics count by the time of the sample, logs by the time
    /// of their arrival.
    #[alloy(attr, default = "15m")]
    window: Duration,
    /// The most memory for metrics and logs together; the oldest go first. Must be at least `64KiB`. A series scraped
    /// every 15 seconds takes up to 1 KiB for 15 minutes, a log line around a third of its length.
    #[alloy(attr, default = "64MiB")]
    max_bytes: ByteSize,
}

impl Args {
    fn validate(&self) -> Result<(), ValidateError> {
        if self.window.std() < StdDuration::from_secs(1) {
            return Err(ValidateError::at("window", "window must be at least 1s"));
        }
        if self.max_bytes < ByteSize::kib(64) {
            return Err(ValidateError::at("max_bytes", "max_bytes must be at least 64KiB"));
        }
        Ok(())
    }

    fn limits(&self) -> (i64, usize) {
        (self.window.nanos() / 1_000_000, usize::try_from(self.max_bytes.bytes()).unwrap_or(usize::MAX))
    }
}

/// Where to send what is to be shown.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// Takes metrics, for `forward_to` of `prometheus` components.
    #[alloy(attr)]
    metrics_receiver: MetricsReceiver,
    /// Takes logs, for `forward_to` of `loki` components.
    #[alloy(attr)]
    logs_receiver: LogsReceiver,
}

struct Recent {
    store: Arc<Store>,
    /// Keeps the pages and the metrics alive.
    _options: Options<Out>,
}

struct MetricsSink(Arc<Store>);

impl Sink<MetricBatch> for MetricsSink {
    fn send(&self, batch: MetricBatch) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            self.0.keep_metrics(&batch);
            Ok(())
        })
    }
}

struct LogsSink(Arc<Store>);

impl Sink<LogBatch> for LogsSink {
    fn send(&self, batch: LogBatch) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            self.0.keep_lines(&batch);
            Ok(())
        })
    }
}

impl Component for Recent {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        let (window, max_bytes) = args.limits();
        let store = Store::new(window, max_bytes, options.ledger.clone(), options.clock().clone());
        let weak = Arc::downgrade(&store);
        let bytes = move || weak.upgrade().map_or(0.0, |s| s.stats().bytes as f64);
        options.metrics.read_gauge("local_recent_bytes", "Memory taken by recent metrics and logs.", &[], bytes);
        options.mount(Arc::new(pages::Pages(Arc::downgrade(&store))));
        options.export(Out {
            metrics_receiver: options.context().receiver("metrics_receiver", Arc::new(MetricsSink(Arc::clone(&store)))),
            logs_receiver: options.context().receiver("logs_receiver", Arc::new(LogsSink(Arc::clone(&store)))),
        });
        Ok(Self { store, _options: options })
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        let (window, max_bytes) = args.limits();
        self.store.limit(window, max_bytes);
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        loop {
            let window = StdDuration::from_millis(self.store.window().unsigned_abs());
            let every = (window / TICKS).clamp(StdDuration::from_millis(100), StdDuration::from_secs(15));
            let mut tick = tokio::time::interval(every);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while self.store.window().unsigned_abs() == window.as_millis() as u64 {
                tokio::select! {
                    () = stop.wait() => return Ok(()),
                    _ = tick.tick() => self.store.maintain(),
                    () = self.store.packing.notified() => {}
                }
                while self.store.pack_one() {
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    fn debug_info(&self) -> Vec<Node> {
        let stats = self.store.stats();
        let number = |name: &'static str, n: usize| Node::Attr(name.into(), Value::from(n as f64));
        vec![
            number("bytes", stats.bytes),
            number("max_bytes", stats.max_bytes),
            number("series", stats.series),
            number("samples", stats.samples),
            number("lines", stats.lines),
        ]
    }
}
