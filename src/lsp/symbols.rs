//! The outline of a document.

use crate::document::Document;
use serde_json::{Value, json};
use syntax::Span;
use syntax::ast::{Block, Body};

/// The blocks of a document: as a tree, or as a list for editors that know no trees.
pub(crate) fn symbols(document: &Document, as_tree: bool) -> Value {
    let body = &document.file().body;
    if as_tree { tree(document, body) } else { Value::Array(list(document, body)) }
}

fn tree(document: &Document, body: &Body) -> Value {
    let of = |block: &Block| {
        json!({
            "name": name(block),
            "kind": kind(block),
            "range": document.range(block.span),
            "selectionRange": document.range(selection(block)),
            "children": tree(document, &block.body),
        })
    };
    body.blocks().map(of).collect()
}

fn list(document: &Document, body: &Body) -> Vec<Value> {
    let (mut found, mut open): (Vec<Value>, Vec<(&Block, String)>) = (Vec::new(), body.blocks().map(|b| (b, String::new())).collect());
    open.reverse();
    while let Some((block, container)) = open.pop() {
        let location = document.location(block.span);
        found.push(json!({ "name": name(block), "kind": kind(block), "location": location, "containerName": container }));
        let inner: Vec<&Block> = block.body.blocks().collect();
        open.extend(inner.into_iter().rev().map(|inner| (inner, name(block))));
    }
    found
}

fn name(block: &Block) -> String {
    match &block.label {
        Some(label) => format!("{} \"{}\"", block.name, label.text),
        None => block.name.clone(),
    }
}

/// The icon that editors show.
fn kind(block: &Block) -> u8 {
    const MODULE: u8 = 2;
    const NAMESPACE: u8 = 3;
    const CLASS: u8 = 5;
    const FIELD: u8 = 8;
    const VARIABLE: u8 = 13;
    match block.name.as_str() {
        "declare" | "foreach" | "template" => MODULE,
        "argument" | "export" => VARIABLE,
        name if name.starts_with("import.") => NAMESPACE,
        _ if block.label.is_some() => CLASS,
        _ => FIELD,
    }
}

fn selection(block: &Block) -> Span {
    block.label.as_ref().map_or(block.name_span, |label| block.name_span.to(label.span))
}
