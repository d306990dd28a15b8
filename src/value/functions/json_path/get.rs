//! Walking along a path, in the order of the original: a stack of values, each group of siblings below the number of the
//! step that comes next.
//!
//! The stack is the original's because its order is, down to one surprise: of several siblings that stand before a `..`
//! only the first is searched.

use super::{Fragment, Member, filter};
use crate::value_model::Value;

/// Values that a call may look at: paths with several `..` grow with a power of the text.
const MAX_STEPS: usize = 5_000_000;

/// How many values may still be looked at.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn new() -> Self {
        Self(MAX_STEPS)
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), String> {
        let left = self.0.checked_sub(steps);
        self.0 = left.ok_or_else(|| format!("the path leads to more than {MAX_STEPS} values"))?;
        Ok(())
    }
}

/// The number of a step; the marks belong to `..`.
#[derive(Clone, Copy)]
struct Mark {
    step: usize,
    /// What stands below was searched already.
    expanded: bool,
    /// What stands below was found by the search.
    child: bool,
}

enum Slot<'d> {
    Value(&'d Value),
    Mark(Mark),
}

/// Everything that `path` finds in `data`.
pub(super) fn get(path: &[Fragment], data: &Value, budget: &mut Budget) -> Result<Vec<Value>, String> {
    let first = Mark { step: 0, expanded: false, child: false };
    let mut walk = Walk { path, data, stack: vec![Slot::Value(data), Slot::Mark(first)], found: Vec::new(), budget };
    if !path.is_empty() {
        walk.run()?;
    }
    Ok(walk.found)
}

struct Walk<'d, 'p> {
    path: &'p [Fragment],
    data: &'d Value,
    stack: Vec<Slot<'d>>,
    found: Vec<Value>,
    budget: &'p mut Budget,
}

impl<'d> Walk<'d, '_> {
    fn run(&mut self) -> Result<(), String> {
        while let [.., below, top] = self.stack.as_mut_slice() {
            if matches!(below, Slot::Mark(_)) {
                self.stack.pop();
                continue;
            }
            // Takes the value from under the mark.
            std::mem::swap(below, top);
            let step = if let Slot::Mark(mark) = below { mark.step } else { break };
            let Some(Slot::Value(value)) = self.stack.pop() else { break };
            self.apply(step, value)?;
            if step + 1 < self.path.len() && matches!(self.stack.last(), Some(Slot::Value(_))) {
                self.stack.push(Slot::Mark(Mark { step: step + 1, expanded: false, child: false }));
            }
        }
        Ok(())
    }

    fn apply(&mut self, step: usize, value: &'d Value) -> Result<(), String> {
        self.budget.spend(1)?;
        let last = step + 1 == self.path.len();
        match (&self.path[step], value) {
            (Fragment::Root, _) => self.keep(self.data, last),
            (Fragment::At, _) => self.keep(value, last),
            (Fragment::Child(name), Value::Object(members)) => self.enter(members.get(name.as_str()), last)?,
            (Fragment::Nth(index), Value::Array(items)) => self.enter(element(items, *index), last)?,
            (Fragment::Wildcard, Value::Object(members)) if !last => {
                self.budget.spend(members.len())?;
                self.enter_each(step + 1, members.values().rev().filter(|part| has_parts(part)));
            }
            (Fragment::Wildcard, _) => self.enter(children(value), last)?,
            (Fragment::Descent, _) => self.descend(step, value, last)?,
            (Fragment::Union(members), _) => {
                let picked = members.iter().filter_map(|member| match (member, value) {
                    (Member::Name(name), Value::Object(object)) => object.get(name.as_str()),
                    (Member::Index(index), Value::Array(items)) => element(items, *index),
                    _ => None,
                });
                self.enter(picked.collect::<Vec<_>>(), last)?;
            }
            (Fragment::Slice { start, end, step }, Value::Array(items)) => {
                self.enter(slice(items.len(), *start, *end, *step).map(|i| &items[i]), last)?;
            }
            (Fragment::Filter(equation), Value::Array(_) | Value::Object(_)) => {
                let mut kept = Vec::new();
                for child in children(value) {
                    if filter::keeps(equation, child, self.data, self.budget)? {
                        kept.push(child);
                    }
                }
                match value {
                    _ if last => self.found.extend(kept.into_iter().cloned()),
                    Value::Object(_) => self.enter_each(step + 1, kept.into_iter().rev()),
                    _ => self.stack.extend(kept.into_iter().rev().map(Slot::Value)),
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn keep(&mut self, value: &'d Value, last: bool) {
        if last {
            self.found.push(value.clone());
        } else {
            self.stack.push(Slot::Value(value));
        }
    }

    /// Finds the parts, or goes on with those that have parts themselves.
    fn enter(&mut self, parts: impl IntoIterator<Item = &'d Value>, last: bool) -> Result<(), String> {
        let before = self.found.len() + self.stack.len();
        if last {
            self.found.extend(parts.into_iter().cloned());
        } else {
            let start = self.stack.len();
            self.stack.extend(parts.into_iter().filter(|part| has_parts(part)).map(Slot::Value));
            self.stack[start..].reverse();
        }
        self.budget.spend(self.found.len() + self.stack.len() - before)
    }

    /// Goes on with members, last first. The original comes to them in random order; each is on its own here, so that
    /// `..` leaves none out.
    fn enter_each(&mut self, step: usize, members: impl Iterator<Item = &'d Value>) {
        for member in members {
            self.stack.push(Slot::Value(member));
            self.stack.push(Slot::Mark(Mark { step, expanded: false, child: false }));
        }
    }

    /// `..`: comes to each value twice, first to search below it, then for itself.
    fn descend(&mut self, step: usize, value: &'d Value, last: bool) -> Result<(), String> {
        let Some(Slot::Mark(mark)) = self.stack.last_mut() else { return Ok(()) };
        if mark.expanded {
            let top = !mark.child;
            if !last || top {
                self.keep(value, last);
            }
            return Ok(());
        }
        let expanded = Mark { expanded: true, ..*mark };
        self.stack.pop();
        self.stack.push(Slot::Value(value));
        self.stack.push(Slot::Mark(expanded));
        let parts: Vec<&Value> = children(value).collect();
        self.budget.spend(parts.len())?;
        if last {
            self.found.extend(parts.iter().map(|part| (*part).clone()));
        }
        for part in parts.into_iter().rev().filter(|part| has_parts(part)) {
            self.stack.push(Slot::Value(part));
            self.stack.push(Slot::Mark(Mark { step, expanded: false, child: true }));
        }
        Ok(())
    }
}

fn has_parts(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

/// Elements of an array, or members of an object by name.
fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => Box::new(std::iter::empty()),
    }
}

/// Negative indexes count from the end.
fn element(items: &[Value], index: i64) -> Option<&Value> {
    let index = if index < 0 { index.checked_add(items.len() as i64)? } else { index };
    items.get(usize::try_from(index).ok()?)
}

/// The indexes of a slice of an array of `length` elements.
fn slice(length: usize, start: i64, end: i64, step: i64) -> impl Iterator<Item = usize> {
    let length = length as i64;
    let start = if start < 0 { start.saturating_add(length).max(0) } else { start };
    let end = if end < 0 { end.saturating_add(length) } else { end }.min(length).max(-1);
    let mut at = if start < length && step != 0 { Some(start) } else { None };
    std::iter::from_fn(move || {
        let now = at.filter(|i| if step > 0 { *i < end } else { *i > end })?;
        at = now.checked_add(step);
        usize::try_from(now).ok()
    })
}
