//! What may be written at a cursor. Works while the text does not parse, which is the usual case.

mod item;
mod statement;
mod value;

use crate::cursor::{Cursor, Place};
use crate::document::Document;
use crate::names::Names;
use crate::session::Session;
use crate::shape::{Shape, Vocabulary};
use serde_json::Value;
use std::sync::Arc;

/// Everything that is known around the cursor.
struct Context<'n, 'a> {
    document: &'n Document,
    cursor: Cursor,
    offset: usize,
    names: &'n Names<'a>,
    vocabulary: Vocabulary<'n, 'a>,
    /// The module that the cursor is in.
    module: usize,
    /// What may stand in the innermost block; `None` when nothing is known of it.
    shape: Option<Shape<'a>>,
    snippets: bool,
}

/// The items for the cursor at the byte `offset` of `document`.
pub(crate) fn complete(session: &Session, document: &Arc<Document>, offset: usize) -> Value {
    let cursor = Cursor::at(document.text(), offset);
    if cursor.place == Place::Nothing {
        return Value::Array(Vec::new());
    }
    let files = session.files(document);
    let names = Names::defined_in(&files);
    let vocabulary = Vocabulary { environment: &session.environment, names: &names };
    let module = names.module_at(0, offset);
    let blocks: Vec<&str> = cursor.blocks.iter().map(|head| head.name.as_str()).collect();
    let shape = vocabulary.inside(module, &blocks);
    let snippets = session.client.snippets;
    let context = Context { document, cursor, offset, names: &names, vocabulary, module, shape, snippets };
    let items = match &context.cursor.place {
        Place::Statement => statement::items(&context),
        Place::Value { attr, around } => value::items(&context, attr, around),
        Place::Text { attr, around } => value::texts(&context, attr, around),
        Place::Nothing => Vec::new(),
    };
    let typed = context.cursor.typed.to_lowercase();
    let fitting = items.into_iter().filter(|item| is_abbreviation(&typed, &item.filter));
    fitting.enumerate().map(|(at, item)| item.to_json(&context, at)).collect()
}

/// True when `typed`, in small letters, is a part of `text`, or a plain word whose letters occur in it in this order, from the
/// beginning of a word on.
fn is_abbreviation(typed: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    if text.contains(typed) {
        return true;
    }
    let is_plain = !typed.contains('.');
    let begins = text.char_indices().map(|(at, _)| at).filter(|at| *at == 0 || text[..*at].ends_with(['.', '_']));
    is_plain
        && begins.map(|at| text[at..].chars()).any(|mut letters| {
            letters.next() == typed.chars().next() && typed.chars().skip(1).all(|wanted| letters.any(|letter| letter == wanted))
        })
}
