//! `loki.source.docker` reads the logs of containers from a Docker daemon.

mod cursors;
mod follow;
mod targets;
#[cfg(test)]
mod tests;

use crate::source::deliver::Outlet;
use arc_swap::ArcSwap;
use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use cursors::Cursors;
use data::relabel::Rules;
use data::{LogsReceiver, Target};
use docker::Client;
use follow::{Follower, Shared};
use net::client::ClientArgs;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration as StdDuration;
use targets::Wanted;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use value::types::Duration;
use value::{Arguments, IntoValue, Node, ValidateError};

pub(crate) static COMPONENT: Registration = Registration::of::<DockerSource>("loki.source.docker", Stability::GenerallyAvailable);

/// How often cursors are written.
const SAVE_EVERY: StdDuration = StdDuration::from_secs(2);
/// How often cursors of containers that are gone are looked for.
const FORGET_EVERY: StdDuration = StdDuration::from_secs(600);
/// How long to wait before a daemon that cannot be used is tried again.
const RECONNECT: StdDuration = StdDuration::from_secs(5);
/// Containers that are caught up with at the same time.
const CATCHING_UP: usize = 8;

/// Reads the logs of containers from a Docker daemon.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
struct Args {
    /// The daemon's address: `unix:///var/run/docker.sock` or `tcp://host:2375`.
    #[alloy(attr)]
    host: String,
    /// The containers, usually the export of `discovery.docker`: `__meta_docker_container_id` names each.
    #[alloy(attr)]
    targets: Vec<Target>,
    /// Receivers of the lines.
    #[alloy(attr)]
    forward_to: Vec<LogsReceiver>,
    /// Labels of every line. They win over labels of the same names of targets.
    #[alloy(attr, optional)]
    labels: BTreeMap<String, String>,
    /// Rules that make labels of the targets' labels, usually the `rules` export of `discovery.relabel`. Containers
    /// that they drop are not read.
    #[alloy(attr, optional)]
    relabel_rules: Rules,
    /// How to reach the daemon over TCP.
    #[alloy(block, optional)]
    http_client_config: ClientArgs,
    /// How long an answer of the daemon may take.
    #[alloy(attr, default = "1m")]
    refresh_interval: Duration,
}

impl Args {
    fn validate(&self) -> Result<(), ValidateError> {
        if self.refresh_interval.nanos() <= 0 {
            return Err(ValidateError::at("refresh_interval", "refresh_interval must be positive"));
        }
        match docker::bad_host(&self.host) {
            Some(cause) => Err(ValidateError::at("host", cause).hint(docker::HOST_HINT)),
            None => Ok(()),
        }
    }

    /// True when containers can be read on with the connection of `other`.
    fn same_daemon(&self, other: &Self) -> bool {
        self.host == other.host && self.refresh_interval == other.refresh_interval && self.http_client_config == other.http_client_config
    }
}

struct DockerSource {
    args: ArcSwap<Args>,
    shared: Arc<Shared>,
    changed: Notify,
    containers: Mutex<HashMap<String, Running>>,
}

/// A container that is read.
struct Running {
    follower: Arc<Follower>,
    task: JoinHandle<()>,
    /// Its target was gone and is back.
    again: Option<Wanted>,
}

impl Component for DockerSource {
    type Args = Args;
    type Exports = ();

    fn build(args: Args, options: Options<()>) -> Result<Self, BuildError> {
        let context = Arc::clone(options.context());
        let cursors = Cursors::open(&context.data_path()).map_err(BuildError::new)?;
        let metrics = &context.metrics;
        let shared = Shared {
            outlet: Outlet::new(&context, args.forward_to.clone()),
            cursors,
            entries: metrics
                .counter("loki_source_docker_target_entries_total", "Total number of successful entries sent to the Docker target"),
            errors: metrics.counter(
                "loki_source_docker_target_parsing_errors_total",
                "Total number of parsing errors while receiving Docker messages",
            ),
            catching_up: Arc::new(Semaphore::new(CATCHING_UP)),
            context,
        };
        Ok(Self { args: ArcSwap::from_pointee(args), shared: Arc::new(shared), changed: Notify::new(), containers: Mutex::default() })
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        self.shared.outlet.set(args.forward_to.clone());
        self.args.store(Arc::new(args));
        self.changed.notify_one();
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        while !stop.is_stopping() {
            let args = self.args.load_full();
            match connect(&args).await {
                Ok(client) => self.session(&args, &client, &stop).await,
                Err(error) => {
                    self.shared.context.health.unhealthy(error);
                    tokio::select! {
                        () = stop.wait() => {}
                        () = self.changed.notified() => {}
                        () = tokio::time::sleep(RECONNECT) => {}
                    }
                }
            }
        }
        Ok(())
    }

    fn debug_info(&self) -> Vec<Node> {
        let containers = self.containers.lock();
        let mut ids: Vec<&String> = containers.keys().collect();
        ids.sort();
        ids.iter().filter_map(|id| Some(self.info(&containers.get(*id)?.follower))).collect()
    }
}

async fn connect(args: &Args) -> Result<Client, String> {
    let headers = args.http_client_config.headers().await.map_err(|error| error.to_string())?;
    Client::new(&args.host, args.refresh_interval.std(), headers).map_err(|error| error.to_string())
}

impl DockerSource {
    /// Reads containers until `stop`, or until another daemon is wanted.
    async fn session(&self, first: &Args, client: &Client, stop: &Shutdown) {
        let mut save = tokio::time::interval(SAVE_EVERY);
        let mut forget = tokio::time::interval(FORGET_EVERY);
        let all = stop.child();
        self.reconcile(client, &all);
        loop {
            tokio::select! {
                () = stop.wait() => break,
                () = self.changed.notified() => {
                    if !self.args.load().same_daemon(first) {
                        break;
                    }
                    self.reconcile(client, &all);
                }
                _ = save.tick() => {
                    self.resume(client, &all);
                    self.save().await;
                }
                _ = forget.tick() => self.forget(),
            }
        }
        all.stop();
        self.finish().await;
    }

    /// Starts to read new containers, and lets those whose targets are gone come to their ends.
    fn reconcile(&self, client: &Client, stop: &Shutdown) {
        let args = self.args.load_full();
        let mut wanted = targets::resolve(&args.targets, &args.labels, &args.relabel_rules);
        wanted.retain(|_, wanted| wanted.streams.iter().any(Option::is_some));
        self.shared.context.health.healthy(format!("{} containers", wanted.len()));
        let mut containers = self.containers.lock();
        containers.retain(|id, container| {
            match wanted.remove(id) {
                // One that is coming to its end is begun anew when it is there.
                Some(wanted) if container.follower.ending.is_stopping() => container.again = Some(wanted),
                Some(wanted) => container.follower.wanted.store(Arc::new(wanted)),
                None => {
                    container.again = None;
                    container.follower.ending.stop();
                }
            }
            container.again.is_some() || !container.task.is_finished()
        });
        for (id, wanted) in wanted {
            let running = self.start(id.clone(), wanted, client.clone(), stop);
            containers.insert(id, running);
        }
    }

    /// Begins anew with containers whose targets came back while they were coming to their ends.
    fn resume(&self, client: &Client, stop: &Shutdown) {
        let mut containers = self.containers.lock();
        for (id, container) in containers.iter_mut().filter(|(_, container)| container.task.is_finished()) {
            if let Some(wanted) = container.again.take() {
                *container = self.start(id.clone(), wanted, client.clone(), stop);
            }
        }
    }

    fn start(&self, id: String, wanted: Wanted, client: Client, stop: &Shutdown) -> Running {
        let follower = Arc::new(Follower {
            id,
            wanted: ArcSwap::from_pointee(wanted),
            client,
            shared: Arc::clone(&self.shared),
            ending: stop.child(),
            running: AtomicBool::new(false),
            last_error: Mutex::default(),
        });
        Running { task: tokio::spawn(Arc::clone(&follower).run(stop.clone())), follower, again: None }
    }

    async fn save(&self) {
        let shared = Arc::clone(&self.shared);
        // An error to join means that the process ends.
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || shared.cursors.save()).await {
            tracing::error!(component_id = %self.shared.context.id, "{error}");
        }
    }

    fn forget(&self) {
        let containers = self.containers.lock();
        self.shared.cursors.seen(containers.keys().map(String::as_str), self.shared.context.clock().nanos() / 1_000_000_000);
    }

    /// Waits for all containers to stop, and writes where they stopped.
    async fn finish(&self) {
        const PATIENCE: StdDuration = StdDuration::from_secs(8);
        let containers: Vec<Running> = self.containers.lock().drain().map(|(_, container)| container).collect();
        let all = async {
            for container in containers {
                let _ended = container.task.await;
            }
        };
        let _in_time = tokio::time::timeout(PATIENCE, all).await;
        self.save().await;
    }

    fn info(&self, follower: &Follower) -> Node {
        let cursor = self.shared.cursors.get(&follower.id);
        let body = vec![
            Node::Attr("id".into(), follower.id.into_value()),
            Node::Attr("last_error".into(), follower.last_error.lock().into_value()),
            Node::Attr("labels".into(), follower.wanted.load().target.into_value()),
            Node::Attr("is_running".into(), follower.running.load(Ordering::SeqCst).into_value()),
            Node::Attr("read_offset".into(), (cursor.last() / 1_000_000_000).to_string().into_value()),
        ];
        Node::Block { name: "targets_info".into(), label: None, body }
    }
}
