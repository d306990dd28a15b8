//! From batches to request bodies, one for each tenant.

use data::{LabelCache, Labels, LogBatch};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::loki_push::Encoder;

/// The label that says which tenant a stream belongs to; it is not sent.
const TENANT: &str = "__tenant_id__";
/// Streams whose final labels are remembered.
const REMEMBERED: usize = 100_000;
/// The most memory of an encoder that is kept for reuse.
const KEPT_BYTES: usize = 2 << 20;

/// Turns batches into bodies for the endpoints of a component.
pub(super) struct Batches {
    external: Vec<(String, String)>,
    cache: Mutex<LabelCache>,
    most_streams: usize,
}

/// A body that is ready to send.
pub(super) struct Body {
    pub tenant: Arc<str>,
    pub bytes: Vec<u8>,
    pub lines: usize,
    pub first_ms: i64,
    pub last_ms: i64,
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
    /// Lines of streams beyond the limit.
    pub over_limit: usize,
}

impl Batches {
    pub fn new(external: Vec<(String, String)>, most_streams: i64) -> Self {
        let most_streams = usize::try_from(most_streams).ok().filter(|n| *n > 0).unwrap_or(usize::MAX);
        Self { external, cache: Mutex::new(LabelCache::new(REMEMBERED)), most_streams }
    }

    /// Encodes `batch` for an endpoint whose tenant is `default_tenant` unless a stream says otherwise. A body holds
    /// about `most` bytes before compression.
    pub fn encode(&self, pool: &Pool, batch: &LogBatch, default_tenant: &Arc<str>, most: usize) -> Encoded {
        let mut encoded = Encoded::default();
        let mut encoders: BTreeMap<Arc<str>, Encoder> = BTreeMap::new();
        for stream in batch.iter().filter(|s| !s.entries.is_empty()) {
            let labels = self.finish(&stream.labels);
            let tenant = labels.get(TENANT).map_or_else(|| Arc::clone(default_tenant), Arc::from);
            let encoder = encoders.entry(Arc::clone(&tenant)).or_insert_with(|| pool.take());
            if encoder.streams() >= self.most_streams && encoder.is_new_stream(&labels) {
                encoded.over_limit += stream.entries.len();
                continue;
            }
            for entry in &stream.entries {
                if !encoder.is_empty() && encoder.raw_len() + entry.line.len() > most {
                    encoded.bodies.extend(take_body(encoder, &tenant));
                }
                encoder.push(&labels, entry);
            }
        }
        for (tenant, mut encoder) in encoders {
            encoded.bodies.extend(take_body(&mut encoder, &tenant));
            pool.give_back(encoder);
        }
        encoded
    }

    fn finish(&self, labels: &Labels) -> Labels {
        if self.external.is_empty() {
            return labels.clone();
        }
        let add = |labels: &Labels| {
            let mut builder = labels.to_builder();
            for (name, value) in self.external.iter().filter(|(name, _)| labels.get(name).is_none()) {
                builder.set(name, value);
            }
            Some(builder.build())
        };
        self.cache.lock().get(labels, add).unwrap_or_else(|| labels.clone())
    }
}

fn take_body(encoder: &mut Encoder, tenant: &Arc<str>) -> Option<Body> {
    let request = encoder.finish()?;
    let (first, last) = request.counts.times.unwrap_or_default();
    let body = Body {
        tenant: Arc::clone(tenant),
        bytes: request.body.to_vec(),
        lines: request.counts.entries,
        first_ms: first / 1_000_000,
        last_ms: last / 1_000_000,
    };
    encoder.clear();
    (body.lines > 0).then_some(body)
}
