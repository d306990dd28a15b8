//! Warnings about what can be left out: receivers that nobody sends to, values that nobody reads, data that is sent nowhere.

use crate::blueprint::Blueprint;
use crate::plan::Planned;
use crate::typed;
use syntax::Diagnostic;
use syntax::ast::{Attr, ExprKind};
use value::schema::Type;

/// Components that do something although nobody reads their exports.
const USEFUL_ALONE: &[&str] = &["beyla.", "database_observability."];
/// Stages of `loki.process` that make something of lines besides lines.
const USEFUL_STAGES: &[&str] = &["stage.metrics", "stage.match"];

/// Everything in `blueprint` that leads nowhere. Makes sense only where all references are right.
pub(crate) fn warnings(blueprint: &Blueprint) -> Vec<Diagnostic> {
    let nodes = blueprint.plan.nodes.iter().zip(&blueprint.graph.readers);
    nodes.filter_map(|(node, readers)| if readers.is_empty() { unread(node) } else { None }.or_else(|| sent_nowhere(node))).collect()
}

/// A component with exports that nothing refers to.
fn unread(node: &Planned) -> Option<Diagnostic> {
    let (name, _) = typed::exports_of(node.kind)?;
    let exports = typed::types_of(node);
    let (export, ty) = exports.first().filter(|_| !USEFUL_ALONE.iter().any(|family| name.starts_with(family)))?;
    let id = &node.id;
    let (message, hint) = match ty {
        Type::Capsule(kind) if crate::info::is_receiver_kind(kind) => (
            format!("nothing sends to `{id}`: it never has anything to do"),
            format!("put `{id}.{export}` into the `forward_to`, or the `output`, of a component that sends; or remove it"),
        ),
        Type::List(item) if **item == Type::Capsule("discovery.Target") => (
            format!("nothing reads `{id}.{export}`"),
            format!("give it to a component, such as by `targets = {id}.{export}`, or remove `{id}`"),
        ),
        _ => (format!("nothing reads `{id}.{export}`"), format!("refer to it as `{id}.{export}`, or remove `{id}`")),
    };
    let block = &node.block;
    Some(Diagnostic::warning("config/unused", &block.file().source, block.block().name_span, message).hint(hint))
}

/// `forward_to = []` of a component whose only purpose is to send.
fn sent_nowhere(node: &Planned) -> Option<Diagnostic> {
    let block = node.block.block();
    typed::exports_of(node.kind)?;
    let is_useful = || block.body.blocks().any(|inner| USEFUL_STAGES.contains(&inner.name.as_str()));
    let forward = block.body.attrs().find(|attr| attr.name.text == "forward_to")?;
    if !is_empty(forward) || is_useful() {
        return None;
    }
    let message = format!("`{}` sends nowhere: what it takes is lost", node.id);
    let warning = Diagnostic::warning("config/unused", &node.block.file().source, forward.span, message);
    Some(warning.hint("name the receivers, such as `forward_to = [loki.write.default.receiver]`"))
}

fn is_empty(attr: &Attr) -> bool {
    matches!(&attr.value.kind, ExprKind::Array(items) if items.is_empty())
}
