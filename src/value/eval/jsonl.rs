//! Evaluation of expressions line by line: for tools and for comparing with recordings.

use super::evaluate;
use crate::functions::read_json;
use crate::value_model::Value;
use crate::{json, print};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::{BufRead, Result, Write};
use syntax::{Diagnostic, Source};

/// Reads lines `{"expr": "…", "vars": {…}}` and writes `{"json": …, "text": …}` or
/// `{"error": {"line", "column", "message"}}` for each. Numbers in `vars` are floating point, as in `from_json`.
///
/// # Errors
/// When reading or writing fails.
pub fn run_jsonl(reader: impl BufRead, mut writer: impl Write) -> Result<()> {
    for line in reader.lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = match read_json(&line) {
            Ok(request) => answer(&request),
            Err(error) => json!({"error": {"line": 0, "column": 0, "message": error}}),
        };
        serde_json::to_writer(&mut writer, &answer)?;
        writer.write_all(b"\n")?;
    }
    writer.flush()
}

fn answer(request: &Value) -> Json {
    let member = |name| match request {
        Value::Object(members) => members.get(name),
        _ => None,
    };
    let Some(Value::String(text)) = member("expr") else {
        return json!({"error": {"line": 0, "column": 0, "message": "`expr` is missing"}});
    };
    let mut scope = BTreeMap::new();
    if let Some(Value::Object(vars)) = member("vars") {
        scope.extend(vars.iter().map(|(name, value)| (name.to_string(), value.clone())));
    }
    let source = Source::new("", &**text);
    let (expr, diagnostics) = syntax::parse_expression(&source);
    let Some(expr) = expr else {
        return failure(diagnostics.iter().find(|d| d.is_error()));
    };
    match evaluate(&expr, &source, &scope) {
        Ok(value) => json!({"json": json::typed(&value), "text": print::to_text(&value)}),
        Err(error) => failure(error.diagnostic().as_ref()),
    }
}

fn failure(diagnostic: Option<&Diagnostic>) -> Json {
    let position = diagnostic.and_then(Diagnostic::position);
    let (line, column) = position.map_or((0, 0), |position| (position.line, position.column));
    let message = diagnostic.map_or("the expression cannot be read", |diagnostic| diagnostic.message.as_str());
    json!({"error": {"line": line, "column": column, "message": message}})
}
