//! Metrics and health of an endpoint, named as dashboards for the original expect them.

use component::{Context, Counter, Histogram};
use delivery::{Endpoint, Meter};
use net::client::SendFailure;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 60.0, 120.0, 300.0];

/// Counts what becomes of the requests of one endpoint.
pub(super) struct RemoteMeter {
    context: Arc<Context>,
    name: String,
    sent: Counter,
    failed: Counter,
    retried: Counter,
    bytes: Counter,
    duration: Histogram,
    failing: AtomicBool,
}

impl RemoteMeter {
    pub fn new(context: &Arc<Context>, name: &str, url: &str) -> Self {
        let labels = [("remote_name", name), ("url", url)];
        let counter = |metric, help| context.metrics.counter_with(metric, help, &labels);
        Self {
            sent: counter("prometheus_remote_storage_samples_total", "Total number of samples sent to remote storage."),
            failed: counter(
                "prometheus_remote_storage_samples_failed_total",
                "Total number of samples which failed on send to remote storage, non-recoverable errors.",
            ),
            retried: counter(
                "prometheus_remote_storage_samples_retried_total",
                "Total number of samples which failed on send to remote storage but were retried because the send error was recoverable.",
            ),
            bytes: counter(
                "prometheus_remote_storage_bytes_total",
                "The total number of bytes of data (not metadata) sent by the queue after compression.",
            ),
            duration: context.metrics.histogram_with(
                "prometheus_remote_storage_sent_batch_duration_seconds",
                "Duration of send calls to the remote storage.",
                SECONDS,
                &labels,
            ),
            context: Arc::clone(context),
            name: name.to_owned(),
            failing: AtomicBool::new(false),
        }
    }
}

impl Meter for RemoteMeter {
    fn sent(&self, items: u64, bytes: u64, took: Duration) {
        self.sent.add(items);
        self.bytes.add(bytes);
        self.duration.observe(took.as_secs_f64());
        self.context.ledger.passed(usize::try_from(items).unwrap_or(usize::MAX));
        if self.failing.swap(false, Ordering::Relaxed) {
            tracing::info!(component_id = %self.context.id, endpoint = self.name, "samples are delivered again");
            self.context.health.healthy("samples are delivered");
        }
    }

    fn retrying(&self, items: u64, failure: &SendFailure) {
        self.retried.add(items);
        let message = format!("samples wait on disk: {failure}");
        if !self.failing.swap(true, Ordering::Relaxed) {
            tracing::warn!(component_id = %self.context.id, endpoint = self.name, "{message}");
        }
        self.context.health.unhealthy(message);
    }

    fn dropped(&self, items: u64, reason: &'static str) {
        self.failed.add(items);
        self.context.ledger.dropped(reason, usize::try_from(items).unwrap_or(usize::MAX));
    }

    fn refused(&self, items: u64, failure: &SendFailure) {
        tracing::error!(component_id = %self.context.id, endpoint = self.name, samples = items, "samples are lost because the receiver refuses them: {failure}");
    }
}

/// Metrics that are read from the queue when somebody looks.
pub(super) fn read_queue(context: &Arc<Context>, name: &str, url: &str, endpoint: &Arc<Endpoint>) {
    let labels = [("remote_name", name), ("url", url)];
    let gauge = |metric, help, read: fn(&queue::Stats) -> f64| {
        let endpoint = Arc::downgrade(endpoint);
        context.metrics.read_gauge(metric, help, &labels, move || endpoint.upgrade().map_or(0.0, |e| read(&e.stats())));
    };
    gauge(
        "prometheus_remote_storage_samples_pending",
        "The number of samples pending in the queue to be sent to the remote storage.",
        |stats| stats.readers.iter().map(|r| r.pending_items).sum::<u64>() as f64,
    );
    gauge("ferroalloy_queue_bytes", "Bytes of an endpoint's queue on disk.", |stats| stats.bytes as f64);
}
