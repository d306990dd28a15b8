//! `local.recent` driven from configuration text and asked over its pages.

use super::COMPONENT;
use super::store::Store;
use component::testing::Driver;
use component::{Clock, HttpBody, HttpRequest, Ledger, Registry, Services};
use data::metric_batch::MetricBatchInner;
use data::{Entry, Labels, LogBatch, LogsReceiver, Metadata, MetricBatch, MetricType, MetricsReceiver, STALE_NAN, Sample};
use futures_util::StreamExt;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use value::FromValue;

/// The time at which tests run, milliseconds since 1970.
const NOW: i64 = 1_700_000_000_000;

fn start(text: &str) -> (Driver, Clock) {
    let clock = Clock::fixed(NOW * 1_000_000);
    let services = Services { clock: clock.clone(), ..Services::new(std::env::temp_dir()) };
    (Driver::start_with(&COMPONENT, text, services).expect("good arguments"), clock)
}

fn sample(labels: &[(&str, &str)], timestamp: i64, value: f64) -> Sample {
    Sample { labels: Labels::from_pairs(labels.iter().copied()), timestamp, value }
}

async fn send_samples(driver: &Driver, samples: Vec<Sample>) {
    let receiver = MetricsReceiver::from_value(&driver.export("metrics_receiver")).expect("exported");
    receiver.send(MetricBatch::from_samples(samples)).await.expect("taken");
}

async fn send_lines(driver: &Driver, labels: &[(&str, &str)], lines: &[(i64, &str)]) {
    let receiver = LogsReceiver::from_value(&driver.export("logs_receiver")).expect("exported");
    let entries = lines.iter().map(|(time, line)| Entry::new(*time, line.to_string())).collect();
    receiver.send(LogBatch::of(Labels::from_pairs(labels.iter().copied()), entries)).await.expect("taken");
}

async fn text(driver: &Driver, path: &str) -> (u16, String) {
    let (handler, _) = driver.context().services.mounts.find("local.recent.test").expect("mounted");
    let response = handler.handle(HttpRequest::get(path)).await;
    match response.body {
        HttpBody::Full(bytes) => (response.status, String::from_utf8_lossy(&bytes).into_owned()),
        HttpBody::Stream(_) => (response.status, "a stream".into()),
    }
}

async fn get(driver: &Driver, path: &str) -> Json {
    let (status, text) = text(driver, path).await;
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).expect("JSON")
}

async fn lines(driver: &Driver, query: &str) -> Vec<String> {
    let answer = get(driver, &format!("/logs?{query}")).await;
    let entries = answer["entries"].as_array().expect("a list").iter();
    entries.map(|e| format!("{} {}", e["ts"].as_str().expect("text"), e["line"].as_str().expect("text"))).collect()
}

/// In = kept + dropped, and the counts of memory agree with what is there.
fn balances(store: &Store, ledger: &Ledger) {
    let (taken, _, dropped) = ledger.totals();
    let stats = store.stats();
    assert_eq!(taken, dropped + (stats.samples + stats.lines) as u64);
    assert!(store.adds_up());
}

#[tokio::test]
async fn names_carry_the_type_of_their_family() {
    let (driver, _) = start("");
    let all = [("a_bucket", "1"), ("b", "1"), ("b", "2"), ("c_total", "1"), ("zzz", "1")];
    let samples = all.iter().map(|(name, x)| sample(&[("__name__", name), ("x", x)], NOW, 1.0)).collect();
    let families = [("a", MetricType::Histogram), ("b", MetricType::Gauge), ("c", MetricType::Counter)];
    let metadata = families.map(|(family, kind)| Metadata { family: family.into(), kind, help: "".into(), unit: "".into() });
    let receiver = MetricsReceiver::from_value(&driver.export("metrics_receiver")).expect("exported");
    let batch = MetricBatchInner { samples, metadata: metadata.into(), ..Default::default() };
    receiver.send(MetricBatch::new(batch)).await.expect("taken");
    let expected = json!([
        {"name": "a_bucket", "series": 1, "type": "histogram"}, {"name": "b", "series": 2, "type": "gauge"},
        {"name": "c_total", "series": 1, "type": "counter"}, {"name": "zzz", "series": 1, "type": "unknown"},
    ]);
    assert_eq!(get(&driver, "/names").await, expected);
}

#[tokio::test]
async fn series_are_chosen_by_name_labels_and_time() {
    let (driver, _) = start("");
    let series = |x: &'static str| [("__name__", "m"), ("x", x)];
    for (ago, value) in [(3000, 1.5), (2000, 2.0), (1000, STALE_NAN)] {
        send_samples(&driver, vec![sample(&series("é\""), NOW - ago, value), sample(&series("b"), NOW - ago, 0.1)]).await;
    }
    let found = get(&driver, &format!("/series?name=m&match=x%3D%C3%A9%22&since={}", NOW - 2500)).await;
    assert_eq!(found, json!([{"labels": {"x": "é\""}, "points": [[NOW - 2000, 2], [NOW - 1000, null]]}]));
    assert_eq!(get(&driver, "/series?name=m&match=other=").await.as_array().map(Vec::len), Some(2), "a missing label is an empty one");
    assert_eq!(get(&driver, "/series?name=none").await, json!([]));
    assert_eq!(get(&driver, &format!("/series?name=m&since={NOW}")).await, json!([]));
}

#[tokio::test]
async fn long_series_are_thinned_out_to_a_thousand_points() {
    let (driver, _) = start("");
    let samples = (0..9000).map(|i| sample(&[("__name__", "m")], NOW - 900_000 + i * 100, i as f64)).collect();
    send_samples(&driver, samples).await;
    let found = get(&driver, "/series?name=m").await;
    let points = found[0]["points"].as_array().expect("points");
    assert!((900..=1001).contains(&points.len()), "{}", points.len());
    assert_eq!(points.last().expect("a point"), &json!([NOW - 100, 8999]), "the last one stays");
}

#[tokio::test]
async fn lines_are_found_by_text_label_and_time_and_paged() {
    let (driver, _) = start("");
    let now = NOW * 1_000_000;
    send_lines(&driver, &[("job", "a")], &[(now + 1, "One Straße"), (now + 2, "two"), (now + 2, "TWO again")]).await;
    send_lines(&driver, &[("job", "b")], &[(now, "late \"two\"\n\u{1}")]).await;
    assert_eq!(
        lines(&driver, "limit=2").await,
        [format!("{} TWO again", now + 3), format!("{} two", now + 2)],
        "equal times are told apart"
    );
    assert_eq!(
        lines(&driver, &format!("limit=2&before={}", now + 2)).await,
        [format!("{} One Straße", now + 1), format!("{now} late \"two\"\n\u{1}")]
    );
    assert_eq!(lines(&driver, "q=TWO").await.len(), 3);
    assert_eq!(lines(&driver, "q=TWO&label=job=b").await.len(), 1);
    assert_eq!(lines(&driver, "q=stra%C3%9Fe").await.len(), 1);
    assert_eq!(lines(&driver, "q=(.*)").await.len(), 0, "the text is no pattern");
    assert_eq!(lines(&driver, "limit=0").await.len(), 0);
    let refused = [("/logs?limit=x", 400), ("/logs?label=x", 400), ("/nothing", 404)];
    for (path, status) in refused {
        assert_eq!(text(&driver, path).await.0, status, "{path}");
    }
}

#[tokio::test]
async fn structured_metadata_is_shown_and_searched_as_labels() {
    let (driver, _) = start("");
    let receiver = LogsReceiver::from_value(&driver.export("logs_receiver")).expect("exported");
    let metadata = Some(Arc::new(vec![("trace".into(), "t1".into()), ("job".into(), "hidden".into())]));
    let entry = Entry { metadata, ..Entry::new(7, "x") };
    receiver.send(LogBatch::of(Labels::from_pairs([("job", "a")]), vec![entry, Entry::new(8, "y")])).await.expect("taken");
    let found = get(&driver, "/logs?label=trace=t1").await;
    assert_eq!(found, json!({"entries": [{"ts": "7", "labels": {"job": "a", "trace": "t1"}, "line": "x"}]}));
}

#[tokio::test]
async fn followers_get_new_lines_and_are_let_go_with_the_component() {
    let (driver, _) = start("");
    send_lines(&driver, &[], &[(1, "before")]).await;
    let (handler, _) = driver.context().services.mounts.find("local.recent.test").expect("mounted");
    let response = handler.handle(HttpRequest::get("/tail?q=yes")).await;
    let HttpBody::Stream(mut events) = response.body else { unreachable!("a stream was expected") };
    assert_eq!(events.next().await.as_deref(), Some(&b"retry: 2000\n\n"[..]));
    send_lines(&driver, &[("a", "b")], &[(2, "no"), (3, "yes")]).await;
    let expected = "data: {\"ts\":\"3\",\"labels\":{\"a\":\"b\"},\"line\":\"yes\"}\n\n";
    assert_eq!(events.next().await.as_deref(), Some(expected.as_bytes()));
    driver.stop().await.expect("stopped");
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn what_cannot_be_kept_is_counted_with_its_reason() {
    let (driver, clock) = start("window = \"1m\"");
    let m = [("__name__", "m")];
    send_samples(
        &driver,
        vec![sample(&m, NOW, 1.0), sample(&m, NOW, 1.0), sample(&m, NOW - 61_000, 1.0), sample(&m, NOW + 3_600_000, 1.0)],
    )
    .await;
    send_lines(&driver, &[], &[(1, &"x".repeat(2_000_000)), (2, "short")]).await;
    let metrics = || driver.context().services.metrics.render();
    for reason in ["out_of_order", "too_old", "in_the_future", "line_too_long"] {
        assert!(metrics().contains(&format!("reason=\"{reason}\"}} 1")), "{reason}: {}", metrics());
    }
    clock.set((NOW + 61_000) * 1_000_000);
    send_samples(&driver, vec![sample(&[("__name__", "n")], NOW + 60_000, 1.0)]).await;
    assert!(metrics().contains("reason=\"expired\"} 2"), "a sample and a line: {}", metrics());
    let stats = get(&driver, "/stats").await;
    assert_eq!((&stats["series"], &stats["samples"], &stats["lines"]), (&json!(1), &json!(1), &json!(0)));
}

#[test]
fn memory_stays_within_its_limit_and_the_oldest_goes_first() {
    let scope = Arc::<Registry>::default().scope(&[]);
    let (ledger, clock) = (Ledger::new(&scope), Clock::fixed(NOW * 1_000_000));
    let limit = 1024 * 1024;
    let store = Store::new(900_000, limit, ledger.clone(), clock.clone());
    for round in 0..300 {
        let now = NOW + round * 1000;
        clock.set(now * 1_000_000);
        // Half of the series are always the same, half are new ones every time.
        let name = |i: i64| if i % 2 == 0 { i.to_string() } else { format!("{i}-{round}") };
        let samples = (0..200).map(|i| sample(&[("__name__", "m"), ("i", &name(i))], now, (i * round) as f64)).collect();
        store.keep_metrics(&MetricBatch::from_samples(samples));
        let entries =
            (0..50).map(|i| Entry::new(now * 1_000_000 + i, format!("line {i} of round {round}: {}", i * 7919 * round))).collect();
        store.keep_lines(&LogBatch::of(Labels::from_pairs([("job", "a")]), entries));
        assert!(store.stats().bytes <= limit, "{:?}", store.stats());
        while store.pack_one() {}
        balances(&store, &ledger);
    }
    let stats = store.stats();
    assert!(stats.bytes > limit / 2, "{stats:?}");
    assert!(store.choose("m", &[("i".into(), "199-0".into())], 0, 10).is_empty(), "the first ones are gone");
    assert_eq!(store.choose("m", &[("i".into(), "199-299".into())], 0, 10).len(), 1);
    store.limit(900_000, 64 * 1024);
    assert!(store.stats().bytes <= 64 * 1024, "{:?}", store.stats());
    clock.set((NOW + 10_000_000) * 1_000_000);
    store.maintain();
    balances(&store, &ledger);
    let left = store.stats();
    assert_eq!((left.series, left.samples, left.lines), (0, 0, 0));
    assert!(left.bytes < 8192, "{left:?}");
}

/// What the documentation of `max_bytes` promises.
#[test]
fn a_sample_and_a_line_take_little() {
    let scope = Arc::<Registry>::default().scope(&[]);
    let clock = Clock::fixed(NOW * 1_000_000);
    let store = Store::new(900_000, 64 * 1024 * 1024, Ledger::new(&scope), clock.clone());
    for round in 0..60 {
        let now = NOW + round * 15_000;
        clock.set(now * 1_000_000);
        let value = |i: i64| if i % 3 == 0 { 5.0 } else { (i * 1000 + round * (i % 17)) as f64 / if i % 5 == 0 { 100.0 } else { 1.0 } };
        let samples =
            (0..1000).map(|i| sample(&[("__name__", "metric_name"), ("instance", "host"), ("i", &i.to_string())], now, value(i))).collect();
        store.keep_metrics(&MetricBatch::from_samples(samples));
    }
    let per_series = store.stats().bytes / 1000;
    assert!(per_series < 800, "{per_series} bytes for each series");
    let before = store.stats().bytes;
    let line = |i: i64| {
        format!(
            "10.0.{}.{} - - [21/Nov/2026:10:{:02}:07 +0000] \"GET /api/orders/{} HTTP/1.1\" 200 {} \"-\" \"Mozilla/5.0\"",
            i % 4,
            i * 31 % 250,
            i % 60,
            i * 7919 % 90_000,
            i * 13 % 9000
        )
    };
    let entries: Vec<Entry> = (0..20_000).map(|i| Entry::new(NOW * 1_000_000 + i * 1_000_003, line(i))).collect();
    let raw: usize = entries.iter().map(|e| e.line.len()).sum();
    store.keep_lines(&LogBatch::of(Labels::from_pairs([("job", "nginx")]), entries));
    while store.pack_one() {}
    let kept = store.stats().bytes - before;
    assert!(kept * 3 < raw, "{kept} of {raw} bytes of lines");
}

#[tokio::test]
async fn arguments_that_cannot_work_are_refused() {
    for (arguments, word) in [("window = \"0s\"", "window"), ("max_bytes = \"1KiB\"", "max_bytes"), ("max_bytes = 5", "max_bytes")] {
        let error = Driver::start(&COMPONENT, arguments).err().expect("refused");
        assert!(error.contains(word), "{error}");
    }
    let (driver, _) = start("");
    driver.update("window = \"1h\"\nmax_bytes = \"1MiB\"").expect("taken");
    let stats = get(&driver, "/stats").await;
    assert_eq!((&stats["window_seconds"], &stats["max_bytes"]), (&json!(3600.0), &json!(1024 * 1024)));
}
