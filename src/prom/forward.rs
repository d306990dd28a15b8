//! Sending on, with the figures that dashboards show of every component that does.

use component::{Context, Counter, Histogram};
use data::receiver::SendError;
use data::{Fanout, MetricBatch, MetricsReceiver};
use std::time::Instant;

const LATENCY: [f64; 13] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// The receivers of a component's samples.
pub(crate) struct Forward {
    out: Fanout<MetricBatch>,
    forwarded: Counter,
    latency: Histogram,
}

impl Forward {
    /// Without receivers yet.
    pub(crate) fn new(context: &Context) -> Self {
        let scope = &context.metrics;
        Self {
            out: Fanout::new(Vec::new()),
            forwarded: scope.counter("prometheus_forwarded_samples_total", "Samples that receivers took."),
            latency: scope.histogram_with("prometheus_fanout_latency", "How long it took to hand batches over.", &LATENCY, &[]),
        }
    }

    /// Exchanges the receivers.
    pub(crate) fn set(&self, receivers: Vec<MetricsReceiver>) {
        self.out.set(receivers);
    }

    /// Hands over `batch`, see [`Fanout::send`].
    pub(crate) async fn send(&self, batch: MetricBatch) -> Result<(), SendError> {
        let (count, start) = (batch.samples.len() as u64, Instant::now());
        let result = self.out.send(batch).await;
        self.latency.observe(start.elapsed().as_secs_f64());
        if result.is_ok() {
            self.forwarded.add(count);
        }
        result
    }
}
