//! What all targets of a component share: settings, the way out, the ways to a page.

use super::args::{Args, PROTO};
use super::ingest::Rules;
use super::metrics::{Intervals, Metrics};
use super::target::Spec;
use crate::forward::Forward;
use arc_swap::{ArcSwap, ArcSwapOption};
use bytes::Bytes;
use component::{BuildError, Context, HttpBody, HttpRequest};
use data::relabel::Names;
use futures_util::StreamExt;
use hashbrown::HashMap;
use http::{HeaderMap, HeaderValue};
use net::client::ClientOptions;
use net::scrape_client::{FailureKind, ScrapeClient, ScrapeRequest, Target as Address};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use wire::exposition::Format;

/// What an update exchanges as a whole.
pub(super) struct Settings {
    pub(super) args: Args,
    pub(super) rules: Rules,
    /// The format of pages that do not say theirs.
    pub(super) fallback: Option<Format>,
    accept: HeaderValue,
    client: ScrapeClient,
}

impl Settings {
    pub(super) fn new(args: Args) -> Result<Self, BuildError> {
        let client = ScrapeClient::new(&args.client, ClientOptions::default()).map_err(|error| BuildError::new(error.to_string()))?;
        let limit = |given: u64| usize::try_from(given).unwrap_or(usize::MAX);
        let rules = Rules {
            honor_labels: args.honor_labels,
            honor_timestamps: args.honor_timestamps,
            track_timestamps: args.track_timestamps_staleness,
            metadata: args.honor_metadata,
            type_and_unit: args.enable_type_and_unit_labels,
            names: if args.metric_name_validation_scheme == "utf8" { Names::Utf8 } else { Names::Legacy },
            label_limit: limit(args.label_limit),
            name_length_limit: limit(args.label_name_length_limit),
            value_length_limit: limit(args.label_value_length_limit),
            sample_limit: limit(args.sample_limit),
        };
        let fallback = media_type(&args.scrape_fallback_protocol).and_then(Format::from_content_type);
        Ok(Self { rules, fallback, accept: accept(&args), client, args })
    }

    /// The job of targets that have none.
    pub(super) fn job(&self, context: &Context) -> String {
        if self.args.job_name.is_empty() { context.id.to_string() } else { self.args.job_name.clone() }
    }

    /// The headers of requests to a target with this timeout.
    pub(super) fn headers(&self, timeout: Duration) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::ACCEPT, self.accept.clone());
        if let Ok(seconds) = HeaderValue::from_str(&timeout.as_secs_f64().to_string()) {
            headers.insert("x-prometheus-scrape-timeout-seconds", seconds);
        }
        headers
    }
}

fn media_type(protocol: &str) -> Option<&'static str> {
    match protocol {
        "OpenMetricsText1.0.0" => Some("application/openmetrics-text;version=1.0.0"),
        "OpenMetricsText0.0.1" => Some("application/openmetrics-text;version=0.0.1"),
        "PrometheusText1.0.0" => Some("text/plain;version=1.0.0"),
        "PrometheusText0.0.4" => Some("text/plain;version=0.0.4"),
        _ => None,
    }
}

/// The formats to ask for. Protobuf is not asked for: it could not be read.
fn accept(args: &Args) -> HeaderValue {
    let mut weight = 6;
    let mut text = String::new();
    for protocol in args.scrape_protocols.iter().filter(|name| *name != PROTO) {
        let Some(media) = media_type(protocol) else { continue };
        text += media;
        if protocol.ends_with("Text1.0.0") {
            text = text + ";escaping=" + &args.metric_name_escaping_scheme;
        }
        text += &format!(";q=0.{weight},");
        weight -= 1;
    }
    HeaderValue::from_str(&format!("{text}*/*;q=0.{weight}")).unwrap_or(HeaderValue::from_static("*/*"))
}

/// A page that was fetched.
pub(super) enum Page {
    /// In a buffer of the pool.
    Pooled(Vec<u8>),
    /// From this process.
    Own(Bytes),
}

impl Page {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Pooled(body) => body,
            Self::Own(body) => body,
        }
    }

    pub(super) fn recycle(self) {
        if let Self::Pooled(body) = self {
            crate::pool::recycle_body(body);
        }
    }
}

/// Why there is no page.
pub(super) struct NoPage {
    pub(super) message: String,
    /// The page has more bytes than allowed.
    pub(super) too_large: bool,
}

impl NoPage {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), too_large: false }
    }
}

pub(super) struct Shared {
    pub(super) context: Arc<Context>,
    pub(super) settings: ArcSwap<Settings>,
    pub(super) out: Forward,
    pub(super) metrics: Metrics,
    /// Why no target is scraped at all.
    pub(super) forced: ArcSwapOption<String>,
    /// Makes the times of scrapes differ between hosts.
    pub(super) seed: u64,
    pub(super) intervals: Mutex<HashMap<Duration, Intervals>>,
}

impl Shared {
    /// The metrics of targets with this interval.
    pub(super) fn intervals(&self, interval: Duration) -> Intervals {
        let new = || Intervals::new(&self.context, &value::types::Duration::from(interval).to_string());
        self.intervals.lock().entry(interval).or_insert_with(new).clone()
    }

    /// Fetches the page of a target and its content type.
    pub(super) async fn fetch(
        &self,
        spec: &Spec,
        address: &Result<Address, String>,
        headers: &HeaderMap,
        settings: &Settings,
    ) -> Result<(Page, String), NoPage> {
        let body_limit = match settings.args.body_size_limit.bytes() {
            0 => None,
            limit => Some(usize::try_from(limit).unwrap_or(usize::MAX)),
        };
        if spec.address == self.context.services.memory_address {
            let fetch = tokio::time::timeout(spec.timeout, self.fetch_own(spec, headers));
            let (page, content_type) =
                fetch.await.map_err(|_| NoPage::new(format!("{} did not answer within {:?}", spec.url, spec.timeout)))??;
            return match body_limit {
                Some(limit) if page.bytes().len() >= limit => {
                    Err(NoPage { message: format!("the page has {limit} bytes or more, the limit"), too_large: true })
                }
                _ => Ok((page, content_type)),
            };
        }
        let target = address.as_ref().map_err(NoPage::new)?;
        let request = ScrapeRequest { target, headers, timeout: spec.timeout, body_limit, compression: settings.args.enable_compression };
        let mut body = crate::pool::body();
        match settings.client.fetch(&request, &mut body).await {
            Ok(answer) => {
                let content_type = answer.content_type.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
                Ok((Page::Pooled(body), content_type.to_owned()))
            }
            Err(error) => {
                crate::pool::recycle_body(body);
                Err(NoPage { too_large: error.kind == FailureKind::TooLarge, message: error.message })
            }
        }
    }

    /// Fetches a page of this process without a socket.
    async fn fetch_own(&self, spec: &Spec, headers: &HeaderMap) -> Result<(Page, String), NoPage> {
        let services = &self.context.services;
        let mounted = spec.path.strip_prefix("/api/v0/component/").and_then(|path| services.mounts.find(path));
        let Some((handler, path)) = mounted else {
            if spec.path == "/metrics" {
                return Ok((Page::Own(services.metrics.render().into()), "text/plain; version=0.0.4".into()));
            }
            return Err(NoPage::new(format!("{} answered 404 Not Found: check the path", spec.url)));
        };
        let headers =
            headers.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))).collect();
        let request = HttpRequest { method: "GET".into(), path, query: spec.query.clone(), headers, body: Bytes::new() };
        let answer = handler.handle(request).await;
        if answer.status != 200 {
            return Err(NoPage::new(format!("{} answered {}", spec.url, answer.status)));
        }
        let content_type = answer.headers.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type")).map(|(_, value)| value);
        let page = match answer.body {
            HttpBody::Full(body) => Page::Own(body),
            HttpBody::Stream(mut stream) => {
                let mut body = crate::pool::body();
                while let Some(part) = stream.next().await {
                    body.extend_from_slice(&part);
                }
                Page::Pooled(body)
            }
        };
        Ok((page, content_type.unwrap_or_default()))
    }
}
