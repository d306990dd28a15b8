//! Custom components: arguments, exports, scope, recursion.

use crate::harness::{Running, eventually, messages};
use component::Stability;

const DOUBLER: &str = r#"
declare "doubler" {
  argument "in" { }
  argument "suffix" {
    optional = true
    default  = "!"
  }
  testcomponents.passthrough "p" {
    input = argument.in.value
  }
  export "out" {
    value = testcomponents.passthrough.p.output + argument.in.value + argument.suffix.value
  }
}
"#;

/// Scenario: a component made of another, with and without the optional argument. Guarantee: values, the API, ids.
#[tokio::test]
async fn arguments_go_in_and_exports_come_out() {
    let running =
        Running::start(&format!("{DOUBLER}doubler \"x\" {{\n in = \"ab\"\n}}\ndoubler \"y\" {{\n in = doubler.x.out\n suffix = \"?\"\n}}"));
    assert_eq!(running.export("doubler.x", "out").as_deref(), Some("\"abab!\""));
    assert_eq!(running.export("doubler.y", "out").as_deref(), Some("\"abab!abab!?\""));
    let y = running.controller.find_component("doubler.y").expect("there");
    assert_eq!(
        (y.info.name.as_str(), y.info.label.as_str(), y.info.references_to.as_slice()),
        ("doubler", "y", ["doubler.x".to_owned()].as_slice())
    );
    assert_eq!(y.info.created_modules, ["doubler.y"]);
    assert_eq!(y.arguments.len(), 2);
    let inside = running.controller.module_components("doubler.x").expect("a module");
    let ids: Vec<_> = inside.iter().map(|c| (c.module_id.as_str(), c.local_id.as_str())).collect();
    assert_eq!(ids, [("doubler.x", "testcomponents.passthrough.p")]);
    assert_eq!(running.export("doubler.x/testcomponents.passthrough.p", "output").as_deref(), Some("\"ab\""));
    assert!(running.controller.module_components("doubler.z").is_none());
    let metrics = running.controller.environment.services.metrics.render();
    assert!(metrics.contains("component_id=\"testcomponents.passthrough.p\",component_path=\"/doubler.x\""), "{metrics}");
    running.stop().await;
}

/// Scenario: an argument changes, then the definition. Guarantee: components inside are kept and updated.
#[tokio::test]
async fn changes_reach_the_components_inside() {
    let text = |input: &str, definition: &str| format!("{definition}doubler \"x\" {{\n in = \"{input}\"\n}}");
    let running = Running::start(&text("1", DOUBLER));
    running.load(&text("2", DOUBLER)).expect("accepted");
    assert_eq!(running.export("doubler.x", "out").as_deref(), Some("\"22!\""));
    let builds = running.controller.environment.builds.load(std::sync::atomic::Ordering::Relaxed);
    running.load(&text("2", &DOUBLER.replace("\"!\"", "\"#\""))).expect("accepted");
    assert_eq!(running.export("doubler.x", "out").as_deref(), Some("\"22#\""));
    assert_eq!(running.controller.environment.builds.load(std::sync::atomic::Ordering::Relaxed), builds);
    running.stop().await;
}

/// Scenario: what can be wrong with a custom component. Guarantee: the line and the cause.
#[test]
fn mistakes_are_explained() {
    for (text, want) in [
        ("doubler \"x\" {\n inn = 1\n}", vec!["16: `doubler` has no argument `inn`"]),
        ("doubler \"x\" {\n in = 1\n in = 2\n}", vec!["17: `in` is given twice"]),
        ("doubler {\n in = \"\"\n}", vec!["15: `doubler` needs a label"]),
        ("argument \"a\" { }", vec!["15: `argument` may stand only in a module"]),
        ("declare \"a\" {\n logging { }\n}\na \"x\" { }", vec!["16: `logging` may not stand in a module"]),
        ("declare \"a\" {\n a \"x\" { }\n}\na \"y\" { }", vec!["15: `declare.a` contains itself"]),
        (
            "declare \"a\" {\n b \"x\" { }\n}\ndeclare \"b\" {\n a \"x\" { }\n}",
            vec!["15: custom components make each other in a circle: declare.a → declare.b → declare.a"],
        ),
        (
            "testcomponents.passthrough \"p\" {\n input = \"secret of the parent\"\n}\ndeclare \"a\" {\n export \"o\" {\n value = testcomponents.passthrough.p.output\n}\n}\na \"x\" { }",
            vec!["20: nothing here is called `testcomponents.passthrough.p.output`"],
        ),
        ("declare \"outer\" {\n declare \"inner\" { }\n}\ninner \"x\" { }", vec!["18: there is no component called `inner`"]),
    ] {
        let running = Running::empty(Stability::Experimental);
        assert_eq!(running.load(&format!("{}{text}", DOUBLER.trim_start_matches('\n').to_owned() + "\n")).expect_err(text), want, "{text}");
    }
}

/// Scenario: an error inside of a module on a reload. Guarantee: the component is unhealthy, what ran in it goes on.
#[tokio::test]
async fn a_module_keeps_its_last_good_state() {
    let text = |input: &str| format!("{DOUBLER}doubler \"x\" {{\n in = \"{input}\"\n}}");
    let running = Running::start(&text("1"));
    let report = running.load(&text("bad")).expect("goes on");
    assert_eq!(messages(&report.diagnostics), ["9: bad input"]);
    assert_eq!(running.export("doubler.x/testcomponents.passthrough.p", "output").as_deref(), Some("\"1\""));
    assert_eq!(
        running.controller.find_component("doubler.x").expect("there").info.health.message,
        "component evaluation failed: bad input"
    );
    running.stop().await;
}

/// Scenario: a `declare` block called like a namespace of functions. Guarantee: a warning; both meanings work.
#[tokio::test]
async fn a_custom_component_may_shadow_functions() {
    let running = Running::empty(Stability::Experimental);
    let report = running
        .load("declare \"string\" {\n export \"o\" {\n value = string.to_upper(\"x\")\n}\n}\nstring \"x\" { }\ntestcomponents.passthrough \"p\" {\n input = string.x.o + string.to_lower(\"Y\")\n}")
        .expect("accepted");
    assert_eq!(report.diagnostics.len(), 1);
    assert_eq!(running.export("testcomponents.passthrough.p", "output").as_deref(), Some("\"Xy\""));
}

/// Scenario: exports that come later. Guarantee: they go through modules.
#[tokio::test(flavor = "multi_thread")]
async fn exports_propagate_through_modules() {
    let running = Running::start(&format!(
        "{DOUBLER}testcomponents.count \"c\" {{\n frequency = \"5ms\"\n max = 5\n}}\ndeclare \"outer\" {{\n argument \"n\" {{ }}\n doubler \"d\" {{\n in = argument.n.value + \"\"\n}}\n export \"o\" {{\n value = doubler.d.out\n}}\n}}\nouter \"x\" {{\n n = testcomponents.passthrough.t.output\n}}\ntestcomponents.passthrough \"t\" {{\n input = testcomponents.count.c.count\n}}",
    ));
    let output = || running.export("outer.x", "o");
    assert!(eventually(|| output().as_deref() == Some("\"55!\"")).await, "{:?}", output());
    running.stop().await;
}
