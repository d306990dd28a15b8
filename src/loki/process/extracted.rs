//! What the stages of a pipeline have taken out of one line: names with values, beside the line's labels.
//!
//! Names that a configuration mentions are numbered when the pipeline is built, so finding them costs an index. Values
//! cut from the line are ranges of it; nothing is copied until somebody changes it.

use bytes::Bytes;
use data::Labels;
use hashbrown::HashMap;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// A name that the configuration mentions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(u32);

/// All names that a configuration mentions, numbered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Keys {
    /// The number of `name`.
    pub(crate) fn key(&mut self, name: &str) -> Key {
        if let Some(number) = self.numbers.get(name) {
            return Key(*number);
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let name: Arc<str> = Arc::from(name);
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        Key(number)
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).map(|number| *number as usize)
    }
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// There, but without a value: JSON's null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text.
    Text(Bytes),
    /// Text, as a range of the line that was captured first.
    Line(u32, u32),
}

impl Value {
    /// Text of its own.
    pub(crate) fn text(text: impl Into<Bytes>) -> Self {
        Self::Text(text.into())
    }
}

/// A value to look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ValueRef<'a> {
    /// There, but without a value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text; UTF-8 unless the line was not.
    Text(&'a [u8]),
}

impl<'a> ValueRef<'a> {
    /// The value as bytes; `None` for null.
    pub(crate) fn bytes(self) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Text(bytes) => Some(Cow::Borrowed(bytes)),
            other => other.text().map(|text| Cow::Owned(text.into_owned().into_bytes())),
        }
    }

    /// The value as text; `None` for null. What is not UTF-8 is replaced.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Null => None,
            Self::Bool(flag) => Some(Cow::Borrowed(if flag { "true" } else { "false" })),
            Self::Number(number) => Some(Cow::Owned(number_text(number))),
            Self::Text(bytes) => Some(String::from_utf8_lossy(bytes)),
        }
    }
}

/// A number without an exponent and with as many digits as needed.
pub(crate) fn number_text(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() };
    }
    number.to_string()
}

#[derive(Clone, Debug, Default, PartialEq)]
enum Slot {
    /// Nothing was set: a label of this name shows through.
    #[default]
    Unset,
    /// Taken away, even where there is such a label.
    Deleted,
    Set(Value),
}

/// The values of one line.
#[derive(Clone, Debug)]
pub(crate) struct Extracted {
    keys: Arc<Keys>,
    slots: Vec<Slot>,
    /// Names that no part of the configuration mentions.
    others: HashMap<String, Slot>,
    /// The labels that count as values until something else is set.
    base: Labels,
    /// The line that [`Value::Line`] refers to.
    origin: Bytes,
}

impl Extracted {
    /// Values without names for a pipeline with these names.
    pub(crate) fn new(keys: Arc<Keys>) -> Self {
        Self { slots: vec![Slot::Unset; keys.names.len()], keys, others: HashMap::new(), base: Labels::empty(), origin: Bytes::new() }
    }

    /// Forgets everything; `labels` are the values to begin with.
    pub(crate) fn reset(&mut self, labels: &Labels) {
        self.slots.fill(Slot::Unset);
        if !self.others.is_empty() {
            self.others.clear();
        }
        if self.base.address() != labels.address() {
            self.base = labels.clone();
        }
        if !self.origin.is_empty() {
            self.origin = Bytes::new();
        }
    }

    /// Sets every label of `labels` again, over what was extracted under its name.
    pub(crate) fn relabel(&mut self, labels: &Labels) {
        if self.base.address() != labels.address() {
            let old = std::mem::replace(&mut self.base, labels.clone());
            for (name, value) in old.iter().filter(|(name, _)| labels.get(name).is_none()) {
                let slot = self.slot(name);
                if *slot == Slot::Unset {
                    *slot = Slot::Set(Value::text(Bytes::copy_from_slice(value.as_bytes())));
                }
            }
        }
        let Self { keys, slots, others, .. } = self;
        for (name, _) in labels.iter() {
            match keys.find(name) {
                Some(number) => slots[number] = Slot::Unset,
                None => _ = others.remove(name),
            }
        }
    }

    fn slot(&mut self, name: &str) -> &mut Slot {
        match self.keys.find(name) {
            Some(number) => &mut self.slots[number],
            None => self.others.entry_ref(name).or_default(),
        }
    }

    fn look<'a>(&'a self, slot: &'a Slot, name: &str) -> Option<ValueRef<'a>> {
        match slot {
            Slot::Unset => self.base.get(name).map(|value| ValueRef::Text(value.as_bytes())),
            Slot::Deleted => None,
            Slot::Set(value) => Some(self.view(value)),
        }
    }

    fn view<'a>(&'a self, value: &'a Value) -> ValueRef<'a> {
        match value {
            Value::Null => ValueRef::Null,
            Value::Bool(flag) => ValueRef::Bool(*flag),
            Value::Number(number) => ValueRef::Number(*number),
            Value::Text(text) => ValueRef::Text(text),
            Value::Line(start, end) => ValueRef::Text(self.origin.get(*start as usize..*end as usize).unwrap_or_default()),
        }
    }

    /// The value of `key`.
    pub(crate) fn get(&self, key: Key) -> Option<ValueRef<'_>> {
        let number = key.0 as usize;
        self.look(&self.slots[number], &self.keys.names[number])
    }

    /// The value of `name`.
    pub(crate) fn find(&self, name: &str) -> Option<ValueRef<'_>> {
        match self.keys.find(name) {
            Some(number) => self.look(&self.slots[number], name),
            None => self.look(self.others.get(name).unwrap_or(&Slot::Unset), name),
        }
    }

    /// Text of `key` that can be kept; `None` when there is none or it is null.
    pub(crate) fn bytes(&self, key: Key) -> Option<Bytes> {
        match &self.slots[key.0 as usize] {
            Slot::Set(Value::Text(text)) => Some(text.clone()),
            Slot::Set(Value::Line(start, end)) => Some(self.origin.slice(*start as usize..*end as usize)),
            _ => self.get(key)?.bytes().map(|bytes| Bytes::from(bytes.into_owned())),
        }
    }

    /// Sets `key`.
    pub(crate) fn set(&mut self, key: Key, value: Value) {
        self.slots[key.0 as usize] = Slot::Set(value);
    }

    /// Sets `name`.
    pub(crate) fn set_name(&mut self, name: &str, value: Value) {
        *self.slot(name) = Slot::Set(value);
    }

    /// Takes `key` away.
    pub(crate) fn delete(&mut self, key: Key) {
        self.slots[key.0 as usize] = Slot::Deleted;
    }

    /// The value that is `range` of `line`, without a copy.
    pub(crate) fn capture(&mut self, line: &Bytes, range: Range<usize>) -> Value {
        if range.is_empty() {
            return Value::Text(Bytes::new());
        }
        if self.origin.is_empty() {
            self.origin = line.clone();
        }
        let same = self.origin.as_ptr() == line.as_ptr() && self.origin.len() == line.len();
        match (same, u32::try_from(range.start), u32::try_from(range.end)) {
            (true, Ok(start), Ok(end)) => Value::Line(start, end),
            _ => Value::Text(line.slice(range)),
        }
    }

    /// Names and values in the order of the names.
    pub(crate) fn sorted(&self) -> Vec<(&str, ValueRef<'_>)> {
        let numbered = self.keys.names.iter().zip(&self.slots).map(|(name, slot)| (&**name, slot));
        let others = self.others.iter().map(|(name, slot)| (&**name, slot));
        let set = numbered.chain(others).filter(|(_, slot)| **slot != Slot::Unset);
        let mut all: Vec<_> = set.filter_map(|(name, slot)| Some((name, self.look(slot, name)?))).collect();
        let shown = |name: &str| match self.keys.find(name) {
            Some(number) => self.slots[number] == Slot::Unset,
            None => !self.others.contains_key(name),
        };
        all.extend(self.base.iter().filter(|(name, _)| shown(name)).map(|(name, value)| (name, ValueRef::Text(value.as_bytes()))));
        all.sort_unstable_by_key(|(name, _)| *name);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(extracted: &Extracted) -> String {
        let text = |value: ValueRef<'_>| value.text().unwrap_or(Cow::Borrowed("<null>")).into_owned();
        extracted.sorted().into_iter().map(|(name, value)| format!("{name}={} ", text(value))).collect()
    }

    #[test]
    fn labels_show_through_until_something_is_set() {
        let mut keys = Keys::default();
        let (job, level) = (keys.key("job"), keys.key("level"));
        let mut extracted = Extracted::new(Arc::new(keys));
        extracted.reset(&Labels::from_pairs([("job", "a"), ("env", "e")]));
        let line = Bytes::from_static(b"level=warn");
        let value = extracted.capture(&line, 6..10);
        extracted.set(level, value);
        extracted.set_name("env", Value::Null);
        extracted.set_name("n", Value::Number(1.5));
        assert_eq!(shown(&extracted), "env=<null> job=a level=warn n=1.5 ");
        extracted.delete(job);
        assert_eq!(shown(&extracted), "env=<null> level=warn n=1.5 ");
        extracted.relabel(&Labels::from_pairs([("env", "f"), ("level", "l")]));
        assert_eq!(shown(&extracted), "env=f level=l n=1.5 ");
        assert_eq!(extracted.get(job), None);
        extracted.reset(&Labels::empty());
        assert_eq!(shown(&extracted), "");
    }

    #[test]
    fn labels_that_go_stay_values() {
        let mut extracted = Extracted::new(Arc::default());
        extracted.reset(&Labels::from_pairs([("job", "a")]));
        extracted.relabel(&Labels::empty());
        assert_eq!(shown(&extracted), "job=a ");
    }
}
