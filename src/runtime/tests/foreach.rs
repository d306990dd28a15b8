//! `foreach`: elements come, go and stay.

use crate::harness::{Running, eventually, messages};
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

/// Scenario: 1,000 and 10,000 elements, of which one is replaced. Guarantee: each element is evaluated once, and
/// only the new one by the second load.
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
        assert_eq!(work(), (elements + 1 + 2, elements + 1, 0));
    }
}

fn evaluations(running: &Running) -> u64 {
    running.controller.environment.evaluations.load(Ordering::Relaxed)
}

/// Scenario: the template moves to another line, with elements that are good and one that is not. Guarantee: only the bad one
/// is tried again, and told again with its new line.
#[test]
fn elements_that_stay_are_not_evaluated_again() {
    let running = Running::empty(Stability::Experimental);
    running.load(&text("[\"a\", \"b\"]")).expect("accepted");
    assert_eq!(evaluations(&running), 3);
    for (moved, line) in [("", 6), ("// moved\n", 7), ("// moved\n\n", 8)] {
        let before = evaluations(&running);
        let report = running.load(&format!("{moved}{}", text("[\"a\", \"b\", \"bad\"]"))).expect("what is right goes on");
        assert_eq!(messages(&report.diagnostics), [format!("{line}: bad input")]);
        assert_eq!(evaluations(&running), before + 2);
    }
    let before = evaluations(&running);
    let other = text("[\"a\", \"b\"]").replace("each\n  }", "each + each\n  }");
    running.load(&other).expect("accepted");
    assert_eq!(evaluations(&running), before + 3);
    assert_eq!(running.export("foreach.f/foreach_b_1/testcomponents.passthrough.p", "output").as_deref(), Some("\"bb\""));
}

/// Scenario: the template stays and what it uses changes: a value outside, a definition. Guarantee: every element sees it.
#[test]
fn elements_see_what_changes_outside_of_an_unchanged_template() {
    let load = |running: &Running, value: &str, definition: &str| {
        let text = format!(
            "testcomponents.passthrough \"n\" {{\n input = \"{value}\"\n}}\ndeclare \"d\" {{\n export \"o\" {{\n  value = \"{definition}\"\n }}\n}}\nforeach \"f\" {{\n collection = [\"a\"]\n var = \"each\"\n template {{\n  d \"x\" {{ }}\n  testcomponents.passthrough \"p\" {{\n   input = each + testcomponents.passthrough.n.output + d.x.o\n  }}\n }}\n}}"
        );
        running.load(&text).expect("accepted");
        running.export("foreach.f/foreach_a_1/testcomponents.passthrough.p", "output")
    };
    let running = Running::empty(Stability::Experimental);
    assert_eq!(load(&running, "1", "2").as_deref(), Some("\"a12\""));
    assert_eq!(load(&running, "1", "3").as_deref(), Some("\"a13\""));
    assert_eq!(load(&running, "4", "3").as_deref(), Some("\"a43\""));
    let plain = text("[\"a\"]").replace("each\n  }", "each + testcomponents.passthrough.n.output\n  }");
    for value in ["1", "2"] {
        running.load(&format!("testcomponents.passthrough \"n\" {{\n input = \"{value}\"\n}}\n{plain}")).expect("accepted");
        let output = running.export("foreach.f/foreach_a_1/testcomponents.passthrough.p", "output");
        assert_eq!(output, Some(format!("\"a{value}\"")));
    }
}
