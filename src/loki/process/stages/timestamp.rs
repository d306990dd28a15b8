//! `stage.timestamp` takes the time of a line from an extracted value.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::extracted::Key;
use crate::process::go_time::{Format, Location};
use crate::process::pipeline::{Build, Scratch};
use data::Labels;
use hashbrown::HashMap;
use parking_lot::Mutex;
use value::{Arguments, ValidateError};

/// Label sets whose last time is remembered.
const MOST_STREAMS: usize = 10_000;

/// Takes the time of a line from an extracted value.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct TimestampArgs {
    /// The name of the value.
    #[alloy(attr)]
    source: String,
    /// A name such as `RFC3339` or `UnixMs`, or the time `Mon Jan 2 15:04:05 MST 2006` written in the format.
    #[alloy(attr)]
    format: String,
    /// Formats to try when the first does not fit.
    #[alloy(attr, optional)]
    fallback_formats: Vec<String>,
    /// The zone of times without an offset, for formats without a name. UTC when not written.
    #[alloy(attr, optional)]
    location: Option<String>,
    /// What to do when the time cannot be read: `fudge`, the default, is one nanosecond behind the last line of the
    /// same labels, `skip` leaves the time as it is.
    #[alloy(attr, default = "")]
    action_on_failure: String,
    /// What to do with the time of the line before: `fudge`, the default, is one nanosecond later, `keep` takes it.
    #[alloy(attr, default = "")]
    action_on_duplicate_timestamp: String,
}

#[derive(Clone, Copy)]
struct Last {
    read: i64,
    given: i64,
}

/// The last times by label set. When there are too many, those not seen since the last time that happened go.
#[derive(Default)]
struct Lasts {
    new: HashMap<Labels, Last, foldhash::fast::FixedState>,
    old: HashMap<Labels, Last, foldhash::fast::FixedState>,
}

impl Lasts {
    fn get(&mut self, labels: &Labels) -> Option<&mut Last> {
        // Only when there were very many streams is there anything old.
        if !self.old.is_empty()
            && !self.new.contains_key(labels)
            && let Some((labels, last)) = self.old.remove_entry(labels)
        {
            self.insert(labels, last);
        }
        self.new.get_mut(labels)
    }

    fn insert(&mut self, labels: Labels, last: Last) {
        if self.new.len() >= MOST_STREAMS / 2 {
            self.old = std::mem::take(&mut self.new);
        }
        self.new.insert(labels, last);
    }
}

struct Timestamp {
    source: Key,
    formats: Vec<Format>,
    fudge_failures: bool,
    fudge_duplicates: bool,
    lasts: Mutex<Lasts>,
}

impl BuildStage for TimestampArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        let empty = |field: &str| Err(ValidateError::at(field, format!("`{field}` must not be empty")));
        if self.source.is_empty() {
            return empty("source");
        }
        if self.format.is_empty() {
            return empty("format");
        }
        let name = self.location.as_deref().unwrap_or_default();
        let unknown =
            || ValidateError::at("location", format!("there is no time zone {name:?}")).hint("write a name such as \"Europe/Berlin\"");
        let location = Location::find(name).ok_or_else(unknown)?;
        let action = |field: &str, text: &str, other: &str| match text {
            "" | "fudge" => Ok(true),
            text if text == other => Ok(false),
            text => Err(ValidateError::at(field, format!("{text:?} is not known; use `fudge` or `{other}`"))),
        };
        let formats = std::iter::once(&self.format).chain(&self.fallback_formats);
        Ok(Box::new(Timestamp {
            source: build.key(&self.source),
            formats: formats.map(|format| Format::new(format, &location, &build.clock)).collect(),
            fudge_failures: action("action_on_failure", &self.action_on_failure, "skip")?,
            fudge_duplicates: action("action_on_duplicate_timestamp", &self.action_on_duplicate_timestamp, "keep")?,
            lasts: Mutex::default(),
        }))
    }
}

impl Timestamp {
    fn read(&self, work: &Work) -> Option<i64> {
        let text = work.extracted.get(self.source)?.text()?;
        self.formats.iter().find_map(|format| format.parse(&text))
    }
}

impl Stage for Timestamp {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        let read = self.read(work);
        if !self.fudge_failures && !self.fudge_duplicates {
            work.timestamp = read.unwrap_or(work.timestamp);
            return Flow::Next;
        }
        let mut lasts = self.lasts.lock();
        match (read, lasts.get(&work.labels)) {
            (Some(read), Some(last)) => {
                let again = self.fudge_duplicates && read == last.read;
                work.timestamp = if again { last.given.saturating_add(1) } else { read };
                *last = Last { read, given: work.timestamp };
            }
            (Some(read), None) => {
                work.timestamp = read;
                lasts.insert(work.labels.clone(), Last { read, given: read });
            }
            (None, Some(last)) if self.fudge_failures => {
                last.given = last.given.saturating_add(1);
                work.timestamp = last.given;
            }
            (None, _) => {}
        }
        Flow::Next
    }
}
