//! `stage.luhn` replaces numbers that could be those of payment cards.

use super::{BuildStage, Stage, optional_regex, optional_source};
use crate::process::entry::{Flow, Source, Work};
use crate::process::extracted::ValueRef;
use crate::process::pipeline::{Build, Scratch};
use bytes::Bytes;
use data::relabel::GoRegex;
use std::ops::Range;
use value::{Arguments, ValidateError};

/// Replaces numbers whose check digit fits by the Luhn algorithm, as those of payment cards do.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct LuhnArgs {
    /// What numbers are replaced by. Empty means `**REDACTED**`.
    #[alloy(attr, default = "")]
    replacement: String,
    /// The value to read instead of the line. The result is the line in any case.
    #[alloy(attr, optional)]
    source: Option<String>,
    /// The shortest number that is replaced. 0 means 13.
    #[alloy(attr, default = 0)]
    min_length: i64,
    /// Characters that may stand inside of a number.
    #[alloy(attr, default = "")]
    delimiters: String,
    /// Numbers inside of what this matches are kept.
    #[alloy(attr, default = "")]
    skip_regex: String,
}

struct Luhn {
    replacement: String,
    source: Source,
    min_length: usize,
    delimiters: String,
    skip: Option<GoRegex>,
}

impl BuildStage for LuhnArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        Ok(Box::new(Luhn {
            replacement: if self.replacement.is_empty() { "**REDACTED**".to_owned() } else { self.replacement.clone() },
            source: optional_source(build, self.source.as_deref())?,
            min_length: usize::try_from(self.min_length).ok().filter(|n| *n > 0).unwrap_or(13),
            delimiters: self.delimiters.clone(),
            skip: optional_regex("skip_regex", &self.skip_regex)?,
        }))
    }
}

/// A run of digits, with delimiters in it and behind it.
#[derive(Default)]
struct Number {
    digits: String,
    /// From the first to the last digit.
    range: Range<usize>,
    /// With the delimiters behind it.
    end: usize,
    delimiter: Option<char>,
}

/// True when the check digit at the end fits.
fn is_valid(digits: &str) -> bool {
    let Ok(mut number) = digits.parse::<i64>() else { return false };
    let mut sum = 0;
    let mut double = false;
    while number > 0 {
        let digit = number % 10 * if double { 2 } else { 1 };
        sum += if digit > 9 { digit - 9 } else { digit };
        double = !double;
        number /= 10;
    }
    sum % 10 == 0
}

impl Luhn {
    fn replace(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut skipped: Option<Vec<Range<usize>>> = None;
        let mut number = Number::default();
        for (at, c) in text.char_indices() {
            if c.is_numeric() && is_digit(c) {
                if number.digits.is_empty() {
                    number.range.start = at;
                }
                number.digits.push(c);
                number.range.end = at + c.len_utf8();
                number.end = number.range.end;
                number.delimiter = None;
            } else if !number.digits.is_empty() && self.delimiters.contains(c) {
                number.end = at + c.len_utf8();
                number.delimiter = Some(c);
            } else {
                self.flush(text, &mut number, &mut skipped, &mut out);
                out.push(c);
            }
        }
        self.flush(text, &mut number, &mut skipped, &mut out);
        out
    }

    fn flush(&self, text: &str, number: &mut Number, skipped: &mut Option<Vec<Range<usize>>>, out: &mut String) {
        let number = std::mem::take(number);
        if number.digits.is_empty() {
            return;
        }
        let replaced = number.digits.len() >= self.min_length && is_valid(&number.digits) && !self.is_skipped(text, &number.range, skipped);
        if replaced {
            out.push_str(&self.replacement);
            out.extend(number.delimiter);
        } else {
            out.push_str(&text[number.range.start..number.end]);
        }
    }

    fn is_skipped(&self, text: &str, range: &Range<usize>, skipped: &mut Option<Vec<Range<usize>>>) -> bool {
        let Some(skip) = &self.skip else { return false };
        let ranges = skipped.get_or_insert_with(|| skip.regex().find_iter(text).map(|found| found.range()).collect());
        let next = ranges.partition_point(|skip| skip.end <= range.start);
        ranges.get(next).is_some_and(|skip| skip.start <= range.start && range.end <= skip.end)
    }
}

/// True for decimal digits of any script; those that are not ASCII never make a valid number.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
        || (!c.is_ascii()
            && c.is_numeric()
            && !c.is_alphabetic()
            && !matches!(c, '\u{b2}' | '\u{b3}' | '\u{b9}' | '\u{bc}'..='\u{be}' | '\u{2070}'..='\u{218f}' | '\u{2460}'..='\u{24ff}' | '\u{2776}'..='\u{2793}'))
}

impl Stage for Luhn {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        let input = match self.source {
            Source::Line => work.line.clone(),
            Source::Value(key) => match work.extracted.get(key) {
                Some(ValueRef::Text(text)) => Bytes::copy_from_slice(text),
                _ => return Flow::Next,
            },
        };
        work.line = Bytes::from(self.replace(&String::from_utf8_lossy(&input)));
        Flow::Next
    }
}
