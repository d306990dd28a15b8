//! `stage.eventlogmessage` extracts the `Key: value` lines of a Windows event.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work, is_label_name};
use crate::process::extracted::{Key, Value};
use crate::process::pipeline::{Build, Reason, Scratch};
use value::{Arguments, ValidateError};

/// Extracts the `Key: value` lines of a Windows event.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct EventlogmessageArgs {
    /// The extracted value that is the message.
    #[alloy(attr, default = "message")]
    source: String,
    /// Leaves out keys that cannot be names of labels, instead of changing them.
    #[alloy(attr, optional)]
    drop_invalid_labels: bool,
    /// Replaces values that exist, instead of adding `_extracted` to the new name.
    #[alloy(attr, optional)]
    overwrite_existing: bool,
}

struct Message {
    source: Key,
    drop_invalid: bool,
    overwrite: bool,
    null: Reason,
}

impl BuildStage for EventlogmessageArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        super::check_legacy_name("source", &self.source)?;
        let source = build.key(&self.source);
        Ok(Box::new(Message {
            source,
            drop_invalid: self.drop_invalid_labels,
            overwrite: self.overwrite_existing,
            null: build.reason("null_message"),
        }))
    }
}

/// `name` with `_` for what cannot stand in the name of a label.
pub(super) fn sanitize(name: &str) -> String {
    let mut out: String = name
        .char_indices()
        .map(|(at, c)| if c == '_' || c.is_ascii_alphabetic() || (at > 0 && c.is_ascii_digit()) { c } else { '_' })
        .collect();
    if out.is_empty() {
        out.push('_');
    }
    out
}

impl Stage for Message {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        let Some(value) = work.extracted.get(self.source) else { return Flow::Next };
        let Some(message) = value.text().map(|text| text.into_owned()) else { return Flow::Drop(self.null) };
        for line in message.split("\r\n") {
            let Some((key, value)) = line.split_once(':') else { continue };
            let mut key = match is_label_name(key) {
                true => key.to_owned(),
                false if self.drop_invalid => continue,
                false => sanitize(key),
            };
            if !self.overwrite && work.extracted.find(&key).is_some() {
                key.push_str("_extracted");
            }
            work.extracted.set_name(&key, Value::text(value.trim().to_owned()));
        }
        Flow::Next
    }
}
