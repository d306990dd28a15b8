//! `validate`: what is found without running, in modules that nobody uses, too.

use crate::harness::{Running, messages, parse};
use component::Stability;

/// Scenario: mistakes in modules. Guarantee: found, with their lines; what is right is not complained about.
#[test]
fn modules_that_nobody_uses_are_checked() {
    let cases: &[(&str, &[&str])] = &[
        ("declare \"m\" {\n nothing \"x\" { }\n}", &["2: there is no component called `nothing`"]),
        ("declare \"m\" {\n argument \"a\" { }\n testcomponents.passthrough \"p\" {\n input = argument.a.value\n}\n}", &[]),
        ("declare \"m\" {\n argument \"a\" { }\n testcomponents.passthrough \"p\" {\n inptu = argument.a.value\n}\n}", &["4: "]),
        ("declare \"m\" {\n argument \"a\" {\n optional = true\n}\n}\nm \"x\" {\n b = 1\n}", &["7: `m` has no argument `b`"]),
        (
            "foreach \"f\" {\n collection = []\n var = \"v\"\n template {\n testcomponents.passthrough \"p\" {\n input = v + w\n}\n}\n}",
            &["6: nothing here is called `w`"],
        ),
        (
            "foreach \"f\" {\n collection = []\n var = \"v\"\n template {\n testcomponents.passthrough \"p\" {\n input = v + testcomponents.passthrough.q.output\n}\n}\n}\ntestcomponents.passthrough \"q\" {\n input = \"\"\n}",
            &[],
        ),
        (
            "import.file \"lib\" {\n filename = \"/nowhere/lib.alloy\"\n}\nlib.anything \"x\" {\n a = 1\n}\ntestcomponents.passthrough \"p\" {\n input = lib.anything.x.out\n}",
            &[],
        ),
        (
            "import.string \"lib\" {\n content = `declare \"m\" { export \"o\" { value = 1 } }`\n}\nlib.n \"x\" { }",
            &["4: the import `lib` brings no `n`"],
        ),
        ("import.string \"lib\" {\n content = \"declare {\"\n}", &[]),
        ("import.git \"lib\" {\n repository = \"https://example.org/a.git\"\n path = \"m.alloy\"\n}\nlib.m \"x\" { }", &[]),
        ("import.git \"lib\" {\n repository = \"https://example.org/a.git\"\n path = \"m.alloy\"\n revision = \"HEAD\"\n}", &["4: "]),
        ("argument \"a\" { }\nexport \"o\" {\n value = argument.a.value\n}", &[]),
        ("export \"o\" {\n value = 1\n}", &["1: `export` may stand only in a module"]),
        (
            "declare \"m\" {\n export \"o\" {\n value = 1\n}\n}\nm \"x\" { }\ntestcomponents.passthrough \"p\" {\n input = m.x.oo\n}",
            &["8: `m.x` has no export `oo`"],
        ),
        ("logging \"x\" { }", &[]),
        ("http {\n tls {\n cert_file = \"a\"\n}\n}", &["2: "]),
        ("remotecfg {\n poll_frequency = \"1s\"\n}", &["2: "]),
        ("tracing {\n sampler {\n jaeger_remote { }\n}\n}", &[]),
    ];
    for (text, want) in cases {
        let running = Running::empty(Stability::Experimental);
        let found = messages(&running.controller.check(&[parse(text)]));
        assert_eq!(found.len(), want.len(), "{text}: {found:?}");
        assert!(found.iter().zip(*want).all(|(found, want)| found.starts_with(want)), "{text}: {found:?}");
    }
}
