//! Evaluation of filters.

use super::Fragment;
use super::equation::{Equation, Op};
use super::get::{Budget, get};
use crate::go_regex::GoRegex;
use crate::number::Number;
use crate::value_model::Value;
use std::cmp::Ordering;

/// What a part of a filter gives.
#[derive(Clone, Debug)]
struct Got {
    /// `None` where there is no value.
    value: Option<Value>,
    /// Found by a path: counts as true whatever it is.
    found: bool,
}

impl Got {
    fn of(value: Value) -> Self {
        Self { value: Some(value), found: false }
    }

    const NOTHING: Self = Self { value: None, found: false };

    fn is_true(&self) -> bool {
        self.found || matches!(self.value, Some(Value::Bool(true)))
    }
}

/// Combinations of values that one filter may try on one element.
const MAX_COMBINATIONS: usize = 100_000;

/// Whether the filter keeps `value`, which is a part of `root`. Where paths find several values, one combination of them
/// is enough.
pub(super) fn keeps(equation: &Equation, value: &Value, root: &Value, budget: &mut Budget) -> Result<bool, String> {
    let mut finder = Finder { value, root, budget, choices: Vec::new() };
    finder.collect(equation)?;
    let choices = finder.choices;
    let total = choices.iter().fold(1usize, |total, choice| total.saturating_mul(choice.len()));
    if total > MAX_COMBINATIONS {
        return Err("the filter has too many values to compare".into());
    }
    budget.spend(total)?;
    Ok((0..total).any(|mut combination| {
        let mut picked = choices.iter().map(|choice| {
            let got = choice[combination % choice.len()].clone();
            combination /= choice.len();
            got
        });
        evaluate(equation, &mut picked).is_true()
    }))
}

/// Evaluates the paths of a filter.
struct Finder<'d, 'b> {
    value: &'d Value,
    root: &'d Value,
    budget: &'b mut Budget,
    /// What each path finds, in the order of the filter; never an empty list.
    choices: Vec<Vec<Got>>,
}

impl Finder<'_, '_> {
    fn get(&mut self, path: &[Fragment]) -> Result<Vec<Value>, String> {
        let from = if matches!(path.first(), Some(Fragment::Root)) { self.root } else { self.value };
        get(path, from, self.budget)
    }

    fn collect(&mut self, equation: &Equation) -> Result<(), String> {
        match equation {
            Equation::Const(_) | Equation::Nothing | Equation::Regex(_) => Ok(()),
            Equation::Path(path) => {
                let found = self.get(path)?;
                let mut choice: Vec<Got> = found.into_iter().map(|value| Got { value: Some(value), found: true }).collect();
                if choice.is_empty() {
                    choice.push(Got::NOTHING);
                }
                self.choices.push(choice);
                Ok(())
            }
            Equation::Group(inner) | Equation::Not(inner) => self.collect(inner),
            Equation::Binary(Op::Count, left, _) => {
                let list = match &**left {
                    Equation::Path(path) => Value::array(self.get(path)?),
                    _ => Value::Null,
                };
                self.choices.push(vec![Got::of(list)]);
                Ok(())
            }
            Equation::Binary(op, left, right) => {
                self.collect(left)?;
                if matches!(op, Op::Length | Op::Not) { Ok(()) } else { self.collect(right) }
            }
        }
    }
}

fn evaluate(equation: &Equation, picked: &mut dyn Iterator<Item = Got>) -> Got {
    match equation {
        Equation::Const(value) => Got::of(value.clone()),
        Equation::Nothing => Got::NOTHING,
        // A list equals nothing, and neither does a regular expression.
        Equation::Regex(_) => Got::of(Value::array(Vec::new())),
        Equation::Path(_) => picked.next().unwrap_or(Got::NOTHING),
        Equation::Group(inner) => Got { found: false, ..evaluate(inner, picked) },
        Equation::Not(inner) => Got::of(Value::Bool(!evaluate(inner, picked).is_true())),
        Equation::Binary(Op::Count, ..) => match picked.next().and_then(|got| got.value) {
            Some(Value::Array(items)) => Got::of(Value::from(items.len() as i64)),
            _ => Got::NOTHING,
        },
        Equation::Binary(Op::Length, left, _) => length(evaluate(left, picked).value),
        Equation::Binary(Op::Not, left, _) => Got::of(Value::Bool(!evaluate(left, picked).is_true())),
        Equation::Binary(op, left, right) => {
            let (a, b) = (evaluate(left, picked), evaluate(right, picked));
            match (op, &**right) {
                (Op::Matches, Equation::Regex(regex)) => Got::of(Value::Bool(text(&a).is_some_and(|text| regex.regex().is_match(text)))),
                _ => apply(*op, &a, &b),
            }
        }
    }
}

fn length(value: Option<Value>) -> Got {
    match value {
        Some(Value::String(text)) => Got::of(Value::from(text.len() as i64)),
        Some(Value::Array(items)) => Got::of(Value::from(items.len() as i64)),
        Some(Value::Object(members)) => Got::of(Value::from(members.len() as i64)),
        _ => Got::NOTHING,
    }
}

fn apply(op: Op, a: &Got, b: &Got) -> Got {
    let is = |holds: bool| Got::of(Value::Bool(holds));
    let order = || compare(a.value.as_ref(), b.value.as_ref());
    match op {
        Op::Eq => is(equal(a.value.as_ref(), b.value.as_ref(), true)),
        Op::Ne => is(differs(a.value.as_ref(), b.value.as_ref())),
        Op::Lt => is(order() == Some(Ordering::Less)),
        Op::Gt => is(order() == Some(Ordering::Greater)),
        Op::Le => is(matches!(order(), Some(Ordering::Less | Ordering::Equal))),
        Op::Ge => is(matches!(order(), Some(Ordering::Greater | Ordering::Equal))),
        Op::Or => is(a.is_true() || b.is_true()),
        Op::And => is(a.is_true() && b.is_true()),
        Op::Add | Op::Sub | Op::Mul | Op::Div => arithmetic(op, a.value.as_ref(), b.value.as_ref()),
        Op::In => is(match &b.value {
            Some(Value::Array(items)) => items.iter().any(|item| equal(a.value.as_ref(), Some(item), false)),
            _ => false,
        }),
        Op::Empty => is(match (&a.value, &b.value) {
            (Some(Value::String(text)), Some(Value::Bool(wanted))) => text.is_empty() == *wanted,
            (Some(Value::Array(items)), Some(Value::Bool(wanted))) => items.is_empty() == *wanted,
            (Some(Value::Object(members)), Some(Value::Bool(wanted))) => members.is_empty() == *wanted,
            _ => false,
        }),
        Op::Has => is(matches!(b.value, Some(Value::Bool(wanted)) if wanted == a.value.is_some())),
        Op::Matches => is(search(a, b, |pattern| Some(pattern.to_owned())).unwrap_or(false)),
        Op::Search => search(a, b, not_empty).map_or(Got::NOTHING, is),
        Op::Match => search(a, b, |pattern| not_empty(pattern).map(|pattern| anchored(&pattern))).map_or(Got::NOTHING, is),
        Op::Length | Op::Count | Op::Not => Got::NOTHING,
    }
}

/// Like the original's `==`: lists and objects equal nothing, whole numbers equal fractions where `numbers` says so.
fn equal(a: Option<&Value>, b: Option<&Value>, numbers: bool) -> bool {
    match (a, b) {
        (None, None) | (Some(Value::Null), Some(Value::Null)) => true,
        (Some(Value::Bool(a)), Some(Value::Bool(b))) => a == b,
        (Some(Value::String(a)), Some(Value::String(b))) => a == b,
        (Some(Value::Number(a)), Some(Value::Number(b))) => {
            let kinds = matches!(a, Number::Float(_)) == matches!(b, Number::Float(_));
            (kinds || numbers) && a == b
        }
        _ => false,
    }
}

/// Like the original's `!=`: a fraction differs from whole numbers only.
fn differs(a: Option<&Value>, b: Option<&Value>) -> bool {
    let comparable = match (a, b) {
        (Some(Value::Number(Number::Float(_))), b) => matches!(b, Some(Value::Number(Number::Int(_) | Number::Uint(_)))),
        _ => true,
    };
    comparable && !equal(a, b, true)
}

fn compare(a: Option<&Value>, b: Option<&Value>) -> Option<Ordering> {
    match (a?, b?) {
        (Value::Number(a), Value::Number(b)) => a.order(*b),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn arithmetic(op: Op, a: Option<&Value>, b: Option<&Value>) -> Got {
    let result = match (a, b) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => match op {
            Op::Add => Some(a.add(*b)),
            Op::Sub => Some(a.sub(*b)),
            Op::Mul => Some(a.mul(*b)),
            _ => a.div(*b),
        }
        .map(Value::Number),
        (Some(Value::String(a)), Some(Value::String(b))) if op == Op::Add => Some(Value::from([&**a, &**b].concat())),
        _ => None,
    };
    result.map_or(Got::NOTHING, Got::of)
}

fn text(got: &Got) -> Option<&str> {
    match &got.value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// Whether the pattern on the right matches the text on the left; `None` when one of them is no text.
fn search(a: &Got, b: &Got, prepare: impl Fn(&str) -> Option<String>) -> Option<bool> {
    let (text, pattern) = (text(a)?, prepare(text(b)?)?);
    Some(compile(&pattern)?.regex().is_match(text))
}

/// Functions, unlike operators, take no empty pattern.
fn not_empty(pattern: &str) -> Option<String> {
    (!pattern.is_empty()).then(|| pattern.to_owned())
}

fn anchored(pattern: &str) -> String {
    let start = if pattern.starts_with('^') { "" } else { "^" };
    let end = if pattern.ends_with('$') { "" } else { "$" };
    format!("{start}{pattern}{end}")
}

/// A regular expression of moderate size.
pub(super) fn compile(pattern: &str) -> Option<GoRegex> {
    GoRegex::with_size_limit(pattern, 1 << 20).ok()
}
