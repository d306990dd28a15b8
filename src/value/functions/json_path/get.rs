//! Walking along a path.

use super::{Fragment, Member, filter};
use crate::value_model::Value;

/// Values that a path may look at: paths with several `..` grow with a power of the text.
const MAX_STEPS: usize = 5_000_000;

/// Everything that `path` finds in `data`.
pub(super) fn get(path: &[Fragment], data: &Value) -> Result<Vec<Value>, String> {
    let mut walk = Walk { root: data, steps: 0 };
    walk.get(path, data)
}

/// One call of `json_path`.
pub(super) struct Walk<'d> {
    pub(super) root: &'d Value,
    steps: usize,
}

impl<'d> Walk<'d> {
    pub(super) fn get(&mut self, path: &[Fragment], from: &Value) -> Result<Vec<Value>, String> {
        let mut found = Vec::new();
        if !path.is_empty() {
            self.walk(path, from, &mut found)?;
        }
        Ok(found)
    }

    /// Applies the rest of the path to `value`, or finds it when there is no rest.
    fn walk(&mut self, path: &[Fragment], value: &Value, found: &mut Vec<Value>) -> Result<(), String> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(format!("the path leads to more than {MAX_STEPS} values"));
        }
        let Some((fragment, rest)) = path.split_first() else {
            found.push(value.clone());
            return Ok(());
        };
        match (fragment, value) {
            (Fragment::Root, _) => self.walk(rest, self.root, found),
            (Fragment::At, _) => self.walk(rest, value, found),
            (Fragment::Child(name), Value::Object(members)) => match members.get(name.as_str()) {
                Some(member) => self.walk(rest, member, found),
                None => Ok(()),
            },
            (Fragment::Nth(index), Value::Array(items)) => match element(items, *index) {
                Some(item) => self.walk(rest, item, found),
                None => Ok(()),
            },
            (Fragment::Wildcard, _) => children(value).try_for_each(|child| self.walk(rest, child, found)),
            (Fragment::Descent, _) => self.descend(rest, value, true, found),
            (Fragment::Union(members), _) => members.iter().try_for_each(|member| {
                let picked = match (member, value) {
                    (Member::Name(name), Value::Object(object)) => object.get(name.as_str()),
                    (Member::Index(index), Value::Array(items)) => element(items, *index),
                    _ => None,
                };
                picked.map_or(Ok(()), |picked| self.walk(rest, picked, found))
            }),
            (Fragment::Slice { start, end, step }, Value::Array(items)) => {
                slice(items.len(), *start, *end, *step).try_for_each(|i| self.walk(rest, &items[i], found))
            }
            (Fragment::Filter(equation), Value::Array(_) | Value::Object(_)) => {
                for child in children(value) {
                    self.steps += 1;
                    if filter::keeps(self, equation, child)? {
                        self.walk(rest, child, found)?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Applies the rest to everything below `value`, the innermost first, then to `value`. At the end of a path it finds
    /// the parts from the outside in, then the whole.
    fn descend(&mut self, rest: &[Fragment], value: &Value, top: bool, found: &mut Vec<Value>) -> Result<(), String> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(format!("the path leads to more than {MAX_STEPS} values"));
        }
        if rest.is_empty() {
            found.extend(children(value).cloned());
        }
        for child in children(value).filter(|child| matches!(child, Value::Array(_) | Value::Object(_))) {
            self.descend(rest, child, false, found)?;
        }
        match (rest.is_empty(), top) {
            (true, true) => found.push(value.clone()),
            (true, false) => {}
            (false, _) => self.walk(rest, value, found)?,
        }
        Ok(())
    }
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
