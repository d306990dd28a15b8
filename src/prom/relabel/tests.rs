//! Relabelling of batches, through the component.

use super::COMPONENT;
use component::testing::Driver;
use data::metric_batch::MetricBatchInner;
use data::{Labels, Metadata, MetricBatch, MetricType, STALE_NAN, Sample};

const RULES: &str = r#"
    forward_to = [capture.metrics]
    rule {
        source_labels = ["__name__"]
        regex = "drop_.*"
        action = "drop"
    }
    rule {
        source_labels = ["__name__"]
        regex = "old_(.*)"
        target_label = "__name__"
        replacement = "new_$1"
    }
    rule {
        target_label = "cluster"
        replacement = "eu"
    }
"#;

fn labels(name: &str) -> Labels {
    Labels::from_pairs([("__name__", name), ("a", "1")])
}

fn batch(samples: &[(&Labels, f64)]) -> MetricBatch {
    let sample = |(labels, value): &(&Labels, f64)| Sample { labels: (*labels).clone(), timestamp: 1, value: *value };
    MetricBatch::new(MetricBatchInner { samples: samples.iter().map(sample).collect(), origin: 7, ..Default::default() })
}

fn received(driver: &Driver) -> Vec<String> {
    let batches = driver.metrics().take();
    assert!(batches.iter().all(|b| b.origin == 7), "batches stay those of their origin");
    batches.iter().flat_map(|b| b.samples.iter()).map(|s| format!("{} {}", s.labels, s.value)).collect()
}

fn metric(driver: &Driver, name: &str) -> String {
    let text = driver.context().services.metrics.render();
    let line = text.lines().find(|line| line.starts_with(&format!("alloy_prometheus_relabel_{name}{{"))).unwrap_or_default();
    line.rsplit(' ').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn rewrites_keeps_and_drops() {
    let driver = Driver::start(&COMPONENT, RULES).expect("the rules are right");
    let sets = [labels("old_x"), labels("drop_me"), labels("same")];
    for round in 0..3 {
        driver.send(batch(&[(&sets[0], 1.0), (&sets[1], 2.0), (&sets[2], 3.0)])).await.expect("it is taken");
        let want = [r#"{__name__="new_x", a="1", cluster="eu"} 1"#, r#"{__name__="same", a="1", cluster="eu"} 3"#];
        assert_eq!(received(&driver), want, "round {round}");
    }
    let figures = ["metrics_processed", "metrics_written", "cache_hits", "cache_misses", "cache_size", "cache_deletes"]
        .map(|name| metric(&driver, name));
    assert_eq!(figures, ["9", "6", "6", "3", "3", "0"]);
    driver.stop().await.expect("it stops");
}

#[tokio::test]
async fn a_shared_batch_stays_as_it_is() {
    let driver = Driver::start(&COMPONENT, RULES).expect("the rules are right");
    let set = labels("old_x");
    let kept = batch(&[(&set, 1.0), (&labels("drop_me"), 1.0)]);
    driver.send(kept.clone()).await.expect("it is taken");
    assert_eq!(received(&driver), [r#"{__name__="new_x", a="1", cluster="eu"} 1"#]);
    assert_eq!((kept.samples.len(), &kept.samples[0].labels), (2, &set));
}

#[tokio::test]
async fn staleness_passes_and_is_forgotten() {
    let driver = Driver::start(&COMPONENT, RULES).expect("the rules are right");
    let (set, dropped) = (labels("old_x"), labels("drop_me"));
    driver.send(batch(&[(&set, 1.0), (&dropped, 1.0)])).await.expect("it is taken");
    driver.send(batch(&[(&set, STALE_NAN), (&dropped, STALE_NAN)])).await.expect("it is taken");
    let last = driver.metrics().take().pop().expect("two batches");
    assert!(data::is_stale(last.samples[0].value));
    assert_eq!((metric(&driver, "cache_deletes"), metric(&driver, "cache_size")), ("2".into(), "0".into()));
}

#[tokio::test]
async fn nothing_left_is_nothing_sent() {
    let driver = Driver::start(&COMPONENT, "forward_to = [capture.metrics]\nrule {\n action = \"drop\"\n}").expect("the rules are right");
    driver.send(batch(&[(&labels("a"), 1.0)])).await.expect("it is taken");
    driver.update("forward_to = [capture.metrics]\nrule {\n action = \"labeldrop\"\n regex = \".*\"\n}").expect("the rules are right");
    driver.send(batch(&[(&labels("a"), 1.0)])).await.expect("it is taken");
    assert!(driver.metrics().take().is_empty());
}

#[tokio::test]
async fn updates_count_from_the_next_batch_and_refusals_go_back() {
    let driver = Driver::start(&COMPONENT, RULES).expect("the rules are right");
    let set = labels("same");
    driver.send(batch(&[(&set, 1.0)])).await.expect("it is taken");
    driver.update("forward_to = [capture.metrics]").expect("no rules are fine");
    driver.send(batch(&[(&set, 2.0)])).await.expect("it is taken");
    assert_eq!(received(&driver), [r#"{__name__="same", a="1", cluster="eu"} 1"#, r#"{__name__="same", a="1"} 2"#]);
    driver.metrics().refuse(1);
    assert!(driver.send(batch(&[(&set, 3.0)])).await.is_err());
    let (taken, passed, dropped) = driver.context().ledger.totals();
    assert_eq!((taken, passed, dropped), (2, 2, 0), "what goes back is not counted");
}

#[tokio::test]
async fn families_are_renamed_like_their_series() {
    let driver = Driver::start(&COMPONENT, RULES).expect("the rules are right");
    let family = |name: &str| Metadata { family: name.into(), kind: MetricType::Counter, help: "Help.".into(), unit: "".into() };
    let inner = MetricBatchInner { metadata: vec![family("old_x"), family("same")], origin: 7, ..Default::default() };
    driver.send(MetricBatch::new(inner)).await.expect("it is taken");
    let batches = driver.metrics().take();
    let names: Vec<_> = batches.iter().flat_map(|b| &b.metadata).map(|m| &*m.family).collect();
    assert_eq!(names, ["new_x", "same"]);
}

#[tokio::test]
async fn live_debugging_shows_before_and_after() {
    let driver = Driver::start(&COMPONENT, RULES).expect("the rules are right");
    let mut watch = driver.context().tap.watch();
    driver.send(batch(&[(&labels("same"), 1.0), (&labels("drop_me"), 1.0)])).await.expect("it is taken");
    assert_eq!(&*watch.recv().await.expect("a line"), r#"{__name__="same", a="1"} => {__name__="same", a="1", cluster="eu"}"#);
    assert_eq!(&*watch.recv().await.expect("a line"), r#"{__name__="drop_me", a="1"} => {}"#);
}

#[tokio::test]
async fn impossible_caches_are_refused() {
    for (text, want) in [
        ("max_cache_size = -1", "must not be negative"),
        ("max_cache_size = 0", "above zero"),
        ("cache_ttl = \"5m\"", "exclude each other"),
        ("max_cache_size = 0\ncache_ttl = \"30s\"", "at least 1m"),
    ] {
        let error = Driver::start(&COMPONENT, &format!("forward_to = []\n{text}")).err().unwrap_or_default();
        assert!(error.contains(want), "{text}: {error}");
    }
    assert!(Driver::start(&COMPONENT, "forward_to = []\nmax_cache_size = 0\ncache_ttl = \"5m\"").is_ok());
}
