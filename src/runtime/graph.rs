//! The graph of a module: an edge from each node to each node it reads, an order to evaluate in, and cycles as
//! diagnostics that name every reference which closes them.

mod cycle;

use crate::advice;
use crate::budget::Budget;
use crate::environment::Environment;
use crate::outer::Outer;
use crate::plan::{Kind, Plan, Planned};
use crate::references::{self, Reference, Traversal};
use component::Stability;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::HashMap;
use syntax::{Diagnostic, Source, Span};

/// Names that are compared in all for "did you mean": many mistakes in a large configuration would take minutes.
const LIKENESS: usize = 100_000;

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
    /// Nodes that read themselves, by way of others or not.
    pub circular: Vec<usize>,
}

/// Finds out who reads whom. What means no node may mean something outside, which `outer` knows, or a function.
pub fn build(environment: &Environment, plan: &Plan, outer: &Outer, diagnostics: &mut Vec<Diagnostic>) -> Graph {
    let mut graph = Graph::default();
    for _ in &plan.nodes {
        graph.edges.add_node(());
    }
    graph.readers = vec![Vec::new(); plan.nodes.len()];
    let imports: HashMap<&str, usize> = imports(plan);
    let mut budget = Budget::default();
    let mut likeness = LIKENESS;
    for reader in 0..plan.nodes.len() {
        if budget.is_spent(diagnostics) {
            graph.references.push(Vec::new());
            continue;
        }
        let mut found = read_by(&World { environment, plan, outer }, reader, &mut likeness, diagnostics);
        found.extend(used_by(plan, &imports, reader));
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
            diagnostics.push(cycle::diagnostic(plan, &graph, &members));
            graph.circular.extend(&members);
        }
        // The components come with what is read before those who read it.
        graph.order.extend(members);
    }
    graph
}

fn imports(plan: &Plan) -> HashMap<&str, usize> {
    let imports = plan.nodes.iter().enumerate().filter(|(_, n)| matches!(n.kind, Kind::Import(_)));
    imports.map(|(at, n)| (n.block.label(), at)).collect()
}

/// What names can mean.
struct World<'a> {
    environment: &'a Environment,
    plan: &'a Plan,
    outer: &'a Outer,
}

/// The nodes whose values the expressions of `reader` read.
fn read_by(world: &World<'_>, reader: usize, likeness: &mut usize, diagnostics: &mut Vec<Diagnostic>) -> Vec<Reference> {
    let World { plan, outer, .. } = *world;
    let node = &plan.nodes[reader];
    let block = node.block.block();
    // What stands in a template is checked as a module of its own.
    let (own, inside) = match node.kind {
        Kind::Declare => return Vec::new(),
        Kind::Foreach => (references::of_foreach(block), references::of_templates(block)),
        _ => (references::traversals(&block.body), Vec::new()),
    };
    let mut found = Vec::new();
    for (traversal, strict) in own.iter().map(|t| (t, true)).chain(inside.iter().map(|t| (t, false))) {
        match plan.resolve(&traversal.names) {
            Some((target, used)) => {
                let reference = Reference { target, rest: traversal.names[used..].to_vec(), span: traversal.span };
                if strict {
                    if let Some(diagnostic) = no_such_export(plan, reader, &reference) {
                        // It reads nothing: no circle is closed by it.
                        diagnostics.push(diagnostic);
                        continue;
                    }
                    diagnostics.extend(shadowed(plan, reader, traversal));
                }
                found.push(reference);
            }
            None if !strict || outer.knows(&traversal.names) => {}
            None if is_function(&traversal.names) => diagnostics.extend(unstable(world, reader, traversal)),
            None => diagnostics.push(unresolved(world, reader, traversal, likeness)),
        }
    }
    found
}

/// The definitions that `reader` needs: changes of theirs change it.
fn used_by(plan: &Plan, imports: &HashMap<&str, usize>, reader: usize) -> Vec<Reference> {
    let node = &plan.nodes[reader];
    let block = node.block.block();
    let uses = match node.kind {
        Kind::Custom => vec![(block.name.clone(), block.name_span)],
        Kind::Declare => references::uses(&block.body),
        Kind::Foreach => block.body.blocks().filter(|b| b.name == "template").flat_map(|b| references::uses(&b.body)).collect(),
        _ => return Vec::new(),
    };
    let target = |name: &str| match name.split_once('.') {
        Some((namespace, _)) => imports.get(namespace).copied(),
        None => plan.index.get(&format!("declare.{name}")).copied(),
    };
    uses.into_iter().filter_map(|(name, span)| Some(Reference { target: target(&name)?, rest: Vec::new(), span })).collect()
}

/// True for names of the function library.
fn is_function(names: &[String]) -> bool {
    names.first().is_some_and(|name| value::functions::root(name).is_some())
}

/// A function that must be allowed first.
fn unstable(world: &World<'_>, reader: usize, traversal: &Traversal) -> Option<Diagnostic> {
    let (name, allowed) = (traversal.names.join("."), world.environment.stability());
    if allowed <= Stability::Experimental || !value::functions::is_experimental(&name) {
        return None;
    }
    let source = &world.plan.nodes[reader].block.file().source;
    let message = format!("`{name}` is experimental, and only what is {} is allowed", allowed.as_str());
    let diagnostic = Diagnostic::error("config/stability", source, traversal.span, message);
    Some(diagnostic.hint("start with `--stability.level=experimental` to use it"))
}

/// A custom component may be called like a namespace of functions.
fn shadowed(plan: &Plan, reader: usize, traversal: &Traversal) -> Option<Diagnostic> {
    let name = traversal.names.first().filter(|name| value::functions::root(name).is_some())?;
    let message = format!("`{name}` is a component here, and also a part of the function library");
    let source = &plan.nodes[reader].block.file().source;
    Some(Diagnostic::warning("config/shadows-function", source, traversal.span, message).hint("give the `declare` block another name"))
}

/// What is wrong with a reference to an export that the component does not have.
fn no_such_export(plan: &Plan, reader: usize, reference: &Reference) -> Option<Diagnostic> {
    let export = reference.rest.first()?;
    let kind = plan.nodes[reference.target].kind;
    if matches!(kind, Kind::Argument) && export != "value" {
        return Some(argument_value(plan, reader, reference, export));
    }
    let (component, exports) = crate::typed::exports_of(kind)?;
    if exports.contains(&export.as_str()) {
        return None;
    }
    let message = format!("`{}` has no export `{export}`", plan.nodes[reference.target].id);
    let source = &plan.nodes[reader].block.file().source;
    let diagnostic = Diagnostic::error("config/unknown-export", source, reference.span, message);
    Some(match syntax::suggest(export, exports.iter().copied()) {
        Some(name) => meant(diagnostic, source, &plan.nodes[reference.target].id, reference, name),
        None if exports.is_empty() => diagnostic.hint(format!("`{component}` exports nothing")),
        None => diagnostic.hint(format!("it exports {}", exports.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))),
    })
}

/// Suggests another export of the node `id`, which `reference` reads.
pub(crate) fn meant(diagnostic: Diagnostic, source: &Source, id: &str, reference: &Reference, name: &str) -> Diagnostic {
    let names: Vec<&str> = id.split('.').chain(reference.rest.iter().map(String::as_str)).collect();
    let used = names.len() - reference.rest.len();
    suggested(diagnostic, references::place_of(source, reference.span, &names, used..used + 1), name)
}

/// Suggests `name` in words, and as a fix where its place is known.
fn suggested(diagnostic: Diagnostic, place: Option<Span>, name: &str) -> Diagnostic {
    match place {
        Some(place) => diagnostic.did_you_mean(place, name),
        None => diagnostic.hint(format!("did you mean `{name}`?")),
    }
}

fn argument_value(plan: &Plan, reader: usize, reference: &Reference, member: &str) -> Diagnostic {
    let id = &plan.nodes[reference.target].id;
    let source = &plan.nodes[reader].block.file().source;
    let diagnostic = Diagnostic::error("config/unknown-export", source, reference.span, format!("`{id}` has no `{member}`"));
    diagnostic.hint(format!("an argument is read as `{id}.value`"))
}

/// The function of the library that was probably meant.
fn function(path: &str) -> Option<&'static str> {
    syntax::suggest(path, value::functions::entries().map(|entry| entry.function.name))
}

fn unresolved(world: &World<'_>, reader: usize, traversal: &Traversal, likeness: &mut usize) -> Diagnostic {
    let World { environment, plan, .. } = *world;
    let source = &plan.nodes[reader].block.file().source;
    let path = traversal.names.join(".");
    let diagnostic = Diagnostic::error("config/unknown-reference", source, traversal.span, format!("nothing here is called `{path}`"));
    if let Some(hint) = advice::foreign_name(&path) {
        return diagnostic.hint(hint);
    }
    // Each name is compared twice.
    let compared = plan.nodes.len().min(*likeness);
    *likeness -= compared;
    let candidates = plan.nodes[..compared].iter().filter(|n| n.kind.has_value()).map(|n| n.id.as_str());
    let whole = syntax::suggest(&path, candidates.clone());
    let without_export = traversal.names.split_last().map(|(_, rest)| rest.join("."));
    match whole.or_else(|| syntax::suggest(without_export.as_deref().unwrap_or(""), candidates)) {
        Some(id) => {
            let names: Vec<&str> = traversal.names.iter().map(String::as_str).collect();
            let meant = with_export(plan, id, traversal);
            let used = if meant == id { id.split('.').count().min(names.len()) } else { names.len() };
            suggested(diagnostic, references::place_of(source, traversal.span, &names, 0..used), &meant)
        }
        None if compared > 0 && traversal.names.len() == 2 && function(&path).is_some() => {
            diagnostic.did_you_mean(traversal.span, function(&path).unwrap_or_default())
        }
        None if traversal.names.len() == 1 => diagnostic.hint(format!("text is written in quotes: \"{path}\"")),
        None => diagnostic.hint(others_of_the_kind(environment, plan, &traversal.names)),
    }
}

/// `id` with the export that was written after the mistyped id, where the component has it.
fn with_export(plan: &Plan, id: &str, traversal: &Traversal) -> String {
    let exports = plan.index.get(id).and_then(|at| crate::typed::exports_of(plan.nodes[*at].kind));
    match (traversal.names.last(), exports) {
        (Some(last), Some((_, exports))) if exports.contains(&last.as_str()) => format!("{id}.{last}"),
        _ => id.to_owned(),
    }
}

/// Components of the same kind that are there, or how references are written.
fn others_of_the_kind(environment: &Environment, plan: &Plan, names: &[String]) -> String {
    const SHOWN: usize = 5;
    let is_it = |node: &&Planned| (1..names.len()).any(|n| node.block.block().name == names[..n].join("."));
    let same: Vec<String> = plan.nodes.iter().filter(is_it).map(|node| format!("`{}`", node.id)).take(SHOWN).collect();
    if !same.is_empty() {
        return format!("of this kind there is only {}", same.join(", "));
    }
    let kind = (1..names.len()).rev().map(|n| names[..n].join(".")).find(|kind| advice::is_component(environment, kind));
    match kind {
        Some(kind) => format!("no component `{kind}` stands in this configuration: add one, or remove the reference"),
        None => "components are referred to by name, label and export, such as `loki.write.default.receiver`".to_owned(),
    }
}
