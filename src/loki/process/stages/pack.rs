//! `stage.pack` puts a line and some values into one JSON object.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::extracted::Key;
use crate::process::json::write_string;
use crate::process::pipeline::{Build, Memory, Scratch};
use bytes::Bytes;
use component::Clock;
use std::collections::BTreeMap;
use value::{Arguments, ValidateError};

/// Puts a line and some values into one JSON object, and removes the labels of their names.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct PackArgs {
    /// Names of labels and extracted values. The line itself is `_entry`.
    #[alloy(attr)]
    labels: Vec<String>,
    /// Gives the line the present time.
    #[alloy(attr, default = true)]
    ingest_timestamp: bool,
}

struct Pack {
    values: Vec<(String, Key)>,
    clock: Option<Clock>,
    memory: Memory,
}

impl BuildStage for PackArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        let values: BTreeMap<_, _> = self.labels.iter().map(|name| (name.clone(), build.key(name))).collect();
        let clock = self.ingest_timestamp.then(|| build.clock.clone());
        Ok(Box::new(Pack { values: values.into_iter().collect(), clock, memory: build.memory() }))
    }
}

impl Stage for Pack {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        let mut packed = String::from("{");
        let mut found = Vec::new();
        let memory = scratch.memory(self.memory);
        memory.begin();
        for (name, key) in &self.values {
            let value = work.extracted.get(*key).and_then(|value| value.text());
            memory.value(value.is_some().then_some(std::borrow::Cow::Borrowed(b"")));
            let Some(value) = value else { continue };
            write_string(&mut packed, name, true);
            packed.push(':');
            write_string(&mut packed, &value, true);
            packed.push(',');
            found.push(name);
        }
        packed.push_str("\"_entry\":");
        write_string(&mut packed, &work.text(), true);
        packed.push('}');
        memory.apply(&mut work.labels, |labels| {
            for name in found {
                labels.del(name);
            }
        });
        work.line = Bytes::from(packed);
        if let Some(clock) = &self.clock {
            work.timestamp = clock.nanos();
        }
        Flow::Next
    }
}
