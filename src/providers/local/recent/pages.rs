//! What the debug page asks for: `names`, `series`, `logs`, `tail`, `stats`.

use super::query::{self, Filter, MOST_SERIES};
use super::store::Store;
use bytes::Bytes;
use component::{HttpBody, HttpHandler, HttpRequest, HttpResponse};
use data::MetricType;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt};
use serde_json::json;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::watch;

const JSON: &str = "application/json";
const LINES: usize = 100;
const MOST_LINES: usize = 5000;
/// Longer texts to search for are refused.
const LONGEST_TEXT: usize = 1024;
/// New lines are sent together after this pause: a busy stream must not become a flood of events.
const PAUSE: Duration = Duration::from_millis(150);
/// Lines of one event at most; a reader that is further behind misses the older ones.
const MOST_EVENTS: usize = 1000;
/// A sign of life, so that a reader who has left is noticed.
const SILENCE: Duration = Duration::from_secs(15);

/// The pages of one `local.recent`.
pub(super) struct Pages(pub(super) Weak<Store>);

/// The parts of a request's query that the pages know.
#[derive(Default)]
struct Query {
    name: String,
    text: String,
    labels: Vec<(String, String)>,
    since: i64,
    limit: Option<usize>,
    before: Option<i64>,
}

impl Query {
    fn parse(raw: &str) -> Result<Self, String> {
        let mut query = Self::default();
        for (key, value) in url::form_urlencoded::parse(raw.as_bytes()) {
            let number = || format!("{key} must be a whole number, not {value:?}\n");
            match &*key {
                "name" => query.name = value.into_owned(),
                "q" if value.len() > LONGEST_TEXT => return Err(format!("q must be at most {LONGEST_TEXT} bytes long\n")),
                "q" => query.text = value.into_owned(),
                "match" | "label" => {
                    let (name, value) = value.split_once('=').ok_or_else(|| format!("{key} must look like name=value\n"))?;
                    query.labels.push((name.to_owned(), value.to_owned()));
                }
                "since" => query.since = value.parse().map_err(|_| number())?,
                "limit" => query.limit = Some(value.parse().map_err(|_| number())?),
                "before" => query.before = Some(value.parse().map_err(|_| number())?),
                _ => {}
            }
        }
        Ok(query)
    }
}

impl HttpHandler for Pages {
    fn handle(&self, request: HttpRequest) -> BoxFuture<'_, HttpResponse> {
        Box::pin(async move {
            let Some(store) = self.0.upgrade() else { return HttpResponse::not_found() };
            let mut response = match answer(store, &request).await {
                Ok(response) => response,
                Err(text) => HttpResponse::text(400, text),
            };
            response.headers.push(("cache-control".into(), "no-store".into()));
            response
        })
    }
}

async fn answer(store: Arc<Store>, request: &HttpRequest) -> Result<HttpResponse, String> {
    if request.method != "GET" && request.method != "HEAD" {
        return Ok(HttpResponse::text(405, "only GET is understood here\n"));
    }
    let query = Query::parse(&request.query)?;
    match request.path.trim_start_matches('/') {
        "names" => Ok(HttpResponse::ok(JSON, names(&store))),
        "series" => {
            let since = query.since.max(store.now() - store.window());
            let chosen = store.choose(&query.name, &query.labels, since, MOST_SERIES);
            Ok(HttpResponse::ok(JSON, query::series_json(chosen, since).await))
        }
        "logs" => {
            let filter = Filter::new(&query.text, query.labels)?;
            let limit = query.limit.unwrap_or(LINES).min(MOST_LINES);
            Ok(HttpResponse::ok(JSON, query::logs_json(store.blocks(0), filter, limit, query.before.unwrap_or(i64::MAX)).await))
        }
        "tail" => {
            let filter = Filter::new(&query.text, query.labels)?;
            let headers = vec![("content-type".into(), "text/event-stream".into()), ("x-accel-buffering".into(), "no".into())];
            Ok(HttpResponse { status: 200, headers, body: HttpBody::Stream(tail(&store, filter)) })
        }
        "stats" => Ok(HttpResponse::ok(JSON, stats(&store))),
        _ => Ok(HttpResponse::not_found()),
    }
}

fn kind_name(kind: MetricType) -> &'static str {
    match kind {
        MetricType::Counter => "counter",
        MetricType::Gauge | MetricType::Info | MetricType::StateSet => "gauge",
        MetricType::Histogram | MetricType::GaugeHistogram => "histogram",
        MetricType::Summary => "summary",
        MetricType::Unknown => "unknown",
    }
}

fn names(store: &Store) -> String {
    let mut names = store.names();
    names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let mut out = String::from("[");
    for (i, (name, series, kind)) in names.iter().enumerate() {
        out.push_str(if i == 0 { r#"{"name":"# } else { r#",{"name":"# });
        query::push_text(&mut out, name);
        out.push_str(&format!(r#","series":{series},"type":"{}"}}"#, kind_name(*kind)));
    }
    out.push(']');
    out
}

fn stats(store: &Store) -> String {
    let stats = store.stats();
    json!({
        "bytes": stats.bytes, "max_bytes": stats.max_bytes, "window_seconds": stats.window as f64 / 1000.0,
        "series": stats.series, "samples": stats.samples, "lines": stats.lines,
    })
    .to_string()
}

/// One who follows the lines.
struct Follower {
    store: Weak<Store>,
    arrivals: watch::Receiver<u64>,
    filter: Filter,
    next: u64,
}

/// New lines as they come. Holds neither the lines nor the component: it ends when the component is gone.
fn tail(store: &Arc<Store>, filter: Filter) -> BoxStream<'static, Bytes> {
    let follower = Follower { store: Arc::downgrade(store), arrivals: store.arrivals.subscribe(), filter, next: store.next_line() };
    let hello = stream::once(async { Bytes::from_static(b"retry: 2000\n\n") });
    hello.chain(stream::unfold(follower, |mut follower| async { follower.wait().await.map(|bytes| (bytes, follower)) })).boxed()
}

impl Follower {
    async fn wait(&mut self) -> Option<Bytes> {
        loop {
            match tokio::time::timeout(SILENCE, self.arrivals.changed()).await {
                Err(_silence) => return Some(Bytes::from_static(b": nothing new\n\n")),
                Ok(Err(_gone)) => return None,
                Ok(Ok(())) => {}
            }
            tokio::time::sleep(PAUSE).await;
            let text = self.new_events()?;
            if !text.is_empty() {
                return Some(text.into());
            }
        }
    }

    fn new_events(&mut self) -> Option<String> {
        self.arrivals.mark_unchanged();
        let blocks = self.store.upgrade()?.blocks(self.next);
        let text = query::events(&blocks, &self.filter, self.next, MOST_EVENTS);
        self.next = blocks.last().map_or(self.next, |b| b.first + u64::from(b.count));
        Some(text)
    }
}
