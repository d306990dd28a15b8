//! Findings about expressions that hold whatever the values are: old names of functions, environment variables
//! that are not set.

use std::sync::Arc;
use syntax::ast::{BinaryOp, Body, Expr, ExprKind, Literal};
use syntax::{Diagnostic, Source, Span};
use value::{Lookup, Scope};

/// The code of what is said of a variable that is not set.
pub(crate) const UNSET: &str = "config/unset-variable";

/// Looks through every expression of `body`. What `scope` knows is no function.
pub(crate) fn body(body: &Body, source: &Arc<Source>, scope: &dyn Scope) -> Vec<Diagnostic> {
    let mut lint = Lint { source, scope, found: Vec::new() };
    body.values().for_each(|value| lint.expression(value));
    lint.found.sort_by_key(|d| d.span.start);
    lint.found
}

struct Lint<'a> {
    source: &'a Arc<Source>,
    scope: &'a dyn Scope,
    found: Vec<Diagnostic>,
}

impl Lint<'_> {
    fn expression(&mut self, expr: &Expr) {
        // With each expression: whether an empty value of it is provided for.
        let mut open = vec![(expr, false)];
        while let Some((expr, provided)) = open.pop() {
            if let Some(path) = expr.path() {
                self.name(&path, expr.span);
                continue;
            }
            let provided = provided
                || match &expr.kind {
                    // Who compares a variable knows that it may be empty.
                    ExprKind::Binary(op, ..) => !matches!(op, BinaryOp::Add),
                    ExprKind::Call(callee, arguments) => {
                        let name = callee.path().unwrap_or_default().join(".");
                        if matches!(name.as_str(), "sys.env" | "env") {
                            self.variable(arguments);
                        }
                        name == "coalesce"
                    }
                    _ => false,
                };
            open.extend(expr.children().map(|child| (child, provided)));
        }
    }

    fn name(&mut self, path: &[&str], span: Span) {
        if !matches!(self.scope.lookup(path), Lookup::Missing) {
            return;
        }
        let name = path.join(".");
        if let Some(successor) = value::functions::deprecated(&name) {
            let message = format!("`{name}` is an old name of `{successor}`");
            let diagnostic = Diagnostic::warning("config/deprecated-function", self.source, span, message);
            self.found.push(diagnostic.hint(format!("write `{successor}`")).fix(span, successor));
        }
    }

    fn variable(&mut self, arguments: &[Expr]) {
        let [Expr { kind: ExprKind::Literal(Literal::String(name)), span }] = arguments else { return };
        if std::env::var_os(name).is_none() {
            let message = format!("the environment variable `{name}` is not set here: the value is an empty string");
            let diagnostic = Diagnostic::warning(UNSET, self.source, *span, message);
            self.found.push(diagnostic.hint("set it where the program runs, or give a default with `coalesce`"));
        }
    }
}
