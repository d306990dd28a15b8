//! `stage.labels` makes labels of extracted values.

use super::{BuildStage, Stage, check_label_name};
use crate::process::entry::{Flow, Work};
use crate::process::extracted::Key;
use crate::process::pipeline::{Build, Memory, Scratch};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::str::from_utf8;
use value::{Arguments, TextEnum, ValidateError};

/// Where a stage finds its values.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq, Eq)]
#[alloy(type = "stages.SourceType")]
pub(crate) enum SourceType {
    /// The line.
    Line,
    /// Labels.
    Label,
    /// Structured metadata.
    StructuredMetadata,
    /// Extracted values.
    Extracted,
}

/// Makes labels of extracted values or of structured metadata.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct LabelsArgs {
    /// Label names, and the values they are made of. Without a value the names are the same.
    #[alloy(attr)]
    values: BTreeMap<String, Option<String>>,
    /// Where the values are: `extracted`, which is meant when it is empty, or `structured_metadata`.
    #[alloy(attr, default = "", text = "stages.SourceType")]
    source_type: String,
}

impl BuildStage for LabelsArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        let mut labels = Vec::new();
        for (name, source) in &self.values {
            check_label_name("values", name)?;
            labels.push((name.clone(), source.clone().filter(|source| !source.is_empty()).unwrap_or_else(|| name.clone())));
        }
        let memory = build.memory();
        match &*self.source_type {
            "" | "extracted" => {
                let labels = labels.into_iter().map(|(name, source)| (name, build.key(&source))).collect();
                Ok(Box::new(FromExtracted { labels, memory }))
            }
            "structured_metadata" => Ok(Box::new(FromMetadata { labels, memory })),
            other => Err(ValidateError::at("source_type", format!("labels cannot be made of {other:?}"))
                .hint("use `extracted` or `structured_metadata`")),
        }
    }
}

struct FromExtracted {
    labels: Vec<(String, Key)>,
    memory: Memory,
}

impl Stage for FromExtracted {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        let memory = scratch.memory(self.memory);
        let extracted = &work.extracted;
        let value = |key: &Key| extracted.get(*key).and_then(|value| value.bytes()).filter(|value| from_utf8(value).is_ok());
        memory.begin();
        for (_, key) in &self.labels {
            memory.value(value(key));
        }
        memory.apply(&mut work.labels, |labels| {
            for (name, key) in &self.labels {
                if let Some(value) = value(key) {
                    labels.set(name, &String::from_utf8_lossy(&value));
                }
            }
        });
        Flow::Next
    }
}

struct FromMetadata {
    labels: Vec<(String, String)>,
    memory: Memory,
}

impl Stage for FromMetadata {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        let Some(metadata) = &work.metadata else { return Flow::Next };
        let memory = scratch.memory(self.memory);
        let value = |source: &str| metadata.iter().find(|(name, _)| **name == *source).map(|(_, value)| &**value);
        memory.begin();
        for (_, source) in &self.labels {
            memory.value(value(source).map(|value| Cow::Borrowed(value.as_bytes())));
        }
        memory.apply(&mut work.labels, |labels| {
            for (name, source) in &self.labels {
                if let Some(value) = value(source) {
                    labels.set(name, value);
                }
            }
        });
        Flow::Next
    }
}
