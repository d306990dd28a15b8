//! Compares trees by what they say, not by where it stands.

use crate::ast::{Body, Expr, ExprKind, Field, Stmt};

/// Whether two bodies say the same.
pub(super) fn same_body(left: &Body, right: &Body) -> bool {
    all(&left.stmts, &right.stmts, same_stmt)
}

fn all<T>(left: &[T], right: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
}

fn same_stmt(left: &Stmt, right: &Stmt) -> bool {
    match (left, right) {
        (Stmt::Attr(left), Stmt::Attr(right)) => left.name.text == right.name.text && same_expr(&left.value, &right.value),
        (Stmt::Block(left), Stmt::Block(right)) => {
            // An empty label is written as none; both mean the same.
            let label = |block: &crate::ast::Block| block.label.as_ref().map(|label| label.text.clone()).filter(|text| !text.is_empty());
            left.name == right.name && label(left) == label(right) && same_body(&left.body, &right.body)
        }
        _ => false,
    }
}

fn same_expr(left: &Expr, right: &Expr) -> bool {
    use ExprKind as K;
    match (&left.kind, &right.kind) {
        (K::Literal(left), K::Literal(right)) => left == right,
        (K::Ident(left), K::Ident(right)) => left == right,
        (K::Array(left), K::Array(right)) => all(left, right, same_expr),
        (K::Object(left), K::Object(right)) => all(left, right, same_field),
        (K::Access(left, left_name), K::Access(right, right_name)) => left_name.text == right_name.text && same_expr(left, right),
        (K::Index(left, left_index), K::Index(right, right_index)) => same_expr(left, right) && same_expr(left_index, right_index),
        (K::Call(left, left_args), K::Call(right, right_args)) => same_expr(left, right) && all(left_args, right_args, same_expr),
        (K::Unary(left_op, left), K::Unary(right_op, right)) => left_op == right_op && same_expr(left, right),
        (K::Binary(left_op, _, a, b), K::Binary(right_op, _, c, d)) => left_op == right_op && same_expr(a, c) && same_expr(b, d),
        (K::Paren(left), K::Paren(right)) => same_expr(left, right),
        _ => false,
    }
}

fn same_field(left: &Field, right: &Field) -> bool {
    left.name.text == right.name.text && left.quoted == right.quoted && same_expr(&left.value, &right.value)
}
