//! The component around a pipeline: receiver, updates, delivery of lines kept back.

use super::pipeline::{Passed, Pipeline};
use super::stages::StageArgs;
use arc_swap::ArcSwap;
use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use data::receiver::{SendError, Sink};
use data::{Entry, Fanout, Labels, LogBatch, LogsReceiver};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use value::{Arguments, Exports};

pub(crate) static COMPONENT: Registration = Registration::of::<Process>("loki.process", Stability::GenerallyAvailable).live_debugging();

/// How long to wait before lines kept back are offered again.
const PAUSE: Duration = Duration::from_millis(200);
/// How long lines kept back are offered when the component stops.
const LAST_TRY: Duration = Duration::from_secs(5);

/// Passes log lines through stages that parse, change and drop them.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct Args {
    /// Receivers of every line that is left.
    #[alloy(attr)]
    forward_to: Vec<LogsReceiver>,
    /// Stages, run in the order written.
    #[alloy(blocks = "stage")]
    stages: Vec<StageArgs>,
}

/// What the component gives to others.
#[derive(Exports, Clone, PartialEq)]
pub(crate) struct Out {
    /// Send log lines here.
    #[alloy(attr)]
    receiver: LogsReceiver,
}

pub(crate) struct Process(Arc<Shared>);

struct Shared {
    options: Options<Out>,
    pipeline: ArcSwap<(Vec<StageArgs>, Pipeline)>,
    out: Fanout<LogBatch>,
    /// Wakes the task that delivers lines kept back.
    wake: Notify,
    /// Pipelines that were replaced, with lines still to come out.
    retired: parking_lot::Mutex<Vec<Arc<(Vec<StageArgs>, Pipeline)>>>,
}

fn pipeline(stages: Vec<StageArgs>, options: &Options<Out>) -> Result<Arc<(Vec<StageArgs>, Pipeline)>, BuildError> {
    let pipeline = Pipeline::new(&stages, options.clock().clone(), Some(&options.metrics)).map_err(|error| {
        let field = error.field.map(|field| format!("`{field}`: ")).unwrap_or_default();
        BuildError::of("stage", format!("{field}{}", error.message))
    })?;
    Ok(Arc::new((stages, pipeline)))
}

impl Component for Process {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        let pipeline = pipeline(args.stages, &options)?;
        let shared = Arc::new(Shared {
            pipeline: ArcSwap::new(pipeline),
            out: Fanout::new(args.forward_to),
            wake: Notify::new(),
            retired: parking_lot::Mutex::default(),
            options,
        });
        let receiver = shared.options.receiver("receiver", Arc::clone(&shared) as Arc<dyn Sink<LogBatch>>);
        shared.options.export(Out { receiver });
        Ok(Self(shared))
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        let shared = &self.0;
        if shared.pipeline.load().0 != args.stages {
            let new = pipeline(args.stages, &shared.options)?;
            let old = shared.pipeline.swap(new);
            shared.retired.lock().push(old);
            shared.wake.notify_one();
        }
        shared.out.set(args.forward_to);
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        let shared = &self.0;
        while stop.or(shared.until_due()).await.is_some() {
            shared.release_retired().await;
            let current = shared.pipeline.load_full();
            let passed = current.1.release(Some(shared.options.clock().nanos()));
            shared.deliver(&current.1, passed).await;
        }
        let current = shared.pipeline.load_full();
        shared.retired.lock().push(current);
        if tokio::time::timeout(LAST_TRY, shared.release_retired()).await.is_err() {
            tracing::warn!("lines kept back by stages could not be delivered before the component stopped");
        }
        Ok(())
    }
}

impl Shared {
    /// Waits until a line kept back is due, or a pipeline was replaced.
    async fn until_due(&self) {
        loop {
            if !self.retired.lock().is_empty() {
                return;
            }
            let Some(due) = self.pipeline.load().1.due() else {
                self.wake.notified().await;
                continue;
            };
            let wait = due.saturating_sub(self.options.clock().nanos());
            let Ok(wait @ 1..) = u64::try_from(wait) else { return };
            tokio::select! {
                () = tokio::time::sleep(Duration::from_nanos(wait)) => {}
                () = self.wake.notified() => {}
            }
        }
    }

    async fn release_retired(&self) {
        let retired = std::mem::take(&mut *self.retired.lock());
        for old in retired {
            let passed = old.1.release(None);
            self.deliver(&old.1, passed).await;
        }
    }

    /// Delivers what nobody would send again, however long it takes.
    async fn deliver(&self, pipeline: &Pipeline, passed: Passed) {
        let Passed { batch, wait, counts, .. } = passed;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        self.show("OUT", &batch);
        while !batch.is_empty() {
            match self.out.send(batch.clone()).await {
                Ok(()) => break,
                Err(SendError::Retry(_)) => tokio::time::sleep(PAUSE).await,
                Err(SendError::Stopped(_)) => return,
            }
        }
        pipeline.count(&counts, &self.options.ledger);
    }

    fn show(&self, direction: &str, batch: &LogBatch) {
        if self.options.tap.is_watched() {
            for stream in batch.iter() {
                for entry in &stream.entries {
                    self.options.tap.show(|| watched(direction, &stream.labels, entry));
                }
            }
        }
    }

    async fn take(&self, batch: LogBatch) -> Result<(), SendError> {
        self.show("IN", &batch);
        let current = self.pipeline.load_full();
        let pipeline = &current.1;
        if pipeline.is_stateful() {
            // What stages have kept must not come a second time, so the batch is never given back.
            let mut next = Some(batch);
            while let Some(batch) = next {
                let mut passed = pipeline.process(batch);
                next = passed.rest.take();
                self.wake.notify_one();
                self.deliver(pipeline, passed).await;
            }
            return Ok(());
        }
        let Passed { batch, counts, .. } = pipeline.process(batch);
        self.show("OUT", &batch);
        if !batch.is_empty() {
            self.out.send(batch).await?;
        }
        pipeline.count(&counts, &self.options.ledger);
        Ok(())
    }
}

impl Sink<LogBatch> for Shared {
    fn send(&self, batch: LogBatch) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(self.take(batch))
    }
}

/// A line as live debugging shows it.
fn watched(direction: &str, labels: &Labels, entry: &Entry) -> String {
    let (time, metadata) = (rfc3339_nano(entry.timestamp), metadata_json(entry));
    format!("[{direction}]: timestamp: {time}, entry: {}, labels: {labels}, structured_metadata: {metadata}", entry.text())
}

/// Structured metadata as a JSON object.
pub(crate) fn metadata_json(entry: &Entry) -> String {
    let pairs = entry.metadata.iter().flat_map(|pairs| pairs.iter());
    let members = pairs.map(|(name, value)| (name.to_string(), serde_json::Value::from(&**value))).collect();
    super::json::write(&serde_json::Value::Object(members))
}

/// A time in UTC, the fraction without trailing zeros.
pub(crate) fn rfc3339_nano(nanos: i64) -> String {
    let text = chrono::DateTime::from_timestamp_nanos(nanos).format("%Y-%m-%dT%H:%M:%S%.9f").to_string();
    format!("{}Z", text.trim_end_matches('0').trim_end_matches('.'))
}
