//! Quick fixes: what the findings themselves say is to be written instead, and arguments that are missing.

use crate::convert;
use crate::document::Document;
use crate::names::Names;
use crate::session::Session;
use crate::shape::{Field, Kind, Vocabulary};
use serde_json::{Value, json};
use std::sync::Arc;
use syntax::Span;
use value::schema::Type;

/// The fixes of the findings that touch `span`.
pub(crate) fn actions(session: &Session, document: &Arc<Document>, span: Span) -> Value {
    let touches = |found: &Span| found.start <= span.end && span.start <= found.end;
    let findings = session.findings(document).iter().filter(|found| touches(&found.span));
    let fixes = findings.flat_map(|found| found.fixes.iter().enumerate().map(move |(at, fix)| (found, at, fix)));
    let action = |(found, at, fix): (&syntax::Diagnostic, usize, &syntax::diag::Fix)| {
        let old = document.source.slice(fix.span);
        let title = match (old.is_empty(), fix.text.is_empty()) {
            (true, _) => format!("Insert `{}`", fix.text.trim()),
            (_, true) => format!("Remove `{old}`"),
            _ => format!("Replace `{old}` with `{}`", fix.text),
        };
        json!({
            "title": title,
            "kind": "quickfix",
            "isPreferred": at == 0,
            "diagnostics": [convert::diagnostic(document, found, session.client.related)],
            "edit": { "changes": { &document.uri: [document.edit(fix.span, &fix.text)] } },
        })
    };
    let mut actions: Vec<Value> = fixes.map(action).collect();
    let is_missing = |found: &&syntax::Diagnostic| matches!(found.code, "decode/missing" | "module/missing-argument");
    let mut missing: Vec<&syntax::Diagnostic> = session.findings(document).iter().filter(is_missing).filter(|f| touches(&f.span)).collect();
    // One for each argument of a custom component: all of them are written at once.
    missing.dedup_by_key(|found| found.span);
    if !missing.is_empty() {
        let files = session.files(document);
        let names = Names::defined_in(&files);
        let vocabulary = Vocabulary { environment: &session.environment, names: &names };
        actions.extend(missing.iter().filter_map(|found| {
            let (title, edit) = complete(vocabulary, document, found.span)?;
            Some(json!({
                "title": title,
                "kind": "quickfix",
                "diagnostics": [convert::diagnostic(document, found, session.client.related)],
                "edit": { "changes": { &document.uri: [edit] } },
            }))
        }));
    }
    Value::Array(actions)
}

/// Writes what is missing in the block whose name stands at `name`, right behind its `{`: a title and an edit.
fn complete(vocabulary: Vocabulary<'_, '_>, document: &Document, name: Span) -> Option<(String, Value)> {
    let (mut body, mut path) = (&document.file().body, Vec::new());
    let block = loop {
        let block = body.blocks().find(|block| block.span.start <= name.start && name.end <= block.span.end)?;
        path.push(block.name.as_str());
        if block.name_span == name {
            break block;
        }
        body = &block.body;
    };
    let module = vocabulary.names.module_at(0, block.open.range().start);
    let is_written = |field: &Field<'_>| {
        block.body.attrs().any(|attr| attr.name.text == field.name) || block.body.blocks().any(|inner| inner.name == field.name)
    };
    let fields = vocabulary.inside(module, &path)?.fields();
    let missing: Vec<&Field<'_>> = fields.iter().filter(|field| field.required && !is_written(field)).collect();
    let first = missing.first()?;
    let line = document.source.line(document.source.position(name.start).line)?;
    let line = document.source.slice(line);
    let indent = &line[..line.len() - line.trim_start().len()];
    let width = missing.iter().filter(|f| f.is_attr()).map(|f| f.name.len()).max().unwrap_or_default();
    let mut text: String = missing
        .iter()
        .map(|field| match &field.kind {
            Kind::Attr { ty, one_of } => format!("\n{indent}\t{:width$} = {}", field.name, sample(ty, one_of)),
            Kind::Block { .. } => format!("\n{indent}\t{} {{ }}", field.name),
        })
        .collect();
    if document.source.position(block.open.start).line == document.source.position(block.close.start).line {
        text.push_str(&format!("\n{indent}"));
    }
    let title = match missing.len() {
        1 => format!("Write `{}`", first.name),
        n => format!("Write `{}` and {} more", first.name, n - 1),
    };
    let end = block.open.end;
    // Blanks between the braces are in the way.
    let blank = document.text().get(end as usize..).map_or(0, |rest| rest.len() - rest.trim_start_matches([' ', '\t']).len());
    Some((title, document.edit(Span::new(end as usize, end as usize + blank), &text)))
}

/// A value to begin with.
fn sample(ty: &Type, one_of: &[&str]) -> String {
    match ty {
        Type::Bool => "false".into(),
        Type::Int | Type::Uint | Type::Float => "0".into(),
        Type::List(_) => "[]".into(),
        Type::Map(_) => "{}".into(),
        Type::Any | Type::Capsule(_) => "null".into(),
        Type::Duration => "\"1m\"".into(),
        Type::String | Type::Text(_) | Type::Secret | Type::OptionalSecret => format!("{:?}", one_of.first().unwrap_or(&"")),
    }
}
