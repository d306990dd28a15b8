//! Checks of bodies against shapes that no struct stands for.

use super::{Kind, Reader};
use crate::body::{Attr, AttrValue, Block, Body};
use crate::decode::{DecodeCx, DecodeError, FromValue, Step};
use crate::reader::inside;
use crate::schema::{Type, Variant};
use crate::shape::{Shape, ShapeField, ShapeKind};
use crate::value_model::Value;

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
            shape.rules.iter().for_each(|rule| self.rule(rule, ""));
        }
        self.finish(first);
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
        if let Err(error) = ty.accepts(value).and_then(|()| if matches!(value, Value::Null) { Ok(()) } else { accepted(value, one_of) }) {
            self.failed = true;
            self.cx.report(self.body, attr, error);
        }
    }
}

/// Texts, alone or in an array, must be among `one_of`. `""` stands for the empty text, a leading `~` for whatever case.
pub(super) fn accepted(value: &Value, one_of: &[&str]) -> Result<(), DecodeError> {
    let all = one_of;
    let (any_case, one_of) = match one_of {
        ["~", rest @ ..] => (true, rest),
        _ => (false, one_of),
    };
    let is = |text: &str, name: &str| text == name || (text.is_empty() && name == "\"\"") || (any_case && text.eq_ignore_ascii_case(name));
    match value {
        _ if one_of.is_empty() => Ok(()),
        Value::Null => accepted(&Value::string(""), all),
        Value::Array(items) => items.iter().enumerate().try_for_each(|(i, item)| match item {
            Value::Array(_) => Ok(()),
            item => inside(accepted(item, all), || Step::Index(i)),
        }),
        Value::String(_) | Value::Number(_) => {
            let text = String::from_value(value)?;
            if one_of.iter().any(|name| is(&text, name)) {
                return Ok(());
            }
            let names: Vec<_> = one_of.iter().filter(|name| **name != "\"\"").map(|name| format!("{name:?}")).collect();
            let error = DecodeError::new(format!("{text:?} is not accepted here"));
            Err(match crate::suggest::closest(&text, one_of.iter().copied().filter(|name| *name != "\"\"")) {
                Some(name) => error.hint(format!("did you mean {name:?}? Accepted are {}", names.join(", "))).meant(name),
                None => error.hint(format!("accepted are {}", names.join(", "))),
            })
        }
        _ => Ok(()),
    }
}
