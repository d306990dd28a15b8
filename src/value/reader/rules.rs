//! What holds between the attributes and blocks of bodies that no struct stands for.

use super::Reader;
use super::dynamic::accepted;
use crate::body::{Attr, AttrValue, Block, Body};
use crate::decode::{DecodeError, FromValue, Step};
use crate::reader::inside;
use crate::schema::Type;
use crate::shape::{Bound, Condition, Form, Rule};
use crate::types::{ByteSize, Duration, Regexp, Url};
use crate::value_model::Value;
use syntax::{Diagnostic, Span};

impl Reader<'_, '_> {
    /// Checks a rule; `when` says under which condition it holds, for messages.
    pub(super) fn rule(&mut self, rule: &Rule, when: &str) {
        match rule {
            Rule::Count(range, names) => self.count(range, names, when),
            Rule::Given(names) => names.iter().for_each(|name| self.given(name, when)),
            Rule::Filled(names) => names.iter().for_each(|name| self.filled(name, when)),
            Rule::Texts(name, texts) => {
                let is_list = self.known.iter().any(|known| known.name == *name && matches!(known.ty, Some(Type::List(_))));
                self.known_value(name, |value| match value {
                    Value::Null if is_list => Ok(()),
                    value => accepted(value, texts),
                });
            }
            Rule::Never(name, text) => self.known_value(name, |value| match value {
                Value::String(written) if written.eq_ignore_ascii_case(text) => {
                    Err(DecodeError::new(format!("{text:?} is not accepted here")))
                }
                _ => Ok(()),
            }),
            Rule::Bound(bound, limit, names) => names.iter().for_each(|name| {
                self.known_value(name, |value| match keeps(value, *bound, limit) {
                    true => Ok(()),
                    false if matches!(value, Value::Array(_)) => {
                        Err(DecodeError::new(format!("it must have {} {limit} elements{when}", words(*bound))))
                    }
                    false => Err(DecodeError::new(format!("it must be {} {limit}{when}", words(*bound)))),
                });
            }),
            Rule::Experimental(names) => names.iter().for_each(|name| self.experimental_if(name, |value| !is_off(value))),
            Rule::ExperimentalText(name, text) => self.experimental_if(name, |value| holds(value, text)),
            Rule::Below(pair) => self.compared(pair, |a, b| a < b, "must be less than"),
            Rule::NotAbove(pair) => self.compared(pair, |a, b| b == 0.0 || a <= b, "must not be greater than"),
            Rule::Matches(name, pattern, form) => {
                let Ok(pattern) = pattern.parse::<Regexp>() else { return };
                let form = match form.as_slice() {
                    [] => format!("it must match `{}`", pattern.as_str()),
                    words => format!("write {}", words.join(" ")),
                };
                self.known_value(name, |value| {
                    // The text may be secret.
                    let wrong = || DecodeError::new(format!("it is not of the form that is needed{when}")).hint(form.clone());
                    each_text(value, &|text| if pattern.is_match(text) { Ok(()) } else { Err(wrong()) })
                });
            }
            Rule::Form(form, names) => names.iter().for_each(|name| {
                self.known_value(
                    name,
                    |value| if matches!(value, Value::Null) { Ok(()) } else { each_text(value, &|text| of_form(text, *form)) },
                );
            }),
            Rule::Yaml(name, keys) => self.known_value(name, |value| each_text(value, &|text| yaml(text, keys))),
            Rule::Members(name, members) => self.known_value(name, |value| with_members(value, members)),
            Rule::Refused(why) => {
                let message = format!("the original refuses every configuration of this: {}", why.join(" "));
                self.fail::<()>(Diagnostic::error("decode/invalid", self.body.source, self.body.span, message));
            }
            Rule::All(rules) => rules.iter().for_each(|rule| self.rule(rule, when)),
            Rule::In(name, rule) => {
                for block in self.named(name) {
                    let mut inner = Reader::block_of(block, self.cx);
                    inner.rule(rule, when);
                    self.failed |= inner.failed;
                }
            }
            Rule::When(condition, rule) => {
                if self.is_so(condition) {
                    let when = self.circumstance(condition);
                    self.rule(rule, &when);
                }
            }
        }
    }

    fn is_so(&self, condition: &Condition) -> bool {
        let Condition { names, texts } = condition;
        if texts.is_empty() {
            return !self.meant(names).is_empty();
        }
        names.iter().any(|name| match self.find(name).map(|attr| &attr.value) {
            None => texts.contains(&"-"),
            Some(AttrValue::Known(Value::Bool(value))) => texts.contains(&if *value { "true" } else { "false" }),
            Some(AttrValue::Known(Value::Null)) => texts.contains(&"\"\""),
            Some(AttrValue::Known(value)) => String::from_value(value).is_ok_and(|text| accepted(&Value::string(text), texts).is_ok()),
            Some(_) => false,
        })
    }

    /// The condition that holds, for messages.
    fn circumstance(&self, condition: &Condition) -> String {
        let shown = |names: &[&str]| {
            let shown = names.iter().map(|name| format!("`{}`", name.trim_end_matches(['?', '+'])));
            shown.collect::<Vec<_>>().join(" or ")
        };
        match condition.names.as_slice() {
            names if condition.texts.is_empty() => format!(" when {} is written", shown(names)),
            names => match self.find(names.first().copied().unwrap_or_default()).map(|attr| &attr.value) {
                Some(AttrValue::Known(Value::Bool(value))) => format!(" when {} is {value}", shown(names)),
                Some(AttrValue::Known(value)) => match String::from_value(value) {
                    Ok(text) => format!(" when {} is {text:?}", shown(names)),
                    Err(_) => format!(" with this {}", shown(names)),
                },
                _ => format!(" when {} is not written", shown(names)),
            },
        }
    }

    fn experimental_if(&mut self, name: &'static str, is_used: impl Fn(&Value) -> bool) {
        let attr = self.find(name).map(|attr| match &attr.value {
            AttrValue::Known(value) => is_used(value),
            _ => true,
        });
        let is_used = attr.unwrap_or_else(|| self.named(name).next().is_some());
        self.experimental(name, is_used);
    }

    /// Compares two attributes, or their defaults.
    fn compared(&mut self, [a, default_a, b, default_b]: &[&'static str; 4], holds: impl Fn(f64, f64) -> bool, words: &str) {
        let number = |name: &str, default: &'static str| match self.find(name).map(|attr| &attr.value) {
            None => size(&Value::string(default)),
            Some(AttrValue::Known(value)) => size(value),
            Some(_) => None,
        };
        let (Some(left), Some(right)) = (number(a, default_a), number(b, default_b)) else { return };
        if !holds(left, right) {
            let (place, message) = match (self.find(a).is_some(), self.find(b).is_some()) {
                (true, true) => (a, format!("it {words} `{b}`")),
                (true, false) => (a, format!("it {words} `{b}`, which is {default_b}")),
                _ => (b, format!("`{a}`, which is {default_a}, {words} this")),
            };
            self.known_value(place, |_| Err(DecodeError::new(message)));
        }
    }

    fn known_value(&mut self, name: &'static str, check: impl FnOnce(&Value) -> Result<(), DecodeError>) {
        let Some(attr) = self.find(name) else { return };
        let AttrValue::Known(value) = &attr.value else { return };
        if let Err(error) = check(value) {
            self.failed = true;
            self.cx.report(self.body, attr, error);
        }
    }

    /// Where one of the names is written: `a/b` in the block `a`, `a?` even when empty, `a+` for a block that holds something,
    /// `a.` for the blocks of a family.
    fn meant(&self, names: &[&'static str]) -> Vec<Span> {
        names.iter().flat_map(|name| places(self.body, name)).collect()
    }

    fn count(&mut self, range: &std::ops::RangeInclusive<usize>, names: &[&'static str], when: &str) {
        // A block that may stand more than once counts once.
        let written: Vec<Span> = names
            .iter()
            .flat_map(|name| places(self.body, name).into_iter().take(if name.ends_with('.') { usize::MAX } else { 1 }))
            .collect();
        if range.contains(&written.len()) {
            return;
        }
        let shown = |names: &[&str]| {
            let star = |name: &str| if name.ends_with('.') { "*" } else { "" };
            let shown = names.iter().map(|name| format!("`{}{}`", name.trim_end_matches(['?', '+']), star(name)));
            shown.collect::<Vec<_>>().join(", ")
        };
        let message = match (range.start(), range.end()) {
            (1, 1) => format!("exactly one of {} is needed{when}", shown(names)),
            (1, _) => format!("at least one of {} is needed{when}", shown(names)),
            (_, 0) => {
                let there: Vec<&str> = names.iter().copied().filter(|name| !self.meant(&[name]).is_empty()).collect();
                format!("{} has no meaning{when}", shown(&there))
            }
            _ => format!("at most one of {} may be written{when}", shown(names)),
        };
        let place = written.last().copied().unwrap_or(self.body.span);
        self.fail::<()>(Diagnostic::error("decode/invalid", self.body.source, place, message));
    }

    fn given(&mut self, name: &'static str, when: &str) {
        if self.find(name).is_some() {
            self.filled(name, when);
        } else if self.meant(&[name]).is_empty() {
            let message = format!("`{name}` is needed{when}");
            self.fail::<()>(Diagnostic::error("decode/invalid", self.body.source, self.body.span, message));
        }
    }

    fn filled(&mut self, name: &'static str, when: &str) {
        self.known_value(name, |value| if is_zero(value) { Err(DecodeError::new(format!("it must not be empty{when}"))) } else { Ok(()) });
    }
}

fn places(body: &Body<'_>, name: &str) -> Vec<Span> {
    if let Some((block, inner)) = name.split_once('/') {
        return body.blocks.iter().filter(|b| b.ast.name == block).flat_map(|b| places(&b.body, inner)).collect();
    }
    let bare = name.trim_end_matches(['?', '+']);
    let is_meant = |written: &str| written == bare || (bare.ends_with('.') && written.starts_with(bare));
    let is_empty = |attr: &Attr<'_>| match &attr.value {
        AttrValue::Known(value) if name.ends_with('?') => matches!(value, Value::Null),
        AttrValue::Known(value) => is_zero(value),
        _ => false,
    };
    let holds = |block: &Block<'_>| !name.ends_with('+') || !block.body.attrs.is_empty() || !block.body.blocks.is_empty();
    let attrs = body.attrs.iter().filter(|attr| is_meant(&attr.name.text) && !is_empty(attr)).map(|attr| attr.name.span);
    let blocks = body.blocks.iter().filter(|block| is_meant(&block.ast.name) && holds(block)).map(|block| block.ast.name_span);
    attrs.chain(blocks).collect()
}

fn words(bound: Bound) -> &'static str {
    match bound {
        Bound::Above => "greater than",
        Bound::Least => "at least",
        Bound::Most => "at most",
    }
}

/// Says yes where the value is nothing that can be measured.
fn keeps(value: &Value, bound: Bound, limit: &'static str) -> bool {
    let (Some(written), Some(limit)) = (amount(value), amount(&Value::string(limit))) else { return true };
    match bound {
        Bound::Above => written > limit,
        Bound::Least => written >= limit,
        Bound::Most => written <= limit,
    }
}

/// A number, or a duration in seconds, or a size in bytes.
fn amount(value: &Value) -> Option<f64> {
    match (f64::from_value(value), value) {
        (_, Value::Null) => Some(0.0),
        (_, Value::Array(items)) => Some(items.len() as f64),
        (Ok(number), _) => Some(number),
        (Err(_), Value::String(text)) => match text.parse::<Duration>() {
            Ok(duration) => Some(duration.as_secs_f64()),
            Err(_) => text.parse::<ByteSize>().ok().map(|size| size.0 as f64),
        },
        _ => None,
    }
}

/// The amount, a number as the unsigned one of 32 bits that the original makes of it.
fn size(value: &Value) -> Option<f64> {
    amount(value).map(|amount| if f64::from_value(value).is_ok() { amount.rem_euclid(f64::from(u32::MAX) + 1.0) } else { amount })
}

fn is_off(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false))
}

/// What a value is when nobody writes it.
fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Number(_) => f64::from_value(value) == Ok(0.0),
        Value::Object(members) => members.iter().next().is_none(),
        _ => false,
    }
}

/// Whether the value is this text, or an array that holds it.
fn holds(value: &Value, text: &str) -> bool {
    match value {
        Value::String(written) => &**written == text,
        Value::Array(items) => items.iter().any(|item| matches!(item, Value::String(written) if &**written == text)),
        _ => false,
    }
}

/// Checks the text, or every text of an array.
fn each_text(value: &Value, check: &impl Fn(&str) -> Result<(), DecodeError>) -> Result<(), DecodeError> {
    match value {
        Value::Array(items) => items.iter().enumerate().try_for_each(|(i, item)| inside(each_text(item, check), || Step::Index(i))),
        Value::Null => check(""),
        Value::String(text) => check(text),
        Value::Number(_) => check(&String::from_value(value)?),
        _ => Ok(()),
    }
}

fn of_form(text: &str, form: Form) -> Result<(), DecodeError> {
    match form {
        Form::Paired => unpaired(text).map_or(Ok(()), |c| Err(DecodeError::new(format!("`{c}` has no partner in {text:?}")))),
        Form::Regexp => text.parse::<Regexp>().map(|_| ()),
        Form::Url => text.parse::<Url>().map(|_| ()),
    }
}

/// A YAML document that is empty or has only these names at the top.
fn yaml(text: &str, keys: &[&str]) -> Result<(), DecodeError> {
    let wrong = |message: String| DecodeError::new(message).hint(format!("it is YAML; at its top stand {}", keys.join(", ")));
    match crate::functions::from_yaml(text).map_err(wrong)? {
        Value::Null => Ok(()),
        Value::Object(members) => match members.iter().find(|(name, _)| !keys.contains(&&***name)) {
            Some((name, _)) => Err(wrong(format!("{name:?} is not known here"))),
            None => Ok(()),
        },
        _ => Err(wrong("these are no names with values".to_owned())),
    }
}

/// Every object must have these members; `a|b` is one of the two.
fn with_members(value: &Value, members: &[&str]) -> Result<(), DecodeError> {
    match value {
        Value::Array(items) => items.iter().enumerate().try_for_each(|(i, item)| inside(with_members(item, members), || Step::Index(i))),
        Value::Object(object) => {
            let has = |name: &str| object.iter().any(|(key, _)| &**key == name);
            match members.iter().find(|names| !names.split('|').any(has)) {
                Some(names) => Err(DecodeError::new(format!("`{}` is missing", names.replace('|', "` or `")))),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// The first bracket or quote without a partner.
fn unpaired(text: &str) -> Option<char> {
    let (mut open, mut quoted, mut escaped) = (Vec::new(), false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => open.push(c),
            ')' | ']' | '}' => {
                let partner = open.pop();
                if !matches!((partner, c), (Some('('), ')') | (Some('['), ']') | (Some('{'), '}')) {
                    return Some(c);
                }
            }
            _ => {}
        }
    }
    if quoted { Some('"') } else { open.pop() }
}
