//! Relabelling: rules that rewrite, keep or drop label sets, as Prometheus applies them.
//!
//! An empty value is the same as no label: writing one removes the label, and reading a missing one gives "".

mod regexp;
mod rule;
mod template;
#[cfg(test)]
mod tests;

pub use regexp::{Groups, Regexp};
pub use rule::{Action, Fault, Rule, Rules};
pub use template::Template;
pub use value::GoRegex;

use crate::labels::{Labels, LabelsBuilder};
use md5::{Digest, Md5};
use std::cell::Cell;
use std::fmt::Write;
use value::case;

/// Which label names `replace` may write. A name that is not allowed is not written, without an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// `[a-zA-Z_][a-zA-Z0-9_]*`: samples and log lines.
    #[default]
    Legacy,
    /// Anything but nothing: targets.
    Utf8,
}

impl Names {
    /// True when `name` may be written.
    pub fn allow(self, name: &str) -> bool {
        match self {
            Self::Utf8 => !name.is_empty(),
            Self::Legacy => {
                name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && name.bytes().next().is_some_and(|b| !b.is_ascii_digit())
            }
        }
    }
}

/// Applies `rules` in order to the labels of a sample or a log line. `None` means that it is dropped; a set without
/// labels is kept. Without a change the result is the input, and nothing is allocated.
pub fn process(labels: &Labels, rules: &[Rule]) -> Option<Labels> {
    process_with(labels, rules, Names::Legacy)
}

/// As [`process`], with other label names allowed.
pub fn process_with(labels: &Labels, rules: &[Rule], names: Names) -> Option<Labels> {
    let mut edit = Edit { base: labels, changed: None };
    if labels.pairs().iter().any(|pair| pair.value().is_empty()) {
        edit.builder().retain(|_, value| !value.is_empty());
    }
    if !run(&mut edit, rules, names) {
        return None;
    }
    Some(edit.changed.map_or_else(|| labels.clone(), LabelsBuilder::build))
}

/// Applies `rules` in order to what is in `builder`. False means that it is dropped.
pub fn process_builder(builder: &mut LabelsBuilder, rules: &[Rule], names: Names) -> bool {
    run(builder, rules, names)
}

/// A set of labels under work.
trait LabelSet {
    fn value(&self, name: &str) -> &str;
    fn write(&mut self, name: &str, value: &str);
    fn each(&self) -> impl Iterator<Item = (&str, &str)>;
    fn keep_if(&mut self, keep: impl Fn(&str) -> bool);
}

impl LabelSet for LabelsBuilder {
    fn value(&self, name: &str) -> &str {
        self.get(name).unwrap_or("")
    }
    fn write(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            self.del(name);
        } else {
            self.set(name, value);
        }
    }
    fn each(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter()
    }
    fn keep_if(&mut self, keep: impl Fn(&str) -> bool) {
        self.retain(|name, _| keep(name));
    }
}

/// Copies the labels only when one of them changes.
struct Edit<'a> {
    base: &'a Labels,
    changed: Option<LabelsBuilder>,
}

impl Edit<'_> {
    fn builder(&mut self) -> &mut LabelsBuilder {
        self.changed.get_or_insert_with(|| self.base.to_builder())
    }
}

impl LabelSet for Edit<'_> {
    fn value(&self, name: &str) -> &str {
        match &self.changed {
            Some(builder) => builder.value(name),
            None => self.base.get(name).unwrap_or(""),
        }
    }
    fn write(&mut self, name: &str, value: &str) {
        if self.value(name) != value {
            self.builder().write(name, value);
        }
    }
    fn each(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = match &self.changed {
            Some(builder) => builder.pairs(),
            None => self.base.pairs(),
        };
        pairs.iter().map(|p| (p.name(), p.value()))
    }
    fn keep_if(&mut self, keep: impl Fn(&str) -> bool) {
        if !self.each().all(|(name, _)| keep(name)) {
            self.builder().retain(|name, _| keep(name));
        }
    }
}

/// Buffers that live as long as the thread, so that rules allocate nothing.
#[derive(Default)]
struct Scratch {
    joined: String,
    name: String,
    value: String,
}

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

fn run(set: &mut impl LabelSet, rules: &[Rule], names: Names) -> bool {
    let mut scratch = SCRATCH.take().unwrap_or_default();
    let keep = rules.iter().all(|rule| apply(set, rule, names, &mut scratch));
    SCRATCH.set(Some(scratch));
    keep
}

fn apply(set: &mut impl LabelSet, rule: &Rule, names: Names, scratch: &mut Scratch) -> bool {
    match rule.action {
        Action::Keep => test(set, rule, scratch, |text| rule.regex.is_match(text)),
        Action::Drop => !test(set, rule, scratch, |text| rule.regex.is_match(text)),
        Action::KeepEqual => test(set, rule, scratch, |text| text == set.value(&rule.target_label)),
        Action::DropEqual => !test(set, rule, scratch, |text| text == set.value(&rule.target_label)),
        _ => {
            change(set, rule, names, scratch);
            true
        }
    }
}

/// What `test` says of the joined sources; a single one needs no copy.
fn test(set: &impl LabelSet, rule: &Rule, scratch: &mut Scratch, test: impl Fn(&str) -> bool) -> bool {
    if let [label] = rule.source_labels.as_slice() {
        return test(set.value(label));
    }
    join(set, rule, &mut scratch.joined);
    test(&scratch.joined)
}

fn change(set: &mut impl LabelSet, rule: &Rule, names: Names, Scratch { joined, name, value }: &mut Scratch) {
    join(set, rule, joined);
    value.clear();
    match rule.action {
        Action::Keep | Action::Drop | Action::KeepEqual | Action::DropEqual => return,
        Action::LabelMap => return label_map(set, rule),
        Action::LabelDrop => return set.keep_if(|name| !rule.regex.is_match(name)),
        Action::LabelKeep => return set.keep_if(|name| rule.regex.is_match(name)),
        Action::Replace => return replace(set, rule, names, joined, name, value),
        Action::Lowercase => value.extend(joined.chars().map(case::lower)),
        Action::Uppercase => value.extend(joined.chars().map(case::upper)),
        // A modulus of 0 does not pass the check of rules.
        Action::HashMod => {
            write!(value, "{}", hash(joined).checked_rem(rule.modulus).unwrap_or(0)).expect("writing to a string cannot fail")
        }
    }
    set.write(&rule.target_label, value);
}

fn join(set: &impl LabelSet, rule: &Rule, joined: &mut String) {
    joined.clear();
    for (i, label) in rule.source_labels.iter().enumerate() {
        if i > 0 {
            joined.push_str(&rule.separator);
        }
        joined.push_str(set.value(label));
    }
}

fn replace(set: &mut impl LabelSet, rule: &Rule, names: Names, joined: &str, name: &mut String, value: &mut String) {
    let Some(groups) = rule.regex.groups(joined) else { return };
    let target = match rule.target_label.literal() {
        Some(target) => target,
        None => {
            name.clear();
            rule.target_label.expand(&groups, name);
            name
        }
    };
    if names.allow(target) {
        rule.replacement.expand(&groups, value);
        set.write(target, value);
    }
}

/// The last eight bytes of the MD5 sum, as Prometheus takes them.
fn hash(text: &str) -> u64 {
    let sum = Md5::digest(text.as_bytes());
    sum[8..].iter().fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

/// Works on the labels as they were before the rule; of several that get one name the last wins.
fn label_map(set: &mut impl LabelSet, rule: &Rule) {
    let matching = set.each().filter_map(|(name, value)| {
        let groups = rule.regex.groups(name)?;
        let mut target = String::new();
        rule.replacement.expand(&groups, &mut target);
        Some((target, value.to_owned()))
    });
    for (name, value) in matching.collect::<Vec<_>>() {
        set.write(&name, &value);
    }
}
