//! The evaluator itself: a stack of steps instead of recursion, so that no expression is too deep for it.

use super::{EvalError, access, ops};
use crate::number::Number;
use crate::scope::{Lookup, Scope};
use crate::value_model::{Function, Value};
use crate::{functions, value_model::Object};
use std::sync::Arc;
use syntax::ast::{Expr, ExprKind, Literal};
use syntax::suggest;
use syntax::{Source, Span};

/// A value, or `None` where it is not known yet.
pub(super) type Operand = Option<Value>;

enum Step<'a> {
    /// Push the value of the expression.
    Eval(&'a Expr),
    /// Check that the value on top can be called, before the arguments are evaluated.
    Callee(&'a Expr),
    /// Take the operands of the expression from the stack and push the result.
    Apply(&'a Expr),
}

/// One evaluation.
pub(super) struct Machine<'a> {
    source: &'a Arc<Source>,
    scope: &'a dyn Scope,
    steps: Vec<Step<'a>>,
    values: Vec<Operand>,
}

impl<'a> Machine<'a> {
    pub(super) fn new(source: &'a Arc<Source>, scope: &'a dyn Scope) -> Self {
        Self { source, scope, steps: Vec::new(), values: Vec::new() }
    }

    pub(super) fn run(mut self, expr: &'a Expr) -> Result<Value, EvalError> {
        self.steps.push(Step::Eval(expr));
        while let Some(step) = self.steps.pop() {
            let value = match step {
                Step::Eval(expr) => self.enter(expr)?,
                Step::Callee(callee) => {
                    access::check_callee(self.source, callee, self.values.last())?;
                    None
                }
                Step::Apply(expr) => Some(self.apply(expr)?),
            };
            self.values.extend(value);
        }
        self.pop().ok_or(EvalError::Unknown)
    }

    /// Gives the value of a leaf, or schedules the parts of `expr` and its own step after them.
    fn enter(&mut self, expr: &'a Expr) -> Result<Option<Operand>, EvalError> {
        match &expr.kind {
            ExprKind::Literal(literal) => return self.literal(expr, literal).map(|value| Some(Some(value))),
            ExprKind::Ident(_) | ExprKind::Access(..) => return self.path(expr),
            ExprKind::Paren(inner) => self.steps.push(Step::Eval(inner)),
            ExprKind::Array(items) => self.schedule(expr, items.iter()),
            ExprKind::Object(fields) => self.schedule(expr, fields.iter().map(|field| &field.value)),
            ExprKind::Index(base, index) => self.schedule(expr, [&**base, &**index].into_iter()),
            ExprKind::Unary(_, operand) => self.schedule(expr, std::iter::once(&**operand)),
            ExprKind::Binary(_, _, left, right) => self.schedule(expr, [&**left, &**right].into_iter()),
            ExprKind::Call(callee, arguments) => {
                self.schedule(expr, arguments.iter());
                self.steps.push(Step::Callee(callee));
                self.steps.push(Step::Eval(callee));
            }
        }
        Ok(None)
    }

    fn schedule(&mut self, expr: &'a Expr, parts: impl DoubleEndedIterator<Item = &'a Expr>) {
        self.steps.push(Step::Apply(expr));
        self.steps.extend(parts.rev().map(Step::Eval));
    }

    fn literal(&self, expr: &Expr, literal: &Literal) -> Result<Value, EvalError> {
        Ok(match literal {
            Literal::Null => Value::Null,
            Literal::Bool(value) => Value::Bool(*value),
            Literal::String(text) => Value::string(text),
            Literal::Number(text) | Literal::Float(text) => match Number::from_literal(text) {
                Some(number) => Value::Number(number),
                None => {
                    let message = format!("`{}` is beyond the range of numbers", shorten(text));
                    return Err(EvalError::at("eval/number", self.source, expr.span, message));
                }
            },
        })
    }

    /// A name with the members after it: the scope gets all of them at once. Members of anything else are applied one
    /// by one when the base is known.
    fn path(&mut self, expr: &'a Expr) -> Result<Option<Operand>, EvalError> {
        let mut members = Vec::new();
        let mut base = expr;
        while let ExprKind::Access(inner, _) = &base.kind {
            members.push(base);
            base = inner;
        }
        let ExprKind::Ident(first) = &base.kind else {
            self.steps.extend(members.into_iter().map(Step::Apply));
            self.steps.push(Step::Eval(base));
            return Ok(None);
        };
        members.reverse();
        let names: Vec<&str> = std::iter::once(first.as_str()).chain(members.iter().filter_map(|m| member_name(m))).collect();
        let (mut value, used) = match self.scope.lookup(&names) {
            Lookup::Found { value, used } => (value, used),
            Lookup::Unknown { .. } => return Ok(Some(None)),
            Lookup::Missing => match functions::root(first) {
                Some(value) => (value.clone(), 1),
                None => return Err(self.unknown_name(base.span, first)),
            },
        };
        let skip = used.max(1) - 1;
        let mut before = skip.checked_sub(1).and_then(|i| members.get(i)).map_or(base.span, |m| m.span);
        for member in members.iter().skip(skip) {
            if let ExprKind::Access(_, name) = &member.kind {
                value = access::member(self.source, &value, before, name)?;
            }
            before = member.span;
        }
        Ok(Some(Some(value)))
    }

    fn unknown_name(&self, span: Span, name: &str) -> EvalError {
        let error = EvalError::at("eval/unknown-name", self.source, span, format!("nothing is called `{}` here", shorten(name)));
        match suggest(name, functions::roots()) {
            Some(best) => error.did_you_mean(span, best),
            None => error,
        }
    }

    fn pop(&mut self) -> Operand {
        self.values.pop().flatten()
    }

    /// The last `count` operands; `None` when one of them is not known yet.
    fn take(&mut self, count: usize) -> Option<Vec<Value>> {
        let start = self.values.len().saturating_sub(count);
        self.values.drain(start..).collect::<Vec<_>>().into_iter().collect()
    }

    fn apply(&mut self, expr: &'a Expr) -> Result<Operand, EvalError> {
        let source = self.source;
        Ok(match &expr.kind {
            ExprKind::Array(items) => self.take(items.len()).map(Value::array),
            ExprKind::Object(fields) => self.take(fields.len()).map(|values| {
                let members: Object = fields.iter().map(|field| Arc::from(field.name.text.as_str())).zip(values).collect();
                Value::Object(Arc::new(members))
            }),
            ExprKind::Unary(op, operand) => match self.pop() {
                Some(value) => Some(ops::unary(source, *op, operand.span, &value)?),
                None => None,
            },
            ExprKind::Binary(op, _, left, right) => {
                let (b, a) = (self.pop(), self.pop());
                ops::binary(source, *op, (left.span, a.as_ref()), (right.span, b.as_ref()))?
            }
            ExprKind::Access(base, name) => match self.pop() {
                Some(value) => Some(access::member(source, &value, base.span, name)?),
                None => None,
            },
            ExprKind::Index(base, index) => match self.take(2).as_deref() {
                Some([value, key]) => Some(access::index(source, (base.span, value), (index.span, key))?),
                _ => None,
            },
            ExprKind::Call(callee, arguments) => {
                let values = self.take(arguments.len());
                match (self.pop(), values) {
                    (Some(Value::Function(function)), Some(values)) => Some(self.call(&function, callee, arguments, &values)?),
                    _ => None,
                }
            }
            ExprKind::Literal(_) | ExprKind::Ident(_) | ExprKind::Paren(_) => None,
        })
    }

    fn call(&self, function: &Function, callee: &Expr, arguments: &[Expr], values: &[Value]) -> Result<Value, EvalError> {
        (function.call)(values).map_err(|error| {
            let span = error.argument.and_then(|i| arguments.get(i)).map_or(callee.span, |argument| argument.span);
            let hint = match (function.name, values.len()) {
                ("env" | "sys.env", 2) => Some("a default is given with `coalesce(sys.env(…), …)`".to_owned()),
                (name, _) => functions::signature(name).map(|signature| format!("write `{signature}`")),
            };
            EvalError::at("eval/call", self.source, span, format!("`{}`: {}", function.name, error.message)).hint(hint)
        })
    }
}

fn member_name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Access(_, name) => Some(&name.text),
        _ => None,
    }
}

/// The beginning of a text, for messages.
pub(super) fn shorten(text: &str) -> String {
    const LIMIT: usize = 60;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
