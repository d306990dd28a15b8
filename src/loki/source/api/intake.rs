//! The pages of the server: each request is answered when the receivers own its lines.

use super::request::{Taken, read_push, read_raw};
use crate::source::deliver::Outlet;
use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use component::{Context, Counter, Histogram, Shutdown};
use data::LogsReceiver;
use data::relabel::Rules;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use parking_lot::Mutex;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use value::{IntoValue, Node};

/// How long a request may wait for the receivers before it is answered 503. Senders wait ten seconds as a rule.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 8 });
/// Pauses between attempts to hand lines on.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What an update changes without a restart of the server.
pub(super) struct Settings {
    pub labels: Vec<(String, String)>,
    pub rules: Rules,
    pub incoming_time: bool,
    /// Bytes of the largest request.
    pub limit: usize,
}

/// Takes requests.
pub(super) struct Intake {
    context: Arc<Context>,
    outlet: Outlet,
    settings: ArcSwap<Settings>,
    written: Counter,
    address: Mutex<Option<SocketAddr>>,
}

/// What a page needs.
#[derive(Clone)]
struct Page {
    intake: Arc<Intake>,
    stop: Shutdown,
    read: Reader,
}

/// How the body of a page is read.
type Reader = fn(&HeaderMap, &Bytes, &Settings, i64) -> Result<Taken, String>;

/// The pages, until `stop`.
pub(super) fn router(intake: Arc<Intake>, stop: Shutdown) -> Router {
    let page = |read: Reader| post(take).with_state(Page { intake: Arc::clone(&intake), stop: stop.clone(), read });
    let raw: Reader = |_, body, settings, now| Ok(read_raw(body, settings, now));
    Router::new()
        .route("/api/v1/push", page(read_push))
        .route("/loki/api/v1/push", page(read_push))
        .route("/api/v1/raw", page(raw))
        .route("/loki/api/v1/raw", page(raw))
        .route("/ready", get(async || "ready"))
}

impl Intake {
    /// Hands lines to `outlet`.
    pub fn new(context: Arc<Context>, outlet: Outlet, settings: Settings) -> Self {
        let written = context.metrics.counter("loki_source_api_entries_written", "Total number of entries written.");
        Self { outlet, settings: ArcSwap::from_pointee(settings), written, address: Mutex::default(), context }
    }

    /// The component's context.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Exchanges receivers and settings.
    pub fn set(&self, receivers: Vec<LogsReceiver>, settings: Settings) {
        self.outlet.set(receivers);
        self.settings.store(Arc::new(settings));
    }

    /// The server listens on `address` now.
    pub fn set_address(&self, address: SocketAddr) {
        *self.address.lock() = Some(address);
    }

    /// Where the server listens.
    pub fn debug_info(&self) -> Vec<Node> {
        let address = self.address.lock().map(|address| address.to_string());
        address.into_iter().map(|address| Node::Attr("listen_address".into(), address.into_value())).collect()
    }

    fn duration(&self, route: &str, status: StatusCode) -> Histogram {
        const BOUNDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0];
        let labels = [("method", "POST"), ("route", route), ("status_code", status.as_str()), ("ws", "false")];
        let help = "Time (in seconds) spent serving HTTP requests.";
        self.context.metrics.histogram_with("loki_source_api_request_duration_seconds", help, BOUNDS, &labels)
    }
}

/// `POST`: reads the body, hands the lines on, answers.
async fn take(State(page): State<Page>, request: Request) -> Response {
    let begin = Instant::now();
    let route = request.uri().path().trim_start_matches('/').replace('/', "_");
    let answer = exchange(&page, request).await;
    let status = *answer.as_ref().unwrap_or_else(|refusal| &refusal.0);
    page.intake.duration(&route, status).observe(begin.elapsed().as_secs_f64());
    match answer {
        Ok(status) => respond(status, String::new()),
        Err((status, text)) => {
            tracing::warn!(component_id = %page.intake.context.id, status = status.as_u16(), "a request was not taken: {text}");
            respond(status, text)
        }
    }
}

type Refusal = (StatusCode, String);

async fn exchange(page: &Page, request: Request) -> Result<StatusCode, Refusal> {
    let settings = page.intake.settings.load_full();
    let (head, body) = request.into_parts();
    let body = read_body(&head.headers, body, settings.limit, &page.stop).await?;
    let take = || {
        (page.read)(&head.headers, &body, &settings, page.intake.context.clock().nanos()).map_err(|text| (StatusCode::BAD_REQUEST, text))
    };
    let taken = take()?;
    let lines = taken.batch.entries();
    if lines > 0 {
        let hand_on = hand_on(page, taken.batch, || take().map(|taken| taken.batch));
        tokio::select! {
            biased;
            result = hand_on => result?,
            () = page.stop.wait() => return Err((StatusCode::SERVICE_UNAVAILABLE, "server shutdown".to_owned())),
        }
        page.intake.written.add(lines as u64);
        page.intake.outlet.count(lines);
    }
    match taken.refused {
        Some(text) => Err((StatusCode::BAD_REQUEST, text)),
        None => Ok(StatusCode::NO_CONTENT),
    }
}

async fn read_body(headers: &HeaderMap, body: Body, limit: usize, stop: &Shutdown) -> Result<Bytes, Refusal> {
    let too_large = |size: String| {
        (StatusCode::BAD_REQUEST, format!("message size too large than max ({size} vs {limit}); raise max_send_message_size"))
    };
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if let Some(size) = announced.filter(|size| *size > limit) {
        return Err(too_large(size.to_string()));
    }
    match stop.or(axum::body::to_bytes(body, limit)).await {
        Some(Ok(body)) => Ok(body),
        Some(Err(error)) if error.to_string().contains("length limit") => Err(too_large(format!("more than {limit}"))),
        Some(Err(error)) => Err((StatusCode::BAD_REQUEST, format!("the body cannot be read: {error}"))),
        None => Err((StatusCode::SERVICE_UNAVAILABLE, "server shutdown".to_owned())),
    }
}

/// Hands on `batch`; when it is refused, what `again` makes of the request. The receivers are the only owners of a
/// batch, so that they may change it without a copy.
async fn hand_on(page: &Page, batch: data::LogBatch, again: impl Fn() -> Result<data::LogBatch, Refusal>) -> Result<(), Refusal> {
    let mut next = batch;
    let mut last = "the receivers take no lines at the moment; send again later".to_owned();
    let attempts = async {
        let mut pause = FIRST_PAUSE;
        loop {
            match page.intake.outlet.send(next).await {
                Ok(()) => return Ok(()),
                Err(error) => last = error.to_string(),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            next = again()?;
        }
    };
    match tokio::time::timeout(PATIENCE, attempts).await {
        Ok(result) => result,
        Err(_) => Err((StatusCode::SERVICE_UNAVAILABLE, last)),
    }
}

fn respond(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if !text.is_empty() {
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, http::HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert("x-content-type-options", http::HeaderValue::from_static("nosniff"));
        *response.body_mut() = Body::from(text + "\n");
    }
    response
}
