//! Whole component, real pages.

mod recordings;

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
            let line =
                |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| format!("{name}: {}", value.to_str().unwrap_or("?"));
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
        labels.retain(|name, value| {
            name != "__name__" && !(name == "instance" && value == instance) && !(name == "job" && value == "prometheus.scrape.test")
        });
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
    format!(
        "targets = [{{\"__address__\" = \"{address}\"}}]\nforward_to = [capture.metrics]\nscrape_interval = \"50ms\"\nscrape_timeout = \"50ms\"\n{extra}"
    )
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
        [
            "h_bucket{le=\"1.0\"} 2",
            "m{a=\"x\", exported_job=\"own\"} 5",
            "up 1",
            "scrape_samples_scraped 2",
            "scrape_samples_post_metric_relabeling 2",
            "scrape_series_added 2"
        ]
    );
    let second = until(&driver, &server, "scrape_series_added 0").await;
    assert_eq!(second[..3], first[..3]);
    driver.stop().await.expect("it stops");
}

#[tokio::test]
async fn what_vanishes_is_marked_as_stale() {
    let server = Server::start(TEXT, "a 1\nb 2\n").await;
    let driver = start(&server, "");
    until(&driver, &server, "b 2").await;
    server.set(200, "b 3\nc 1\n");
    assert_eq!(until(&driver, &server, "c 1").await[..4], ["b 3", "c 1", "a stale", "up 1"]);
    server.set(500, "");
    assert_eq!(until(&driver, &server, "up 0").await[..3], ["b stale", "c stale", "up 0"]);
    server.set(200, "b 4\n");
    assert_eq!(until(&driver, &server, "b 4").await[..2], ["b 4", "up 1"]);
    server.set(200, "b 5\nthis is no metric\n");
    assert_eq!(
        until(&driver, &server, "up 0").await[0],
        "up 0",
        "a page that breaks off leaves what was in it alone, as the original does"
    );
}

#[tokio::test]
async fn a_target_that_is_gone_goes_stale_after_a_while() {
    let server = Server::start(TEXT, "a 1\n").await;
    let driver = start(&server, "");
    until(&driver, &server, "a 1").await;
    driver
        .update("targets = []\nforward_to = [capture.metrics]\nscrape_interval = \"50ms\"\nscrape_timeout = \"50ms\"")
        .expect("it is right");
    let last = until(&driver, &server, "a stale").await;
    assert_eq!(last[..3], ["a stale", "up stale", "scrape_samples_scraped stale"]);
    assert!(driver.debug_info().is_empty());
    driver.update(&config(&server, "")).expect("it is right");
    until(&driver, &server, "scrape_series_added 1").await;
}

#[tokio::test]
async fn an_update_leaves_loops_alone() {
    let server = Server::start(TEXT, "a 1\n").await;
    let driver = start(&server, "");
    until(&driver, &server, "scrape_series_added 0").await;
    // Another path: the same series, so the same loop goes on.
    driver.update(&config(&server, "metrics_path = \"/other\"\nsample_limit = 5")).expect("it is right");
    let moved = |_: &Driver| server.headers.lock().first().is_some_and(|line| line == "/other");
    assert!(driver.wait_for(moved).await);
    // Other labels: the old ones go stale, in the batch that brings the new ones.
    server.set(200, "a{job=\"x\"} 1\n");
    until(&driver, &server, "a{exported_job=\"x\"} 1").await;
    driver.update(&config(&server, "honor_labels = true")).expect("it is right");
    let batch = until(&driver, &server, "a{job=\"x\"} 1").await;
    assert_eq!(batch[..3], ["a{job=\"x\"} 1", "a{exported_job=\"x\"} stale", "up 1"]);
    assert!(!driver.metrics().take().iter().any(|b| lines(b, &server).iter().any(|l| l == "up stale")));
}

#[tokio::test]
async fn requests_say_what_is_wanted() {
    let server = Server::start(TEXT, "a 1\n").await;
    let extra = "scrape_protocols = [\"PrometheusProto\", \"OpenMetricsText1.0.0\", \"PrometheusText0.0.4\"]\nparams = { \"q\" = [\"x y&z\", \"2\"] }\nextra_metrics = true";
    let driver = start(&server, extra);
    let batch = until(&driver, &server, "up 1").await;
    assert_eq!(batch[batch.len() - 3..], ["scrape_timeout_seconds 0.05", "scrape_sample_limit 0", "scrape_body_size_bytes 4"]);
    let headers = server.headers.lock().clone();
    assert_eq!(headers[0], "/metrics?q=x+y%26z&q=2");
    for want in [
        "accept: application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4",
        "accept-encoding: gzip",
        "x-prometheus-scrape-timeout-seconds: 0.05",
    ] {
        assert!(headers.iter().any(|line| line == want), "{want} in {headers:#?}");
    }
}

#[tokio::test]
async fn exemplars_and_metadata_are_sent_once() {
    let page = "# HELP c Things.\n# TYPE c counter\nc_total 5 # {id=\"x\"} 1 1700000000\nc_total{a=\"1\"} 5 # {id=\"y\"} 2\n# EOF\n";
    let server = Server::start("application/openmetrics-text; version=1.0.0", page).await;
    let services = component::Services {
        stability: component::Stability::Experimental,
        ..component::Services::new(std::env::temp_dir().join("ferroalloy-test-scrape"))
    };
    let driver = Driver::start_with(&COMPONENT, &config(&server, "honor_metadata = true"), services).expect("the arguments are right");
    assert!(driver.wait_for(|driver| driver.metrics().batches().len() >= 2).await);
    let batches = driver.metrics().take();
    let exemplars: Vec<String> = batches[0].exemplars.iter().map(|e| format!("{} {} {:?}", e.labels, e.value, e.timestamp)).collect();
    let at = batches[0].samples[0].timestamp;
    assert_eq!(exemplars, ["{id=\"x\"} 1 Some(1700000000000)".to_owned(), format!("{{id=\"y\"}} 2 Some({at})")]);
    let families: Vec<String> = batches[0].metadata.iter().map(|m| format!("{} {:?} {}", m.family, m.kind, m.help)).collect();
    assert_eq!(families[0], "c Counter Things.");
    assert!(families[1].starts_with("up Gauge 1 when"), "{families:?}");
    assert!(batches[1].exemplars.is_empty() && batches[1].metadata.is_empty());
}

#[tokio::test]
async fn limits_fail_scrapes() {
    let server = Server::start(TEXT, "a 1\nb 2\nc 3\n").await;
    for (extra, error) in [
        ("sample_limit = 2", "sample_limit exceeded"),
        ("label_limit = 2", "label_limit exceeded"),
        ("body_size_limit = \"5B\"", "5 bytes or more"),
        ("scheme = \"https\"", "TLS"),
    ] {
        let driver = start(&server, &format!("{extra}\nextra_metrics = true"));
        let batch = until(&driver, &server, "up 0").await;
        assert!(!batch.iter().any(|line| line.starts_with("a ")), "{extra}: {batch:?}");
        let shown = format!("{:?}", driver.debug_info());
        assert!(driver.wait_for(|driver| format!("{:?}", driver.debug_info()).contains(error)).await, "{extra}: {shown}");
        let size = if extra.starts_with("body") {
            "-1"
        } else if extra.starts_with("scheme") {
            "0"
        } else {
            "12"
        };
        assert_eq!(batch.last().map(String::as_str), Some(format!("scrape_body_size_bytes {size}").as_str()), "{extra}");
    }
}

#[tokio::test]
async fn too_many_targets_fail_all() {
    let server = Server::start(TEXT, "a 1\n").await;
    let targets = format!(
        "[{{\"__address__\" = \"{0}\"}}, {{\"__address__\" = \"{0}\", \"x\" = \"1\"}}, {{\"__address__\" = \"a/b\"}}]",
        server.address
    );
    let text = |limit| {
        format!(
            "targets = {targets}\nforward_to = [capture.metrics]\nscrape_interval = \"50ms\"\nscrape_timeout = \"50ms\"\ntarget_limit = {limit}"
        )
    };
    let driver = Driver::start(&COMPONENT, &text(1)).expect("the arguments are right");
    until(&driver, &server, "up 0").await;
    assert!(format!("{:?}", driver.debug_info()).contains("target_limit exceeded (number of targets: 2, limit: 1)"));
    driver.update(&text(2)).expect("the arguments are right");
    until(&driver, &server, "a{x=\"1\"} 1").await;
    let metrics = driver.context().services.metrics.render();
    assert!(metrics.contains("prometheus_target_sync_failed_total") && metrics.contains("prometheus_scrape_targets_gauge"), "{metrics}");
}

#[tokio::test]
async fn pages_of_this_process_need_no_socket() {
    let services = component::Services::new(std::env::temp_dir().join("ferroalloy-test-scrape"));
    let address = services.memory_address.clone();
    let page = |request: component::HttpRequest| {
        let body = format!("asked{{path={:?},query={:?}}} 1\n", request.path, request.query);
        Box::pin(async move { component::HttpResponse::ok(TEXT, body) }) as futures_util::future::BoxFuture<'static, _>
    };
    services.mounts.mount("prometheus.exporter.x", Arc::new(page));
    let targets = format!(
        "[{{\"__address__\" = \"{address}\", \"__metrics_path__\" = \"/api/v0/component/prometheus.exporter.x/metrics\", \"__param_a\" = \"b\"}}]"
    );
    let text = format!("targets = {targets}\nforward_to = [capture.metrics]\nscrape_interval = \"50ms\"\nscrape_timeout = \"50ms\"");
    let driver = Driver::start_with(&COMPONENT, &text, services).expect("the arguments are right");
    let asked = |driver: &Driver| {
        driver.metrics().batches().iter().flat_map(|b| b.samples.clone()).find(|s| s.labels.get("__name__") == Some("asked"))
    };
    assert!(driver.wait_for(|driver| asked(driver).is_some()).await);
    let labels = asked(&driver).map(|sample| sample.labels.to_string()).unwrap_or_default();
    assert_eq!(
        labels,
        format!("{{__name__=\"asked\", instance=\"{address}\", job=\"prometheus.scrape.test\", path=\"/metrics\", query=\"a=b\"}}")
    );
}

#[tokio::test]
async fn what_is_not_taken_is_counted_and_failures_are_written() {
    let server = Server::start(TEXT, "a 1\n").await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("failures.json");
    let driver = start(&server, &format!("scrape_failure_log_file = {file:?}"));
    driver.metrics().refuse(1);
    assert!(driver.wait_for(|driver| driver.context().ledger.totals().2 == 6).await, "one sample and five figures");
    server.set(503, "");
    let written = || std::fs::read_to_string(&file).unwrap_or_default();
    assert!(driver.wait_for(|_| written().contains('\n')).await);
    let line: serde_json::Value = serde_json::from_str(written().lines().next().expect("a line")).expect("an object");
    assert_eq!((line["job_name"].as_str(), line["level"].as_str()), (Some("prometheus.scrape.test"), Some("ERROR")));
    assert!(line["msg"].as_str().is_some_and(|msg| msg.contains("503")), "{line}");
    let (taken, passed, dropped) = driver.context().ledger.totals();
    assert!(taken >= passed + dropped, "{taken} {passed} {dropped}");
}

#[tokio::test]
async fn targets_are_shown() {
    let server = Server::start(TEXT, "a 1\n").await;
    let driver = start(&server, "job_name = \"mine\"");
    assert!(driver.wait_for(|driver| format!("{:?}", driver.debug_info()).contains("last_scrape_duration")).await);
    let nodes = driver.debug_info();
    let [value::Node::Block { name, body, .. }] = nodes.as_slice() else { unreachable!("one target: {nodes:?}") };
    let names: Vec<String> =
        body.iter().map(|node| if let value::Node::Attr(name, _) = node { name.to_string() } else { String::new() }).collect();
    assert_eq!((name.as_str(), names.join(" ")), ("target", "job url health labels last_scrape last_scrape_duration".into()));
    let shown = format!("{body:?}");
    for want in ["\"mine\"", "\"up\"", &format!("\"http://{}/metrics\"", server.address)] {
        assert!(shown.contains(want), "{want} in {shown}");
    }
}

#[tokio::test]
async fn impossible_arguments_are_refused() {
    for (text, want) in [
        ("scrape_interval = \"5s\"", "scrape_timeout (10s) is greater than scrape_interval (5s)"),
        ("scrape_protocols = [\"Json\"]", "unknown format \"Json\""),
        ("scrape_protocols = [\"PrometheusText0.0.4\", \"PrometheusText0.0.4\"]", "there twice"),
        ("scrape_protocols = [\"PrometheusText0.0.4\"]\nenable_protobuf_negotiation = true", "cannot both be set"),
        ("scrape_protocols = [\"PrometheusText0.0.4\"]\nscrape_native_histograms = true", "need \"PrometheusProto\""),
        ("scrape_fallback_protocol = \"x\"", "unknown format"),
        ("metric_name_validation_scheme = \"ascii\"", "unknown scheme"),
        ("metric_name_escaping_scheme = \"ascii\"", "unknown scheme"),
        ("metric_name_escaping_scheme = \"allow-utf-8\"", "needs `metric_name_validation_scheme"),
        ("body_size_limit = 5", "body_size_limit"),
        ("honor_metadata = true", "experimental"),
        ("bearer_token = \"t\"\nbasic_auth {\n username = \"u\"\n}", "at most one of"),
    ] {
        let error = Driver::start(&COMPONENT, &format!("targets = []\nforward_to = []\n{text}")).err().unwrap_or_default();
        assert!(error.contains(want), "{text}: {error}");
    }
}

#[test]
fn arguments_are_shown_as_the_original_does() {
    use value::Arguments;
    let shown = |text: &str| {
        let source = syntax::Source::new("test.alloy", text);
        let parsed = syntax::parse(&source);
        let mut diagnostics = Vec::new();
        let body = value::eval::evaluate_body(
            &parsed.file.body,
            syntax::Span::default(),
            &parsed.file.source,
            &value::scope::Empty,
            &mut diagnostics,
        );
        let args = super::args::Args::decode(&body, &mut value::DecodeCx::default()).expect("they decode");
        format!("{:?}", args.encode())
    };
    let plain = shown("targets = []\nforward_to = []\nscrape_interval = \"60s\"");
    assert_eq!(plain.matches("Attr(").count(), 4, "{plain}");
    assert!(plain.contains("\"underscores\"") && plain.contains("OpenMetricsText1.0.0"), "{plain}");
    let proto = shown("targets = []\nforward_to = []\nenable_protobuf_negotiation = true\nmetric_name_validation_scheme = \"utf8\"");
    assert!(proto.contains("PrometheusProto") && proto.contains("scrape_native_histograms") && proto.contains("allow-utf-8"), "{proto}");
}
