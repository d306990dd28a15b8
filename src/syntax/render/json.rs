//! Diagnostics as JSON.

use super::severity_name;
use crate::diag::Diagnostic;
use crate::source::{Source, Span};
use serde_json::{Value, json};

/// An array with one object for each diagnostic. Lines and columns count from 1, columns and offsets in bytes; an end is
/// the place after the last byte.
pub fn render_json(diagnostics: &[Diagnostic]) -> String {
    let list: Vec<Value> = diagnostics.iter().map(one).collect();
    // Strings and numbers always serialise; the empty list stands in for the impossible.
    serde_json::to_string_pretty(&list).unwrap_or_else(|_| "[]".to_owned())
}

fn one(diagnostic: &Diagnostic) -> Value {
    let source = diagnostic.source.as_deref();
    let labels: Vec<Value> = diagnostic
        .labels
        .iter()
        .map(|label| json!({ "span": source.map(|source| span(source, label.span)), "text": label.text }))
        .collect();
    json!({
        "severity": severity_name(diagnostic.severity),
        "code": diagnostic.code,
        "message": diagnostic.message,
        "file": source.map(Source::name),
        "span": source.map(|source| span(source, diagnostic.span)),
        "here": diagnostic.here,
        "labels": labels,
        "hints": diagnostic.hints,
    })
}

fn span(source: &Source, span: Span) -> Value {
    let place = |offset: u32| {
        let position = source.position(offset);
        json!({ "line": position.line, "column": position.column, "offset": offset })
    };
    json!({ "start": place(span.start), "end": place(span.end) })
}
