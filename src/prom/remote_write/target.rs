//! One endpoint of the component: its arguments turned into a queue, senders and an encoding.

use super::Out;
use super::args::{Args, EndpointArgs, MetadataConfig, QueueConfig};
use super::encode::Shape;
use super::meter::RemoteMeter;
use component::{BuildError, Options};
use delivery::{Endpoint, Settings, Spec};
use http::{HeaderMap, HeaderName, HeaderValue};
use net::client::{Client, ClientOptions};
use std::borrow::Cow;
use std::sync::Arc;
use value::{Arguments, Node, Value};
use wire::remote_write_v1::{CONTENT_ENCODING, CONTENT_TYPE, VERSION};

/// More requests at once do not make a far end faster.
const MOST_PARALLEL: i64 = 8;
/// A request larger than this before compression is not made.
const MOST_BYTES: usize = 8 << 20;

/// An endpoint that is in use.
pub(super) struct Target {
    pub name: String,
    pub endpoint: Arc<Endpoint>,
    pub shape: Shape,
    /// Seconds between two times that metadata is sent; 0 for never.
    pub metadata_every: u64,
    pub metadata_batch: usize,
    url: String,
}

/// What a target is made of once its queue is open.
pub(super) struct Part {
    name: String,
    shape: Shape,
    metadata: MetadataConfig,
    url: String,
}

/// Turns arguments into what the delivery needs.
pub(super) fn prepare(options: &Options<Out>, args: &Args, endpoint: &EndpointArgs, started: i64) -> Result<(Spec, Part), BuildError> {
    if let Some(name) = endpoint.cloud_identities().first() {
        return Err(BuildError::of("endpoint", format!("authentication with `{name}` is not in this build"))
            .hint("use another kind of authentication, or a proxy that signs"));
    }
    let defaults = || QueueConfig::defaults().ok_or_else(|| BuildError::new("queue_config has no defaults"));
    let queue = endpoint.queue_config.clone().map_or_else(defaults, Ok)?;
    let metadata_defaults = || MetadataConfig::defaults().ok_or_else(|| BuildError::new("metadata_config has no defaults"));
    let metadata = endpoint.metadata_config.clone().map_or_else(metadata_defaults, Ok)?;
    let address = net::url::Target::parse(&endpoint.url).map_err(|e| BuildError::of("endpoint", e.to_string()))?;
    let shown = address.to_string();
    let name = if endpoint.name.is_empty() { shown.clone() } else { endpoint.name.clone() };
    let client = Client::new(&endpoint.client, ClientOptions::default()).map_err(|e| BuildError::of("endpoint", e.to_string()))?;
    let most = usize::try_from(queue.max_samples_per_send).unwrap_or(0).max(1);
    let settings = Settings {
        url: endpoint.url.clone(),
        client,
        headers: headers(endpoint)?,
        meta_headers: |_, _| {},
        timeout: endpoint.remote_timeout.std(),
        backoff: (queue.min_backoff.std(), queue.max_backoff.std()),
        retry_on_429: queue.retry_on_http_429,
        parallel: u16::try_from(queue.max_shards.clamp(1, MOST_PARALLEL)).unwrap_or(1),
        linger: queue.batch_send_deadline.std(),
        max_bytes: MOST_BYTES,
        max_items: most,
    };
    let limits = queue::Options {
        max_bytes: args.wal.max_bytes.bytes(),
        max_age: Some(args.wal.max_keepalive_time.std()),
        ..queue::Options::default()
    };
    let key = if endpoint.name.is_empty() { endpoint.url.clone() } else { endpoint.name.clone() };
    let meter = RemoteMeter::new(options.context(), &name, &shown);
    let external = args.external_labels.iter().map(|(n, v)| (n.clone(), v.clone())).collect();
    let shape = Shape::new(external, endpoint.write_relabel_configs.clone(), most, endpoint.send_exemplars, started);
    Ok((Spec { key, options: limits, settings, meter: Arc::new(meter) }, Part { name, shape, metadata, url: shown }))
}

fn headers(endpoint: &EndpointArgs) -> Result<HeaderMap, BuildError> {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    headers.insert(http::header::CONTENT_ENCODING, HeaderValue::from_static(CONTENT_ENCODING));
    headers.insert("x-prometheus-remote-write-version", HeaderValue::from_static(VERSION));
    for (name, value) in &endpoint.headers {
        let bad = |what: &str| BuildError::of("endpoint", format!("the header {name:?} has no valid {what}"));
        let name = HeaderName::try_from(name.as_str()).map_err(|_| bad("name"))?;
        headers.insert(name, HeaderValue::try_from(value.as_str()).map_err(|_| bad("value"))?);
    }
    Ok(headers)
}

impl Target {
    pub fn new(options: &Options<Out>, endpoint: Arc<Endpoint>, part: Part) -> Self {
        super::meter::read_queue(options.context(), &part.name, &part.url, &endpoint);
        let metadata_every = if part.metadata.send { part.metadata.send_interval.std().as_secs().max(1) } else { 0 };
        let metadata_batch = usize::try_from(part.metadata.max_samples_per_send).unwrap_or(0).max(1);
        Self { name: part.name, endpoint, shape: part.shape, metadata_every, metadata_batch, url: part.url }
    }

    /// What the UI shows of the endpoint.
    pub fn debug_info(&self) -> Node {
        let stats = self.endpoint.stats();
        let reader = stats.readers.first();
        let attr = |name: &'static str, value: Value| Node::Attr(Cow::Borrowed(name), value);
        let mut body = vec![
            attr("name", self.name.as_str().into()),
            attr("url", self.url.as_str().into()),
            attr("queue_bytes", stats.bytes.into()),
            attr("queue_max_bytes", stats.max_bytes.into()),
            attr("pending_samples", reader.map_or(0, |r| r.pending_items).into()),
        ];
        let dropped: u64 = reader.map_or(0, |r| r.drops.values().map(|d| d.items).sum());
        body.push(attr("dropped_samples", dropped.into()));
        if let Some(error) = stats.last_error {
            body.push(attr("last_disk_error", error.as_str().into()));
        }
        Node::Block { name: "endpoint".into(), label: None, body }
    }
}
