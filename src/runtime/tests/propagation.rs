//! Exports on their way to those who read them.

use crate::harness::{Running, eventually};
use std::sync::atomic::Ordering;

/// Scenario: bursts of 1,000 exports. Guarantee: the reader sees the last one of each, not all of them.
#[tokio::test(flavor = "multi_thread")]
async fn bursts_are_coalesced() {
    let running = Running::start(
        "testcomponents.tick \"t\" {\n frequency = \"100ms\"\n burst = 1000\n}\ntestcomponents.summation \"s\" {\n input = testcomponents.tick.t.ticks\n}",
    );
    let last_added = || running.number("testcomponents.summation.s", "last_added");
    assert!(eventually(|| last_added().is_some_and(|n| n >= 2000 && n % 1000 == 0)).await, "{:?}", last_added());
    let updates = running.controller.environment.updates.load(Ordering::Relaxed);
    assert!(updates < 500, "{updates} updates for some thousand exports");
    running.stop().await;
}

/// Scenario: a chain of readers. Guarantee: a value gets to its end, through each of them.
#[tokio::test(flavor = "multi_thread")]
async fn values_go_through_chains() {
    let running = Running::start(
        "testcomponents.count \"c\" {\n frequency = \"5ms\"\n max = 3\n}\n\
         testcomponents.passthrough \"a\" {\n input = testcomponents.count.c.count\n}\n\
         testcomponents.passthrough \"b\" {\n input = testcomponents.passthrough.a.output + \"!\"\n}",
    );
    let output = || running.export("testcomponents.passthrough.b", "output");
    assert!(eventually(|| output().as_deref() == Some("\"3!\"")).await, "{:?}", output());
    running.stop().await;
}
