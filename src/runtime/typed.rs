//! The types of what components export, for checks before anything runs.

use crate::plan::{Kind, Plan, Planned};
use syntax::ast::{ExprKind, Literal};
use value::schema::{FieldKind, Type};

/// The type of what `path` stands for; `None` when nothing is known of it.
pub(crate) fn type_of(plan: &Plan, path: &[&str]) -> Option<Type> {
    let (at, used) = plan.resolve(path)?;
    match path.get(used..)? {
        [] => is_component(plan.nodes[at].kind).then(|| Type::Map(Box::new(Type::Any))),
        [name] => export(&plan.nodes[at], name),
        [name, _] => match export(&plan.nodes[at], name)? {
            Type::Map(inner) => Some(*inner),
            _ => None,
        },
        _ => None,
    }
}

fn is_component(kind: Kind) -> bool {
    matches!(kind, Kind::Component(_) | Kind::Unbuilt(_))
}

fn export(node: &Planned, name: &str) -> Option<Type> {
    match declared(node.kind, name)? {
        // What may be a secret is one when the component is told so.
        Type::OptionalSecret if is_told_secret(node) => Some(Type::Secret),
        ty => Some(ty),
    }
}

/// Whether `is_secret = true` stands in the block.
fn is_told_secret(node: &Planned) -> bool {
    let told = node.block.block().body.attrs().find(|attr| attr.name.text == "is_secret").map(|attr| &attr.value.kind);
    matches!(told, Some(ExprKind::Literal(Literal::Bool(true))))
}

fn declared(kind: Kind, name: &str) -> Option<Type> {
    match kind {
        Kind::Component(registration) => (registration.exports)().fields.iter().find(|f| f.name == name).and_then(|f| match &f.kind {
            FieldKind::Attr { ty, .. } => Some(ty.clone()),
            _ => None,
        }),
        Kind::Unbuilt(unbuilt) => unbuilt.exports.iter().find(|(export, _)| *export == name).map(|(_, ty)| ty.clone()),
        _ => None,
    }
}

/// What a node exports, with types, in the order of its schema.
pub(crate) fn types_of(node: &Planned) -> Vec<(&'static str, Type)> {
    let names = exports_of(node.kind).map(|(_, names)| names).unwrap_or_default();
    names.into_iter().filter_map(|name| Some((name, export(node, name)?))).collect()
}

/// The names of what a node of this kind exports; `None` when that is not known.
pub(crate) fn exports_of(kind: Kind) -> Option<(&'static str, Vec<&'static str>)> {
    match kind {
        Kind::Component(registration) => Some((registration.name, (registration.exports)().fields.iter().map(|f| f.name).collect())),
        Kind::Unbuilt(unbuilt) if !unbuilt.config => Some((unbuilt.name, unbuilt.exports.iter().map(|(name, _)| *name).collect())),
        _ => None,
    }
}
