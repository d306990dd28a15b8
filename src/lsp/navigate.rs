//! From a name to where it is defined and used, and to another name.

use crate::document::Document;
use crate::imports::Files;
use crate::names::{Names, Sort, Use};
use crate::requests::Failure;
use crate::session::Session;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use syntax::Span;
use syntax::diag::any_errors;

/// Where the name at `offset` is defined; null when it is none.
pub(crate) fn definition(session: &Session, document: &Arc<Document>, offset: usize) -> Value {
    let files = session.files(document);
    let names = Names::of(&files);
    match names.use_at(0, offset) {
        Some(found) => {
            let symbol = &names.symbols[found.symbol];
            names.files[symbol.file].location(symbol.place)
        }
        None => Value::Null,
    }
}

/// Where the name at `offset` is used.
pub(crate) fn references(session: &Session, document: &Arc<Document>, offset: usize, with_definition: bool) -> Value {
    let files = session.files(document);
    let names = Names::of(&files);
    let uses = names.use_at(0, offset).map(|found| uses(&names, found.symbol)).unwrap_or_default();
    uses.iter().filter(|u| with_definition || !u.is_definition).map(|u| names.files[u.file].location(u.place)).collect()
}

/// Where the name at `offset` stands in the document.
pub(crate) fn highlights(document: &Arc<Document>, offset: usize) -> Value {
    const READ: u8 = 2;
    const WRITE: u8 = 3;
    let files = Files { documents: vec![Arc::clone(document)], in_folder: 1 };
    let names = Names::of(&files);
    let uses = names.use_at(0, offset).map(|found| uses(&names, found.symbol)).unwrap_or_default();
    let highlight = |u: &Use| json!({ "range": document.range(u.place), "kind": if u.is_definition { WRITE } else { READ } });
    uses.iter().map(highlight).collect()
}

/// Every use of a symbol, in the order of the files and of their texts.
fn uses(names: &Names<'_>, symbol: usize) -> Vec<Use> {
    let mut uses: Vec<Use> = names.uses.iter().filter(|u| u.symbol == symbol).copied().collect();
    uses.sort_by_key(|u| (u.file, u.place));
    uses
}

/// The name at `offset` that may be changed, and its place; null when there is none.
pub(crate) fn prepare_rename(session: &Session, document: &Arc<Document>, offset: usize) -> Value {
    let files = session.files(document);
    let names = Names::of(&files);
    match names.use_at(0, offset) {
        Some(found) => {
            // A click elsewhere in a long name still means the label.
            let place = found.place.range();
            if place.start <= offset && offset <= place.end {
                return json!({ "range": document.range(found.place), "placeholder": names.symbols[found.symbol].name });
            }
            Value::Null
        }
        None => Value::Null,
    }
}

/// The edits that give the thing named at `offset` another name, wherever it is used.
///
/// # Errors
/// When nothing is named there, when the new name is none, when it is taken, or when it would change what another name
/// means.
pub(crate) fn rename(session: &Session, document: &Arc<Document>, offset: usize, new: &str) -> Result<Value, Failure> {
    let files = session.files(document);
    let names = Names::of(&files);
    let found = names.use_at(0, offset).ok_or_else(|| Failure::refused("there is no label or name of this configuration here"))?;
    let symbol = &names.symbols[found.symbol];
    if !syntax::is_identifier(new) {
        return Err(Failure::refused(format!("`{new}` is no name: letters, digits and underscores, no digit first, no keyword")));
    }
    if new == symbol.name {
        return Ok(json!({ "changes": {} }));
    }
    if names.is_taken(symbol, new) {
        return Err(Failure::refused(format!("`{}` exists already", symbol.id_with(new))));
    }
    if matches!(symbol.sort, Sort::Declare | Sort::Import) && is_reserved(session, new) {
        return Err(Failure::refused(format!("`{new}` is a block that the program has already")));
    }
    for file in names.files {
        // What does not parse is not searched; a place left out would be a reference to nothing.
        if any_errors(&file.parsed().diagnostics) && (file.uri == document.uri || file.text().contains(symbol.name)) {
            return Err(Failure::refused(format!("{} has syntax errors: mend them first", file.source.name())));
        }
    }
    let uses = uses(&names, found.symbol);
    let texts: Vec<String> = names.files.iter().enumerate().map(|(at, file)| replaced(file, &places(&uses, at), new)).collect();
    if !means_the_same(&names, &files, &texts, &uses, new) {
        return Err(Failure::refused(format!("`{new}` would mean something else in one of the places where `{}` is used", symbol.name)));
    }
    let mut changes = Map::new();
    for (at, file) in names.files.iter().enumerate() {
        let edits: Vec<Value> = places(&uses, at).iter().map(|place| file.edit(*place, new)).collect();
        if !edits.is_empty() {
            changes.insert(file.uri.clone(), edits.into());
        }
    }
    Ok(json!({ "changes": changes }))
}

/// Names of blocks that a `declare` block or an import would hide.
fn is_reserved(session: &Session, name: &str) -> bool {
    let environment = &session.environment;
    let first = |known: &str| known.split('.').next() == Some(name);
    environment.catalog.iter().any(|r| first(r.name))
        || runtime::config_blocks::find(name).is_some()
        || runtime::unbuilt::iter().any(|known| first(known.name))
        || matches!(name, "argument" | "declare" | "export" | "foreach" | "import")
        || value::functions::root(name).is_some()
}

/// The places of a file, in the order of its text.
fn places(uses: &[Use], file: usize) -> Vec<Span> {
    uses.iter().filter(|u| u.file == file).map(|u| u.place).collect()
}

fn replaced(file: &Document, places: &[Span], new: &str) -> String {
    let mut text = file.text().to_owned();
    for place in places.iter().rev() {
        text.replace_range(place.range(), new);
    }
    text
}

/// Whether every name of the new texts means what it meant in the old ones.
fn means_the_same(old: &Names<'_>, files: &Files, texts: &[String], renamed: &[Use], new: &str) -> bool {
    let changed = |(file, text): (&Arc<Document>, &String)| Document::with_text(file, text.clone());
    let documents = files.documents.iter().zip(texts).map(changed).collect();
    let files = Files { documents, in_folder: files.in_folder };
    let fresh = Names::of(&files);
    let shifted = |u: &Use| {
        let before = renamed.iter().filter(|r| r.file == u.file && r.place.start < u.place.start);
        let start = before.fold(u.place.range().start, |at, r| at + new.len() - r.place.range().len());
        (u.file, start, u.symbol, u.is_definition)
    };
    let mut was: Vec<_> = old.uses.iter().map(shifted).collect();
    let mut is: Vec<_> = fresh.uses.iter().map(|u| (u.file, u.place.range().start, u.symbol, u.is_definition)).collect();
    was.sort_unstable();
    is.sort_unstable();
    was == is
}
