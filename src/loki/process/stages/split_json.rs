//! `stage.split_json` makes a line of each element of a JSON array.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Source, Work};
use crate::process::pipeline::{Build, Reason, Scratch};
use bytes::Bytes;
use serde_json::value::RawValue;
use value::{Arguments, ValidateError};

/// Makes a line of each element of a JSON array. Lines that are no array pass unchanged.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct SplitJsonArgs {
    /// The extracted value that is the array, instead of the line.
    #[alloy(attr, optional, text = "stages.Source")]
    source: Option<String>,
}

struct SplitJson {
    source: Source,
    empty: Reason,
}

impl BuildStage for SplitJsonArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        let source = super::optional_source(build, self.source.as_deref())?;
        Ok(Box::new(SplitJson { source, empty: build.reason("empty_array") }))
    }
}

/// The elements of an array as they are written; `None` when `text` is no array.
fn elements(text: &Bytes) -> Option<Vec<Bytes>> {
    let blank = |b: &&u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    if text.iter().find(|b| !blank(b)) != Some(&b'[') {
        return None;
    }
    let items: Vec<&RawValue> = serde_json::from_slice(text).ok()?;
    Some(items.into_iter().map(|item| text.slice_ref(item.get().as_bytes())).collect())
}

impl Stage for SplitJson {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        let Some(items) = self.source.read(work).and_then(|text| elements(&text)) else { return Flow::Next };
        if items.is_empty() {
            return Flow::Drop(self.empty);
        }
        Flow::Many(items.into_iter().map(|line| Work { line, ..work.clone() }).collect())
    }
}
