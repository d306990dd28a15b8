//! The graph of a module: an edge from each node to each node it reads, an order to evaluate in, and cycles as
//! diagnostics that name every reference which closes them.

use crate::plan::{Kind, Plan};
use crate::references::{self, Reference, Traversal};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use syntax::Diagnostic;

/// Who reads whom in a module.
#[derive(Debug, Default)]
pub struct Graph {
    /// Node `n` of the plan is node `n` here; an edge leads from a reader to what it reads.
    pub edges: DiGraph<(), ()>,
    /// References of each node, in the order of the text.
    pub references: Vec<Vec<Reference>>,
    /// Nodes with what they read before them.
    pub order: Vec<usize>,
    /// For each node those that read it.
    pub readers: Vec<Vec<usize>>,
}

/// Finds out who reads whom. `is_known` tells whether a dotted name that means no node means something else: a
/// function, a constant, a variable of the surrounding module.
pub fn build(plan: &Plan, is_known: &dyn Fn(&[String]) -> bool, diagnostics: &mut Vec<Diagnostic>) -> Graph {
    let mut graph = Graph::default();
    for _ in &plan.nodes {
        graph.edges.add_node(());
    }
    graph.readers = vec![Vec::new(); plan.nodes.len()];
    for (reader, node) in plan.nodes.iter().enumerate() {
        let mut found: Vec<Reference> = Vec::new();
        for traversal in references::traversals(&node.block.block().body) {
            match references::resolve(&traversal.names, &plan.index) {
                Some((target, used)) => {
                    let reference = Reference { target, rest: traversal.names[used..].to_vec(), span: traversal.span };
                    diagnostics.extend(no_such_export(plan, reader, &reference));
                    found.push(reference);
                }
                None if is_known(&traversal.names) => {}
                None => diagnostics.push(unresolved(plan, reader, &traversal)),
            }
        }
        found.sort_by_key(|r| r.span.start);
        for reference in &found {
            if graph.readers[reference.target].last() != Some(&reader) {
                graph.readers[reference.target].push(reader);
                graph.edges.add_edge(NodeIndex::new(reader), NodeIndex::new(reference.target), ());
            }
        }
        graph.references.push(found);
    }
    for component in kosaraju_scc(&graph.edges) {
        let members: Vec<usize> = component.iter().map(|n| n.index()).collect();
        let is_cycle = members.len() > 1 || graph.references[members[0]].iter().any(|r| r.target == members[0]);
        if is_cycle {
            diagnostics.push(cycle(plan, &graph, &members));
        }
        // The components come with what is read before those who read it.
        graph.order.extend(members);
    }
    graph
}

/// What is wrong with a reference to an export that the component does not have.
fn no_such_export(plan: &Plan, reader: usize, reference: &Reference) -> Option<Diagnostic> {
    let Kind::Component(registration) = plan.nodes[reference.target].kind else { return None };
    let export = reference.rest.first()?;
    let exports = &(registration.exports)().fields;
    if exports.iter().any(|f| f.name == export) {
        return None;
    }
    let message = format!("`{}` has no export `{export}`", plan.nodes[reference.target].id);
    let diagnostic = Diagnostic::error("config/unknown-export", &plan.nodes[reader].block.file().source, reference.span, message);
    Some(match syntax::suggest(export, exports.iter().map(|f| f.name)) {
        Some(name) => diagnostic.hint(format!("did you mean `{name}`?")),
        None if exports.is_empty() => diagnostic.hint(format!("`{}` exports nothing", registration.name)),
        None => diagnostic.hint(format!("it exports {}", exports.iter().map(|f| format!("`{}`", f.name)).collect::<Vec<_>>().join(", "))),
    })
}

fn unresolved(plan: &Plan, reader: usize, traversal: &Traversal) -> Diagnostic {
    let source = &plan.nodes[reader].block.file().source;
    let path = traversal.names.join(".");
    let diagnostic = Diagnostic::error("config/unknown-reference", source, traversal.span, format!("nothing here is called `{path}`"));
    let candidates = plan.nodes.iter().map(|n| n.id.as_str());
    let whole = syntax::suggest(&path, candidates.clone());
    let without_export = traversal.names.split_last().map(|(_, rest)| rest.join("."));
    match whole.or_else(|| syntax::suggest(without_export.as_deref().unwrap_or(""), candidates)) {
        Some(id) => diagnostic.hint(format!("did you mean `{id}`?")),
        None if traversal.names.len() == 1 => diagnostic.hint(format!("text is written in quotes: \"{path}\"")),
        None => diagnostic.hint("components are referred to by name, label and export, such as `loki.write.default.receiver`"),
    }
}

/// Walks one way round the cycle, so that the labels read as a path.
fn cycle(plan: &Plan, graph: &Graph, members: &[usize]) -> Diagnostic {
    let start = *members.iter().min().unwrap_or(&members[0]);
    let path = shortest_way_round(graph, start, members);
    let names: Vec<&str> = path.iter().map(|(node, _)| plan.nodes[*node].id.as_str()).collect();
    let first = &plan.nodes[start].block;
    let message = format!("components read each other in a circle: {} → {}", names.join(" → "), names[0]);
    let mut diagnostic = Diagnostic::error("config/cycle", &first.file().source, path[0].1, message);
    for (node, span) in &path {
        if std::sync::Arc::ptr_eq(plan.nodes[*node].block.file(), first.file()) {
            diagnostic = diagnostic.label(*span, format!("{} reads this", plan.nodes[*node].id));
        } else {
            let source = &plan.nodes[*node].block.file().source;
            let at = source.position(span.start);
            diagnostic = diagnostic.hint(format!("{} reads it at {}:{}:{}", plan.nodes[*node].id, source.name(), at.line, at.column));
        }
    }
    diagnostic.hint("one of these references has to go")
}

/// Nodes of the cycle with the place where each refers to the next.
fn shortest_way_round(graph: &Graph, start: usize, members: &[usize]) -> Vec<(usize, syntax::Span)> {
    let mut came_from = std::collections::HashMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for reference in &graph.references[node] {
            if reference.target == start {
                let mut path = vec![(node, reference.span)];
                while let Some((previous, span)) = came_from.get(&path[path.len() - 1].0).copied() {
                    path.push((previous, span));
                }
                path.reverse();
                return path;
            }
            if members.contains(&reference.target) && !came_from.contains_key(&reference.target) {
                came_from.insert(reference.target, (node, reference.span));
                queue.push_back(reference.target);
            }
        }
    }
    vec![(start, syntax::Span::default())]
}
