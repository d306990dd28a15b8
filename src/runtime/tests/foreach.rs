//! `foreach`: elements come, go and stay.

use crate::harness::{Running, eventually};
use component::Stability;
use std::sync::atomic::Ordering;

fn text(collection: &str) -> String {
    format!(
        "foreach \"f\" {{\n collection = {collection}\n var = \"each\"\n template {{\n  testcomponents.passthrough \"p\" {{\n   input = each\n  }}\n }}\n}}"
    )
}

fn modules(running: &Running) -> Vec<String> {
    running.controller.find_component("foreach.f").expect("it is there").info.created_modules
}

fn builds(running: &Running) -> u64 {
    running.controller.environment.builds.load(Ordering::Relaxed)
}

/// Scenario: elements are added, removed and moved. Guarantee: those that stay are not touched.
#[tokio::test(flavor = "multi_thread")]
async fn elements_keep_their_modules() {
    let running = Running::start(&text("[\"a\", \"b\", \"a\"]"));
    assert_eq!(modules(&running), ["foreach.f/foreach_a_1", "foreach.f/foreach_a_2", "foreach.f/foreach_b_1"]);
    assert_eq!(builds(&running), 3);
    running.load(&text("[\"c\", \"b\", \"a\"]")).expect("accepted");
    assert_eq!(modules(&running), ["foreach.f/foreach_a_1", "foreach.f/foreach_b_1", "foreach.f/foreach_c_1"]);
    assert_eq!(builds(&running), 4);
    assert_eq!(running.export("foreach.f/foreach_c_1/testcomponents.passthrough.p", "output").as_deref(), Some("\"c\""));
    let started = || {
        running
            .controller
            .find_component("foreach.f/foreach_c_1/testcomponents.passthrough.p")
            .is_some_and(|c| c.info.health.message == "started component")
    };
    assert!(eventually(started).await);
    running.stop().await;
}

/// Scenario: what the template reads outside changes. Guarantee: every element sees it.
#[tokio::test(flavor = "multi_thread")]
async fn templates_see_what_is_outside() {
    let running = Running::start(
        "testcomponents.count \"c\" {\n frequency = \"5ms\"\n max = 4\n}\nforeach \"f\" {\n collection = [\"a\", \"b\"]\n var = \"each\"\n template {\n  testcomponents.passthrough \"p\" {\n   input = each + testcomponents.passthrough.n.output\n  }\n }\n}\ntestcomponents.passthrough \"n\" {\n input = testcomponents.count.c.count\n}",
    );
    for name in ["a", "b"] {
        let id = format!("foreach.f/foreach_{name}_1/testcomponents.passthrough.p");
        let want = format!("\"{name}4\"");
        assert!(eventually(|| running.export(&id, "output").as_ref() == Some(&want)).await, "{:?}", running.export(&id, "output"));
    }
    running.stop().await;
}

/// Scenario: what can be wrong. Guarantee: the line and the cause.
#[test]
fn mistakes_are_explained() {
    for (text, want) in [
        (text("{a = 1}"), "2: `collection`: expected array of any value, got object"),
        (text("[]").replace("template", "tmplate"), "4: "),
        (text("[\"bad\"]"), "6: bad input"),
        (text("[1]").replace("input = each", "input = other"), "6: nothing here is called `other`"),
        ("foreach \"f\" {\n collection = []\n var = \"each\"\n}".into(), "1: `foreach` needs a template"),
    ] {
        let running = Running::empty(Stability::Experimental);
        let errors = running.load(&text).expect_err(&text);
        assert!(errors.iter().any(|e| e.starts_with(want)), "{errors:?}, not {want}");
    }
    let running = Running::empty(Stability::PublicPreview);
    assert_eq!(
        running.load(&text("[]")).expect_err("refused"),
        ["1: `foreach` is experimental, and only what is public-preview is allowed"]
    );
}

/// Scenario: 1,000 and 10,000 elements, of which one is replaced. Guarantee: each element is evaluated once by each load, and
/// only the new one is built, so that the work grows with the number of elements.
#[test]
fn work_grows_with_the_number_of_elements() {
    for elements in [1_000, 10_000] {
        let running = Running::empty(Stability::Experimental);
        let work = || {
            let environment = &running.controller.environment;
            (environment.evaluations.load(Ordering::Relaxed), builds(&running), environment.updates.load(Ordering::Relaxed))
        };
        let collection: Vec<String> = (0..elements).map(|i| format!("\"e{i}\"")).collect();
        let collection = text(&format!("[{}]", collection.join(", ")));
        running.load(&collection).expect("accepted");
        assert_eq!(work(), (elements + 1, elements, 0));
        running.load(&collection.replace("\"e7\"", "\"new\"")).expect("accepted");
        assert_eq!(work(), (2 * (elements + 1), elements + 1, 0));
    }
}
