//! What can be said of an expression whose value is not known yet.

use super::evaluate;
use crate::partial::Partial;
use crate::schema::Type;
use crate::scope::Scope;
use std::sync::Arc;
use syntax::Source;
use syntax::ast::{BinaryOp, Expr, ExprKind};

/// The known parts of `expr`. The parser limits how deep expressions are.
pub(super) fn infer(expr: &Expr, source: &Arc<Source>, scope: &dyn Scope) -> Partial {
    match &expr.kind {
        ExprKind::Paren(inner) => infer(inner, source, scope),
        ExprKind::Array(items) => Partial::Array(items.iter().map(|item| part(item, source, scope)).collect()),
        ExprKind::Object(fields) => {
            Partial::Object(fields.iter().map(|field| (field.name.text.clone(), part(&field.value, source, scope))).collect())
        }
        // A secret taints what it is joined with.
        ExprKind::Binary(BinaryOp::Add, _, left, right) => {
            let is_secret = |side: &Expr| matches!(part(side, source, scope), Partial::Typed(Type::Secret));
            if is_secret(left) || is_secret(right) { Partial::Typed(Type::Secret) } else { Partial::Unknown }
        }
        ExprKind::Index(base, _) => match infer(base, source, scope) {
            Partial::Typed(Type::List(item)) => Partial::Typed(*item),
            _ => Partial::Unknown,
        },
        ExprKind::Ident(_) | ExprKind::Access(..) => {
            expr.path().and_then(|path| scope.type_of(&path)).map_or(Partial::Unknown, Partial::Typed)
        }
        ExprKind::Call(callee, arguments) => call(callee, arguments, source, scope),
        ExprKind::Literal(_) | ExprKind::Unary(..) | ExprKind::Binary(..) => Partial::Unknown,
    }
}

fn part(expr: &Expr, source: &Arc<Source>, scope: &dyn Scope) -> Partial {
    match evaluate(expr, source, scope) {
        Ok(value) => Partial::Known(value),
        Err(_) => infer(expr, source, scope),
    }
}

/// `array.concat` gives what its arguments have in common; of other functions nothing is known.
fn call(callee: &Expr, arguments: &[Expr], source: &Arc<Source>, scope: &dyn Scope) -> Partial {
    let name = callee.path().map(|path| path.join("."));
    if matches!(name.as_deref(), Some("convert.nonsensitive" | "nonsensitive")) {
        return Partial::Typed(Type::String);
    }
    if !matches!(name.as_deref(), Some("array.concat" | "concat")) {
        return Partial::Unknown;
    }
    let mut types = arguments.iter().map(|argument| match part(argument, source, scope) {
        Partial::Typed(ty @ Type::List(_)) => Some(ty),
        _ => None,
    });
    let Some(Some(first)) = types.next() else { return Partial::Unknown };
    if types.all(|ty| ty.as_ref() == Some(&first)) { Partial::Typed(first) } else { Partial::Unknown }
}
