//! Checks of bodies against shapes that no struct stands for.

use super::{Kind, Reader};
use crate::body::{Attr, AttrValue, Block, Body};
use crate::decode::{DecodeCx, DecodeError, FromValue, Step};
use crate::reader::inside;
use crate::schema::{Type, Variant};
use crate::shape::{Rule, Shape, ShapeField, ShapeKind};
use crate::types::{Duration, Regexp};
use crate::value_model::Value;
use syntax::{Diagnostic, Span};

impl Shape {
    /// Reports everything in `body` that does not fit.
    pub fn check(&self, body: &Body<'_>, cx: &mut DecodeCx) {
        Reader::body(body, cx).check(self);
    }
}

impl<'a> Reader<'_, 'a> {
    fn check(mut self, shape: &Shape) {
        let first = self.cx.diagnostics.len();
        for field in &shape.fields {
            self.field(field);
        }
        if !self.failed {
            shape.rules.iter().for_each(|rule| self.rule(rule));
        }
        self.finish(first);
    }

    fn rule(&mut self, rule: &Rule) {
        match rule {
            Rule::Count(range, names) => self.count(range, names),
            Rule::Texts(name, texts) => self.known_value(name, |value| accepted(value, texts)),
            Rule::Never(name, text) => self.known_value(name, |value| match value {
                Value::String(written) if written.eq_ignore_ascii_case(text) => {
                    Err(DecodeError::new(format!("{text:?} is not accepted here")))
                }
                _ => Ok(()),
            }),
            Rule::Experimental(names) => names.iter().for_each(|name| self.experimental_if(name, |value| !is_off(value))),
            Rule::ExperimentalText(name, text) => self.experimental_if(name, |value| holds(value, text)),
            Rule::Below(pair) => self.compared(pair, |a, b| a < b, "must be less than"),
            Rule::NotAbove(pair) => self.compared(pair, |a, b| b == 0.0 || a <= b, "must not be greater than"),
            Rule::NeedsWhen(name, other, texts) => {
                let is_so = |value: &Value| matches!(value, Value::String(text) if texts.contains(&&**text));
                if !self.is_written(name) && self.find(other).is_some_and(|attr| matches!(&attr.value, AttrValue::Known(v) if is_so(v))) {
                    self.known_value(other, |_| Err(DecodeError::new(format!("this needs `{name}`"))));
                }
            }
            Rule::Matches(name, pattern) => self.known_value(name, |value| match value {
                Value::String(text) if pattern.parse().is_ok_and(|pattern: Regexp| !pattern.is_match(text)) => {
                    Err(DecodeError::new(format!("{:?} is not of the form that is needed", &**text))
                        .hint(format!("it must match `{pattern}`")))
                }
                _ => Ok(()),
            }),
            Rule::Paired(names) => names.iter().for_each(|name| self.known_value(name, paired)),
            Rule::Least(name, least) => self.known_value(name, |value| {
                let below = match (Duration::from_value(value), Duration::from_value(&Value::string(*least))) {
                    (Ok(written), Ok(least)) if matches!(value, Value::String(_)) => written.std() < least.std(),
                    _ => f64::from_value(value).is_ok_and(|written| least.parse().is_ok_and(|least: f64| written < least)),
                };
                if below { Err(DecodeError::new(format!("it must be at least {least}"))) } else { Ok(()) }
            }),
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

    fn count(&mut self, range: &std::ops::RangeInclusive<usize>, names: &[&'static str]) {
        let empty = |attr: &Attr<'_>| match &attr.value {
            AttrValue::Known(Value::Null) => true,
            AttrValue::Known(Value::String(text)) => text.is_empty(),
            _ => false,
        };
        let is_meant = |written: &str| names.iter().any(|name| written == *name || (name.ends_with('.') && written.starts_with(name)));
        let attrs = self.body.attrs.iter().filter(|attr| is_meant(&attr.name.text) && !empty(attr)).map(|attr| attr.name.span);
        let blocks = self.body.blocks.iter().filter(|block| is_meant(&block.ast.name)).map(|block| block.ast.name_span);
        let written: Vec<Span> = attrs.chain(blocks).collect();
        if range.contains(&written.len()) {
            return;
        }
        let names: Vec<String> =
            names.iter().map(|name| if name.ends_with('.') { format!("`{name}*`") } else { format!("`{name}`") }).collect();
        let names = names.join(", ");
        let message = match (range.start(), range.end()) {
            (1, 1) => format!("exactly one of {names} is needed"),
            (1, _) => format!("at least one of {names} is needed"),
            _ => format!("at most one of {names} may be written"),
        };
        let place = written.last().copied().unwrap_or(self.body.span);
        self.fail::<()>(Diagnostic::error("decode/invalid", self.body.source, place, message));
    }

    fn field(&mut self, field: &ShapeField) {
        let name = field.name;
        match &field.kind {
            ShapeKind::Attr { ty, one_of } => {
                self.know(name, Kind::Attr, Some(ty.clone()));
                match self.find(name) {
                    Some(attr) => self.check_value(attr, ty, one_of),
                    None => self.check_absent(field),
                }
            }
            ShapeKind::Block { shape, repeated } => {
                self.know(name, Kind::Block { repeated: *repeated }, None);
                let blocks: Vec<&Block<'a>> = self.named(name).collect();
                if blocks.is_empty() {
                    self.check_absent(field);
                }
                for block in blocks {
                    Reader::block_of(block, self.cx).check(shape);
                }
            }
            ShapeKind::Enum { variants, shapes } => self.check_variants(name, variants, shapes),
            ShapeKind::Label => _ = self.label::<String>(!field.required),
        }
    }

    fn check_absent(&mut self, field: &ShapeField) {
        if field.required {
            self.absent::<()>(field.name);
        }
    }

    fn check_variants(&mut self, prefix: &'static str, variants: &'static [Variant], shapes: &[Shape]) {
        self.know(prefix, Kind::Enum(variants), None);
        for block in &self.body.blocks {
            let name = block.ast.name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
            let shape = name.and_then(|name| variants.iter().zip(shapes).find(|(v, _)| v.name == name));
            if let Some((_, shape)) = shape {
                Reader::block_of(block, self.cx).check(shape);
            }
        }
    }

    fn check_value(&mut self, attr: &Attr<'_>, ty: &Type, one_of: &[&str]) {
        let AttrValue::Known(value) = &attr.value else { return self.partial(attr, ty) };
        if let Err(error) = ty.accepts(value).and_then(|()| accepted(value, one_of)) {
            self.failed = true;
            self.cx.report(self.body, attr, error);
        }
    }
}

/// A duration in seconds, or a number as the unsigned one of 32 bits that the original makes of it.
fn size(value: &Value) -> Option<f64> {
    let duration = || Duration::from_value(value).ok().map(|duration| duration.std().as_secs_f64());
    match (f64::from_value(value), value) {
        (Ok(number), _) => Some(number.rem_euclid(f64::from(u32::MAX) + 1.0)),
        (Err(_), Value::String(_)) => duration(),
        _ => None,
    }
}

fn is_off(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false))
}

/// Whether the value is this text, or an array that holds it.
fn holds(value: &Value, text: &str) -> bool {
    match value {
        Value::String(written) => &**written == text,
        Value::Array(items) => items.iter().any(|item| matches!(item, Value::String(written) if &**written == text)),
        _ => false,
    }
}

/// Brackets and quotes in texts, alone or in an array, must pair.
fn paired(value: &Value) -> Result<(), DecodeError> {
    match value {
        Value::Array(items) => items.iter().enumerate().try_for_each(|(i, item)| inside(paired(item), || Step::Index(i))),
        Value::String(text) => unpaired(text).map_or(Ok(()), |c| Err(DecodeError::new(format!("`{c}` has no partner in {:?}", &**text)))),
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

/// Texts, alone or in an array, must be among `one_of`.
fn accepted(value: &Value, one_of: &[&str]) -> Result<(), DecodeError> {
    match value {
        _ if one_of.is_empty() => Ok(()),
        Value::Array(items) => items.iter().enumerate().try_for_each(|(i, item)| match item {
            Value::String(_) => inside(accepted(item, one_of), || Step::Index(i)),
            _ => Ok(()),
        }),
        Value::String(text) if !text.is_empty() && !one_of.contains(&&**text) => {
            let names: Vec<_> = one_of.iter().map(|name| format!("{name:?}")).collect();
            let error = DecodeError::new(format!("{:?} is not accepted here", &**text));
            Err(match crate::suggest::closest(text, one_of.iter().copied()) {
                Some(name) => error.hint(format!("did you mean {name:?}? Accepted are {}", names.join(", "))).meant(name),
                None => error.hint(format!("accepted are {}", names.join(", "))),
            })
        }
        _ => Ok(()),
    }
}
