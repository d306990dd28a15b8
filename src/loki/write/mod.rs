//! `loki.write` sends log lines to Loki.

mod args;
mod encode;
mod meter;

use arc_swap::ArcSwap;
use args::{Args, EndpointArgs};
use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use data::receiver::{SendError, Sink};
use data::{LogBatch, LogsReceiver};
use delivery::{Endpoint, Fleet, Settings, Spec};
use encode::{Batches, Body, Pool};
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue};
use meter::LokiMeter;
use net::client::{Client, ClientOptions};
use queue::{AppendError, NewRecord};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use value::{Exports, Node, Value};
use wire::loki_push::CONTENT_TYPE;

pub(crate) static COMPONENT: Registration = Registration::of::<Write>("loki.write", Stability::GenerallyAvailable);

/// What cannot be delivered is given up after this long: no Loki takes older lines by default.
const LONGEST_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// More requests at once do not make a far end faster.
const MOST_PARALLEL: i64 = 8;
/// Loki's tenant header.
const TENANT_HEADER: HeaderName = HeaderName::from_static("x-scope-orgid");

/// Where others send log lines.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// Takes log lines; they are safe on disk once it has.
    #[alloy(attr)]
    receiver: LogsReceiver,
}

struct Write {
    shared: Arc<Shared>,
}

struct Shared {
    options: Options<Out>,
    fleet: Fleet,
    live: ArcSwap<Live>,
    pool: Pool,
}

/// What an update exchanges.
struct Live {
    batches: Batches,
    targets: Vec<Target>,
}

struct Target {
    endpoint: Arc<Endpoint>,
    tenant: Arc<str>,
    batch_size: usize,
    host: String,
}

impl Shared {
    fn apply(&self, args: &Args) -> Result<(), BuildError> {
        let mut specs = Vec::with_capacity(args.endpoints.len());
        let mut hosts = Vec::with_capacity(args.endpoints.len());
        for endpoint in &args.endpoints {
            let (spec, host) = self.spec(args, endpoint)?;
            specs.push(spec);
            hosts.push(host);
        }
        let endpoints = self.fleet.apply(specs).map_err(|e| BuildError::new(e.to_string()))?;
        let targets = endpoints.into_iter().zip(hosts).zip(&args.endpoints).map(|((endpoint, host), args)| Target {
            endpoint,
            tenant: Arc::from(args.tenant_id.as_str()),
            batch_size: usize::try_from(args.batch_size.bytes()).unwrap_or(usize::MAX).max(1),
            host,
        });
        let external = args.external_labels.iter().map(|(n, v)| (n.clone(), v.clone())).collect();
        self.live.store(Arc::new(Live { batches: Batches::new(external, args.max_streams), targets: targets.collect() }));
        Ok(())
    }

    fn spec(&self, args: &Args, endpoint: &EndpointArgs) -> Result<(Spec, String), BuildError> {
        let wrong = |text: String| BuildError::of("endpoint", text);
        let address = net::url::Target::parse(&endpoint.url).map_err(|e| wrong(e.to_string()))?;
        let client = Client::new(&endpoint.client, ClientOptions::default()).map_err(|e| wrong(e.to_string()))?;
        let batch_size = usize::try_from(endpoint.batch_size.bytes()).unwrap_or(usize::MAX);
        let settings = Settings {
            url: endpoint.url.clone(),
            client,
            headers: headers(endpoint)?,
            meta_headers: tenant_header,
            timeout: endpoint.remote_timeout.std(),
            backoff: (endpoint.min_backoff_period.std(), endpoint.max_backoff_period.std()),
            retry_on_429: endpoint.retry_on_http_429,
            parallel: u16::try_from(endpoint.queue_config.min_shards.clamp(1, MOST_PARALLEL)).unwrap_or(1),
            linger: endpoint.batch_wait.std(),
            max_bytes: batch_size,
            max_items: usize::MAX,
        };
        let options = queue::Options { max_bytes: args.wal.max_bytes.bytes(), max_age: Some(LONGEST_KEPT), ..queue::Options::default() };
        let key = if endpoint.name.is_empty() { endpoint.url.clone() } else { endpoint.name.clone() };
        let host = address.authority();
        let meter = LokiMeter::new(self.options.context(), &host);
        Ok((Spec { key, options, settings, meter: Arc::new(meter) }, host))
    }

    async fn take(&self, batch: LogBatch) -> Result<(), SendError> {
        self.options.ledger.took(batch.entries());
        let live = self.live.load_full();
        for target in &live.targets {
            let encoded = live.batches.encode(&self.pool, &batch, &target.tenant, target.batch_size);
            self.options.ledger.dropped("stream_limited", encoded.over_limit);
            for body in encoded.bodies {
                self.append(target, &body).await?;
            }
        }
        Ok(())
    }

    async fn append(&self, target: &Target, body: &Body) -> Result<(), SendError> {
        let record = NewRecord {
            items: u32::try_from(body.lines).unwrap_or(u32::MAX),
            first_ms: body.first_ms,
            last_ms: body.last_ms,
            meta: body.tenant.as_bytes(),
            body: &body.bytes,
            ..NewRecord::default()
        };
        match target.endpoint.append(record).await {
            Ok(()) => Ok(()),
            Err(AppendError::Closed) => Err(SendError::Stopped(self.options.id.to_string().into())),
            Err(error) => {
                // Trying again cannot make it fit.
                self.options.ledger.dropped("too_large_for_queue", body.lines);
                self.options.health.unhealthy(format!("{}: {error}", target.host));
                Ok(())
            }
        }
    }
}

/// The tenant that a record's `meta` names.
fn tenant_header(meta: &[u8], headers: &mut HeaderMap) {
    if meta.is_empty() {
        return;
    }
    match HeaderValue::from_bytes(meta) {
        Ok(value) => _ = headers.insert(TENANT_HEADER, value),
        Err(_) => tracing::warn!("a tenant's name holds characters that no header can carry: its lines are sent without"),
    }
}

fn headers(endpoint: &EndpointArgs) -> Result<HeaderMap, BuildError> {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    for (name, value) in &endpoint.headers {
        let bad = |what: &str| BuildError::of("endpoint", format!("the header {name:?} has no valid {what}"));
        let name = HeaderName::try_from(name.as_str()).map_err(|_| bad("name"))?;
        headers.insert(name, HeaderValue::try_from(value.as_str()).map_err(|_| bad("value"))?);
    }
    Ok(headers)
}

impl Sink<LogBatch> for Shared {
    fn send(&self, batch: LogBatch) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(self.take(batch))
    }
}

impl Component for Write {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        let live = ArcSwap::from_pointee(Live { batches: Batches::new(Vec::new(), 0), targets: Vec::new() });
        let shared = Arc::new(Shared { fleet: Fleet::new(options.data_path()), live, pool: encode::pool(), options });
        shared.apply(&args)?;
        let receiver = shared.options.receiver("receiver", Arc::clone(&shared) as Arc<dyn Sink<LogBatch>>);
        shared.options.export(Out { receiver });
        Ok(Self { shared })
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        self.shared.apply(&args)
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        self.shared.fleet.run(&stop).await;
        Ok(())
    }

    fn debug_info(&self) -> Vec<Node> {
        let live = self.shared.live.load();
        live.targets.iter().map(Target::debug_info).collect()
    }
}

impl Target {
    fn debug_info(&self) -> Node {
        let stats = self.endpoint.stats();
        let reader = stats.readers.first();
        let attr = |name: &'static str, value: Value| Node::Attr(Cow::Borrowed(name), value);
        let dropped: u64 = reader.map_or(0, |r| r.drops.values().map(|d| d.items).sum());
        let body = vec![
            attr("host", self.host.as_str().into()),
            attr("queue_bytes", stats.bytes.into()),
            attr("queue_max_bytes", stats.max_bytes.into()),
            attr("pending_lines", reader.map_or(0, |r| r.pending_items).into()),
            attr("dropped_lines", dropped.into()),
        ];
        Node::Block { name: "endpoint".into(), label: None, body }
    }
}
