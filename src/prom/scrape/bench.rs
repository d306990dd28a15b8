//! For the benchmark: the way from a page to a batch, without sockets.

use super::ingest::{Ingest, Memory, Rules};
use data::metric_batch::MetricBatchInner;
use data::relabel::Names;
use data::{Labels, MetricBatch};
use wire::exposition::Format;

/// One target.
pub struct Target {
    labels: Labels,
    rules: Rules,
    memory: Memory,
}

impl Target {
    /// A target with these labels.
    pub fn new(labels: Labels) -> Self {
        let rules = Rules {
            honor_labels: false,
            honor_timestamps: true,
            track_timestamps: false,
            metadata: false,
            type_and_unit: false,
            names: Names::Legacy,
            label_limit: 0,
            name_length_limit: 0,
            value_length_limit: 0,
            sample_limit: 0,
        };
        Self { labels, rules, memory: Memory::default() }
    }

    /// What one scrape of `page` brings; an empty batch when the page is malformed.
    pub fn scrape(&mut self, page: &[u8], now: i64, expected: usize) -> MetricBatch {
        let mut out = MetricBatchInner { samples: crate::pool::samples(expected), origin: self.labels.hash64(), ..Default::default() };
        let result = Ingest::new(&self.rules, &self.labels, &mut self.memory, now, &mut out).read(page, Format::Text);
        self.memory.end(result.is_ok(), now, &mut out);
        MetricBatch::new(out)
    }
}
