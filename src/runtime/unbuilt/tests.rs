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
        if first == "&" {
            let name = words.next().unwrap_or_default();
            assert!(text.contains(&format!("\nshape {name}\n")), "no shape: {line}");
            continue;
        }
        if first == "?" {
            let words: Vec<&'static str> = words.collect();
            assert!(parse::rule(&words, &|name| text.contains(&format!("\nshape {name}\n")).then(Vec::new)).is_some(), "no rule: {line}");
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
        ("discovery.dns", "names = [\"a\"]\ntype = \"A\"", &["decode/invalid `port` is needed when `type` is \"A\""]),
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
    all_are_found(cases);
}

fn all_are_found(cases: &[(&str, &str, &[&str])]) {
    for (component, body, want) in cases {
        let got = found(component, body);
        assert_eq!(got.len(), want.len(), "{component} {body}: {got:?}");
        assert!(got.iter().zip(*want).all(|(got, want)| got.starts_with(want)), "{component} {body}: {got:?}");
    }
}

#[test]
fn rules_between_arguments_are_checked() {
    all_are_found(&[
        // Counted and needed names.
        ("discovery.hetzner", "role = \"hcloud\"\nbearer_token = \"t\"\nbasic_auth { }", &["decode/invalid at most one of"]),
        ("discovery.http", "url = \"http://a\"\nbearer_token = \"t\"\nbasic_auth { }", &[]),
        (
            "discovery.ovhcloud",
            "application_key = \"\"\nservice = \"vps\"\napplication_secret = \"s\"\nconsumer_key = \"c\"",
            &["decode/value `application_key`: it must not be empty"],
        ),
        ("discovery.nomad", "", &[]),
        ("discovery.nomad", "server = \"\"", &["decode/value `server`: it must not be empty"]),
        ("otelcol.auth.headers", "header {\n key = \"k\"\n value = \"\"\n}", &[]),
        ("otelcol.auth.headers", "header {\n key = \"k\"\n value = null\n}", &["decode/invalid exactly one of `value`, `from_context`"]),
        ("otelcol.auth.basic", "htpasswd { }", &["decode/invalid at least one of `username`, `htpasswd` is needed"]),
        (
            "prometheus.exporter.blackbox",
            "config = \"\"\ntarget {\n name = \"a\"\n address = \"b\"\n}",
            &["decode/invalid exactly one of `config`, `config_file` is needed"],
        ),
        // Bounds, also of durations, sizes and lists.
        ("remote.s3", "path = \"p\"\npoll_frequency = \"30s\"", &["decode/value `poll_frequency`: it must be greater than 30s"]),
        ("otelcol.receiver.tcplog", "listen_address = \"a:1\"\nmax_log_size = \"1KiB\"\noutput { }", &["decode/value `max_log_size`"]),
        ("loki.secretfilter", "forward_to = []\nrate = 1.5", &["decode/value `rate`: it must be at most 1"]),
        ("prometheus.exporter.kafka", "kafka_uris = [\"a\", \"b\"]", &["decode/value `kafka_uris`: it must have at most 1 elements"]),
        ("prometheus.exporter.kafka", "kafka_uris = [\"a\", \"b\"]\ninstance = \"i\"", &[]),
        // Texts and their forms.
        ("otelcol.exporter.debug", "verbosity = \"DETAILED\"", &[]),
        ("otelcol.exporter.debug", "verbosity = \"loud\"", &["decode/value `verbosity`: \"loud\" is not accepted here"]),
        ("otelcol.exporter.file", "path = \"p\"\ncompression = \"\"", &[]),
        ("discovery.serverset", "servers = [\"a\"]\npaths = [\"/a\", \"b\"]", &["decode/value `paths[1]`: it is not of the form"]),
        (
            "otelcol.receiver.file_stats",
            "include = \"a\"\nresource_attributes {\n file.name {\n metrics_include {\n regexp = \"(\"\n}\n}\n}\noutput { }",
            &["decode/value `regexp`"],
        ),
        ("discovery.uyuni", "server = \"%zz\"\nusername = \"u\"\npassword = \"p\"", &["decode/value `server`"]),
        ("prometheus.exporter.blackbox", "config = \"{ module: {} }\"", &["decode/value `config`: \"module\" is not known here"]),
        ("prometheus.exporter.blackbox", "config = \"{ modules: \"", &["decode/value `config`"]),
        ("prometheus.exporter.snmp", "targets = [{\"name\" = \"a\", \"address\" = \"b\"}]", &[]),
        (
            "prometheus.exporter.snmp",
            "targets = [{\"name\" = \"a\"}]",
            &["decode/value `targets[0]`: `address` or `__address__` is missing"],
        ),
        ("otelcol.auth.google", "", &["decode/invalid the original refuses every configuration of this"]),
    ]);
}

#[test]
fn rules_hold_under_their_conditions() {
    let action = |output: &str| format!("action {{\n key = \"k\"\n action = \"INSERT\"\n}}\noutput {{\n {output}\n}}");
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "discovery.aws",
            "role = \"ecs\"\nfilter {\n name = \"a\"\n values = [\"b\"]\n}",
            &["decode/invalid `filter` has no meaning when `role` is \"ecs\""],
        ),
        ("discovery.aws", "role = \"rds\"\nfilter {\n name = \"a\"\n values = [\"b\"]\n}", &[]),
        (
            "loki.source.syslog",
            "forward_to = []\nlistener {\n address = \"a:1\"\n raw_format_options { }\n}",
            &["decode/invalid `raw_format_options` has no meaning when `syslog_format` is not written"],
        ),
        ("prometheus.exporter.postgres", "disable_default_metrics = true", &["decode/invalid `custom_queries_config_path` is needed when"]),
        ("prometheus.exporter.postgres", "disable_default_metrics = false", &[]),
        ("loki.source.podlogs", "forward_to = []\nclient {\n tls_config { }\n}", &[]),
        (
            "loki.source.podlogs",
            "forward_to = []\nclient {\n tls_config {\n server_name = \"a\"\n}\n}",
            &["decode/invalid `api_server` is needed when"],
        ),
        (
            "otelcol.processor.memory_limiter",
            "check_interval = \"1s\"\nlimit = \"1MiB\"\nspike_limit = \"2MiB\"\noutput { }",
            &["decode/value `spike_limit`"],
        ),
        // What is only built when something is sent on.
        ("otelcol.processor.attributes", &action(""), &[]),
        ("otelcol.processor.attributes", &action("logs = [null]"), &["decode/invalid exactly one of `value`, `from_attribute`"]),
    ];
    all_are_found(cases);
}
