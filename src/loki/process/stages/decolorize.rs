//! `stage.decolorize` removes the colours of terminals.

use super::{BuildStage, Stage, regex};
use crate::process::entry::{Flow, Work};
use crate::process::pipeline::{Build, Scratch};
use bytes::Bytes;
use data::relabel::GoRegex;
use std::borrow::Cow;
use value::{Arguments, ValidateError};

/// Control sequences that set colours and the like.
const SEQUENCES: &str =
    r"[\x{1B}\x{9B}][[\]()#;?]*(?:(?:(?:[a-zA-Z\d]*(?:;[a-zA-Z\d]*)*)?\x{07})|(?:(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PRZcf-ntqry=><~]))";

/// Removes the colours of terminals from lines.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct DecolorizeArgs {}

struct Decolorize(GoRegex);

impl BuildStage for DecolorizeArgs {
    fn build(&self, _build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        Ok(Box::new(Decolorize(regex("decolorize", SEQUENCES)?)))
    }
}

impl Stage for Decolorize {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        if memchr::memchr2(0x1b, 0x9b, &work.line).is_some() {
            let plain = match self.0.regex().replace_all(&work.text(), "") {
                Cow::Owned(text) => Some(text),
                Cow::Borrowed(_) => None,
            };
            if let Some(plain) = plain {
                work.line = Bytes::from(plain);
            }
        }
        Flow::Next
    }
}
