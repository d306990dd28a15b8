//! Starting, stopping and starting again.

use crate::components::{Stops, runs_of};
use crate::harness::{Running, eventually};
use component::HealthState;

/// Scenario: a component panics while it runs. Guarantee: the program lives, the component is shown as exited, and runs again.
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_caught_and_the_component_restarted() {
    let running =
        Running::start("testcomponents.panicking \"p\" {\n test = \"panic\"\n}\ntestcomponents.passthrough \"a\" {\n input = \"1\"\n}");
    let health = |id: &str| running.controller.find_component(id).expect("it is there").info.health;
    assert!(eventually(|| health("testcomponents.panicking.p").state == HealthState::Exited).await);
    assert!(health("testcomponents.panicking.p").message.contains("the first run panics on purpose"));
    assert!(eventually(|| runs_of("panic") == 2).await);
    assert_eq!(health("testcomponents.passthrough.a").state, HealthState::Healthy);
    running.stop().await;
}

/// Scenario: a chain of components stops. Guarantee: readers stop before what they read, inside of modules, too.
#[tokio::test(flavor = "multi_thread")]
async fn readers_stop_first() {
    let ordered = |name: &str, reads: &str| format!("testcomponents.ordered \"{name}\" {{\n test = \"order\"\n reads = [{reads}]\n}}\n");
    let text = [
        ordered("c", "testcomponents.ordered.b.name"),
        ordered("a", ""),
        ordered("b", "testcomponents.ordered.a.name, m.inner.name"),
        "declare \"m\" {\n".into(),
        ordered("inside", ""),
        "export \"name\" {\n value = testcomponents.ordered.inside.name\n}\n}\nm \"inner\" { }\n".into(),
    ];
    let running = Running::start(&text.concat());
    let healthy = |id: &str| running.controller.find_component(id).is_some_and(|c| c.info.health.message == "started component");
    assert!(eventually(|| ["c", "a", "b"].iter().all(|n| healthy(&format!("testcomponents.ordered.{n}")))).await);
    assert!(eventually(|| healthy("m.inner/testcomponents.ordered.inside")).await);
    running.stop().await;
    let mut stops = Stops::of("order");
    // These two are read by the same component: either may be the last.
    stops[2..].sort();
    assert_eq!(stops, ["c", "b", "a", "inside"].map(|n| format!("testcomponents.ordered.{n}")));
}
