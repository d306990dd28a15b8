//! Against a real HTTP server that fails as it is told to.

use super::{Endpoint, Meter, Settings};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use component::Shutdown;
use net::client::{Client, ClientArgs, ClientOptions, SendFailure};
use parking_lot::Mutex;
use queue::{NewRecord, Options};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use value::Arguments;

#[derive(Default)]
struct Far {
    answers: Mutex<Vec<StatusCode>>,
    bodies: Mutex<Vec<String>>,
    requests: AtomicU64,
}

async fn take(State(far): State<Arc<Far>>, body: Bytes) -> StatusCode {
    far.requests.fetch_add(1, Ordering::SeqCst);
    let text = snap::raw::Decoder::new().decompress_vec(&body).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    if text.contains("bad") {
        return StatusCode::BAD_REQUEST;
    }
    let answer = far.answers.lock().pop().unwrap_or(StatusCode::NO_CONTENT);
    if answer.is_success() {
        far.bodies.lock().push(text);
    }
    answer
}

#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    retried: AtomicU64,
    dropped: AtomicU64,
}

impl Meter for Counts {
    fn sent(&self, items: u64, _bytes: u64, _took: Duration) {
        self.sent.fetch_add(items, Ordering::SeqCst);
    }
    fn retrying(&self, _items: u64, _failure: &SendFailure) {
        self.retried.fetch_add(1, Ordering::SeqCst);
    }
    fn dropped(&self, items: u64, _reason: &'static str) {
        self.dropped.fetch_add(items, Ordering::SeqCst);
    }
    fn refused(&self, _items: u64, _failure: &SendFailure) {}
}

struct Setup {
    far: Arc<Far>,
    url: String,
    folder: tempfile::TempDir,
    counts: Arc<Counts>,
}

async fn setup() -> Setup {
    let far = Arc::new(Far::default());
    let app = axum::Router::new().route("/push", axum::routing::post(take)).with_state(Arc::clone(&far));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/push", listener.local_addr().expect("it has one"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Setup { far, url, folder: tempfile::tempdir().expect("a folder"), counts: Arc::default() }
}

impl Setup {
    fn open(&self) -> Arc<Endpoint> {
        let client = Client::new(&ClientArgs::defaults().expect("all optional"), ClientOptions::default()).expect("plain");
        let settings = Settings {
            url: self.url.clone(),
            client,
            headers: http::HeaderMap::new(),
            meta_headers: |_, _| {},
            timeout: Duration::from_secs(5),
            backoff: (Duration::from_millis(1), Duration::from_millis(20)),
            retry_on_429: true,
            parallel: 2,
            linger: Duration::from_millis(1),
            max_bytes: 1000,
            max_items: 1000,
        };
        Endpoint::open(self.folder.path(), Options::default(), settings, Arc::clone(&self.counts) as Arc<dyn Meter>).expect("opened")
    }
}

async fn append(endpoint: &Endpoint, text: &str) {
    let body = snap::raw::Encoder::new().compress_vec(text.as_bytes()).expect("small");
    endpoint.append(NewRecord { items: 1, first_ms: 1, last_ms: 1, body: &body, ..NewRecord::default() }).await.expect("appended");
}

async fn run_until_drained(endpoint: &Arc<Endpoint>) {
    let stop = Shutdown::new();
    let (running, stopping) = (Arc::clone(endpoint), stop.clone());
    let task = tokio::spawn(async move { running.run(stopping, Duration::ZERO).await });
    tokio::time::timeout(Duration::from_secs(20), endpoint.drained()).await.expect("drained in time");
    stop.stop();
    task.await.expect("no panic").expect("one run only");
}

#[tokio::test]
async fn everything_arrives_in_order_and_merged() {
    let setup = setup().await;
    let endpoint = setup.open();
    for i in 0..100 {
        append(&endpoint, &format!("{i};")).await;
    }
    run_until_drained(&endpoint).await;
    let all: Vec<String> = (0..100).map(|i| format!("{i};")).collect();
    assert_eq!(setup.far.bodies.lock().concat(), all.concat());
    assert!(setup.far.requests.load(Ordering::SeqCst) < 20, "records share requests");
    assert_eq!(setup.counts.sent.load(Ordering::SeqCst), 100);
}

#[tokio::test]
async fn failures_are_retried_and_refusals_counted_one_by_one() {
    let setup = setup().await;
    *setup.far.answers.lock() = vec![StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
    let endpoint = setup.open();
    for text in ["a;", "bad;", "b;"] {
        append(&endpoint, text).await;
    }
    run_until_drained(&endpoint).await;
    assert_eq!(setup.far.bodies.lock().concat(), "a;b;");
    assert_eq!(setup.counts.sent.load(Ordering::SeqCst), 2);
    assert_eq!(setup.counts.dropped.load(Ordering::SeqCst), 1);
    assert!(setup.counts.retried.load(Ordering::SeqCst) >= 2);
}

#[tokio::test]
async fn a_restart_continues_where_it_stopped() {
    let setup = setup().await;
    let endpoint = setup.open();
    append(&endpoint, "before;").await;
    endpoint.close().await;
    drop(endpoint);
    let endpoint = setup.open();
    append(&endpoint, "after;").await;
    run_until_drained(&endpoint).await;
    assert_eq!(setup.far.bodies.lock().concat(), "before;after;");
}

#[tokio::test]
async fn a_stopping_endpoint_delivers_what_it_has_at_once() {
    let setup = setup().await;
    let endpoint = setup.open();
    let mut settings = (**endpoint.settings.load()).clone();
    settings.linger = Duration::from_secs(3600);
    endpoint.configure(settings);
    append(&endpoint, "last;").await;
    let stop = Shutdown::new();
    stop.stop();
    endpoint.run(stop, Duration::from_secs(20)).await.expect("one run only");
    assert_eq!(setup.far.bodies.lock().concat(), "last;");
}
