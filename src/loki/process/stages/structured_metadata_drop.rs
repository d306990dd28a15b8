//! `stage.structured_metadata_drop` removes structured metadata.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::pipeline::{Build, Scratch};
use std::sync::Arc;
use value::{Arguments, ValidateError};

/// Removes structured metadata.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct StructuredMetadataDropArgs {
    /// The names to remove. At least one.
    #[alloy(attr)]
    values: Vec<String>,
}

struct StructuredMetadataDrop(Vec<String>);

impl BuildStage for StructuredMetadataDropArgs {
    fn build(&self, _build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        if self.values.is_empty() {
            return Err(ValidateError::at("values", "at least one name is needed"));
        }
        Ok(Box::new(StructuredMetadataDrop(self.values.clone())))
    }
}

impl Stage for StructuredMetadataDrop {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        let dropped = |name: &str| self.0.iter().any(|n| n == name);
        if let Some(metadata) = &mut work.metadata
            && metadata.iter().any(|(name, _)| dropped(name))
        {
            Arc::make_mut(metadata).retain(|(name, _)| !dropped(name));
            if metadata.is_empty() {
                work.metadata = None;
            }
        }
        Flow::Next
    }
}
