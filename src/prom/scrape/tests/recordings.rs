//! Scrapes and relabelling against recordings of the original, where they are at hand.

use super::Server;
use component::testing::Driver;
use component::{Services, Stability};
use data::MetricBatch;
use serde_json::Value;
use std::collections::BTreeMap;

const RECORDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/metrics.jsonl");
/// Known to differ: there classic histograms are not turned into native ones.
const DIFFERENT: &[&str] = &["nhcb-conversion-om-exemplars"];

type Labels = BTreeMap<String, String>;

struct Running {
    case: Value,
    server: Server,
    scrape: Driver,
    relabel: Option<Driver>,
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or("")
}

async fn start(case: Value) -> Result<Running, String> {
    let content_type: &'static str =
        Box::leak(case["content_type"].as_str().unwrap_or("text/plain; version=0.0.4; charset=utf-8").to_owned().into_boxed_str());
    let server = Server::start(content_type, text(&case, "exposition")).await;
    let mut target = vec![format!("\"__address__\" = \"{}\"", server.address)];
    for (name, value) in case["target_labels"].as_object().into_iter().flatten() {
        target.push(format!("{name:?} = {value}"));
    }
    let arguments = format!(
        "targets = [{{{}}}]\njob_name = \"@\"\nscrape_interval = \"1s\"\nscrape_timeout = \"1s\"\nforward_to = [capture.metrics]\n{}",
        target.join(", "),
        text(&case, "scrape")
    );
    let relabel = match text(&case, "config") {
        "" => None,
        config => {
            let inside = config.split_once('{').and_then(|(_, rest)| rest.trim_end().strip_suffix('}')).ok_or("no block")?;
            let arguments = inside.replace("prometheus.remote_write.@.receiver", "capture.metrics");
            Some(Driver::start(&crate::relabel::COMPONENT, &arguments)?)
        }
    };
    let services =
        Services { stability: Stability::Experimental, ..Services::new(std::env::temp_dir().join("ferroalloy-test-recordings")) };
    let scrape = Driver::start_with(&super::COMPONENT, &arguments, services)?;
    Ok(Running { case, server, scrape, relabel })
}

/// What remote write would send of the first scrape: the first sample of each series that is new enough.
fn series(batch: &MetricBatch, server: &Server, started: i64) -> BTreeMap<Labels, Option<u64>> {
    let mut found = BTreeMap::new();
    for sample in batch.samples.iter().filter(|sample| sample.timestamp >= started) {
        let name = sample.labels.get("__name__").unwrap_or_default();
        if matches!(name, "scrape_duration_seconds" | "scrape_series_added") {
            continue;
        }
        let place = |value: &str| value.replace(&server.address.to_string(), "TARGET");
        let labels = sample.labels.iter().map(|(name, value)| (name.to_owned(), place(value))).collect();
        found.entry(labels).or_insert(Some(bits(sample.value)));
    }
    found
}

/// Remote write has no -0, and what NaN it was is not recorded.
fn bits(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { (value + 0.0).to_bits() }
}

fn recorded(case: &Value) -> BTreeMap<Labels, Option<u64>> {
    let one = |series: &Value| {
        let labels =
            series["labels"].as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.as_str().unwrap_or("").to_owned()));
        let value = series["value"].as_str().map(|text| bits(text.parse().expect("a number")));
        (labels.collect(), value)
    };
    case["expected"]["series"].as_array().into_iter().flatten().map(one).collect()
}

async fn check(running: &Running, started: i64) -> Result<(), String> {
    let want = recorded(&running.case);
    let wait = !want.is_empty();
    if wait && !running.scrape.wait_for(|driver| !driver.metrics().batches().is_empty()).await {
        return Err("no scrape".into());
    }
    let mut batch = running.scrape.metrics().batches().into_iter().next();
    if let (Some(relabel), Some(first)) = (&running.relabel, &batch) {
        relabel.send(first.clone()).await.map_err(|error| error.to_string())?;
        batch = relabel.metrics().take().into_iter().next();
    }
    let got = batch.map(|batch| series(&batch, &running.server, started)).unwrap_or_default();
    if got == want { Ok(()) } else { Err(format!("want {want:?}\n  got {got:?}")) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scrapes_are_as_recorded() {
    let Ok(recordings) = std::fs::read_to_string(RECORDINGS) else {
        eprintln!("skipped: no recordings");
        return;
    };
    let started = component::Clock::default().millis() - 1000;
    let (mut all, mut wrong, mut skipped) = (Vec::new(), Vec::new(), 0);
    for line in recordings.lines() {
        let case: Value = serde_json::from_str(&line.replace('\u{27c2}', "")).expect("a case");
        let name = text(&case, "name").to_owned();
        let config = text(&case, "config");
        let relabel_only = config.starts_with("prometheus.relabel ") && config.matches("\" {").count() == 1;
        if !(config.is_empty() || relabel_only) {
            // Several components: the conformance runs of the whole program do these.
            skipped += 1;
            continue;
        }
        match start(case).await {
            Ok(running) => all.push((name, running)),
            Err(error) => wrong.push((name, error)),
        }
    }
    // Those that expect nothing come last: by then something would have come.
    all.sort_by_key(|(_, running)| recorded(&running.case).is_empty());
    let count = all.len() + wrong.len();
    for (name, running) in &all {
        if let Err(error) = check(running, started).await {
            wrong.push((name.clone(), error));
        }
    }
    eprintln!("{} of {count} scrapes are as recorded, {skipped} left out", count - wrong.len());
    wrong.retain(|(name, _)| !DIFFERENT.contains(&name.as_str()));
    assert!(wrong.is_empty(), "{}", wrong.iter().map(|(name, error)| format!("{name}: {error}\n")).collect::<String>());
}
