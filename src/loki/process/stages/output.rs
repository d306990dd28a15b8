//! `stage.output` replaces the line by an extracted value.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::extracted::Key;
use crate::process::pipeline::{Build, Scratch};
use value::{Arguments, ValidateError};

/// Replaces the line by an extracted value.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct OutputArgs {
    /// The name of the value. When there is none, or it is null, the line stays.
    #[alloy(attr)]
    source: String,
}

struct Output(Key);

impl BuildStage for OutputArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        if self.source.is_empty() {
            return Err(ValidateError::at("source", "the source must not be empty"));
        }
        Ok(Box::new(Output(build.key(&self.source))))
    }
}

impl Stage for Output {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        if let Some(line) = work.extracted.bytes(self.0) {
            work.line = line;
        }
        Flow::Next
    }
}
