//! Functions of types.

use super::args::{Args, Result};
use crate::process::template::compare::deep_equal;
use crate::process::template::parser::Call;
use crate::process::template::value::Val;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("typeOf", |args| Ok(Val::text(Args::of(args, 1)?.any(0).type_name()))),
    ("typeIs", |args| is(args, |value, name| value.type_name() == name)),
    ("typeIsLike", |args| is(args, |value, name| value.type_name().trim_start_matches('*') == name.trim_start_matches('*'))),
    ("kindOf", |args| Ok(Val::text(Args::of(args, 1)?.any(0).kind()))),
    ("kindIs", |args| is(args, |value, name| value.kind() == name)),
    ("deepEqual", |args| Ok(Val::Bool(deep_equal(Args::of(args, 2)?.any(0), Args(args).any(1))))),
];

fn is(args: &[Val], holds: fn(&Val, &str) -> bool) -> Result<Val> {
    let args = Args::of(args, 2)?;
    Ok(Val::Bool(holds(args.any(1), args.text(0)?)))
}
