//! `discovery.docker` finds containers of a Docker daemon.

use arc_swap::ArcSwap;
use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use data::LabelsBuilder;
use data::target::Target;
use docker::{Client, Container, Endpoint, Error, Network};
use futures_util::StreamExt;
use net::client::ClientArgs;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration as StdDuration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};
use value::types::Duration;
use value::{Arguments, Exports, ValidateError};

pub(crate) static COMPONENT: Registration = Registration::of::<Discovery>("discovery.docker", Stability::GenerallyAvailable);

/// How long to wait for further events after the first.
const GATHER: StdDuration = StdDuration::from_millis(50);
/// The shortest time between two refreshes because of events.
const CALM: StdDuration = StdDuration::from_millis(500);
/// How long to wait before events are asked for again.
const RECONNECT: StdDuration = StdDuration::from_secs(5);

/// Finds containers of a Docker daemon.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
struct Args {
    /// The daemon's address: `unix:///var/run/docker.sock` or `tcp://host:2375`.
    #[alloy(attr)]
    host: String,
    /// The port of containers without one.
    #[alloy(attr, default = 80)]
    port: i64,
    /// The host of containers in the host's network.
    #[alloy(attr, default = "localhost")]
    host_networking_host: String,
    /// How often to list all containers. New ones are noticed at once.
    #[alloy(attr, default = "1m")]
    refresh_interval: Duration,
    /// Of a container in several networks only the first one by name counts.
    #[alloy(attr, default = true)]
    match_first_network: bool,
    /// Selects containers, as `docker ps --filter` does.
    #[alloy(block = "filter", optional)]
    filters: Vec<Filter>,
    #[alloy(squash)]
    client: ClientArgs,
}

/// Selects containers.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Filter {
    /// What is looked at: `label`, `name`, `status`, `network`.
    #[alloy(attr)]
    name: String,
    /// Values that fit.
    #[alloy(attr)]
    values: Vec<String>,
}

impl Args {
    fn validate(&self) -> Result<(), ValidateError> {
        if self.host.is_empty() {
            return Err(ValidateError::at("host", "host attribute must not be empty").hint(docker::HOST_HINT));
        }
        if let Some(cause) = docker::bad_host(&self.host) {
            return Err(ValidateError::at("host", cause).hint(docker::HOST_HINT));
        }
        if self.refresh_interval.nanos() <= 0 {
            return Err(ValidateError::at("refresh_interval", "refresh_interval must be greater than 0"));
        }
        Ok(())
    }
}

/// The containers that were found.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// One target for each port of a container in each of its networks, or one for each network when it has none.
    #[alloy(attr)]
    targets: Vec<Target>,
}

struct Discovery {
    args: ArcSwap<Args>,
    options: Options<Out>,
    changed: Notify,
}

impl Component for Discovery {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        options.export(Out { targets: Vec::new() });
        Ok(Self { args: ArcSwap::from_pointee(args), options, changed: Notify::new() })
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        self.args.store(Arc::new(args));
        self.changed.notify_one();
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        while !stop.is_stopping() {
            let args = self.args.load_full();
            let session = async {
                match connect(&args).await {
                    Ok(client) => self.discover(&args, &client).await,
                    Err(error) => self.options.health.unhealthy(error),
                }
                sleep(RECONNECT).await;
            };
            tokio::select! {
                () = stop.wait() => {}
                () = self.changed.notified() => {}
                () = session => {}
            }
        }
        Ok(())
    }
}

async fn connect(args: &Args) -> Result<Client, String> {
    let headers = args.client.headers().await.map_err(|error| error.to_string())?;
    Client::new(&args.host, args.refresh_interval.std(), headers).map_err(|error| error.to_string())
}

impl Discovery {
    /// Lists containers periodically and whenever one starts. A container that has started since the last periodic
    /// list stays until the next one, even when it is over sooner: what lives shortly would never be seen.
    async fn discover(&self, args: &Args, client: &Client) {
        let mut recent = HashSet::new();
        let mut events = Box::pin(client.events());
        let mut listening = true;
        let mut next = Instant::now();
        loop {
            self.refresh(args, client, &recent).await;
            let calm = Instant::now() + CALM;
            let now = Instant::now();
            if now >= next {
                next = now + args.refresh_interval.std();
                recent.clear();
            }
            let mut again = Instant::now() + RECONNECT;
            loop {
                tokio::select! {
                    () = sleep_until(next) => break,
                    event = events.next(), if listening => match event {
                        Some(Ok(event)) if event.action == "start" => {
                            recent.insert(event.container);
                            sleep(GATHER).await;
                            sleep_until(calm).await;
                            break;
                        }
                        Some(Ok(_)) => {}
                        Some(Err(_)) | None => {
                            listening = false;
                            again = Instant::now() + RECONNECT;
                        }
                    },
                    () = sleep_until(again), if !listening => {
                        events = Box::pin(client.events());
                        listening = true;
                        // What happened in between was missed.
                        break;
                    }
                }
            }
        }
    }

    async fn refresh(&self, args: &Args, client: &Client, recent: &HashSet<String>) {
        match find(args, client, recent).await {
            Ok(targets) => {
                self.options.health.healthy(format!("{} targets found", targets.len()));
                self.options.export(Out { targets });
            }
            Err(error) => {
                self.options.health.unhealthy(format!("the containers of {} cannot be listed: {error}; is the daemon running?", args.host));
            }
        }
    }
}

async fn find(args: &Args, client: &Client, recent: &HashSet<String>) -> Result<Vec<Target>, Error> {
    let mut filters: HashMap<String, Vec<String>> = HashMap::new();
    for filter in &args.filters {
        filters.entry(filter.name.clone()).or_default().extend(filter.values.iter().cloned());
    }
    let mut containers = client.containers(filters.clone(), false).await?;
    if !recent.is_empty() {
        let running: HashSet<String> = containers.iter().map(|c| c.id.clone()).collect();
        let all = client.containers(filters, true).await?;
        containers.extend(all.into_iter().filter(|c| recent.contains(&c.id) && !running.contains(&c.id)));
    }
    let networks = client.networks().await?;
    Ok(targets(args, &containers, &networks))
}

/// The targets of all containers, with the labels that Prometheus gives them.
fn targets(args: &Args, containers: &[Container], networks: &[Network]) -> Vec<Target> {
    let by_id: HashMap<&str, &Container> = containers.iter().map(|c| (c.id.as_str(), c)).collect();
    let networks: HashMap<&str, &Network> = networks.iter().map(|n| (n.id.as_str(), n)).collect();
    let mut found = Vec::new();
    for container in containers.iter().filter(|c| !c.names.is_empty()) {
        let common = container_labels(container);
        let shared = endpoints(container, &by_id);
        let count = if args.match_first_network { 1 } else { shared.len() };
        for endpoint in shared.values().take(count) {
            let mut labels = common.clone();
            add_network(&mut labels, networks.get(endpoint.network_id.as_str()).copied());
            labels.set("__meta_docker_network_ip", &endpoint.ip);
            add_ports(args, container, endpoint, &labels, &mut found);
        }
    }
    found
}

/// The container's networks, or those of the container whose network it shares.
fn endpoints<'a>(container: &'a Container, by_id: &HashMap<&str, &'a Container>) -> &'a BTreeMap<String, Endpoint> {
    let mut owner = container;
    // Two containers cannot share each other's network, but the daemon's word is not trusted that far.
    for _ in 0..by_id.len() {
        if !owner.networks.is_empty() {
            break;
        }
        let Some(other) = owner.network_mode.strip_prefix("container:").and_then(|id| by_id.get(id)) else { break };
        owner = other;
    }
    &owner.networks
}

fn container_labels(container: &Container) -> LabelsBuilder {
    let mut labels = LabelsBuilder::default();
    labels.set("__meta_docker_container_id", &container.id);
    labels.set("__meta_docker_container_name", container.names.first().map_or("", String::as_str));
    labels.set("__meta_docker_container_network_mode", &container.network_mode);
    if !container.image.is_empty() {
        labels.set("__meta_docker_container_image", &container.image);
    }
    if !container.image_id.is_empty() {
        labels.set("__meta_docker_container_image_id", &container.image_id);
    }
    for (name, value) in &container.labels {
        labels.set(&format!("__meta_docker_container_label_{}", sanitize(name)), value);
    }
    labels
}

fn add_network(labels: &mut LabelsBuilder, network: Option<&Network>) {
    let Some(network) = network else { return };
    labels.set("__meta_docker_network_id", &network.id);
    labels.set("__meta_docker_network_name", &network.name);
    labels.set("__meta_docker_network_scope", &network.scope);
    labels.set("__meta_docker_network_internal", if network.internal { "true" } else { "false" });
    labels.set("__meta_docker_network_ingress", if network.ingress { "true" } else { "false" });
    for (name, value) in &network.labels {
        labels.set(&format!("__meta_docker_network_label_{}", sanitize(name)), value);
    }
}

/// One target for each TCP port, or one with the fallback port.
fn add_ports(args: &Args, container: &Container, endpoint: &Endpoint, common: &LabelsBuilder, found: &mut Vec<Target>) {
    let before = found.len();
    for port in container.ports.iter().filter(|port| port.tcp) {
        let mut labels = common.clone();
        labels.set("__meta_docker_port_private", &port.private.to_string());
        if let Some(public) = port.public.filter(|public| *public > 0) {
            labels.set("__meta_docker_port_public", &public.to_string());
            labels.set("__meta_docker_port_public_ip", &port.ip);
        }
        labels.set("__address__", &join_host_port(&endpoint.ip, i64::from(port.private)));
        found.push(Target::new(labels.build()));
    }
    if found.len() == before {
        let mut labels = common.clone();
        let address =
            if container.network_mode == "host" { args.host_networking_host.clone() } else { join_host_port(&endpoint.ip, args.port) };
        labels.set("__address__", &address);
        found.push(Target::new(labels.build()));
    }
}

fn join_host_port(host: &str, port: i64) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// A label name as Prometheus makes it: what is not allowed becomes `_`.
fn sanitize(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests;
