//! Who reads whom: every dotted name in the expressions of a block, and the node it means.

use std::collections::HashMap;
use syntax::Span;
use syntax::ast::{Body, Expr, ExprKind, Stmt};

/// A dotted name in an expression: `["local", "file", "token", "content"]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Traversal {
    /// The names.
    pub names: Vec<String>,
    /// The place of the whole.
    pub span: Span,
}

/// A traversal that was found to mean a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Index of the node that is read.
    pub target: usize,
    /// What stands after the node's id: the export and what is inside it.
    pub rest: Vec<String>,
    /// The place of the whole.
    pub span: Span,
}

/// Every dotted name in `body`, nested blocks included.
pub fn traversals(body: &Body) -> Vec<Traversal> {
    let mut found = Vec::new();
    let mut bodies = vec![body];
    while let Some(body) = bodies.pop() {
        for stmt in &body.stmts {
            match stmt {
                Stmt::Attr(attr) => walk(&attr.value, &mut found),
                Stmt::Block(block) => bodies.push(&block.body),
            }
        }
    }
    found
}

/// Every dotted name in `expr`.
pub fn walk(expr: &Expr, found: &mut Vec<Traversal>) {
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match &expr.kind {
            ExprKind::Literal(_) => {}
            ExprKind::Ident(_) | ExprKind::Access(..) => match chain(expr) {
                Some(names) => found.push(Traversal { names, span: expr.span }),
                None => {
                    if let ExprKind::Access(base, _) = &expr.kind {
                        open.push(base);
                    }
                }
            },
            ExprKind::Array(items) => open.extend(items),
            ExprKind::Object(fields) => open.extend(fields.iter().map(|f| &f.value)),
            ExprKind::Index(base, index) => open.extend([&**base, &**index]),
            ExprKind::Call(callee, args) => {
                open.push(callee);
                open.extend(args);
            }
            ExprKind::Unary(_, inner) | ExprKind::Paren(inner) => open.push(inner),
            ExprKind::Binary(_, _, left, right) => open.extend([&**left, &**right]),
        }
    }
}

/// The names of `a.b.c`, when it begins with a plain name.
fn chain(mut expr: &Expr) -> Option<Vec<String>> {
    let mut names = Vec::new();
    loop {
        match &expr.kind {
            ExprKind::Access(base, name) => {
                names.push(name.text.clone());
                expr = base;
            }
            ExprKind::Ident(name) => {
                names.push(name.clone());
                names.reverse();
                return Some(names);
            }
            _ => return None,
        }
    }
}

/// The node that the longest prefix of `names` means, and how many names that takes.
pub fn resolve<S: AsRef<str>>(names: &[S], index: &HashMap<String, usize>) -> Option<(usize, usize)> {
    let mut found = None;
    let mut id = String::new();
    for (i, name) in names.iter().enumerate() {
        if i > 0 {
            id.push('.');
        }
        id.push_str(name.as_ref());
        if let Some(node) = index.get(&id) {
            found = Some((*node, i + 1));
        }
    }
    found
}
