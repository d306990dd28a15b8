//! Recognises files in another language, for which one finding says more than one for each line.

use crate::diag::Diagnostic;
use crate::source::Source;
use std::sync::Arc;

/// When the file is written in another language altogether, one finding takes the place of all.
pub(crate) fn replace(source: &Arc<Source>, found: &mut Vec<Diagnostic>) {
    let Some(first) = found.first() else { return };
    let Some((message, hint)) = recognise(source.text()) else { return };
    let diagnostic = Diagnostic::error("syntax/foreign-language", source, first.span, message).hint(hint);
    *found = vec![diagnostic];
}

fn recognise(text: &str) -> Option<(&'static str, String)> {
    let mut lines = text.lines().map(|line| line.trim_start_matches('\u{feff}'));
    let first = lines.find(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with(['#', '%']) && line != "---"
    })?;
    let has_key = |key: &str| text.lines().any(|line| line.trim_end().strip_prefix(key).is_some_and(|rest| rest.starts_with(':')));
    if has_key("apiVersion") && has_key("kind") {
        return Some(("this is a Kubernetes manifest, not a configuration", manifest_hint(text)));
    }
    if let Some(key) = wrapper(text) {
        return Some((
            "this is a YAML file with the configuration inside of it",
            format!("give only the text below `{key}`, without its indentation"),
        ));
    }
    if first.trim_start().starts_with('{') {
        let rest = first.trim_start().trim_start_matches('{').trim_start();
        let next = if rest.is_empty() { lines.map(str::trim).find(|line| !line.is_empty())? } else { rest };
        return (next.starts_with('"') || next.starts_with('}'))
            .then(|| ("this is JSON, not a configuration", "write `name = value` and `name \"label\" { … }`".to_owned()));
    }
    if !begins_mapping(first) || !mostly_mapping(text) {
        return None;
    }
    let format = [
        ("scrape_configs", "prometheus"),
        ("remote_write", "prometheus"),
        ("receivers", "otelcol"),
        ("exporters", "otelcol"),
        ("clients", "promtail"),
        ("integrations", "static"),
        ("metrics", "static"),
    ];
    let hint = match format.iter().find(|(key, _)| has_key(key)) {
        Some((_, format)) => {
            format!("`alloy convert --source-format={format}` of Grafana Alloy turns such a file into a configuration")
        }
        None => "write `name = value` instead of `name: value`, and braces instead of indentation".to_owned(),
    };
    Some(("this is YAML, not a configuration", hint))
}

/// The line `key: |` below which a configuration stands, when everything before it is YAML, too.
fn wrapper(text: &str) -> Option<&str> {
    for line in text.lines().map(|line| line.trim_start_matches('\u{feff}').trim()) {
        if line.is_empty() || line.starts_with('#') || line.starts_with("---") || line.starts_with("- ") {
            continue;
        }
        let (key, value) = line.split_once(':')?;
        let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'));
        if !is_key || !(value.is_empty() || value.starts_with(' ')) || value.ends_with('{') {
            return None;
        }
        if matches!(value.trim(), "|" | "|-" | "|+" | ">" | ">-") {
            return Some(line);
        }
    }
    None
}

/// Whether a line is `key:` or `key: value` at the margin.
fn begins_mapping(line: &str) -> bool {
    let Some((key, rest)) = line.split_once(':') else { return false };
    !key.is_empty()
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        && (rest.is_empty() || rest.starts_with([' ', '\t', '\r']))
        && !rest.trim_end().ends_with('{')
}

/// Whether the text has more lines of YAML than lines that set something or open a block.
fn mostly_mapping(text: &str) -> bool {
    let (mut yaml, mut other) = (0_usize, 0_usize);
    for line in text.lines().map(str::trim) {
        if line.starts_with("- ") || begins_mapping(line) {
            yaml += 1;
        } else if line.contains('=') || line.ends_with('{') {
            other += 1;
        }
    }
    yaml > 1 && yaml > 2 * other
}

fn manifest_hint(text: &str) -> String {
    let key = text.lines().map(str::trim).find_map(|line| line.split_once(": |").map(|(key, _)| key));
    let name = text.lines().find_map(|line| line.trim().strip_prefix("name:")).map(str::trim);
    match (key, name) {
        (Some(key), Some(name)) if text.contains("ConfigMap") => format!(
            "give only the text below `{key}: |`, without its indentation: \
`kubectl get configmap {name} -o jsonpath='{{.data.{}}}'` prints it",
            key.replace('.', "\\.")
        ),
        (Some(key), _) => format!("give only the text below `{key}: |`, without its indentation"),
        (None, _) => "give only the configuration that is wrapped in it".to_owned(),
    }
}
