//! `stage.drop` drops lines.

use super::{BuildStage, Stage, regex};
use crate::process::entry::{Flow, Work};
use crate::process::extracted::Key;
use crate::process::pipeline::{Build, Reason, Scratch};
use component::Clock;
use data::relabel::GoRegex;
use value::types::{ByteSize, Duration};
use value::{Arguments, ValidateError};

/// Drops lines for which everything that is written holds.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct DropArgs {
    /// What dropped lines are counted as. Empty means `drop_stage`.
    #[alloy(attr, default = "")]
    drop_counter_reason: String,
    /// Names of extracted values, with commas and without blanks between them. Alone: drops lines that have them all.
    #[alloy(attr, default = "")]
    source: String,
    /// The text that the values of `source` have to be.
    #[alloy(attr, default = "")]
    value: String,
    /// What stands between the values of `source` when they are joined. Empty means `;`.
    #[alloy(attr, default = "")]
    separator: String,
    /// A regular expression for the values of `source`, or for the line.
    #[alloy(attr, default = "")]
    expression: String,
    /// Drops lines older than this.
    #[alloy(attr, default = "0s")]
    older_than: Duration,
    /// Drops lines with more bytes than this.
    #[alloy(attr, default = "0B")]
    longer_than: ByteSize,
}

enum Test {
    None,
    Present,
    Line(GoRegex),
    Equal(String),
    Values(GoRegex),
}

struct Drop {
    test: Test,
    sources: Vec<Key>,
    separator: String,
    older_than: i64,
    longer_than: i64,
    reason: Reason,
    clock: Clock,
}

impl BuildStage for DropArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        if self.source.is_empty() && self.expression.is_empty() && self.older_than.is_zero() && self.longer_than.is_zero() {
            return Err(ValidateError::new("at least one of `source`, `expression`, `older_than` and `longer_than` is needed"));
        }
        if !self.value.is_empty() && !self.expression.is_empty() {
            return Err(ValidateError::at("value", "`value` and `expression` cannot stand together").hint("keep one of them"));
        }
        if !self.value.is_empty() && self.source.is_empty() {
            return Err(ValidateError::at("value", "`value` needs a `source` to compare with"));
        }
        let test = match (self.source.is_empty(), self.value.is_empty(), self.expression.is_empty()) {
            (_, false, _) => Test::Equal(self.value.clone()),
            (true, _, false) => Test::Line(regex("expression", &self.expression)?),
            (false, _, false) => Test::Values(regex("expression", &self.expression)?),
            (false, true, true) => Test::Present,
            (true, true, true) => Test::None,
        };
        let sources = self.source.split(',').filter(|_| !self.source.is_empty()).map(|name| build.key(name)).collect();
        let reason = if self.drop_counter_reason.is_empty() { "drop_stage" } else { &self.drop_counter_reason };
        Ok(Box::new(Drop {
            test,
            sources,
            separator: if self.separator.is_empty() { ";".to_owned() } else { self.separator.clone() },
            older_than: self.older_than.nanos(),
            longer_than: self.longer_than.0,
            reason: build.counted_reason("drop_stage", reason),
            clock: build.clock.clone(),
        }))
    }
}

impl Drop {
    fn drops(&self, work: &Work) -> bool {
        if self.longer_than != 0 && i64::try_from(work.line.len()).is_ok_and(|length| length <= self.longer_than) {
            return false;
        }
        if self.older_than != 0 && work.timestamp >= self.clock.nanos().saturating_sub(self.older_than) {
            return false;
        }
        match &self.test {
            Test::None => true,
            Test::Present => self.sources.iter().all(|key| work.extracted.get(*key).is_some()),
            Test::Line(regex) => regex.regex().is_match(&work.text()),
            Test::Equal(text) => self.joined(work).is_some_and(|joined| joined == *text),
            Test::Values(regex) => self.joined(work).is_some_and(|joined| regex.regex().is_match(&joined)),
        }
    }

    /// The values that are there, joined; `None` when one of them is null.
    fn joined(&self, work: &Work) -> Option<String> {
        let values = self.sources.iter().filter_map(|key| work.extracted.get(*key));
        let texts = values.map(|value| value.text()).collect::<Option<Vec<_>>>()?;
        Some(texts.join(&*self.separator))
    }
}

impl Stage for Drop {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        if self.drops(work) { Flow::Drop(self.reason) } else { Flow::Next }
    }
}
