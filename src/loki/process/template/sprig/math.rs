//! Functions of numbers.

use super::args::{Args, LONGEST, Result, strval, to_float, to_int};
use crate::process::template::parser::Call;
use crate::process::template::value::{Of, Val};
use std::rc::Rc;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("int", |args| Ok(Val::Int(to_int(Args::of(args, 1)?.any(0))))),
    ("int64", |args| Ok(Val::Int64(to_int(Args::of(args, 1)?.any(0))))),
    ("float64", |args| Ok(Val::Float(to_float(Args::of(args, 1)?.any(0))))),
    ("atoi", |args| Ok(Val::Int(Args::of(args, 1)?.text(0)?.parse().unwrap_or(0)))),
    ("toDecimal", |args| Ok(Val::Int64(i64::from_str_radix(&strval(Args::of(args, 1)?.any(0)), 8).unwrap_or(0)))),
    ("add1", |args| Ok(Val::Int64(to_int(Args::of(args, 1)?.any(0)).wrapping_add(1)))),
    ("add", |args| Ok(Val::Int64(args.iter().map(to_int).fold(0, i64::wrapping_add)))),
    ("sub", |args| pair(args, |a, b| Some(a.wrapping_sub(b)))),
    ("div", |args| pair(args, |a, b| if b == 0 { None } else { Some(a.wrapping_div(b)) })),
    ("mod", |args| pair(args, |a, b| if b == 0 { None } else { Some(a.wrapping_rem(b)) })),
    ("mul", |args| Ok(Val::Int64(Args::least(args, 1)?.0.iter().map(to_int).fold(1, i64::wrapping_mul)))),
    ("max", |args| fold(args, i64::max)),
    ("biggest", |args| fold(args, i64::max)),
    ("min", |args| fold(args, i64::min)),
    ("maxf", |args| fold_float(args, f64::max)),
    ("minf", |args| fold_float(args, f64::min)),
    ("addf", |args| decimals(Decimal::default(), args, Decimal::add, |a, b| a + b)),
    ("add1f", |args| decimals(Decimal { digits: 1, scale: 0 }, Args::of(args, 1)?.0, Decimal::add, |a, b| a + b)),
    ("subf", |args| from_first(args, Decimal::sub, |a, b| a - b)),
    ("mulf", |args| from_first(args, Decimal::mul, |a, b| a * b)),
    ("divf", divf),
    ("ceil", |args| Ok(Val::Float(to_float(Args::of(args, 1)?.any(0)).ceil()))),
    ("floor", |args| Ok(Val::Float(to_float(Args::of(args, 1)?.any(0)).floor()))),
    ("round", round),
    ("until", until),
    ("untilStep", until_step),
    ("seq", seq),
];

fn pair(args: &[Val], apply: fn(i64, i64) -> Option<i64>) -> Result<Val> {
    let args = Args::of(args, 2)?;
    apply(to_int(args.any(0)), to_int(args.any(1))).map(Val::Int64).ok_or_else(|| "division by zero".to_owned())
}

fn fold(args: &[Val], apply: fn(i64, i64) -> i64) -> Result<Val> {
    let args = Args::least(args, 1)?;
    Ok(Val::Int64(args.0[1..].iter().map(to_int).fold(to_int(args.any(0)), apply)))
}

fn fold_float(args: &[Val], apply: fn(f64, f64) -> f64) -> Result<Val> {
    let args = Args::least(args, 1)?;
    Ok(Val::Float(args.0[1..].iter().map(to_float).fold(to_float(args.any(0)), apply)))
}

/// A decimal number: `digits` times ten to the power of `-scale`.
#[derive(Clone, Copy, Default)]
struct Decimal {
    digits: i128,
    scale: u32,
}

/// Digits behind the point that a quotient has.
const QUOTIENT_SCALE: u32 = 16;

impl Decimal {
    /// The decimal number that is printed for `n`.
    fn new(n: f64) -> Option<Self> {
        let text = n.to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let digits = format!("{whole}{fraction}").parse().ok()?;
        Some(Self { digits, scale: u32::try_from(fraction.len()).ok()? })
    }

    fn at(self, scale: u32) -> Option<i128> {
        self.digits.checked_mul(10i128.checked_pow(scale.checked_sub(self.scale)?)?)
    }

    fn combine(self, other: Self, apply: fn(i128, i128) -> Option<i128>) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        Some(Self { digits: apply(self.at(scale)?, other.at(scale)?)?, scale })
    }

    fn add(self, other: Self) -> Option<Self> {
        self.combine(other, i128::checked_add)
    }

    fn sub(self, other: Self) -> Option<Self> {
        self.combine(other, i128::checked_sub)
    }

    fn mul(self, other: Self) -> Option<Self> {
        Some(Self { digits: self.digits.checked_mul(other.digits)?, scale: self.scale.checked_add(other.scale)? })
    }

    fn div(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let dividend = self.at(scale)?.checked_mul(10i128.checked_pow(QUOTIENT_SCALE)?)?;
        let divisor = other.at(scale)?;
        let (quotient, rest) = (dividend.checked_div(divisor)?, dividend.checked_rem(divisor)?);
        let away = if (dividend < 0) == (divisor < 0) { 1 } else { -1 };
        let round = if rest.unsigned_abs() * 2 >= divisor.unsigned_abs() { away } else { 0 };
        Some(Self { digits: quotient + round, scale: QUOTIENT_SCALE })
    }

    fn float(self) -> f64 {
        format!("{}e-{}", self.digits, self.scale).parse().unwrap_or(f64::NAN)
    }
}

type Operation = fn(Decimal, Decimal) -> Option<Decimal>;

/// Decimal arithmetic where the numbers fit, binary arithmetic where they do not.
fn decimals(start: Decimal, args: &[Val], apply: Operation, float: fn(f64, f64) -> f64) -> Result<Val> {
    let numbers: Vec<f64> = args.iter().map(to_float).collect();
    let exact = numbers.iter().try_fold(start, |sum, n| apply(sum, Decimal::new(*n)?));
    Ok(Val::Float(exact.map_or_else(|| numbers.iter().copied().fold(start.float(), float), Decimal::float)))
}

fn from_first(args: &[Val], apply: Operation, float: fn(f64, f64) -> f64) -> Result<Val> {
    let args = Args::least(args, 1)?;
    let first = to_float(args.any(0));
    match Decimal::new(first) {
        Some(first) => decimals(first, &args.0[1..], apply, float),
        None => Ok(Val::Float(args.0[1..].iter().map(to_float).fold(first, float))),
    }
}

fn divf(args: &[Val]) -> Result<Val> {
    if args.iter().skip(1).any(|arg| to_float(arg) == 0.0) {
        return Err("division by zero".to_owned());
    }
    from_first(args, Decimal::div, |a, b| a / b)
}

/// Rounds at a number of places; the third argument says from which fraction on it is rounded up.
fn round(args: &[Val]) -> Result<Val> {
    let args = Args::least(args, 2)?;
    let up_from = if args.0.len() > 2 { args.float(2)? } else { 0.5 };
    let power = 10f64.powf(args.int(1)? as f64);
    let shifted = power * to_float(args.any(0));
    let rounded = if shifted.fract() >= up_from { shifted.ceil() } else { shifted.floor() };
    Ok(Val::Float(rounded / power))
}

/// Numbers from `start` towards `stop`, which is not among them.
fn steps(start: i64, stop: i64, step: i64) -> Result<Vec<i64>> {
    let mut out = Vec::new();
    let mut at = start;
    while (step > 0 && at < stop) || (step < 0 && at > stop) {
        if out.len() >= LONGEST {
            return Err("the list is too long".to_owned());
        }
        out.push(at);
        at = at.saturating_add(step);
    }
    Ok(out)
}

fn list(numbers: Vec<i64>) -> Val {
    Val::List(Rc::new(numbers.into_iter().map(Val::Int).collect()), Of::Int)
}

fn until(args: &[Val]) -> Result<Val> {
    let count = Args::of(args, 1)?.int(0)?;
    steps(0, count, if count < 0 { -1 } else { 1 }).map(list)
}

fn until_step(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 3)?;
    steps(args.int(0)?, args.int(1)?, args.int(2)?).map(list)
}

/// Numbers including the last one, as text with blanks between them.
fn seq(args: &[Val]) -> Result<Val> {
    let args = Args(args);
    let towards = |start: i64, end: i64| if end < start { -1 } else { 1 };
    let (start, end, step) = match args.0.len() {
        1 => (1, args.int(0)?, towards(1, args.int(0)?)),
        2 => (args.int(0)?, args.int(1)?, towards(args.int(0)?, args.int(1)?)),
        3 => (args.int(0)?, args.int(2)?, args.int(1)?),
        _ => return Ok(Val::text("")),
    };
    if end < start && step > 0 {
        return Ok(Val::text(""));
    }
    let numbers = steps(start, end.saturating_add(towards(start, end)), step)?;
    Ok(Val::text(numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(" ")))
}
