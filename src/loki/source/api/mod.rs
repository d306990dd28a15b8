//! `loki.source.api` takes log lines that others push over HTTP.

mod intake;
mod request;
#[cfg(test)]
mod tests;

use crate::source::deliver::Outlet;
use arc_swap::ArcSwap;
use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use data::LogsReceiver;
use data::relabel::Rules;
use intake::{Intake, Settings};
use net::server::{Server, ServerArgs};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use value::types::ByteSize;
use value::{Arguments, Node};

pub(crate) static COMPONENT: Registration = Registration::of::<Api>("loki.source.api", Stability::GenerallyAvailable);

/// Takes log lines that others push over HTTP.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Args {
    #[alloy(squash)]
    server: ServerArgs,
    /// Receivers of the lines.
    #[alloy(attr)]
    forward_to: Vec<LogsReceiver>,
    /// Labels of every line. They win over labels of the same names in requests.
    #[alloy(attr, optional)]
    labels: BTreeMap<String, String>,
    /// Rules for the labels of each stream, usually the `rules` export of `loki.relabel` or `discovery.relabel`.
    #[alloy(attr, optional)]
    relabel_rules: Rules,
    /// Keeps the times of the request instead of the time it was received.
    #[alloy(attr, default = false)]
    use_incoming_timestamp: bool,
    /// The largest request that is taken, before and after decompression.
    #[alloy(attr, default = "100MiB")]
    max_send_message_size: ByteSize,
}

struct Api {
    args: ArcSwap<Args>,
    intake: Arc<Intake>,
    changed: Notify,
}

impl Component for Api {
    type Args = Args;
    type Exports = ();

    fn build(args: Args, options: Options<()>) -> Result<Self, BuildError> {
        let outlet = Outlet::new(&options, args.forward_to.clone());
        let intake = Intake::new(Arc::clone(options.context()), outlet, settings(&args));
        Ok(Self { args: ArcSwap::from_pointee(args), intake: Arc::new(intake), changed: Notify::new() })
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        self.intake.set(args.forward_to.clone(), settings(&args));
        self.args.store(Arc::new(args));
        self.changed.notify_one();
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        /// How long to wait before an address that is taken is tried again.
        const PAUSE: Duration = Duration::from_secs(2);
        let health = &self.intake.context().health;
        while !stop.is_stopping() {
            let args = self.args.load_full();
            let ending = stop.child();
            let router = intake::router(Arc::clone(&self.intake), ending.clone());
            match Server::bind(&args.server, router).await {
                Ok(server) => {
                    self.intake.set_address(server.addr());
                    health.healthy(format!("listening on {}", server.addr()));
                    // Requests under way are answered 503 when it is time to stop; after an update they may finish.
                    server.serve(self.until_outdated(&args, &ending)).await;
                }
                Err(error) => {
                    health.unhealthy(error.to_string());
                    tokio::select! {
                        () = stop.wait() => {}
                        () = self.changed.notified() => {}
                        () = tokio::time::sleep(PAUSE) => {}
                    }
                }
            }
        }
        Ok(())
    }

    fn debug_info(&self) -> Vec<Node> {
        self.intake.debug_info()
    }
}

impl Api {
    /// Waits until it is time to stop, or the server of `args` is not the one that is wanted.
    async fn until_outdated(&self, args: &Args, stop: &Shutdown) {
        loop {
            tokio::select! {
                () = stop.wait() => return,
                () = self.changed.notified() => {}
            }
            if self.args.load().server != args.server {
                return;
            }
        }
    }
}

fn settings(args: &Args) -> Settings {
    let limit = usize::try_from(args.max_send_message_size.0).unwrap_or(0);
    /// The limit where the configured one makes no sense.
    const LIMIT: usize = 100 << 20;
    Settings {
        labels: args.labels.clone().into_iter().collect(),
        rules: args.relabel_rules.clone(),
        incoming_time: args.use_incoming_timestamp,
        limit: if limit == 0 { LIMIT } else { limit },
    }
}
