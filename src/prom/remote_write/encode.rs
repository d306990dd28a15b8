//! From batches to the request bodies of one endpoint.

use data::relabel::{self, Rule};
use data::{LabelCache, Labels, Metadata, MetricBatch};
use parking_lot::Mutex;
use wire::remote_write_v1::{Counts, Encoder};

/// Series whose final labels are remembered.
const REMEMBERED: usize = 1_000_000;
/// The most memory of an encoder that is kept for reuse.
const KEPT_BYTES: usize = 1 << 20;
/// The original's senders never send what lies further ahead than this.
const MOST_AHEAD_MS: i64 = 10 * 60 * 1000;

/// What an endpoint does to a series before it is sent.
pub(super) struct Shape {
    external: Vec<(String, String)>,
    rules: Vec<Rule>,
    cache: Mutex<LabelCache>,
    /// Samples of one request.
    most: usize,
    exemplars: bool,
    /// Samples from before this are never sent, in milliseconds.
    oldest: i64,
}

/// A body that is ready to send.
pub(super) struct Body {
    pub bytes: Vec<u8>,
    pub counts: Counts,
}

/// Encoders that are not in use.
pub(super) type Pool = delivery::Pool<Encoder>;

pub(super) fn pool() -> Pool {
    Pool::new(|encoder| {
        encoder.clear();
        encoder.shrink(KEPT_BYTES);
    })
}

/// What became of a batch.
#[derive(Default)]
pub(super) struct Encoded {
    pub bodies: Vec<Body>,
    /// Samples that are too old or lie in the future.
    pub out_of_range: usize,
}

impl Shape {
    pub fn new(external: Vec<(String, String)>, rules: Vec<Rule>, most: usize, exemplars: bool, oldest: i64) -> Self {
        Self { external, rules, cache: Mutex::new(LabelCache::new(REMEMBERED)), most: most.max(1), exemplars, oldest }
    }

    /// Encodes `batch` into as many bodies as it takes.
    pub fn encode(&self, pool: &Pool, batch: &MetricBatch, now: i64) -> Encoded {
        let mut encoder = pool.take();
        let mut encoded = Encoded::default();
        let unchanged = self.external.is_empty() && self.rules.is_empty();
        let mut cache = self.cache.lock();
        for sample in &batch.samples {
            if sample.timestamp < self.oldest || sample.timestamp > now + MOST_AHEAD_MS {
                encoded.out_of_range += 1;
                continue;
            }
            if unchanged {
                encoder.push(&sample.labels, sample.value, sample.timestamp);
            } else if let Some(labels) = cache.get(&sample.labels, |labels| self.finish(labels)) {
                encoder.push(&labels, sample.value, sample.timestamp);
            }
            if encoder.counts().samples >= self.most {
                encoded.bodies.extend(take_body(&mut encoder));
            }
        }
        if self.exemplars {
            for exemplar in &batch.exemplars {
                if let Some(series) =
                    if unchanged { Some(exemplar.series.clone()) } else { cache.get(&exemplar.series, |l| self.finish(l)) }
                {
                    encoder.push_exemplar(&data::Exemplar { series, ..exemplar.clone() }, now);
                }
            }
        }
        drop(cache);
        encoded.bodies.extend(take_body(&mut encoder));
        pool.give_back(encoder);
        encoded
    }

    /// Labels as this endpoint gets them; `None` when its rules drop the series.
    fn finish(&self, labels: &Labels) -> Option<Labels> {
        let mut builder = labels.to_builder();
        for (name, value) in &self.external {
            if labels.get(name).is_none_or(str::is_empty) {
                builder.set(name, value);
            }
        }
        let labels = builder.build();
        if self.rules.is_empty() { Some(labels) } else { relabel::process(&labels, &self.rules).filter(|l| !l.is_empty()) }
    }
}

/// Encodes metadata into bodies of at most `most` families.
pub(super) fn metadata(pool: &Pool, families: &[Metadata], most: usize) -> Vec<Body> {
    let mut encoder = pool.take();
    let mut bodies = Vec::new();
    for part in families.chunks(most.max(1)) {
        for family in part {
            encoder.push_metadata(family);
        }
        bodies.extend(take_body(&mut encoder));
    }
    pool.give_back(encoder);
    bodies
}

fn take_body(encoder: &mut Encoder) -> Option<Body> {
    if encoder.is_empty() {
        return None;
    }
    let body = encoder.finish().map(|request| Body { bytes: request.body.to_vec(), counts: request.counts });
    encoder.clear();
    body
}
