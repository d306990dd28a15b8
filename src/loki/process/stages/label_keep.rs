//! `stage.label_keep` removes all labels but some.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::pipeline::{Build, Memory, Scratch};
use value::{Arguments, ValidateError};

/// Removes all labels but some.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct LabelKeepArgs {
    /// The names of the labels to keep. At least one.
    #[alloy(attr)]
    values: Vec<String>,
}

struct LabelKeep {
    names: Vec<String>,
    memory: Memory,
}

impl BuildStage for LabelKeepArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        if self.values.is_empty() {
            return Err(ValidateError::at("values", "at least one label is needed"));
        }
        Ok(Box::new(LabelKeep { names: self.values.clone(), memory: build.memory() }))
    }
}

impl Stage for LabelKeep {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        let memory = scratch.memory(self.memory);
        memory.begin();
        memory.apply(&mut work.labels, |labels| _ = labels.retain(|name, _| self.names.iter().any(|n| n == name)));
        Flow::Next
    }
}
