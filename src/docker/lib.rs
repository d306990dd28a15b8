//! A Docker daemon as two components need it: containers, networks, events, and log lines with their times.
//!
//! The only crate that knows the client library.

mod inventory;
mod logs;
mod time;

pub use inventory::{Container, Endpoint, Network, Port};
pub use logs::{LogStream, Message, Output};
pub use time::rfc3339_nanos;

use bollard::Docker;
use bollard::query_parameters::{EventsOptions, InspectContainerOptions};
use futures_util::{Stream, StreamExt};
use std::collections::HashMap;
use std::time::Duration;

/// Why the daemon did not do as it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be used.
    #[error("`host` = {host:?} cannot be used: {reason}")]
    Host {
        /// The address.
        host: String,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// There is no such container any more.
    #[error("the container does not exist any more")]
    Gone,
    /// The daemon is not reached, or refuses.
    #[error("{0}")]
    Daemon(String),
}

impl From<bollard::errors::Error> for Error {
    fn from(error: bollard::errors::Error) -> Self {
        match error {
            bollard::errors::Error::DockerResponseServerError { status_code: 404, .. } => Self::Gone,
            other => Self::Daemon(chain(&other)),
        }
    }
}

/// An error with its causes, which say more than the outermost one.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// A connection to a daemon. Cloning shares it.
#[derive(Clone)]
pub struct Client {
    docker: Docker,
}

/// Values by which the daemon selects containers: a container fits when, for each name, one of the values fits.
pub type Filters = HashMap<String, Vec<String>>;

/// How a container is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// It runs.
    pub running: bool,
    /// When it was started last, as the daemon writes it.
    pub started_at: String,
    /// Its output is that of a terminal: without a distinction of streams.
    pub tty: bool,
}

/// Something that happened to a container.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What, as the daemon calls it: `start`, `die`, `destroy`.
    pub action: String,
    /// The container's id.
    pub container: String,
}

/// What is wrong with the address of a daemon, told without connecting; `None` when it is of a form that can be used.
pub fn bad_host(host: &str) -> Option<String> {
    let is_url = || host.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
    (!is_url()).then(|| format!("{host:?} is no address of a Docker daemon"))
}

/// What to write for the address of a daemon.
pub const HOST_HINT: &str = "write `unix:///var/run/docker.sock` or `tcp://HOST:2375`";

impl Client {
    /// Prepares a connection to `host`: `unix:///path`, `tcp://host:port` or `http://host:port`. `headers` are sent
    /// with every request. Nothing is sent yet.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn new(host: &str, timeout: Duration, headers: http::HeaderMap) -> Result<Self, Error> {
        let refuse = |reason: &str| Error::Host { host: host.to_owned(), reason: reason.to_owned() };
        let docker = match host.split_once("://") {
            Some(("unix" | "tcp" | "http" | "npipe", rest)) if !rest.is_empty() => {
                Docker::connect_with_host(host).map_err(|error| refuse(&chain(&error)))?
            }
            Some(("https", _)) => return Err(refuse("TLS to a Docker daemon is not supported; use a socket or a proxy")),
            _ => return Err(refuse("write unix:///var/run/docker.sock or tcp://HOST:2375")),
        };
        let docker = docker.with_timeout(timeout.max(Duration::from_secs(1)));
        let docker = match headers.is_empty() {
            true => docker,
            false => docker.with_request_modifier(move |mut request| {
                request.headers_mut().extend(headers.clone());
                request
            }),
        };
        Ok(Self { docker })
    }

    /// How the container is.
    ///
    /// # Errors
    /// [`Error::Gone`] when it does not exist any more.
    pub async fn state(&self, container: &str) -> Result<State, Error> {
        let found = self.docker.inspect_container(container, None::<InspectContainerOptions>).await?;
        let state = found.state.unwrap_or_default();
        let tty = found.config.and_then(|config| config.tty).unwrap_or_default();
        Ok(State { running: state.running.unwrap_or_default(), started_at: state.started_at.unwrap_or_default(), tty })
    }

    /// What happens to containers from now on.
    pub fn events(&self) -> impl Stream<Item = Result<Event, Error>> + Send + use<> {
        let only = |name: &str, values: &[&str]| (name.to_owned(), values.iter().map(|v| (*v).to_owned()).collect());
        let filters = HashMap::from([only("type", &["container"]), only("event", &["start", "die", "destroy"])]);
        let events = self.docker.events(Some(EventsOptions { filters: Some(filters), ..EventsOptions::default() }));
        events.map(|event| {
            let event = event?;
            let container = event.actor.and_then(|actor| actor.id).unwrap_or_default();
            Ok(Event { action: event.action.unwrap_or_default(), container })
        })
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}
