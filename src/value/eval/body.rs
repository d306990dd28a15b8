//! Evaluation of bodies: everything is evaluated and every error reported.

use super::{EvalError, evaluate, partial};
use crate::body::{Attr, AttrValue, Block, Body};
use crate::scope::Scope;
use std::sync::Arc;
use syntax::ast::{self, Stmt};
use syntax::{Diagnostic, Source, Span};

/// Evaluates the attributes of `body` and of the blocks inside. `span` is where to say that something is missing.
///
/// Attributes whose evaluation failed (the error goes to `diagnostics`) or depends on what is not known yet are
/// [`AttrValue::Unknown`], or [`AttrValue::Partial`] where something can be said of them.
pub fn evaluate_body<'a>(
    body: &'a ast::Body,
    span: Span,
    source: &'a Arc<Source>,
    scope: &dyn Scope,
    diagnostics: &mut Vec<Diagnostic>,
) -> Body<'a> {
    let mut out = Body { source, span, attrs: Vec::new(), blocks: Vec::new() };
    for stmt in &body.stmts {
        match stmt {
            Stmt::Attr(attr) => {
                let value = match evaluate(&attr.value, source, scope) {
                    Ok(value) => AttrValue::Known(value),
                    Err(EvalError::Unknown) => match partial::infer(&attr.value, source, scope) {
                        part if part.is_unknown() => AttrValue::Unknown,
                        part => AttrValue::Partial(part),
                    },
                    Err(EvalError::Diagnostic(diagnostic)) => {
                        diagnostics.push(*diagnostic);
                        AttrValue::Unknown
                    }
                };
                out.attrs.push(Attr { name: &attr.name, expr: &attr.value, value });
            }
            // The parser limits how deep blocks stand in each other.
            Stmt::Block(block) => {
                let body = evaluate_body(&block.body, block.name_span, source, scope, diagnostics);
                out.blocks.push(Block { ast: block, body });
            }
        }
    }
    out
}
