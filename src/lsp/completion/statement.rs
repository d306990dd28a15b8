//! Attributes and blocks where a statement may begin.

use super::Context;
use super::item::{Icon, Item, required, value_snippet};
use crate::docs;
use crate::shape::{Described, Field, Kind, Shape};
use syntax::ast::{Block, Body, Stmt};

pub(super) fn items(context: &Context<'_, '_>) -> Vec<Item> {
    match &context.shape {
        None => Vec::new(),
        Some(Shape::Module(kind)) => context.vocabulary.blocks(context.module, *kind).iter().map(|b| of_block(context, b)).collect(),
        Some(shape) => {
            let written = written(context);
            let free = |field: &Field<'_>| field.is_repeated() || !written.contains(&&*field.name);
            let mut items: Vec<Item> = shape.fields().iter().filter(|field| free(field)).map(|field| of_field(context, field)).collect();
            items.sort_by_key(|item| item.rank);
            items
        }
    }
}

/// The names of the statements that stand in the block of the cursor already, as far as it parses.
fn written<'c>(context: &Context<'_, 'c>) -> Vec<&'c str> {
    let Some(head) = context.cursor.blocks.last() else { return Vec::new() };
    let body = &context.names.files[0].file().body;
    let Some(block) = innermost(body, context.offset).filter(|block| block.name == head.name) else { return Vec::new() };
    let is_here = |stmt: &&Stmt| {
        let span = match stmt {
            Stmt::Attr(attr) => attr.name.span,
            Stmt::Block(block) => block.name_span,
        };
        !(span.range().start..=span.range().end).contains(&context.offset)
    };
    let name = |stmt: &'c Stmt| match stmt {
        Stmt::Attr(attr) => attr.name.text.as_str(),
        Stmt::Block(block) => block.name.as_str(),
    };
    block.body.stmts.iter().filter(is_here).map(name).collect()
}

fn innermost(body: &Body, offset: usize) -> Option<&Block> {
    let (mut body, mut found) = (body, None);
    loop {
        let around = |block: &&Block| block.open.range().start < offset && offset <= block.close.range().start;
        match body.blocks().find(around) {
            Some(block) => {
                found = Some(block);
                body = &block.body;
            }
            None => return found,
        }
    }
}

fn of_block(context: &Context<'_, '_>, described: &Described<'_>) -> Item {
    let (icon, rank) = match described.shape {
        Shape::Arguments(_) => (Icon::Module, 1),
        _ if !described.is_built => (Icon::Class, 8),
        _ if described.what.starts_with("component") => (Icon::Class, 2),
        _ => (Icon::Keyword, 3),
    };
    let mut item = Item::new(described.name.as_ref(), icon, rank);
    item.detail.clone_from(&described.what);
    item.doc = docs::block(described);
    if !context.cursor.goes_on {
        let mut next = 1;
        let label = if described.labelled {
            next += 1;
            " \"${1:default}\""
        } else {
            ""
        };
        item.snippet = Some(with_body(&described.name, label, &described.shape.fields(), next));
    }
    item
}

fn with_body(name: &str, label: &str, fields: &[Field<'_>], mut next: usize) -> String {
    let body = required(fields, &mut next).unwrap_or_else(|| "\t$0".to_owned());
    format!("{name}{label} {{\n{body}\n}}")
}

fn of_field(context: &Context<'_, '_>, field: &Field<'_>) -> Item {
    let rank = match (&field.kind, field.required) {
        _ if field.deprecated.is_some() => 7,
        (_, true) => 1,
        (Kind::Attr { .. }, false) => 2,
        (Kind::Block { .. }, false) => 3,
    };
    let icon = if field.is_attr() { Icon::Property } else { Icon::Module };
    let mut item = Item::new(field.name.as_ref(), icon, rank);
    item.detail = docs::summary(field);
    item.doc = docs::field(field);
    item.deprecated = field.deprecated.is_some();
    if context.cursor.goes_on {
        return item;
    }
    match &field.kind {
        Kind::Attr { ty, one_of } => {
            item.text = format!("{} = ", field.name);
            item.snippet = Some(format!("{} = {}", field.name, value_snippet(ty, one_of, &mut 1)));
        }
        Kind::Block { shape, labelled, .. } => {
            let (label, next) = if *labelled { (" \"${1:default}\"", 2) } else { ("", 1) };
            item.snippet = Some(with_body(&field.name, label, &shape.fields(), next));
        }
    }
    item
}
