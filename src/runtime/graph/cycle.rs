//! Cycles as diagnostics that name every reference which closes them.

use super::Graph;
use crate::plan::{Kind, Plan};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use syntax::{Diagnostic, Span};

/// Members of a circle that a message names.
const SHOWN: usize = 20;

/// Walks one way round the cycle, so that the labels read as a path.
pub(super) fn diagnostic(plan: &Plan, graph: &Graph, members: &[usize]) -> Diagnostic {
    let start = *members.iter().min().unwrap_or(&members[0]);
    let path = shortest_way_round(graph, start, members);
    let left_out = path.len().saturating_sub(SHOWN);
    let path = &path[..path.len() - left_out];
    let mut names: Vec<&str> = path.iter().map(|(node, _)| plan.nodes[*node].id.as_str()).collect();
    let more = format!("… {left_out} more …");
    names.extend((left_out > 0).then_some(more.as_str()));
    let first = &plan.nodes[start].block;
    let declares = members.iter().all(|at| matches!(plan.nodes[*at].kind, Kind::Declare));
    let (code, verb, hint) = match declares {
        true => ("config/recursion", "make", "a custom component cannot contain itself: one of these uses has to go"),
        false => ("config/cycle", "read", "one of these references has to go: write the value itself there, or take it from elsewhere"),
    };
    let what = if declares { "custom components" } else { "components" };
    let message = match names.as_slice() {
        [name] if declares => format!("`{name}` contains itself"),
        [name] => format!("`{name}` reads itself"),
        _ => format!("{what} {verb} each other in a circle: {} → {}", names.join(" → "), names[0]),
    };
    let mut diagnostic = first.error(code, message);
    for (node, span) in path {
        if Arc::ptr_eq(plan.nodes[*node].block.file(), first.file()) {
            diagnostic = diagnostic.label(*span, format!("{} {verb}s this", plan.nodes[*node].id));
        } else {
            let place = plan.nodes[*node].block.file().source.place(span.start);
            diagnostic = diagnostic.hint(format!("{} {verb}s it at {place}", plan.nodes[*node].id));
        }
    }
    let elsewhere = |node: &usize| !Arc::ptr_eq(plan.nodes[*node].block.file(), first.file());
    for (node, _) in path.iter().filter(|(node, _)| elsewhere(node)) {
        let planned = &plan.nodes[*node];
        diagnostic = diagnostic.hint(format!("`{}` stands at {}", planned.id, planned.block.place()));
    }
    diagnostic.hint(hint)
}

/// Nodes of the cycle with the place where each refers to the next.
fn shortest_way_round(graph: &Graph, start: usize, members: &[usize]) -> Vec<(usize, Span)> {
    let members: HashSet<usize> = members.iter().copied().collect();
    let mut came_from = HashMap::new();
    let mut queue = VecDeque::from([start]);
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
    vec![(start, Span::default())]
}
