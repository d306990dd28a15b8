//! Reads the fields of one body for a derived struct, and reports everything in it that does not fit.

mod checks;
mod dynamic;
mod rules;

use crate::body::{Attr, AttrValue, Block, Body};
use crate::decode::{Arguments, DecodeCx, DecodeError, EnumBlocks, FromValue, Step, path_text, place_of};
use crate::schema::{Type, Variant};
use crate::validate::{ValidateError, ValidateErrors};
use crate::value_model::Value;
use syntax::{Diagnostic, Span};

/// The codes of the diagnostics that decoding reports, with what they mean.
pub const CODES: &[(&str, &str)] = &[
    ("decode/attribute-as-block", "A block is written with `=`, like an attribute. Blocks have no `=`: `name { … }`."),
    (
        "decode/block-as-attribute",
        "An attribute is written as a block. Attributes need `=`: `name = value`; an object's members are separated by commas.",
    ),
    ("decode/deprecated", "The argument still works, but something else is meant to be used."),
    ("decode/duplicate-attribute", "An attribute stands twice in the same body. Each may be written once."),
    ("decode/invalid", "The values are of the right types, but the component cannot work with them, or with their combination."),
    ("decode/label-missing", "The block needs a label, text in quotes between its name and `{`."),
    ("decode/label-not-allowed", "The block takes no label."),
    (
        "decode/lossy",
        "The value is accepted, but not used as written: a fraction is cut off, or the number does not fit. The original does the same in silence.",
    ),
    ("decode/missing", "Arguments that must be written are not there."),
    ("decode/repeated-block", "A block that may stand once stands several times."),
    ("decode/unknown-attribute", "The component or block has no such attribute."),
    ("decode/unknown-block", "The component or block has no such block."),
    ("decode/value", "The value of an attribute has the wrong type or form."),
];

/// What a name stands for.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Attr,
    Block { repeated: bool },
    Enum(&'static [Variant]),
}

impl PartialEq for Variant {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

struct Known {
    name: &'static str,
    kind: Kind,
    ty: Option<Type>,
    hidden: bool,
}

/// Hands out the fields of one body. Every method returns `None` when it reported something or the value is not known
/// yet; the caller reads on and gives up at the end.
pub struct Reader<'r, 'a> {
    body: &'r Body<'a>,
    block: Option<&'r Block<'a>>,
    cx: &'r mut DecodeCx,
    known: Vec<Known>,
    missing: Vec<usize>,
    /// Names that mistyped ones were taken for: not missing, only misspelt.
    meant: Vec<String>,
    /// What the struct's own check found: told only when its input was read as written.
    found: Vec<Diagnostic>,
    /// Attributes whose values are not known yet, with others in their places for the sake of the struct's own check.
    stood_in: Vec<String>,
    free: bool,
    label: bool,
    failed: bool,
}

impl<'r, 'a> Reader<'r, 'a> {
    /// Reads a body without a label.
    pub fn body(body: &'r Body<'a>, cx: &'r mut DecodeCx) -> Self {
        Self {
            body,
            block: None,
            cx,
            known: Vec::new(),
            missing: Vec::new(),
            meant: Vec::new(),
            found: Vec::new(),
            stood_in: Vec::new(),
            free: false,
            label: false,
            failed: false,
        }
    }

    /// Reads a block, label included.
    pub fn block_of(block: &'r Block<'a>, cx: &'r mut DecodeCx) -> Self {
        Self { block: Some(block), ..Self::body(&block.body, cx) }
    }

    /// Reads a whole struct, then reports what in the body it did not ask for.
    pub fn read<T: Arguments>(mut self) -> Option<T> {
        let first = self.cx.diagnostics.len();
        let value = T::fields(&mut self);
        self.finish(first);
        value.filter(|_| !self.failed && self.stood_in.is_empty())
    }

    /// Reports what in the body was not asked for, and sorts what was found since `first`.
    fn finish(&mut self, first: usize) {
        self.check_attrs();
        self.check_blocks();
        self.check_label();
        self.check_missing();
        if !self.failed {
            self.failed = self.found.iter().any(Diagnostic::is_error);
            self.cx.diagnostics.append(&mut self.found);
        }
        self.cx.diagnostics[first..].sort_by_key(|d| d.span.start);
    }

    fn fail<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.failed = true;
        self.cx.diagnostics.push(diagnostic);
        None
    }

    fn know(&mut self, name: &'static str, kind: Kind, ty: Option<Type>) {
        self.known.push(Known { name, kind, ty, hidden: false });
    }

    fn find(&self, name: &str) -> Option<&'r Attr<'a>> {
        self.body.attrs.iter().find(|attr| attr.name.text == name)
    }

    /// Blocks of that full name.
    fn named(&self, name: &'static str) -> impl Iterator<Item = &'r Block<'a>> + use<'r, 'a> {
        let body: &'r Body<'a> = self.body;
        body.blocks.iter().filter(move |block| block.ast.name == name)
    }

    fn is_written(&self, name: &'static str) -> bool {
        self.find(name).is_some() || self.named(name).next().is_some()
    }

    /// Remembers that the name known last must be written, and is not.
    fn absent<T>(&mut self, name: &'static str) -> Option<T> {
        if !self.is_written(name) {
            self.missing.push(self.known.len() - 1);
        }
        self.failed = true;
        None
    }

    fn value<T: FromValue>(&mut self, attr: &Attr<'_>) -> Option<T> {
        let AttrValue::Known(value) = &attr.value else {
            self.partial(attr, &T::ty());
            return self.stand_in(attr);
        };
        match T::from_value(value) {
            Ok(out) => {
                let mut notes = Vec::new();
                T::warnings(value, &mut notes);
                for note in notes {
                    self.cx.warn(self.body, attr, note);
                }
                Some(out)
            }
            Err(error) => {
                self.failed = true;
                self.cx.report(self.body, attr, error);
                None
            }
        }
    }

    /// A value in place of one that is not known yet: none where others may be compared with it. Whom to send to, and what
    /// to scrape, are known last and say nothing about the rest.
    fn stand_in<T: FromValue>(&mut self, attr: &Attr<'_>) -> Option<T> {
        let is_handle = match T::ty() {
            Type::Capsule(_) => true,
            Type::List(inner) => matches!(*inner, Type::Capsule(_)),
            _ => false,
        };
        let value = T::from_value(&Value::Null).ok().filter(|_| is_handle)?;
        self.stood_in.push(attr.name.text.clone());
        Some(value)
    }

    /// Checks what is known of `attr` before anything runs.
    fn partial(&mut self, attr: &Attr<'_>, ty: &Type) {
        self.cx.incomplete = true;
        if let AttrValue::Partial(part) = &attr.value
            && let Err(error) = part.check(ty)
        {
            self.failed = true;
            self.cx.report(self.body, attr, error);
        }
    }

    /// A required attribute.
    pub fn attr<T: FromValue>(&mut self, name: &'static str) -> Option<T> {
        self.know(name, Kind::Attr, Some(T::ty()));
        match self.find(name) {
            Some(attr) => self.value(attr),
            None => self.absent(name),
        }
    }

    /// An optional attribute.
    pub fn attr_or<T: FromValue>(&mut self, name: &'static str, default: impl FnOnce() -> T) -> Option<T> {
        self.know(name, Kind::Attr, Some(T::ty()));
        match self.find(name) {
            Some(attr) => self.value(attr),
            None => Some(default()),
        }
    }

    /// Every attribute, whatever its name.
    pub fn free<T: FromValue>(&mut self) -> Option<Vec<(String, T)>> {
        self.free = true;
        let attrs: &'r [Attr<'a>] = &self.body.attrs;
        let read: Vec<_> = attrs.iter().map(|attr| self.value(attr).map(|value| (attr.name.text.clone(), value))).collect();
        read.into_iter().collect()
    }

    fn single(&mut self, name: &'static str) -> Option<&'r Block<'a>> {
        self.know(name, Kind::Block { repeated: false }, None);
        self.named(name).next()
    }

    /// A required block.
    pub fn block<T: Arguments>(&mut self, name: &'static str) -> Option<T> {
        match self.single(name) {
            Some(block) => T::decode_block(block, self.cx),
            None => self.absent(name),
        }
    }

    /// An optional block with a default.
    pub fn block_or<T: Arguments>(&mut self, name: &'static str, default: impl FnOnce() -> Option<T>) -> Option<T> {
        match self.single(name) {
            Some(block) => T::decode_block(block, self.cx),
            None => default().or_else(|| self.absent(name)),
        }
    }

    /// A block that may be absent.
    pub fn optional_block<T: Arguments>(&mut self, name: &'static str, optional: bool) -> Option<Option<T>> {
        match self.single(name) {
            Some(block) => T::decode_block(block, self.cx).map(Some),
            None if optional => Some(None),
            None => self.absent(name),
        }
    }

    /// A repeated block.
    pub fn blocks<T: Arguments>(&mut self, name: &'static str, optional: bool) -> Option<Vec<T>> {
        self.know(name, Kind::Block { repeated: true }, None);
        let read: Vec<_> = self.named(name).map(|block| T::decode_block(block, self.cx)).collect();
        if read.is_empty() && !optional {
            return self.absent(name);
        }
        read.into_iter().collect()
    }

    /// The blocks of a family, `prefix.variant { … }`, in the order of the text.
    pub fn enum_blocks<E: EnumBlocks>(&mut self, prefix: &'static str) -> Option<Vec<E>> {
        self.know(prefix, Kind::Enum(E::variants()), None);
        let mut read = Vec::new();
        for block in &self.body.blocks {
            let name = block.ast.name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
            if let Some(variant) = name.and_then(|name| E::variants().iter().find(|v| v.name == name)) {
                read.push(E::decode(variant.name, block, self.cx));
            }
        }
        read.into_iter().collect()
    }

    /// The label of the block.
    pub fn label<T: FromValue + Default>(&mut self, optional: bool) -> Option<T> {
        self.label = true;
        let label = self.block.and_then(|block| block.ast.label.as_ref()).filter(|label| !label.text.is_empty());
        let Some(label) = label else {
            if optional {
                return Some(T::default());
            }
            let name = self.block.map_or("the block", |block| block.ast.name.as_str());
            let message = format!("`{name}` needs a label");
            let hint = format!("write `{name} \"some_name\" {{ … }}`");
            let span = self.block.map_or(self.body.span, |block| block.ast.name_span);
            return self.fail(Diagnostic::error("decode/label-missing", self.body.source, span, message).hint(hint));
        };
        match T::from_value(&Value::string(&label.text)) {
            Ok(value) => Some(value),
            Err(error) => {
                let message = format!("the label: {}", error.message);
                let mut diagnostic = Diagnostic::error("decode/value", self.body.source, label.span, message);
                diagnostic.hints.extend(error.hint);
                self.fail(diagnostic)
            }
        }
    }

    /// Leaves the name out of suggestions.
    pub fn hide(&mut self, name: &'static str) {
        for known in self.known.iter_mut().filter(|known| known.name == name) {
            known.hidden = true;
        }
    }

    /// Warns when `name` is written; it is never suggested.
    pub fn deprecated(&mut self, name: &'static str, instead: &str) {
        self.hide(name);
        let attrs = self.body.attrs.iter().map(|attr| attr.name).filter(|ident| ident.text == name).map(|ident| ident.span);
        let spans: Vec<_> = attrs.chain(self.named(name).map(|block| block.ast.name_span)).collect();
        for span in spans {
            let message = format!("`{name}` is deprecated: {instead}");
            self.cx.diagnostics.push(Diagnostic::warning("decode/deprecated", self.body.source, span, message));
        }
    }

    /// Refuses `name`, which is experimental, when it is used and only what is settled may be.
    pub fn experimental(&mut self, name: &'static str, is_used: bool) {
        let attr = self.body.attrs.iter().find(|attr| attr.name.text == name).map(|attr| attr.name.span);
        let span = attr.or_else(|| self.named(name).next().map(|block| block.ast.name_span));
        if let (true, true, Some(span)) = (is_used, self.cx.stable_only, span) {
            let diagnostic = Diagnostic::error("config/stability", self.body.source, span, format!("`{name}` is experimental"));
            self.fail::<()>(diagnostic.hint("start with `--stability.level=experimental` to use it"));
        }
    }

    /// Reports what the struct's own check found. `None` when there is an error among it.
    pub fn validate<E: Into<ValidateErrors>>(&mut self, result: Result<(), E>) -> Option<()> {
        let Err(errors) = result else { return Some(()) };
        let mut ok = Some(());
        let stood_in = |field: &Option<String>| field.as_ref().is_some_and(|field| self.stood_in.contains(field));
        let errors: Vec<_> = errors.into().into_iter().filter(|error| !stood_in(&error.field)).collect();
        for error in errors {
            if !error.warning {
                ok = None;
            }
            let diagnostic = self.invalid(error);
            self.found.push(diagnostic);
        }
        ok
    }

    fn invalid(&self, error: ValidateError) -> Diagnostic {
        let make = if error.warning { Diagnostic::warning } else { Diagnostic::error };
        let span = error.field.as_deref().and_then(|field| self.place(field, &error.path)).unwrap_or(self.body.span);
        let message = match &error.field {
            Some(field) => format!("`{field}{}`: {}", path_text(&error.path), error.message),
            None => error.message,
        };
        let mut diagnostic = make("decode/invalid", self.body.source, span, message);
        diagnostic.hints.extend(error.hint);
        diagnostic
    }

    fn place(&self, field: &str, path: &[Step]) -> Option<Span> {
        if let Some(attr) = self.find(field) {
            return Some(place_of(&attr.expr.kind, attr.expr.span, path));
        }
        let is_it = |name: &str| name == field || name.strip_prefix(field).is_some_and(|rest| rest.starts_with('.'));
        let index = match path.first() {
            Some(Step::Index(index)) => *index,
            _ => 0,
        };
        self.body.blocks.iter().filter(|block| is_it(&block.ast.name)).nth(index).map(|block| block.ast.name_span)
    }
}

/// What a failed conversion of a part says, with its place in the whole.
pub(crate) fn inside<T>(result: Result<T, DecodeError>, step: impl FnOnce() -> Step) -> Result<T, DecodeError> {
    result.map_err(|error| error.inside(step()))
}
