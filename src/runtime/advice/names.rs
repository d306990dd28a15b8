//! Names that people write and that mean something elsewhere: former names of components, blocks and functions, words of
//! other languages.

/// Former names of components, or of families where the name ends with a dot, and what stands in their place.
const RENAMED: &[(&str, &str)] = &[
    ("discovery.k8s", "discovery.kubernetes"),
    ("loki.source.files", "loki.source.file"),
    ("loki.source.journald", "loki.source.journal"),
    ("loki.source.k8s", "loki.source.kubernetes"),
    ("module.", "import."),
    ("otelcol.exporter.jaeger", "otelcol.exporter.otlp"),
    ("otelcol.exporter.logging", "otelcol.exporter.debug"),
    ("otelcol.receiver.opencensus", "otelcol.receiver.otlp"),
    ("phlare.", "pyroscope."),
    ("prometheus.exporter.agent", "prometheus.exporter.self"),
    ("prometheus.exporter.node", "prometheus.exporter.unix"),
    ("prometheus.exporter.node_exporter", "prometheus.exporter.unix"),
    ("prometheus.exporter.vsphere", "otelcol.receiver.vcenter"),
    ("prometheus.integration.node_exporter", "prometheus.exporter.unix"),
    ("prometheus.integration.", "prometheus.exporter."),
    ("prometheus.write", "prometheus.remote_write"),
    ("prometheus.write.queue", "prometheus.remote_write"),
    ("stage.non_indexed_labels", "stage.structured_metadata"),
];

/// Blocks at the top of a file that belong to another language or mode, and what to do instead.
const FOREIGN_BLOCKS: &[(&[&str], &str)] = &[
    (
        &["variable", "locals"],
        "there are no variables: write the value where it is used, read the environment with `sys.env(\"NAME\")`, or make a module with \
`declare` and `argument`",
    ),
    (&["resource", "data", "provider", "terraform"], "this is Terraform's language; a component is written `loki.write \"default\" { … }`"),
    (&["module", "include", "import"], "modules are brought in with `import.file`, `import.http`, `import.git` or `import.string`"),
    (&["output"], "a module gives values with `export \"name\" { value = … }` inside of `declare`"),
    (
        &["server", "metrics", "logs", "traces", "integrations"],
        "this belongs to the Agent's static mode: `alloy convert --source-format=static` of Grafana Alloy translates such files",
    ),
    (
        &["scrape_configs", "remote_write", "global", "clients", "positions"],
        "this belongs to Prometheus or Promtail: `alloy convert` of Grafana Alloy translates such files",
    ),
];

/// Names in expressions that belong to other languages, and what to write instead.
const FOREIGN_NAMES: &[(&[&str], &str)] = &[
    (&["True", "TRUE", "yes", "Yes", "on"], "write `true`"),
    (&["False", "FALSE", "no", "No", "off"], "write `false`"),
    (&["None", "nil", "NULL", "Null", "undefined"], "write `null`"),
    (&["getenv", "os.getenv", "os.environ", "process.env", "get_env", "environment"], "the environment is read with `sys.env(\"NAME\")`"),
    (&["discovery_target_decode"], "use `discovery.file` for targets from files, `discovery.http` for those from a server"),
    (
        &["file", "read_file", "readfile", "templatefile"],
        "a file is read by a component: `local.file \"name\" { filename = … }`, then `local.file.name.content`",
    ),
    (
        &["length", "lookup", "merge", "contains", "keys", "values", "tostring", "tonumber", "upper", "lower"],
        "there is no such function; `ferroalloy eval` tries out expressions, and the reference lists all functions",
    ),
];

/// First parts of names in expressions of Terraform, and what to write instead.
const FOREIGN_FAMILIES: &[(&str, &str)] = &[
    ("var", "there are no variables: write the value itself, `sys.env(\"NAME\")`, or `argument.NAME.value` in a module"),
    ("each", "in a `foreach` block the element has the name that `var` gives it"),
];

/// Blocks inside of components that are gone, and what stands in their place.
const GONE_BLOCKS: &[(&str, &str)] = &[
    ("http_client_config", "what stood in it is written directly into the block around it"),
    ("client_options", "it is called `client` now"),
    ("stage", "a stage is one block: `stage { json { … } }` is written `stage.json { … }`"),
    ("dynamic", "this is Terraform's language; repeat the block, or use `foreach`"),
];

/// What to do about a component or stage that is gone.
pub(crate) fn gone(name: &str) -> Option<String> {
    let successor = successor(name)?;
    let more = match name.starts_with("module.") {
        true => ": its file holds `declare \"name\" { … }`, and is used as a component called like the label of the import and that name",
        false => "",
    };
    Some(format!("this name is gone: `{successor}` has taken its place{more}"))
}

/// The component that took the place of `name`.
fn successor(name: &str) -> Option<String> {
    let exact = RENAMED.iter().find(|(old, _)| *old == name).map(|(_, new)| (*new).to_owned());
    exact.or_else(|| {
        let (old, new) = RENAMED.iter().find(|(old, _)| old.ends_with('.') && name.starts_with(old))?;
        Some(format!("{new}{}", &name[old.len()..]))
    })
}

/// What to do about a block at the top of a file that belongs to something else.
pub(crate) fn foreign_block(name: &str) -> Option<&'static str> {
    FOREIGN_BLOCKS.iter().find(|(names, _)| names.contains(&name)).map(|(_, hint)| *hint)
}

/// What to write instead of a name that belongs to another language.
pub(crate) fn foreign_name(path: &str) -> Option<&'static str> {
    let exact = FOREIGN_NAMES.iter().find(|(names, _)| names.contains(&path)).map(|(_, hint)| *hint);
    let family = || FOREIGN_FAMILIES.iter().find(|(first, _)| path.split('.').next() == Some(first) && path.contains('.'));
    exact.or_else(|| family().map(|(_, hint)| *hint))
}

/// What to do about a block inside of a component that is gone.
pub(crate) fn gone_block(name: &str) -> Option<&'static str> {
    GONE_BLOCKS.iter().find(|(gone, _)| *gone == name).map(|(_, hint)| *hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn former_names_lead_to_present_ones() {
        for (name, want) in [
            ("prometheus.integration.node_exporter", Some("prometheus.exporter.unix")),
            ("prometheus.integration.redis", Some("prometheus.exporter.redis")),
            ("module.git", Some("import.git")),
            ("phlare.write", Some("pyroscope.write")),
            ("prometheus.scrape", None),
            ("phlare", None),
        ] {
            assert_eq!(successor(name).as_deref(), want, "{name}");
        }
        assert_eq!(foreign_name("var.region"), foreign_name("var.zone"));
        assert_eq!((foreign_name("variety.x"), foreign_name("var")), (None, None));
    }
}
