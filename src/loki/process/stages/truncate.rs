//! `stage.truncate` shortens lines, labels, structured metadata and extracted values.

use super::labels::SourceType;
use super::{BuildStage, Stage, char_boundary};
use crate::process::entry::{Flow, Work};
use crate::process::extracted::{Key, Value, ValueRef};
use crate::process::pipeline::{Build, Memory, Scratch};
use bytes::Bytes;
use component::Counter;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use value::types::ByteSize;
use value::{Arguments, ValidateError};

/// Shortens lines, labels, structured metadata and extracted values.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct TruncateArgs {
    /// What to shorten, and to which length. At least one rule.
    #[alloy(block = "rule")]
    rules: Vec<RuleArgs>,
}

/// What to shorten, and to which length.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct RuleArgs {
    /// The longest text in bytes, with the suffix. What is longer is cut, never inside of a character.
    #[alloy(attr)]
    limit: ByteSize,
    /// What is put behind a text that was cut.
    #[alloy(attr, default = "")]
    suffix: String,
    /// The names of what is shortened. Empty means all.
    #[alloy(attr, optional)]
    sources: Vec<String>,
    /// What is shortened: `line`, `label`, `structured_metadata` or `extracted`.
    #[alloy(attr, default = SourceType::Line)]
    source_type: SourceType,
}

impl RuleArgs {
    fn check(&self) -> Result<(), ValidateError> {
        if self.limit.0 <= 0 {
            return Err(ValidateError::at("limit", "the limit must be above 0"));
        }
        if self.source_type == SourceType::Line && !self.sources.is_empty() {
            return Err(ValidateError::at("sources", "`sources` has no meaning for lines").hint("set `source_type`"));
        }
        if !self.suffix.is_empty() && self.limit.bytes() <= self.suffix.len() as u64 {
            return Err(ValidateError::at("suffix", "the suffix must be shorter than the limit"));
        }
        Ok(())
    }
}

struct Rule {
    length: usize,
    suffix: String,
    kind: SourceType,
    sources: Vec<(String, Key)>,
    memory: Memory,
    count: Counter,
}

struct Truncate {
    rules: Vec<Rule>,
    truncated: Key,
}

impl BuildStage for TruncateArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        let mut rules = Vec::new();
        for rule in &self.rules {
            let limit = usize::try_from(rule.limit.bytes()).unwrap_or(usize::MAX);
            rules.push(Rule {
                length: limit.saturating_sub(rule.suffix.len()),
                suffix: rule.suffix.clone(),
                kind: rule.source_type,
                sources: rule.sources.iter().map(|name| (name.clone(), build.key(name))).collect(),
                memory: build.memory(),
                count: build.counter(
                    "loki_process_truncated_fields_total",
                    "Lines, labels, values and structured metadata that were cut.",
                    &[("field", rule.source_type.as_str())],
                ),
            });
        }
        Ok(Box::new(Truncate { rules, truncated: build.key("truncated") }))
    }
}

impl Rule {
    /// The shortened text; `None` when it is short enough.
    fn cut(&self, text: &[u8]) -> Option<Vec<u8>> {
        if text.len() <= self.length {
            return None;
        }
        self.count.inc();
        let mut cut = text[..char_boundary(text, self.length)].to_vec();
        cut.extend_from_slice(self.suffix.as_bytes());
        Some(cut)
    }

    fn cut_text(&self, text: &str) -> Option<String> {
        self.cut(text.as_bytes()).map(|cut| String::from_utf8_lossy(&cut).into_owned())
    }

    fn wants(&self, name: &str) -> bool {
        self.sources.is_empty() || self.sources.iter().any(|(source, _)| source == name)
    }

    /// True when something was cut.
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> bool {
        match self.kind {
            SourceType::Line => match self.cut(&work.line) {
                Some(cut) => {
                    work.line = Bytes::from(cut);
                    true
                }
                None => false,
            },
            SourceType::Label => {
                let cut: Vec<_> = work
                    .labels
                    .iter()
                    .filter(|(name, _)| self.wants(name))
                    .filter_map(|(name, value)| Some((name.to_owned(), self.cut_text(value)?)))
                    .collect();
                for (name, value) in &cut {
                    let memory = scratch.memory(self.memory);
                    memory.begin();
                    memory.value(Some(Cow::Borrowed(name.as_bytes())));
                    memory.value(Some(Cow::Borrowed(value.as_bytes())));
                    memory.apply(&mut work.labels, |labels| _ = labels.set(name, value));
                }
                !cut.is_empty()
            }
            SourceType::StructuredMetadata => self.metadata(work),
            SourceType::Extracted => self.extracted(work),
        }
    }

    fn metadata(&self, work: &mut Work) -> bool {
        let Some(metadata) = &mut work.metadata else { return false };
        let mut any = false;
        if metadata.iter().any(|(name, value)| value.len() > self.length && self.wants(name)) {
            for (name, value) in Arc::make_mut(metadata) {
                if let Some(cut) = self.wants(name).then(|| self.cut_text(value)).flatten() {
                    *value = cut.into();
                    any = true;
                }
            }
        }
        any
    }

    fn extracted(&self, work: &mut Work) -> bool {
        let text = |value: ValueRef<'_>| match value {
            ValueRef::Text(text) => self.cut(text),
            _ => None,
        };
        if self.sources.is_empty() {
            let cut: Vec<_> =
                work.extracted.sorted().into_iter().filter_map(|(name, value)| Some((name.to_owned(), text(value)?))).collect();
            for (name, value) in &cut {
                work.extracted.set_name(name, Value::text(value.clone()));
            }
            return !cut.is_empty();
        }
        let mut any = false;
        for (_, key) in &self.sources {
            if let Some(cut) = work.extracted.get(*key).and_then(text) {
                work.extracted.set(*key, Value::text(cut));
                any = true;
            }
        }
        any
    }
}

impl Stage for Truncate {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        let mut cut: BTreeSet<String> = BTreeSet::new();
        for rule in &self.rules {
            if rule.run(work, scratch) {
                cut.insert(rule.kind.as_str().to_owned());
            }
            if !cut.is_empty() {
                // What an earlier stage has cut stays named.
                if let Some(ValueRef::Text(before)) = work.extracted.get(self.truncated) {
                    cut.extend(String::from_utf8_lossy(before).split(',').map(str::to_owned));
                }
                let names: Vec<&str> = cut.iter().map(String::as_str).collect();
                work.extracted.set(self.truncated, Value::text(names.join(",")));
            }
        }
        Flow::Next
    }
}
