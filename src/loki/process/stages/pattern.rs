//! `stage.pattern` extracts values by a pattern such as `<ip> - - [<_>] "<method> <path>"`.

use super::{BuildStage, Stage, optional_source};
use crate::process::entry::{Flow, Source, Work};
use crate::process::extracted::Key;
use crate::process::pipeline::{Build, Memory, Scratch};
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::ops::Range;
use value::{Arguments, ValidateError};

/// Extracts values by a pattern: names in angle brackets stand for any text, `<_>` for text that is not wanted.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct PatternArgs {
    /// The pattern.
    #[alloy(attr)]
    pattern: String,
    /// The value to read instead of the line.
    #[alloy(attr, optional)]
    source: Option<String>,
    /// Makes the values labels, too.
    #[alloy(attr, optional)]
    labels_from_groups: bool,
}

/// A capture, with or without a name, and the text behind it; no text means the end of the line.
struct Part {
    name: Option<(String, Key)>,
    until: Finder<'static>,
}

struct Pattern {
    prefix: String,
    parts: Vec<Part>,
    source: Source,
    labels: Option<Memory>,
}

/// The text before the first capture, and each capture with the text behind it.
fn parse(pattern: &str) -> (String, Vec<(&str, String)>) {
    let mut prefix = String::new();
    let mut parts: Vec<(&str, String)> = Vec::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        if let Some((name, after)) = capture(rest) {
            parts.push((name, String::new()));
            rest = after;
            continue;
        }
        parts.last_mut().map_or(&mut prefix, |(_, text)| text).push(c);
        rest = &rest[c.len_utf8()..];
    }
    (prefix, parts)
}

/// `<name>` at the beginning: the name and what follows.
fn capture(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.strip_prefix('<')?.split_once('>')?;
    crate::process::entry::is_label_name(name).then_some((name, after))
}

impl BuildStage for PatternArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        let invalid = |message: String| Err(ValidateError::at("pattern", message));
        if self.pattern.is_empty() {
            return invalid("the pattern must not be empty".to_owned());
        }
        let source = optional_source(build, self.source.as_deref())?;
        let (prefix, parsed) = parse(&self.pattern);
        if parsed.iter().all(|(name, _)| *name == "_") {
            return invalid("the pattern needs at least one name, such as <method>".to_owned());
        }
        let last = parsed.len() - 1;
        let mut parts: Vec<Part> = Vec::new();
        for (i, (name, text)) in parsed.iter().enumerate() {
            if text.is_empty() && i < last {
                return invalid(format!("there must be text between <{name}> and <{}>", parsed[i + 1].0));
            }
            if *name != "_" && parsed[..i].iter().any(|(other, _)| other == name) {
                return invalid(format!("<{name}> stands there twice"));
            }
            let name = (*name != "_").then(|| ((*name).to_owned(), build.key(name)));
            parts.push(Part { name, until: Finder::new(text).into_owned() });
        }
        let labels = self.labels_from_groups.then(|| build.memory());
        Ok(Box::new(Pattern { prefix, parts, source, labels }))
    }
}

impl Pattern {
    /// What the captures with a name match; those behind a missing text match nothing.
    fn find(&self, line: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::with_capacity(self.parts.len());
        if line.is_empty() || !line.starts_with(self.prefix.as_bytes()) {
            return found;
        }
        let mut at = self.prefix.len();
        for part in &self.parts {
            let length = if part.until.needle().is_empty() { None } else { part.until.find(&line[at..]) };
            let end = length.map_or(line.len(), |length| at + length);
            if part.name.is_some() {
                found.push(at..end);
            }
            if length.is_none() {
                break;
            }
            at = end + part.until.needle().len();
        }
        found
    }
}

impl Stage for Pattern {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        let Some(input) = self.source.read(work) else { return Flow::Next };
        let found = self.find(&input);
        let names = self.parts.iter().filter_map(|part| part.name.as_ref());
        let pairs: Vec<_> = names.zip(found).collect();
        for ((_, key), range) in &pairs {
            let value = work.extracted.capture(&input, range.clone());
            work.extracted.set(*key, value);
        }
        if let Some(memory) = self.labels.filter(|_| !pairs.is_empty()) {
            let memory = scratch.memory(memory);
            memory.begin();
            for (_, range) in &pairs {
                memory.value(Some(Cow::Borrowed(&input[range.clone()])));
            }
            memory.apply(&mut work.labels, |labels| {
                for ((name, _), range) in &pairs {
                    if let Ok(value) = std::str::from_utf8(&input[range.clone()]) {
                        labels.set(name, value);
                    }
                }
            });
        }
        Flow::Next
    }
}
