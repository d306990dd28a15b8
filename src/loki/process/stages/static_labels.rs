//! `stage.static_labels` sets labels to fixed values.

use super::{BuildStage, Stage, check_label_name};
use crate::process::entry::{Flow, Work};
use crate::process::pipeline::{Build, Memory, Scratch};
use std::collections::BTreeMap;
use value::{Arguments, ValidateError};

/// Sets labels to fixed values.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct StaticLabelsArgs {
    /// Names and values of the labels. Empty values are left out.
    #[alloy(attr)]
    values: BTreeMap<String, Option<String>>,
}

struct StaticLabels {
    labels: Vec<(String, String)>,
    memory: Memory,
}

impl BuildStage for StaticLabelsArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        for name in self.values.keys() {
            check_label_name("values", name)?;
        }
        let set = self.values.iter().filter_map(|(name, value)| Some((name, value.as_ref().filter(|value| !value.is_empty())?)));
        Ok(Box::new(StaticLabels { labels: set.map(|(name, value)| (name.clone(), value.clone())).collect(), memory: build.memory() }))
    }
}

impl Stage for StaticLabels {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        let memory = scratch.memory(self.memory);
        memory.begin();
        memory.apply(&mut work.labels, |labels| {
            for (name, value) in &self.labels {
                labels.set(name, value);
            }
        });
        Flow::Next
    }
}
