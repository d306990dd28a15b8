//! Whole component, real pages.

use super::COMPONENT;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use component::testing::Driver;
use data::{MetricBatch, is_stale};
use parking_lot::Mutex;
use std::net::SocketAddr;
use std::sync::Arc;

/// A server whose page a test sets.
#[derive(Clone)]
struct Server {
    address: SocketAddr,
    page: Arc<Mutex<(u16, String)>>,
    headers: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(content_type: &'static str, page: &str) -> Self {
        let page = Arc::new(Mutex::new((200, page.to_owned())));
        let headers = Arc::<Mutex<Vec<String>>>::default();
        let (shown, seen) = (Arc::clone(&page), Arc::clone(&headers));
        let answer = move |request: axum::extract::Request| async move {
            let line = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| format!("{name}: {}", value.to_str().unwrap_or("?"));
            let mut lines = vec![request.uri().to_string()];
            lines.extend(request.headers().iter().map(line));
            *seen.lock() = lines;
            let (status, body) = shown.lock().clone();
            (axum::http::StatusCode::from_u16(status).expect("a status"), [(CONTENT_TYPE, content_type)], body).into_response()
        };
        let router = Router::new().route("/{*path}", get(answer));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, page, headers }
    }

    fn set(&self, status: u16, page: &str) {
        *self.page.lock() = (status, page.to_owned());
    }
}

const TEXT: &str = "text/plain; version=0.0.4";

/// Series, values and whether they are stale; the target's own labels and figures that vary are left out.
fn lines(batch: &MetricBatch, server: &Server) -> Vec<String> {
    let line = |sample: &data::Sample| {
        let mut labels = sample.labels.to_builder();
        let name = labels.get("__name__").unwrap_or_default().to_owned();
        let instance = server.address.to_string();
        labels.retain(|name, value| name != "__name__" && !(name == "instance" && value == instance) && !(name == "job" && value == "prometheus.scrape.test"));
        let value = if is_stale(sample.value) { "stale".to_owned() } else { sample.value.to_string() };
        let labels = if labels.is_empty() { String::new() } else { labels.build().to_string() };
        (name != "scrape_duration_seconds").then(|| format!("{name}{labels} {value}"))
    };
    batch.samples.iter().filter_map(line).collect()
}

fn start(server: &Server, extra: &str) -> Driver {
    Driver::start(&COMPONENT, &config(server, extra)).expect("the arguments are right")
}

fn config(server: &Server, extra: &str) -> String {
    let address = server.address;
    format!("targets = [{{\"__address__\" = \"{address}\"}}]\nforward_to = [capture.metrics]\nscrape_interval = \"50ms\"\nscrape_timeout = \"50ms\"\n{extra}")
}

/// Waits for a batch with this line.
async fn until(driver: &Driver, server: &Server, line: &str) -> Vec<String> {
    let has = |driver: &Driver| driver.metrics().batches().iter().any(|b| lines(b, server).iter().any(|l| l == line));
    assert!(driver.wait_for(has).await, "no {line:?} in {:#?}", driver.metrics().batches().last().map(|b| lines(b, server)));
    let batches = driver.metrics().take();
    let found = batches.iter().map(|b| lines(b, server)).find(|l| l.iter().any(|l| l == line));
    found.expect("it was there just now")
}

#[tokio::test]
async fn a_page_becomes_a_batch() {
    let server = Server::start(TEXT, "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nm{job=\"own\",a=\"x\"} 5\n").await;
    let driver = start(&server, "");
    let first = until(&driver, &server, "up 1").await;
    assert_eq!(
        first,
        ["h_bucket{le=\"1.0\"} 2", "m{a=\"x\", exported_job=\"own\"} 5", "up 1", "scrape_samples_scraped 2", "scrape_samples_post_metric_relabeling 2", "scrape_series_added 2"]
    );
    let second = until(&driver, &server, "scrape_series_added 0").await;
    assert_eq!(second[..3], first[..3]);
    driver.stop().await.expect("it stops");
}
