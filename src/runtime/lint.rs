//! Findings about expressions that hold whatever the values are: old names of functions, functions that must be allowed,
//! environment variables that are not set.

use component::Stability;
use std::sync::Arc;
use syntax::ast::{Body, Expr, ExprKind, Literal, Stmt};
use syntax::{Diagnostic, Source, Span};
use value::{Lookup, Scope};

/// Looks through every expression of `body`. What `scope` knows is no function.
pub(crate) fn body(body: &Body, source: &Arc<Source>, stability: Stability, scope: &dyn Scope) -> Vec<Diagnostic> {
    let mut lint = Lint { source, stability, scope, found: Vec::new() };
    let mut bodies = vec![body];
    while let Some(body) = bodies.pop() {
        for stmt in &body.stmts {
            match stmt {
                Stmt::Attr(attr) => lint.expression(&attr.value),
                Stmt::Block(block) => bodies.push(&block.body),
            }
        }
    }
    lint.found.sort_by_key(|d| d.span.start);
    lint.found
}

struct Lint<'a> {
    source: &'a Arc<Source>,
    stability: Stability,
    scope: &'a dyn Scope,
    found: Vec<Diagnostic>,
}

impl Lint<'_> {
    fn expression(&mut self, expr: &Expr) {
        // With each expression: whether an empty value of it is provided for.
        let mut open = vec![(expr, false)];
        while let Some((expr, provided)) = open.pop() {
            match &expr.kind {
                ExprKind::Literal(_) => {}
                ExprKind::Ident(_) | ExprKind::Access(..) => match dotted(expr) {
                    Some(name) => self.name(&name, expr.span),
                    None => {
                        if let ExprKind::Access(base, _) = &expr.kind {
                            open.push((base, provided));
                        }
                    }
                },
                ExprKind::Array(items) => open.extend(items.iter().map(|item| (item, provided))),
                ExprKind::Object(fields) => open.extend(fields.iter().map(|f| (&f.value, provided))),
                ExprKind::Index(base, index) => open.extend([(&**base, provided), (&**index, provided)]),
                ExprKind::Unary(_, inner) | ExprKind::Paren(inner) => open.push((inner, provided)),
                // Who compares a variable knows that it may be empty.
                ExprKind::Binary(op, _, left, right) => {
                    let provided = provided || !matches!(op, syntax::ast::BinaryOp::Add);
                    open.extend([(&**left, provided), (&**right, provided)]);
                }
                ExprKind::Call(callee, arguments) => {
                    let name = dotted(callee).unwrap_or_default();
                    if !provided && matches!(name.as_str(), "sys.env" | "env") {
                        self.variable(arguments);
                    }
                    let provided = provided || name == "coalesce";
                    open.push((callee, provided));
                    open.extend(arguments.iter().map(|argument| (argument, provided)));
                }
            }
        }
    }

    fn name(&mut self, name: &str, span: Span) {
        let path: Vec<&str> = name.split('.').collect();
        if !matches!(self.scope.lookup(&path), Lookup::Missing) {
            return;
        }
        if let Some(successor) = value::functions::deprecated(name) {
            let message = format!("`{name}` is an old name of `{successor}`");
            let diagnostic = Diagnostic::warning("config/deprecated-function", self.source, span, message);
            self.found.push(diagnostic.hint(format!("write `{successor}`")).fix(span, successor));
        }
        if value::functions::is_experimental(name) && self.stability > Stability::Experimental {
            let message = format!("`{name}` is experimental, and only what is {} is allowed", self.stability.as_str());
            let diagnostic = Diagnostic::error("config/stability", self.source, span, message);
            self.found.push(diagnostic.hint("start with `--stability.level=experimental` to use it"));
        }
    }

    fn variable(&mut self, arguments: &[Expr]) {
        let [Expr { kind: ExprKind::Literal(Literal::String(name)), span }] = arguments else { return };
        if std::env::var_os(name).is_none() {
            let message = format!("the environment variable `{name}` is not set here: the value is an empty string");
            let diagnostic = Diagnostic::warning("config/unset-variable", self.source, *span, message);
            self.found.push(diagnostic.hint("set it where the program runs, or give a default with `coalesce`"));
        }
    }
}

fn dotted(mut expr: &Expr) -> Option<String> {
    let mut names = Vec::new();
    loop {
        match &expr.kind {
            ExprKind::Access(base, name) => {
                names.push(name.text.as_str());
                expr = base;
            }
            ExprKind::Ident(name) => {
                names.push(name);
                names.reverse();
                return Some(names.join("."));
            }
            _ => return None,
        }
    }
}
