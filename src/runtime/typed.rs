//! The types of what components export, for checks before anything runs.

use crate::plan::{Kind, Plan};
use value::schema::{FieldKind, Type};

/// The type of what `path` stands for; `None` when nothing is known of it.
pub(crate) fn type_of(plan: &Plan, path: &[&str]) -> Option<Type> {
    let (at, used) = plan.resolve(path)?;
    match path.get(used..)? {
        [] => is_component(plan.nodes[at].kind).then(|| Type::Map(Box::new(Type::Any))),
        [name] => export(plan.nodes[at].kind, name),
        [name, _] => match export(plan.nodes[at].kind, name)? {
            Type::Map(inner) => Some(*inner),
            _ => None,
        },
        _ => None,
    }
}

fn is_component(kind: Kind) -> bool {
    matches!(kind, Kind::Component(_) | Kind::Unbuilt(_))
}

fn export(kind: Kind, name: &str) -> Option<Type> {
    match kind {
        Kind::Component(registration) => (registration.exports)().fields.iter().find(|f| f.name == name).and_then(|f| match &f.kind {
            FieldKind::Attr { ty, .. } => Some(ty.clone()),
            _ => None,
        }),
        Kind::Unbuilt(unbuilt) => unbuilt.exports.iter().find(|(export, _)| *export == name).map(|(_, ty)| ty.clone()),
        _ => None,
    }
}

/// The names of what a node of this kind exports; `None` when that is not known.
pub(crate) fn exports_of(kind: Kind) -> Option<(&'static str, Vec<&'static str>)> {
    match kind {
        Kind::Component(registration) => Some((registration.name, (registration.exports)().fields.iter().map(|f| f.name).collect())),
        Kind::Unbuilt(unbuilt) if !unbuilt.config => Some((unbuilt.name, unbuilt.exports.iter().map(|(name, _)| *name).collect())),
        _ => None,
    }
}
