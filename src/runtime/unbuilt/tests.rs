//! The table itself.

use super::*;
use value::shape::ShapeKind;

fn types<'a>(shape: &'a Shape, out: &mut Vec<(&'static str, &'a Type)>) {
    for field in &shape.fields {
        match &field.kind {
            ShapeKind::Attr { ty, .. } => out.push((field.name, ty)),
            ShapeKind::Block { shape, .. } => types(shape, out),
            ShapeKind::Enum { shapes, .. } => shapes.iter().for_each(|shape| types(shape, out)),
            ShapeKind::Label => {}
        }
    }
}

#[test]
fn every_line_of_the_table_is_understood() {
    let text = include_str!("table.txt");
    let components = text.lines().filter(|line| line.starts_with("component ")).count();
    assert_eq!(iter().count(), components);
    let printed: std::collections::BTreeSet<String> = TABLE
        .values()
        .flat_map(|c| {
            let mut out = Vec::new();
            types(&c.shape, &mut out);
            out.into_iter().map(|(_, ty)| ty.to_string()).chain(c.exports.iter().map(|(_, ty)| ty.to_string())).collect::<Vec<_>>()
        })
        .collect();
    for line in text.lines().filter(|line| line.starts_with(' ')) {
        let mut words = line.trim_start().split(' ');
        let mut first = words.next().unwrap_or_default();
        if first == ">" {
            first = words.next().unwrap_or_default();
        }
        if first == "?" {
            let rules = "at-most-one exactly-one at-least-one texts never least experimental experimental-text below not-above needs matches paired";
            assert!(words.next().is_some_and(|word| rules.split(' ').any(|rule| rule == word)), "no rule: {line}");
            continue;
        }
        assert!(matches!(first, "{}" | "<>" | "label" | "label!") || printed.contains(first), "not understood: {line}");
    }
}

#[test]
fn shapes_are_shared() {
    let scrape = find("prometheus.operator.probes").expect("it is in the table");
    let tls = scrape.shape.fields.iter().find(|f| f.name == "clustering").expect("a block of it");
    assert!(matches!(&tls.kind, ShapeKind::Block { shape, .. } if shape.fields.iter().any(|f| f.name == "enabled")));
}

fn found(component: &str, body: &str) -> Vec<String> {
    let source = syntax::Source::new("test.alloy", body);
    let parsed = syntax::parse(&source);
    assert!(parsed.diagnostics.is_empty(), "{body} is no configuration");
    let mut cx = value::DecodeCx { stable_only: true, ..value::DecodeCx::default() };
    let scope = value::scope::Empty;
    let body = value::eval::evaluate_body(&parsed.file.body, syntax::Span::default(), &source, &scope, &mut cx.diagnostics);
    find(component).expect("it is in the table").shape.check(&body, &mut cx);
    cx.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect()
}

#[test]
fn arguments_are_checked() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("otelcol.processor.batch", "output { }", &[]),
        ("otelcol.processor.batch", "", &["decode/missing missing required block `output`"]),
        ("otelcol.processor.batch", "timeout = \"fast\"\noutput { }", &["decode/value"]),
        ("otelcol.processor.batch", "timeot = \"1s\"\noutput { }", &["decode/unknown-attribute"]),
        ("otelcol.exporter.otlp", "client {\n compression = \"rar\"\n endpoint = \"a:1\"\n}", &["decode/value"]),
        ("remote.vault", "server = \"http://v\"\npath = \"p\"\nkey = \"k\"", &["decode/invalid exactly one of `auth.*` is needed"]),
        ("prometheus.operator.probes", "forward_to = [1]", &["decode/value"]),
        (
            "otelcol.processor.batch",
            "send_batch_size = 5000\noutput { }",
            &["decode/value `send_batch_size`: it must not be greater than `send_batch_max_size`, which is 3000"],
        ),
        ("otelcol.processor.batch", "send_batch_size = 5000\nsend_batch_max_size = 0\noutput { }", &[]),
        ("otelcol.processor.batch", "send_batch_size = 4294967296\noutput { }", &[]),
        ("otelcol.processor.batch", "send_batch_size = -5\noutput { }", &["decode/value"]),
        (
            "remote.http",
            "url = \"http://a\"\npoll_frequency = \"10s\"",
            &["decode/value `poll_frequency`: `poll_timeout`, which is 10s, must be less than this"],
        ),
        ("discovery.dns", "names = [\"a\"]\ntype = \"A\"", &["decode/value `type`: this needs `port`"]),
        ("discovery.dns", "names = [\"a\"]", &[]),
        ("otelcol.exporter.googlecloudpubsub", "topic = \"t\"", &["decode/value"]),
        (
            "otelcol.processor.filter",
            "traces {\n span = [\"attributes[ ==\"]\n}\noutput { }",
            &["decode/value `span[0]`: `[` has no partner"],
        ),
        ("otelcol.processor.filter", "traces {\n span = [`name == \"a[\\\"\"`]\n}\noutput { }", &[]),
        (
            "prometheus.receive_http",
            "forward_to = []\nappend_metadata = true\nhttp { }",
            &["config/stability `append_metadata` is experimental"],
        ),
        ("prometheus.receive_http", "forward_to = []\nappend_metadata = false\nhttp { }", &[]),
    ];
    for (component, body, want) in cases {
        let got = found(component, body);
        assert_eq!(got.len(), want.len(), "{component} {body}: {got:?}");
        assert!(got.iter().zip(*want).all(|(got, want)| got.starts_with(want)), "{component} {body}: {got:?}");
    }
}
