//! Metrics and health of an endpoint, named as dashboards for the original expect them.

use component::{Context, Counter, Histogram};
use delivery::Meter;
use net::client::SendFailure;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Counts what becomes of the requests of one endpoint.
pub(super) struct LokiMeter {
    context: Arc<Context>,
    host: String,
    entries: Counter,
    bytes: Counter,
    retries: Counter,
    duration: Histogram,
    failing: AtomicBool,
}

impl LokiMeter {
    pub fn new(context: &Arc<Context>, host: &str) -> Self {
        let labels = [("host", host), ("tenant", "")];
        let counter = |metric, help| context.metrics.counter_with(metric, help, &labels);
        let timed = [("host", host), ("status_code", "204"), ("tenant", "")];
        Self {
            entries: counter("loki_write_sent_entries_total", "Number of log entries sent to the ingester."),
            bytes: counter("loki_write_sent_bytes_total", "Number of bytes sent."),
            retries: counter("loki_write_batch_retries_total", "Number of times batches has had to be retried."),
            duration: context.metrics.histogram_with("loki_write_request_duration_seconds", "Duration of send requests.", SECONDS, &timed),
            context: Arc::clone(context),
            host: host.to_owned(),
            failing: AtomicBool::new(false),
        }
    }
}

impl Meter for LokiMeter {
    fn sent(&self, items: u64, bytes: u64, took: Duration) {
        self.entries.add(items);
        self.bytes.add(bytes);
        self.duration.observe(took.as_secs_f64());
        self.context.ledger.passed(usize::try_from(items).unwrap_or(usize::MAX));
        if self.failing.swap(false, Ordering::Relaxed) {
            tracing::info!(component_id = %self.context.id, host = self.host, "lines are delivered again");
            self.context.health.healthy("lines are delivered");
        }
    }

    fn retrying(&self, _items: u64, failure: &SendFailure) {
        self.retries.inc();
        let message = format!("lines wait on disk: {failure}");
        if !self.failing.swap(true, Ordering::Relaxed) {
            tracing::warn!(component_id = %self.context.id, host = self.host, "{message}");
        }
        self.context.health.unhealthy(message);
    }

    fn dropped(&self, items: u64, reason: &'static str) {
        let labels = [("host", self.host.as_str()), ("reason", reason), ("tenant", "")];
        let help = "Number of log entries dropped because failed to be sent to the ingester after all retries.";
        self.context.metrics.counter_with("loki_write_dropped_entries_total", help, &labels).add(items);
        self.context.ledger.dropped(reason, usize::try_from(items).unwrap_or(usize::MAX));
    }

    fn refused(&self, items: u64, failure: &SendFailure) {
        tracing::error!(component_id = %self.context.id, host = self.host, lines = items, "lines are lost because the receiver refuses them: {failure}");
    }
}
