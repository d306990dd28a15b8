//! `stage.regex` extracts what the named groups of a regular expression match.

use super::{BuildStage, Stage, optional_source, regex};
use crate::process::entry::{Flow, Source, Work, is_label_name};
use crate::process::extracted::{Key, Value};
use crate::process::pipeline::{Build, Memory, Scratch};
use bytes::Bytes;
use data::relabel::GoRegex;
use std::borrow::Cow;
use value::{Arguments, ValidateError};

/// Extracts what the named groups of a regular expression match.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct RegexArgs {
    /// The expression, in RE2 syntax. Its named groups become values.
    #[alloy(attr)]
    expression: String,
    /// The value to read instead of the line.
    #[alloy(attr, optional)]
    source: Option<String>,
    /// Makes the groups labels, too.
    #[alloy(attr, optional)]
    labels_from_groups: bool,
}

struct Group {
    number: usize,
    key: Key,
    name: Box<str>,
}

struct Regex {
    regex: GoRegex,
    groups: Vec<Group>,
    source: Source,
    labels: Option<Memory>,
}

impl BuildStage for RegexArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        if self.expression.is_empty() {
            return Err(ValidateError::at("expression", "the expression must not be empty"));
        }
        let source = optional_source(build, self.source.as_deref())?;
        let regex = regex("expression", &self.expression)?;
        let mut groups = Vec::new();
        for (number, name) in regex.names().iter().enumerate() {
            if let Some(name) = name {
                groups.push(Group { number, key: build.key(name), name: name.clone() });
            }
        }
        let labels = self.labels_from_groups.then(|| build.memory());
        Ok(Box::new(Regex { regex, groups, source, labels }))
    }
}

impl Stage for Regex {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        let Some(input) = self.source.read(work) else { return Flow::Next };
        let text = String::from_utf8_lossy(&input);
        let Some(captures) = self.regex.regex().captures(&text) else { return Flow::Next };
        let group = |group: &Group| captures.get(group.number).map_or("", |found| found.as_str());
        for part in &self.groups {
            let value = match (&text, captures.get(part.number)) {
                (Cow::Borrowed(_), Some(found)) => work.extracted.capture(&input, found.range()),
                _ => Value::text(Bytes::copy_from_slice(group(part).as_bytes())),
            };
            work.extracted.set(part.key, value);
        }
        if let Some(memory) = self.labels {
            let memory = scratch.memory(memory);
            memory.begin();
            for part in &self.groups {
                memory.value(Some(Cow::Borrowed(group(part).as_bytes())));
            }
            memory.apply(&mut work.labels, |labels| {
                for part in self.groups.iter().filter(|part| is_label_name(&part.name)) {
                    labels.set(&part.name, group(part));
                }
            });
        }
        Flow::Next
    }
}
