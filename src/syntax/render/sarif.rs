//! Diagnostics as SARIF 2.1.0, which code hosts and editors read.

use crate::diag::{Diagnostic, Severity};
use crate::source::{Source, Span};
use serde_json::{Value, json};

/// One SARIF log with one run. `explanations` say what the codes mean.
pub fn render_sarif(diagnostics: &[Diagnostic], explanations: &[(&str, &str)]) -> String {
    let mut codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.iter().map(|code| rule(code, explanations)).collect();
    let results: Vec<Value> = diagnostics.iter().map(|diagnostic| result(diagnostic, &codes)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "ferroalloy", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    // Strings and numbers always serialise; the empty object stands in for the impossible.
    serde_json::to_string_pretty(&log).unwrap_or_else(|_| "{}".to_owned())
}

fn rule(code: &str, explanations: &[(&str, &str)]) -> Value {
    match explanations.iter().find(|(known, _)| *known == code) {
        Some((_, text)) => json!({ "id": code, "fullDescription": { "text": text } }),
        None => json!({ "id": code }),
    }
}

fn result(diagnostic: &Diagnostic, codes: &[&str]) -> Value {
    let level = match diagnostic.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let mut text = diagnostic.message.clone();
    for hint in &diagnostic.hints {
        text.push('\n');
        text.push_str(hint);
    }
    let mut result = json!({ "ruleId": diagnostic.code, "ruleIndex": codes.iter().position(|code| *code == diagnostic.code), "level": level, "message": { "text": text } });
    if let Some(source) = diagnostic.source.as_deref() {
        result["locations"] = json!([location(source, diagnostic.span)]);
        let related: Vec<Value> = diagnostic
            .labels
            .iter()
            .enumerate()
            .map(|(id, label)| {
                let mut place = location(source, label.span);
                place["id"] = json!(id);
                place["message"] = json!({ "text": label.text });
                place
            })
            .collect();
        if !related.is_empty() {
            result["relatedLocations"] = json!(related);
        }
    }
    result
}

fn location(source: &Source, span: Span) -> Value {
    let (start_line, start_column) = place(source, span.start);
    let (end_line, end_column) = place(source, span.end);
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(source.name()) },
            "region": {
                "startLine": start_line,
                "startColumn": start_column,
                "endLine": end_line,
                "endColumn": end_column,
            },
        },
    })
}

/// Line and column in characters, from 1.
fn place(source: &Source, offset: u32) -> (usize, usize) {
    let position = source.position(offset);
    let start = offset as usize - (position.column - 1);
    let column = source.text().get(start..offset as usize).map_or(position.column - 1, |text| text.chars().count());
    (position.line, column + 1)
}

/// A path as a relative or absolute URI reference.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}
