//! `validate`: what is found without running, in modules that nobody uses, too.

use crate::harness::{Running, messages, parse};
use component::Stability;

/// A check of `text` finds as many mistakes as `want` has texts, and each begins as it says.
fn finds(text: &str, want: &[&str]) {
    let running = Running::empty(Stability::Experimental);
    let found = messages(&running.controller.check(&[parse(text)]));
    assert_eq!(found.len(), want.len(), "{text}: {found:?}");
    assert!(found.iter().zip(want).all(|(found, want)| found.starts_with(want)), "{text}: {found:?}");
}

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
        ("logging {\n level = \"\"\n format = \"\"\n}", &[]),
        ("http {\n tls {\n cert_file = \"a\"\n}\n}", &["2: "]),
        ("remotecfg {\n poll_frequency = \"1s\"\n}", &["2: "]),
        ("tracing {\n sampler {\n jaeger_remote { }\n}\n}", &[]),
    ];
    for (text, want) in cases {
        finds(text, want);
    }
}

/// Scenario: mistakes that only some values make: those of a foreach, those that an instance gives. Guarantee: found where the
/// values are known, once, with words on which value it was; what is unknown is not complained about.
#[test]
fn known_values_are_followed_into_modules() {
    let instance = |given: &str| {
        let inner = "testcomponents.passthrough \"p\" {\n input = argument.a.value\n}\n";
        format!("declare \"m\" {{\n argument \"a\" {{ }}\n {inner}}}\nm \"x\" {{\n a = {given}\n}}")
    };
    let foreach = |collection: &str, inside: &str| {
        format!(
            "foreach \"f\" {{\n collection = {collection}\n var = \"v\"\n template {{\n {inside}\n}}\n}}\n\
             testcomponents.count \"c\" {{\n frequency = \"1h\"\n max = 1\n}}"
        )
    };
    let passthrough = "testcomponents.passthrough \"p\" {\n input = v.a\n}";
    let nested = "foreach \"g\" {\n collection = v\n var = \"w\"\n template {\n testcomponents.passthrough \"p\" {\n input = w\n}\n}\n}";
    let cases: &[(String, &[&str])] = &[
        (instance("\"text\""), &[]),
        (instance("{ }"), &["4: "]),
        (instance("testcomponents.nothing.x.output"), &["8: "]),
        (foreach("[{a = \"text\"}]", passthrough), &[]),
        (foreach("[{a = \"text\"}, {b = \"text\"}, { }]", passthrough), &["6: there is no member `a`"]),
        (foreach("[testcomponents.count.c.count, { }]", passthrough), &[]),
        (foreach("[[\"text\"], [\"text\", { }]]", nested), &["10: "]),
        (foreach("[]", "argument \"a\" {\n optional = true\n}"), &["5: `argument` may not stand in a template"]),
        (foreach("[1]", "export \"o\" {\n value = v\n}"), &["5: `export` may not stand in a template"]),
    ];
    for (text, want) in cases {
        finds(text, want);
    }
}

/// Scenario: labels without a character. Guarantee: they count as missing.
#[test]
fn empty_labels_are_no_labels() {
    for text in [
        "declare \"\" {\n export \"o\" {\n value = 1\n}\n}",
        "testcomponents.passthrough \"\" {\n input = \"\"\n}",
        "import.string \"\" {\n content = \"\"\n}",
        "foreach \"\" {\n collection = []\n var = \"v\"\n template { }\n}",
    ] {
        let running = Running::empty(Stability::Experimental);
        let found = messages(&running.controller.check(&[parse(text)]));
        assert!(found.len() == 1 && found[0].ends_with("needs a label"), "{text}: {found:?}");
    }
}

/// Scenario: an experimental function where it is not allowed, in modules, too. Guarantee: `validate` and a start refuse it.
#[test]
fn experimental_functions_have_to_be_allowed() {
    let call = "array.group_by([{a = \"b\"}], \"a\", false)";
    for text in [
        format!("declare \"m\" {{\n export \"o\" {{\n value = {call}\n}}\n}}\nm \"x\" {{ }}"),
        format!("declare \"m\" {{\n argument \"a\" {{ }}\n export \"o\" {{\n value = 1\n}}\n}}\nm \"x\" {{\n a = {call}\n}}"),
    ] {
        for (level, want) in [(Stability::GenerallyAvailable, 1), (Stability::Experimental, 0)] {
            let running = Running::empty(level);
            let checked = messages(&running.controller.check(&[parse(&text)]));
            let started = running.load(&text).err().unwrap_or_default();
            for found in [checked, started] {
                assert_eq!(found.iter().filter(|m| m.contains("`array.group_by` is experimental")).count(), want, "{text}: {found:?}");
            }
        }
    }
}
