//! Who reads whom: every dotted name in the expressions of a block, and every custom component that a block names.

use std::collections::HashSet;
use std::ops::Range;
use syntax::ast::{Block, Body, Dotted, Expr};
use syntax::{Source, Span};

/// A dotted name in an expression: `["local", "file", "token", "content"]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Traversal {
    /// The names.
    pub names: Vec<String>,
    /// The place of the whole.
    pub span: Span,
}

impl Traversal {
    fn of(name: Dotted<'_>) -> Self {
        let span = name.iter().map(|(_, span)| *span).reduce(Span::to).unwrap_or_default();
        Self { names: name.into_iter().map(|(part, _)| part.to_owned()).collect(), span }
    }
}

/// A traversal that was found to mean a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Index of the node that is read.
    pub target: usize,
    /// The export and what is inside it: what stands after the node's id. Empty for the use of a definition.
    pub rest: Vec<String>,
    /// The place of the whole.
    pub span: Span,
}

/// Every dotted name in `body`, nested blocks included.
pub fn traversals(body: &Body) -> Vec<Traversal> {
    body.values().flat_map(Expr::names).map(Traversal::of).collect()
}

/// Every dotted name in the own arguments of a `foreach` block.
pub fn of_foreach(block: &Block) -> Vec<Traversal> {
    block.body.attrs().flat_map(|attr| attr.value.names()).map(Traversal::of).collect()
}

/// Every dotted name in the templates of a `foreach` block that does not mean something inside of them. What remains may
/// still mean the variable of the block or of one around it.
pub fn of_templates(block: &Block) -> Vec<Traversal> {
    let mut found = Vec::new();
    for template in block.body.blocks().filter(|b| b.name == "template") {
        let own: HashSet<String> = template.body.blocks().map(id_of).collect();
        for inner in template.body.blocks() {
            let traversals = match inner.name.as_str() {
                "foreach" => of_foreach(inner).into_iter().chain(of_templates(inner)).collect(),
                // A module of its own, which sees what is around the template only through its variable.
                "declare" => Vec::new(),
                _ => traversals(&inner.body),
            };
            found.extend(traversals.into_iter().filter(|t| !(1..=t.names.len()).any(|n| own.contains(&t.names[..n].join(".")))));
        }
    }
    found
}

fn id_of(block: &Block) -> String {
    block.label.as_ref().map_or_else(|| block.name.clone(), |label| format!("{}.{}", block.name, label.text))
}

/// The place of `part` of the names whose place as a whole is `span`; `None` when they are written with space between them.
pub(crate) fn place_of(source: &Source, span: Span, names: &[&str], part: Range<usize>) -> Option<Span> {
    if source.slice(span) != names.join(".") {
        return None;
    }
    let before: usize = names.get(..part.start)?.iter().map(|name| name.len() + 1).sum();
    let length = names.get(part)?.join(".").len();
    let start = span.range().start + before;
    Some(Span::new(start, start + length))
}

/// Every custom component that the blocks directly in `body` may name, those in templates and nested `declare` blocks
/// included, with its place. Names that the body declares itself are left out.
pub fn uses(body: &Body) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    let mut open: Vec<(&Body, HashSet<&str>)> = vec![(body, HashSet::new())];
    while let Some((body, mut declared)) = open.pop() {
        declared.extend(
            body.blocks()
                .filter(|b| b.name == "declare" || b.name.starts_with("import."))
                .filter_map(|b| Some(b.label.as_ref()?.text.as_str())),
        );
        for block in body.blocks() {
            match block.name.as_str() {
                "declare" => open.push((&block.body, declared.clone())),
                "foreach" => open.extend(block.body.blocks().filter(|b| b.name == "template").map(|b| (&b.body, declared.clone()))),
                name => {
                    let first = name.split('.').next().unwrap_or(name);
                    if !declared.contains(first) {
                        found.push((block.name.clone(), block.name_span));
                    }
                }
            }
        }
    }
    found
}
