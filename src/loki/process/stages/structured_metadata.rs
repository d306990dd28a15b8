//! `stage.structured_metadata` makes structured metadata of values and labels.

use super::{BuildStage, Stage, check_label_name, optional_regex};
use crate::process::entry::{Flow, Metadata, Work};
use crate::process::extracted::{Key, ValueRef};
use crate::process::pipeline::{Build, Memory, Scratch};
use data::relabel::GoRegex;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use value::{Arguments, ValidateError};

/// Makes structured metadata of extracted values and of labels; such labels are removed.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct StructuredMetadataArgs {
    /// Names, and the values or labels they are made of. Without a value the names are the same.
    #[alloy(attr, optional)]
    values: BTreeMap<String, Option<String>>,
    /// Takes every value and label with a matching name, too.
    #[alloy(attr, default = "")]
    regex: String,
}

struct Wanted {
    name: Arc<str>,
    source: String,
    key: Key,
}

struct StructuredMetadata {
    values: Vec<Wanted>,
    regex: Option<GoRegex>,
    memory: Memory,
}

impl BuildStage for StructuredMetadataArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        let mut values = Vec::new();
        for (name, source) in &self.values {
            check_label_name("values", name)?;
            let source = source.clone().filter(|source| !source.is_empty()).unwrap_or_else(|| name.clone());
            values.push(Wanted { name: name.as_str().into(), key: build.key(&source), source });
        }
        Ok(Box::new(StructuredMetadata { values, regex: optional_regex("regex", &self.regex)?, memory: build.memory() }))
    }
}

/// Sets one pair, in the place of a pair of the same name.
pub(super) fn set(metadata: &mut Metadata, name: &str, value: &str) {
    let pairs = Arc::make_mut(metadata.get_or_insert_default());
    match pairs.iter_mut().find(|(n, _)| **n == *name) {
        Some((_, old)) => *old = value.into(),
        None => pairs.push((name.into(), value.into())),
    }
}

/// Text that metadata can hold.
fn valid(value: ValueRef<'_>) -> Option<Cow<'_, str>> {
    match value {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        other => other.text(),
    }
}

impl Stage for StructuredMetadata {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        let Work { labels, metadata, extracted, .. } = work;
        for wanted in &self.values {
            if let Some(value) = extracted.get(wanted.key).and_then(valid) {
                set(metadata, &wanted.name, &value);
            }
        }
        let matches = |name: &str| self.regex.as_ref().is_some_and(|regex| regex.regex().is_match(name));
        if self.regex.is_some() {
            for (name, value) in extracted.sorted() {
                if let Some(value) = valid(value).filter(|_| matches(name)) {
                    set(metadata, name, &value);
                }
            }
        }
        let mut removed = false;
        for wanted in &self.values {
            if let Some(value) = labels.get(&wanted.source) {
                set(metadata, &wanted.name, value);
                removed = true;
            }
        }
        let moved = |name: &str| matches(name) || self.values.iter().any(|wanted| wanted.source == name);
        for (name, value) in labels.iter().filter(|(name, _)| matches(name) && !self.values.iter().any(|wanted| wanted.source == *name)) {
            set(metadata, name, value);
            removed = true;
        }
        if removed {
            let memory = scratch.memory(self.memory);
            memory.begin();
            memory.apply(labels, |labels| _ = labels.retain(|name, _| !moved(name)));
        }
        Flow::Next
    }
}
