//! `loki.echo` writes every log line it gets to the program's own log.

use crate::process::rfc3339_nano;
use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use data::receiver::{SendError, Sink};
use data::{LogBatch, LogsReceiver};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use value::{Arguments, Exports};

pub(crate) static COMPONENT: Registration = Registration::of::<Echo>("loki.echo", Stability::GenerallyAvailable);

/// Writes every log line it gets to the program's own log.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Args {}

/// What the component gives to others.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// Send log lines here.
    #[alloy(attr)]
    receiver: LogsReceiver,
}

struct Echo;

struct Log(Options<Out>);

impl Component for Echo {
    type Args = Args;
    type Exports = Out;

    fn build(_args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        let receiver = options.receiver("receiver", Arc::new(Log(options.clone())));
        options.export(Out { receiver });
        Ok(Self)
    }

    fn update(&self, _args: Args) -> Result<(), BuildError> {
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        Ok(())
    }
}

impl Sink<LogBatch> for Log {
    fn send(&self, batch: LogBatch) -> BoxFuture<'_, Result<(), SendError>> {
        self.0.ledger.took(batch.entries());
        for stream in batch.iter() {
            for entry in &stream.entries {
                tracing::info!(
                    component_id = %self.0.id,
                    entry = %entry.text(),
                    entry_timestamp = %rfc3339_nano(entry.timestamp),
                    labels = %stream.labels,
                    structured_metadata = %crate::process::metadata_json(entry),
                    "received log entry"
                );
            }
        }
        self.0.ledger.passed(batch.entries());
        Box::pin(async { Ok(()) })
    }
}
