//! `stage.replace` replaces what the groups of a regular expression match.

use super::template::{Values, compile};
use super::{BuildStage, Stage, regex, source};
use crate::process::entry::{Flow, Source, Work};
use crate::process::extracted::{Key, Value};
use crate::process::pipeline::{Build, Scratch};
use crate::process::template::{Template, Val};
use bytes::Bytes;
use data::relabel::GoRegex;
use value::{Arguments, ValidateError};

/// Replaces what the groups of a regular expression match.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct ReplaceArgs {
    /// The expression, in RE2 syntax. Only what its groups match is replaced; named groups become values.
    #[alloy(attr)]
    expression: String,
    /// The value to work on instead of the line.
    #[alloy(attr, default = "")]
    source: String,
    /// The replacement, a template in Go's language. `.Value` is what the group matches.
    #[alloy(attr, default = "")]
    replace: String,
}

struct Replace {
    regex: GoRegex,
    template: Template,
    source: Source,
    names: Vec<(usize, Key)>,
}

impl BuildStage for ReplaceArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        if self.expression.is_empty() {
            return Err(ValidateError::at("expression", "the expression must not be empty"));
        }
        let regex = regex("expression", &self.expression)?;
        let template = compile("replace", &self.replace)?;
        let source = source(build, Some(&*self.source).filter(|name| !name.is_empty()));
        let named = regex.names().iter().enumerate().filter_map(|(number, name)| Some((number, build.key(name.as_deref()?))));
        let names = named.collect();
        Ok(Box::new(Replace { regex, template, source, names }))
    }
}

/// A text with its groups replaced.
struct Replaced {
    text: String,
    /// What was matched, and what it became.
    pairs: Vec<(String, String)>,
}

impl Replace {
    fn replacement(&self, work: &Work, matched: &str) -> Option<String> {
        if let Some(text) = self.template.literal() {
            return Some(text.to_owned());
        }
        let mut out = String::new();
        let values = Values { work, value: Some(Val::text(matched)), entry: false };
        match self.template.execute(&values, &mut out) {
            Ok(()) => Some(out),
            Err(error) => {
                tracing::debug!(error, "a template cannot be executed, nothing is replaced");
                None
            }
        }
    }

    /// `None` when nothing matches or the template fails.
    fn replaced(&self, work: &Work, input: &str) -> Option<Replaced> {
        let mut text = String::with_capacity(input.len());
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut done = 0;
        let mut any = false;
        for captures in self.regex.regex().captures_iter(input) {
            any = true;
            for group in captures.iter().skip(1).flatten() {
                let new = self.replacement(work, group.as_str())?;
                // A group inside of one that was replaced is gone.
                if done == 0 || done <= group.start() {
                    text.push_str(input.get(done..group.start()).unwrap_or_default());
                    text.push_str(&new);
                    done = group.end();
                }
                pairs.push((group.as_str().to_owned(), new));
            }
        }
        text.push_str(&input[done..]);
        any.then_some(Replaced { text, pairs })
    }
}

impl Stage for Replace {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        let Some(input) = self.source.text(work) else { return Flow::Next };
        let Some(Replaced { text, pairs }) = self.replaced(work, &input) else { return Flow::Next };
        let first = self.regex.regex().captures(&input);
        let group = |number: usize| first.as_ref().and_then(|captures| captures.get(number)).map_or("", |found| found.as_str());
        let values: Vec<_> = self
            .names
            .iter()
            .filter_map(|(number, key)| Some((*key, pairs.iter().rev().find(|(old, _)| old == group(*number))?.1.clone())))
            .collect();
        drop(first);
        match self.source {
            Source::Line => work.line = Bytes::from(text),
            Source::Value(key) => work.extracted.set(key, Value::text(text)),
        }
        for (key, value) in values {
            work.extracted.set(key, Value::text(value));
        }
        Flow::Next
    }
}
