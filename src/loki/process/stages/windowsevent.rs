//! `stage.windowsevent` extracts the sections of the message of a Windows event.

use super::eventlogmessage::sanitize;
use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::extracted::{Key, Value};
use crate::process::pipeline::{Build, Reason, Scratch};
use value::{Arguments, ValidateError};

/// Extracts the sections of the message of a Windows event.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct WindowseventArgs {
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

struct Event {
    source: Key,
    drop_invalid: bool,
    overwrite: bool,
    null: Reason,
}

impl BuildStage for WindowseventArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        super::check_label_name("source", &self.source)?;
        let source = build.key(&self.source);
        Ok(Box::new(Event {
            source,
            drop_invalid: self.drop_invalid_labels,
            overwrite: self.overwrite_existing,
            null: build.reason("null_message"),
        }))
    }
}

impl Event {
    fn set(&self, work: &mut Work, key: &str, value: &str) {
        let key: String = key.chars().filter(|c| !matches!(c, '\t' | '\r' | '\n' | ' ')).collect();
        let mut key = match key.is_empty() {
            false => key,
            true if self.drop_invalid => return,
            true => sanitize(&key),
        };
        if !self.overwrite && work.extracted.find(&key).is_some() {
            key.push_str("_extracted");
        }
        let value: String = value.chars().filter(|c| !matches!(c, '\t' | '\r' | '\n')).collect();
        work.extracted.set_name(&key, Value::text(value.trim().to_owned()));
    }

    fn section(&self, work: &mut Work, section: &str) {
        let lines: Vec<&str> = section.split("\r\n").collect();
        let mut title = None;
        let mut next = 0;
        while let Some(line) = lines.get(next) {
            next += 1;
            let Some((key, first)) = line.split_once(':') else { continue };
            if first.is_empty() {
                // The title of a section keeps its keys apart from those of others.
                if next == 1 {
                    title = Some(key).filter(|title| !title.is_empty());
                }
                continue;
            }
            let mut value = first.to_owned();
            while let Some(more) = lines.get(next).filter(|line| !line.is_empty() && !line.contains(':')) {
                value.push(',');
                value.push_str(more);
                next += 1;
            }
            match title {
                Some(title) => self.set(work, &format!("{title}_{key}"), &value),
                None => self.set(work, key, &value),
            }
        }
    }
}

impl Stage for Event {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        let Some(value) = work.extracted.get(self.source) else { return Flow::Next };
        let Some(message) = value.text().map(|text| text.into_owned()) else { return Flow::Drop(self.null) };
        for (i, section) in message.split("\r\n\r\n").enumerate() {
            if i == 0 {
                self.set(work, "Description", section);
            } else {
                self.section(work, section);
            }
        }
        Flow::Next
    }
}
