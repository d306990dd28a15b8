//! `stage.match` runs stages on the lines that a selector selects, or drops them.

use super::{BuildStage, Stage, StageArgs};
use crate::process::entry::{Flow, Work};
use crate::process::pipeline::{Build, Chain, Reason, Scratch};
use crate::process::selector::Selector;
use value::{Arguments, ValidateError};

/// Runs stages on the lines that a selector selects, or drops them.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct MatchArgs {
    /// Labels and text of the lines: `{app="web"} |= "error"`.
    #[alloy(attr)]
    selector: String,
    /// The stages for these lines. Needed unless they are dropped.
    #[alloy(blocks = "stage")]
    stages: Vec<StageArgs>,
    /// `keep`, the default, or `drop`.
    #[alloy(attr, default = "")]
    action: String,
    /// A name for people.
    #[alloy(attr, default = "")]
    pipeline_name: String,
    /// What dropped lines are counted as. Empty means `match_stage`.
    #[alloy(attr, default = "")]
    drop_counter_reason: String,
}

enum Action {
    Run(Chain),
    Drop(Reason),
}

struct Match {
    selector: Selector,
    action: Action,
}

impl BuildStage for MatchArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        let invalid = |field: &str, message: String| Err(ValidateError::at(field, message));
        if self.selector.is_empty() {
            return invalid("selector", "the selector must not be empty".to_owned());
        }
        let action = match &*self.action {
            "" | "keep" if self.stages.is_empty() => {
                return invalid("selector", "at least one stage is needed for the selected lines".to_owned());
            }
            "" | "keep" => Action::Run(build.chain(&self.stages)?),
            "drop" if !self.stages.is_empty() => return invalid("action", "lines that are dropped cannot have stages".to_owned()),
            "drop" => {
                let reason = if self.drop_counter_reason.is_empty() { "match_stage" } else { &self.drop_counter_reason };
                Action::Drop(build.counted_reason("match_stage", reason))
            }
            other => return invalid("action", format!("{other:?} is no action; use `keep` or `drop`")),
        };
        match Selector::parse(&self.selector) {
            Ok(selector) => Ok(Box::new(Match { selector, action })),
            Err(cause) => Err(ValidateError::at("selector", format!("the selector cannot be read: {cause}"))
                .hint("a selector looks like {app=\"web\"} |= \"text\"")),
        }
    }
}

impl Stage for Match {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        if !self.selector.matches(&work.labels, &work.line) {
            return Flow::Next;
        }
        match &self.action {
            Action::Drop(reason) => Flow::Drop(*reason),
            Action::Run(chain) => {
                let labels = work.labels.clone();
                work.extracted.relabel(&labels);
                chain.run(work, scratch)
            }
        }
    }

    fn release(&self, now: Option<i64>, scratch: &mut Scratch) -> Vec<Work> {
        match &self.action {
            Action::Run(chain) => chain.release(now, scratch),
            Action::Drop(_) => Vec::new(),
        }
    }

    fn due(&self) -> Option<i64> {
        match &self.action {
            Action::Run(chain) => chain.due(),
            Action::Drop(_) => None,
        }
    }
}
