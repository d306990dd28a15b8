//! References and cycles.

use crate::harness::Running;
use component::Stability;
use runtime::LoadError;

fn refused(text: &str) -> LoadError {
    let running = Running::empty(Stability::Experimental);
    running.controller.load(&[crate::harness::parse(text)]).expect_err("refused")
}

/// Scenario: three components in a circle. Guarantee: the message names the way, and each reference that closes it is shown.
#[test]
fn a_cycle_names_every_reference() {
    let passthrough = |name: &str, reads: &str| {
        format!("testcomponents.passthrough \"{name}\" {{\n input = testcomponents.passthrough.{reads}.output\n}}\n")
    };
    let text = [passthrough("a", "b"), passthrough("b", "c"), passthrough("c", "a")].concat();
    let error = refused(&text);
    let [cycle] = &error.diagnostics[..] else { unreachable!("{:?}", error.diagnostics) };
    let [a, b, c] = ["a", "b", "c"].map(|name| format!("testcomponents.passthrough.{name}"));
    assert_eq!(cycle.message, format!("components read each other in a circle: {a} → {b} → {c} → {a}"));
    let labels: Vec<_> = cycle.labels.iter().map(|label| label.text.as_str()).collect();
    assert_eq!(labels, [format!("{a} reads this"), format!("{b} reads this"), format!("{c} reads this")]);
}

/// Scenario: names that mean nothing. Guarantee: the place, and what may have been meant.
#[test]
fn unknown_names_are_explained() {
    let source = "testcomponents.passthrough \"a\" {\n input = \"\"\n}\n";
    for (input, message, hint) in [
        (
            "testcomponents.passthrough.b.output",
            "nothing here is called `testcomponents.passthrough.b.output`",
            "did you mean `testcomponents.passthrough.a.output`?",
        ),
        ("testcomponents.passthrough.a.outptu", "`testcomponents.passthrough.a` has no export `outptu`", "did you mean `output`?"),
    ] {
        let error = refused(&format!("{source}testcomponents.passthrough \"x\" {{\n input = {input}\n}}"));
        assert_eq!(error.diagnostics[0].message, message);
        assert_eq!(error.diagnostics[0].hints, [hint]);
    }
}
