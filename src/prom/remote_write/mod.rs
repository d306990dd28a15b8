//! `prometheus.remote_write` sends samples to systems that speak Prometheus remote write.

mod args;
mod cloud;
mod encode;
mod meter;
mod target;

use arc_swap::ArcSwap;
use args::Args;
use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use data::receiver::{SendError, Sink};
use data::{Metadata, MetricBatch, MetricsReceiver};
use delivery::Fleet;
use encode::{Body, Pool};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use queue::{AppendError, NewRecord};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use target::Target;
use value::{Exports, Node};

pub(crate) static COMPONENT: Registration =
    Registration::of::<RemoteWrite>("prometheus.remote_write", Stability::GenerallyAvailable).live_debugging();

/// Families whose metadata is remembered; more than any exposition has.
const MOST_FAMILIES: usize = 100_000;
/// Metadata of a far end that does not answer would fill its queue: it waits until little else does.
const MOST_PENDING_FOR_METADATA: u64 = 16;

/// Where others send samples.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// Takes samples; they are safe on disk once it has.
    #[alloy(attr)]
    receiver: MetricsReceiver,
}

struct RemoteWrite {
    shared: Arc<Shared>,
}

/// What the receiver needs.
struct Shared {
    options: Options<Out>,
    fleet: Fleet,
    targets: ArcSwap<Vec<Target>>,
    pool: Pool,
    families: Mutex<BTreeMap<Arc<str>, Metadata>>,
    /// Samples from before this are not sent, in milliseconds.
    started: i64,
}

impl Shared {
    fn apply(&self, args: &Args) -> Result<(), BuildError> {
        let mut specs = Vec::with_capacity(args.endpoints.len());
        let mut parts = Vec::with_capacity(args.endpoints.len());
        for endpoint in &args.endpoints {
            let (spec, part) = target::prepare(&self.options, args, endpoint, self.started)?;
            specs.push(spec);
            parts.push(part);
        }
        let endpoints = self.fleet.apply(specs).map_err(|e| BuildError::new(e.to_string()))?;
        let targets = endpoints.into_iter().zip(parts).map(|(endpoint, part)| Target::new(&self.options, endpoint, part));
        self.targets.store(Arc::new(targets.collect()));
        Ok(())
    }

    async fn take(&self, batch: MetricBatch) -> Result<(), SendError> {
        self.options.ledger.took(batch.samples.len());
        self.options.tap.show(|| describe(&batch));
        self.remember(&batch.metadata);
        let now = self.options.clock().millis();
        for target in self.targets.load_full().iter() {
            let encoded = target.shape.encode(&self.pool, &batch, now);
            self.options.ledger.dropped("out_of_range", encoded.out_of_range);
            for body in encoded.bodies {
                self.append(target, batch.origin, &body).await?;
            }
        }
        crate::pool::recycle(batch);
        Ok(())
    }

    async fn append(&self, target: &Target, origin: u64, body: &Body) -> Result<(), SendError> {
        let (first_ms, last_ms) = body.counts.times.unwrap_or_default();
        let record = NewRecord {
            shard: (origin ^ (origin >> 32)) as u16,
            items: u32::try_from(body.counts.total()).unwrap_or(u32::MAX),
            first_ms,
            last_ms,
            body: &body.bytes,
            ..NewRecord::default()
        };
        match target.endpoint.append(record).await {
            Ok(()) => Ok(()),
            Err(AppendError::Closed) => Err(SendError::Stopped(self.options.id.to_string().into())),
            Err(error) => {
                // Trying again cannot make it fit.
                self.options.ledger.dropped("too_large_for_queue", body.counts.samples);
                self.options.health.unhealthy(format!("{}: {error}", target.name));
                Ok(())
            }
        }
    }

    fn remember(&self, metadata: &[Metadata]) {
        if metadata.is_empty() {
            return;
        }
        let mut families = self.families.lock();
        for family in metadata {
            if families.len() < MOST_FAMILIES || families.contains_key(&family.family) {
                families.insert(Arc::clone(&family.family), family.clone());
            }
        }
    }

    /// Sends all metadata to the targets it is due for.
    async fn send_metadata(&self, due: impl Fn(&Target) -> bool) {
        let families: Vec<Metadata> = self.families.lock().values().cloned().collect();
        for target in self.targets.load_full().iter().filter(|t| due(t)) {
            let pending: u64 = target.endpoint.stats().readers.iter().map(|r| r.pending_records).sum();
            if families.is_empty() || pending > MOST_PENDING_FOR_METADATA {
                continue;
            }
            for body in encode::metadata(&self.pool, &families, target.metadata_batch) {
                // A closed queue means that the component is stopping.
                let _stopping = self.append(target, 0, &body).await;
            }
        }
    }
}

/// What live debugging shows of a batch.
fn describe(batch: &MetricBatch) -> String {
    let lines = batch.samples.iter().map(|s| format!("sample: ts={}, labels={}, value={}", s.timestamp, s.labels, s.value));
    lines.collect::<Vec<_>>().join("\n")
}

impl Sink<MetricBatch> for Shared {
    fn send(&self, batch: MetricBatch) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(self.take(batch))
    }
}

impl Component for RemoteWrite {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        let shared = Arc::new(Shared {
            fleet: Fleet::new(options.data_path()),
            targets: ArcSwap::default(),
            pool: encode::pool(),
            families: Mutex::default(),
            started: options.clock().millis(),
            options,
        });
        shared.apply(&args)?;
        let receiver = shared.options.receiver("receiver", Arc::clone(&shared) as Arc<dyn Sink<MetricBatch>>);
        shared.options.export(Out { receiver });
        Ok(Self { shared })
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        self.shared.apply(&args)
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        let metadata = async {
            let mut tick = 0_u64;
            while stop.or(tokio::time::sleep(Duration::from_secs(1))).await.is_some() {
                tick += 1;
                self.shared.send_metadata(|t| t.metadata_every > 0 && tick.is_multiple_of(t.metadata_every)).await;
            }
        };
        futures_util::future::join(self.shared.fleet.run(&stop), metadata).await;
        Ok(())
    }

    fn debug_info(&self) -> Vec<Node> {
        self.shared.targets.load().iter().map(Target::debug_info).collect()
    }
}
