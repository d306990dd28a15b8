//! Tests of the component around a pipeline.

use super::component::COMPONENT;
use component::Services;
use component::clock::Clock;
use component::testing::Driver;
use data::receiver::SendError;
use data::{Entry, Labels, LogBatch};

fn batch(lines: &[&str]) -> LogBatch {
    LogBatch::of(Labels::from_pairs([("job", "t")]), lines.iter().map(|line| Entry::new(1_000, line.to_string())).collect())
}

/// What comes out of a component when these lines go in.
pub(super) async fn run_lines(config: &str, lines: &[&str]) -> Vec<String> {
    let driver = Driver::start(&COMPONENT, config).expect("the arguments are valid");
    driver.send(batch(lines)).await.expect("the batch is taken");
    driver.log_lines()
}

#[tokio::test]
async fn lines_pass_the_stages_and_updates_change_them() {
    let driver = Driver::start(&COMPONENT, "forward_to = [capture.logs]\nstage.static_labels {\n values = {a = \"1\"}\n}")
        .expect("the arguments are valid");
    driver.send(batch(&["x", "y"])).await.expect("the batch is taken");
    driver
        .update("forward_to = [capture.logs]\nstage.drop {\n expression = \"x\"\n drop_counter_reason = \"why\"\n}")
        .expect("the arguments are valid");
    driver.send(batch(&["x", "y"])).await.expect("the batch is taken");
    assert_eq!(driver.log_lines(), [r#"{a="1", job="t"} x"#, r#"{a="1", job="t"} y"#, r#"{job="t"} y"#]);
    let page = driver.context().services.metrics.render();
    assert!(
        page.contains("loki_process_dropped_lines_total{component_id=\"loki.process.test\",component_path=\"/\",reason=\"why\"} 1\n"),
        "{page}"
    );
    assert_eq!(driver.context().ledger.totals(), (4, 3, 1));
    driver.stop().await.expect("it stops");
}

#[tokio::test]
async fn refused_updates_keep_the_old_stages() {
    let driver = Driver::start(&COMPONENT, "forward_to = [capture.logs]\nstage.static_labels {\n values = {a = \"1\"}\n}")
        .expect("the arguments are valid");
    let error = driver.update("forward_to = [capture.logs]\nstage.regex {\n expression = \"(\"\n}").expect_err("the expression is broken");
    assert!(error.contains("regular expression"), "{error}");
    driver.send(batch(&["x"])).await.expect("the batch is taken");
    assert_eq!(driver.log_lines(), [r#"{a="1", job="t"} x"#]);
}

#[tokio::test]
async fn a_batch_that_is_not_taken_is_given_back_and_not_counted() {
    let driver =
        Driver::start(&COMPONENT, "forward_to = [capture.logs]\nstage.drop {\n expression = \"x\"\n}").expect("the arguments are valid");
    driver.logs().refuse(1);
    assert!(matches!(driver.send(batch(&["x", "y"])).await, Err(SendError::Retry(_))));
    assert_eq!(driver.context().ledger.totals(), (0, 0, 0));
    driver.send(batch(&["x", "y"])).await.expect("the batch is taken");
    assert_eq!(driver.context().ledger.totals(), (2, 1, 1));
}

const MULTILINE: &str = "forward_to = [capture.logs]\nstage.multiline {\n firstline = \"^a\"\n max_wait_time = \"10ms\"\n}";

#[tokio::test]
async fn a_stateful_batch_is_tried_again_until_it_is_taken() {
    let driver = Driver::start(&COMPONENT, MULTILINE).expect("the arguments are valid");
    driver.logs().refuse(2);
    driver.send(batch(&["a1", "b", "a2"])).await.expect("the batch is taken");
    assert!(driver.wait_for(|driver| driver.log_lines().len() == 2).await, "{:?}", driver.log_lines());
    assert_eq!(driver.log_lines(), ["{job=\"t\"} a1\nb", "{job=\"t\"} a2"]);
}

#[tokio::test]
async fn unfinished_blocks_come_out_when_the_component_stops_or_its_stages_change() {
    let slow = MULTILINE.replace("10ms", "1h");
    let driver = Driver::start(&COMPONENT, &slow).expect("the arguments are valid");
    driver.send(batch(&["a1", "b"])).await.expect("the batch is taken");
    driver.update("forward_to = [capture.logs]").expect("the arguments are valid");
    assert!(driver.wait_for(|driver| driver.log_lines().len() == 1).await);
    driver.update(&slow).expect("the arguments are valid");
    driver.send(batch(&["a2"])).await.expect("the batch is taken");
    let logs = std::sync::Arc::clone(driver.context());
    driver.stop().await.expect("it stops");
    assert_eq!(logs.ledger.totals().1, 2);
}

#[tokio::test]
async fn a_limit_without_drop_holds_lines_back() {
    let driver = Driver::start(&COMPONENT, "forward_to = [capture.logs]\nstage.limit {\n rate = 100\n burst = 2\n}")
        .expect("the arguments are valid");
    let before = std::time::Instant::now();
    driver.send(batch(&["1", "2", "3", "4"])).await.expect("the batch is taken");
    assert!(before.elapsed() >= std::time::Duration::from_millis(15), "{:?}", before.elapsed());
    assert_eq!(driver.log_lines().len(), 4);
}

#[tokio::test]
async fn live_debugging_shows_lines_as_recorded() {
    let driver = Driver::start(&COMPONENT, "forward_to = [capture.logs]\nstage.structured_metadata {\n values = {m = \"job\"}\n}")
        .expect("the arguments are valid");
    let mut watched = driver.context().tap.watch();
    let labels = Labels::from_pairs([("filename", "/a.log"), ("job", "demo")]);
    driver.send(LogBatch::of(labels, vec![Entry::new(1_795_247_836_604_861_440, "x")])).await.expect("the batch is taken");
    let shown: Vec<_> = std::iter::from_fn(|| watched.try_recv().ok()).collect();
    let expected = [
        r#"[IN]: timestamp: 2026-11-21T07:57:16.60486144Z, entry: x, labels: {filename="/a.log", job="demo"}, structured_metadata: {}"#,
        r#"[OUT]: timestamp: 2026-11-21T07:57:16.60486144Z, entry: x, labels: {filename="/a.log"}, structured_metadata: {"m":"demo"}"#,
    ];
    assert_eq!(shown.iter().map(|text| &**text).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn metrics_of_lines_are_shown_and_forgotten() {
    const SECOND: i64 = 1_000_000_000;
    let clock = Clock::fixed(1_000 * SECOND);
    let config = r#"
        forward_to = [capture.logs]
        stage.json { expressions = {t = "", job = "", __x = "t"} }
        stage.labels { values = {__x = ""} }
        stage.metrics {
            metric.counter {
                name = "lines_total"
                description = "Lines."
                match_all = true
                action = "inc"
            }
            metric.histogram {
                name = "dur_seconds"
                source = "t"
                prefix = "my_"
                buckets = [0.1, 1]
            }
            metric.gauge {
                name = "last"
                source = "t"
                action = "set"
            }
        }
    "#;
    let services = Services { clock: clock.clone(), ..Services::new(std::env::temp_dir()) };
    let driver = Driver::start_with(&COMPONENT, config, services).expect("the arguments are valid");
    driver.send(batch(&[r#"{"t":"500ms"}"#, r#"{"t":2}"#, r#"{"t":2}"#, "no"])).await.expect("the batch is taken");
    let page = || driver.context().services.metrics.render();
    let own = |page: String| {
        page.lines()
            .filter(|line| line.contains("custom") || line.contains("my_"))
            .map(|line| line.replace("component_id=\"loki.process.test\",component_path=\"/\",", ""))
            .collect::<Vec<_>>()
            .join("\n")
    };
    expect_test::expect![[r##"
        # HELP loki_process_custom_last 
        # TYPE loki_process_custom_last gauge
        loki_process_custom_last{job="t"} 2
        # HELP loki_process_custom_lines_total Lines.
        # TYPE loki_process_custom_lines_total counter
        loki_process_custom_lines_total{job="t"} 4
        # HELP my_dur_seconds 
        # TYPE my_dur_seconds histogram
        my_dur_seconds_bucket{job="t",le="0.1"} 0
        my_dur_seconds_bucket{job="t",le="1"} 1
        my_dur_seconds_bucket{job="t",le="+Inf"} 3
        my_dur_seconds_sum{job="t"} 4.5
        my_dur_seconds_count{job="t"} 3"##]]
    .assert_eq(&own(page()));
    clock.set(1_301 * SECOND);
    assert_ne!(own(page()), "");
    assert_eq!(own(page()), "");
}

#[tokio::test]
async fn a_histogram_without_buckets_has_the_usual_ones() {
    let config = r#"
        forward_to = [capture.logs]
        stage.json { expressions = {t = ""} }
        stage.metrics {
            metric.histogram {
                name = "h"
                source = "t"
                buckets = []
            }
        }
    "#;
    let driver = Driver::start(&COMPONENT, config).expect("the arguments are valid");
    driver.send(batch(&[r#"{"t":0.3}"#])).await.expect("the batch is taken");
    let page = driver.context().services.metrics.render();
    let bounds = page.lines().filter(|line| line.contains("custom_h_bucket") && line.ends_with(" 1"));
    assert_eq!(bounds.count(), 6, "{page}");
}
