//! Values: what attributes accept, references to what others export, functions.

use super::Context;
use super::item::{Icon, Item};
use crate::cursor::Around;
use crate::names::Sort;
use crate::shape::{Kind, Shape};
use crate::{docs, functions};
use component::Stability;
use std::collections::HashSet;
use value::schema::Type;

/// What is expected at a place in a value.
struct Expected {
    ty: Type,
    one_of: Vec<&'static str>,
}

/// What the attribute takes at this place; anything where that is not known.
fn expected(shape: Option<&Shape<'_>>, attr: &str, around: &[Around]) -> Expected {
    let field = shape.and_then(|shape| shape.field(attr)).map(|field| field.kind);
    let (mut ty, mut one_of) = match field {
        Some(Kind::Attr { ty, one_of }) => (ty, one_of.to_vec()),
        Some(Kind::Block { .. }) | None => (shape.and_then(Shape::free).cloned().unwrap_or(Type::Any), Vec::new()),
    };
    for step in around {
        ty = match (step, ty) {
            (Around::Array, Type::List(inner)) | (Around::Object(Some(_)), Type::Map(inner)) => *inner,
            (Around::Call(name), ty) if name.is_empty() || name == "coalesce" => ty,
            _ => {
                one_of.clear();
                Type::Any
            }
        };
    }
    Expected { ty, one_of }
}

pub(super) fn items(context: &Context<'_, '_>, attr: &str, around: &[Around]) -> Vec<Item> {
    let expected = expected(context.shape.as_ref(), attr, around);
    let mut items = Vec::new();
    if !context.cursor.typed.contains('.') {
        items.extend(expected.one_of.iter().map(|text| {
            let mut item = Item::new(format!("{text:?}"), Icon::EnumMember, 0);
            (*text).clone_into(&mut item.filter);
            item
        }));
        if matches!(expected.ty, Type::Bool) {
            items.extend(["true", "false"].map(|text| Item::new(text, Icon::Value, 0)));
        }
    }
    references(context, &expected.ty, &mut items);
    library(context, &expected.ty, &mut items);
    items
}

/// What may stand between quotes.
pub(super) fn texts(context: &Context<'_, '_>, attr: &str, around: &[Around]) -> Vec<Item> {
    let expected = expected(context.shape.as_ref(), attr, around);
    expected.one_of.iter().map(|text| Item::new(*text, Icon::EnumMember, 0)).collect()
}

/// What the module's nodes export, its arguments, and variables.
fn references(context: &Context<'_, '_>, want: &Type, items: &mut Vec<Item>) {
    let names = context.names;
    let own = context.cursor.blocks.iter().rev().find_map(|head| Some(format!("{}.{}", head.name, head.label.as_ref()?)));
    let mut seen = HashSet::new();
    for module in names.visible(context.module, true) {
        for symbol in names.modules[module].members.iter().map(|at| &names.symbols[*at]) {
            let id = symbol.id();
            // A component that reads itself is a cycle.
            if own.as_ref() == Some(&id) && module == context.module || !seen.insert((symbol.sort == Sort::Declare, id.clone())) {
                continue;
            }
            match symbol.sort {
                Sort::Component => {
                    let Some(described) = context.vocabulary.describe(module, &symbol.block.name) else { continue };
                    for export in described.exports.iter().filter(|export| may_be(want, &export.ty)) {
                        let name = format!("{id}.{}", export.name);
                        let mut item = reference(name, want, &export.ty);
                        item.doc = docs::export(&described.name, export);
                        items.push(item);
                    }
                }
                Sort::Argument => items.push(reference(format!("{id}.value"), want, &Type::Any)),
                Sort::Variable => items.push(Item::new(id, Icon::Variable, 1)),
                Sort::Foreach | Sort::Declare | Sort::Import | Sort::Export => {}
            }
        }
    }
}

/// Whether a value of this type may stand there, in brackets of its own if need be.
fn may_be(want: &Type, got: &Type) -> bool {
    want.may_be(got) || matches!(want, Type::List(inner) if inner.may_be(got))
}

fn reference(name: String, want: &Type, got: &Type) -> Item {
    let mut item = Item::new(name, Icon::Reference, if *got == Type::Any || *want == Type::Any { 2 } else { 1 });
    item.detail = got.to_string();
    if !want.may_be(got) {
        item.text = format!("[{}]", item.label);
    }
    item
}

/// Functions and constants, where text, numbers and the like are wanted.
fn library(context: &Context<'_, '_>, want: &Type, items: &mut Vec<Item>) {
    if matches!(want, Type::Capsule(_)) {
        return;
    }
    // No function makes a receiver; some hand on what they are given.
    let of_receivers = matches!(want, Type::List(inner) if matches!(**inner, Type::Capsule(_)));
    let allows_all = context.vocabulary.environment.stability() <= Stability::Experimental;
    let is_allowed = |name: &str| {
        let fits = !of_receivers || matches!(name, "array.concat" | "coalesce");
        fits && (allows_all || !value::functions::is_experimental(name))
    };
    for entry in functions::all().into_iter().filter(|entry| is_allowed(entry.name)) {
        let mut item = Item::new(entry.name, if entry.is_function { Icon::Function } else { Icon::Constant }, 4);
        item.doc = docs::function(entry);
        if entry.is_function {
            item.detail = entry.signature.to_owned();
            if !context.cursor.goes_on {
                item.text = format!("{}(", entry.name);
                item.snippet = Some(match entry.signature.strip_suffix("()") {
                    Some(name) => format!("{name}()"),
                    None => format!("{}($1)", entry.name),
                });
            }
        }
        items.push(item);
    }
}
