//! Diagnostics as the protocol writes them.

use crate::document::Document;
use serde_json::{Value, json};
use syntax::{Diagnostic, Severity};

/// What an editor shows of a diagnostic. Hints are lines of the message; further places are links where the editor knows
/// such.
pub(crate) fn diagnostic(document: &Document, found: &Diagnostic, has_related: bool) -> Value {
    let mut message = found.message.clone();
    let mut line = |text: &str| {
        message.push('\n');
        message.push_str(text);
    };
    if !found.here.is_empty() {
        line(&found.here);
    }
    found.hints.iter().for_each(|hint| line(hint));
    if !has_related {
        for label in &found.labels {
            let at = document.source.position(label.span.start);
            line(&format!("line {}: {}", at.line, label.text));
        }
    }
    let mut out = json!({
        "range": document.range(found.span),
        "severity": match found.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
            Severity::Note => 3,
        },
        "code": found.code,
        "source": "ferroalloy",
        "message": message,
    });
    if has_related && !found.labels.is_empty() {
        let related = found.labels.iter().map(|label| json!({ "location": document.location(label.span), "message": label.text }));
        out["relatedInformation"] = related.collect();
    }
    if matches!(found.code, "decode/deprecated" | "config/deprecated-function") {
        const DEPRECATED: u8 = 2;
        out["tags"] = json!([DEPRECATED]);
    }
    out
}
