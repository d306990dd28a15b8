//! Reloads: exact, and without harm when something is wrong.

use crate::harness::{Running, messages, parse};
use component::Stability;
use std::fmt::Write as _;
use std::sync::atomic::Ordering;

fn built_and_updated(running: &Running) -> (u64, u64) {
    let environment = &running.controller.environment;
    (environment.builds.load(Ordering::Relaxed), environment.updates.load(Ordering::Relaxed))
}

/// Scenario: a reload of the same text, and of one with a changed component. Guarantee: what did not change is not told.
#[tokio::test]
async fn unchanged_components_are_not_updated() {
    let text = |input: &str| {
        format!("testcomponents.passthrough \"a\" {{\n input = \"{input}\"\n}}\ntestcomponents.passthrough \"b\" {{\n input = \"b\"\n}}")
    };
    let running = Running::start(&text("1"));
    running.load(&text("1")).expect("accepted");
    assert_eq!(built_and_updated(&running), (2, 0));
    let report = running.load(&text("2")).expect("accepted");
    assert_eq!(built_and_updated(&running), (2, 1));
    assert_eq!((report.added, report.removed, report.kept), (0, 0, 2));
    let report = running.load("testcomponents.passthrough \"c\" {\n input = \"\"\n}").expect("accepted");
    assert_eq!((report.added, report.removed, report.kept), (1, 2, 0));
    running.stop().await;
}

/// Scenario: reloads with errors before evaluation. Guarantee: the graph that runs is the same afterwards.
#[tokio::test]
async fn a_bad_file_leaves_the_graph_untouched() {
    let good = "testcomponents.passthrough \"a\" {\n input = \"1\"\n}";
    let running = Running::start(good);
    for (bad, message) in [
        ("nothing \"x\" {}", "1: there is no component called `nothing`"),
        ("testcomponents.passthrough \"a\" {\n input = nowhere.x\n}", "2: nothing here is called `nowhere.x`"),
        (
            "testcomponents.passthrough \"a\" {\n input = \"2\"\n}\ntestcomponents.passthrough \"a\" {\n input = \"2\"\n}",
            "4: `testcomponents.passthrough.a` is declared twice",
        ),
    ] {
        assert_eq!(running.load(bad).expect_err("refused"), [message]);
        assert_eq!(running.export("testcomponents.passthrough.a", "output").as_deref(), Some("\"1\""));
        assert_eq!(running.controller.components().len(), 1);
    }
    assert_eq!(built_and_updated(&running), (1, 0));
    running.stop().await;
}

/// Scenario: the first configuration does not evaluate. Guarantee: nothing is loaded, so that nothing starts.
#[tokio::test]
async fn an_error_of_the_first_load_starts_nothing() {
    let running = Running::empty(Stability::Experimental);
    let text = "testcomponents.passthrough \"good\" {\n input = \"1\"\n}\ntestcomponents.passthrough \"a\" {\n input = \"bad\"\n}";
    assert_eq!(running.load(text).expect_err("refused"), ["5: bad input"]);
    assert!(running.controller.components().is_empty());
}

/// Scenario: a reload gives one component bad arguments. Guarantee: it keeps its last good ones and says so; others take theirs.
#[tokio::test]
async fn an_evaluation_error_keeps_the_last_good_arguments() {
    let text = |a: &str, b: &str| {
        format!("testcomponents.passthrough \"a\" {{\n input = \"{a}\"\n}}\ntestcomponents.passthrough \"b\" {{\n input = \"{b}\"\n}}")
    };
    let running = Running::start(&text("1", "1"));
    let report = running.load(&text("bad", "2")).expect("goes on");
    assert_eq!(messages(&report.diagnostics), ["2: bad input"]);
    assert_eq!(running.export("testcomponents.passthrough.a", "output").as_deref(), Some("\"1\""));
    assert_eq!(running.export("testcomponents.passthrough.b", "output").as_deref(), Some("\"2\""));
    let health = running.controller.find_component("testcomponents.passthrough.a").expect("there").info.health;
    assert_eq!(health.message, "component evaluation failed: bad input");
    running.load(&text("3", "2")).expect("accepted");
    assert_eq!(running.export("testcomponents.passthrough.a", "output").as_deref(), Some("\"3\""));
    running.stop().await;
}

/// Scenario: one of 5,000 components changes. Guarantee: one is updated, and no other is touched.
#[tokio::test]
async fn one_changed_of_many_touches_one() {
    const MANY: usize = 5_000;
    let text = |changed: &str| {
        let mut text = String::new();
        for i in 0..MANY {
            let input = if i == 17 { changed } else { "same" };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "testcomponents.passthrough \"p{i}\" {{\n input = \"{input}\"\n}}");
        }
        parse(&text)
    };
    let running = Running::empty(Stability::Experimental);
    running.controller.load(&[text("1")]).expect("accepted");
    let file = text("2");
    running.controller.load(&[file]).expect("accepted");
    assert_eq!(built_and_updated(&running), (MANY as u64, 1));
}
