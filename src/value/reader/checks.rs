//! What a body has too much, and what it lacks: told when every field has been asked for.

use super::{Kind, Known, Reader};
use crate::schema::{Type, Variant};
use crate::suggest;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use syntax::{Diagnostic, Span};

/// Attributes, and blocks, of one body that are told to be wrong: thousands are no mistakes of writing.
const MOST_TOLD: usize = 100;

impl Reader<'_, '_> {
    fn known_as(&self, name: &str) -> Option<&Known> {
        self.known.iter().find(|known| known.name == name)
    }

    pub(super) fn check_attrs(&mut self) {
        let limit = self.cx.diagnostics.len() + MOST_TOLD;
        let mut written: HashMap<&str, Span> = HashMap::new();
        for attr in &self.body.attrs {
            if self.cx.diagnostics.len() >= limit {
                return;
            }
            let (name, span) = (attr.name.text.as_str(), attr.name.span);
            let first = match written.entry(name) {
                Entry::Occupied(first) => Some(*first.get()),
                Entry::Vacant(place) => {
                    place.insert(span);
                    None
                }
            };
            if let Some(first) = first {
                let message = format!("`{name}` is written twice");
                let diagnostic = Diagnostic::error("decode/duplicate-attribute", self.body.source, span, message);
                let diagnostic = diagnostic.label(first, "first written here").hint("keep one of them");
                self.fail::<()>(diagnostic);
                continue;
            }
            let diagnostic = match self.known_as(name).map(|known| known.kind) {
                Some(Kind::Attr) => continue,
                None if self.free => continue,
                Some(Kind::Block { .. }) => self.as_block(name, span),
                Some(Kind::Enum(variants)) => self.as_enum("decode/attribute-as-block", name, span, variants),
                None => self.unknown("attribute", name, span),
            };
            self.fail::<()>(diagnostic);
        }
    }

    fn as_block(&self, name: &str, span: Span) -> Diagnostic {
        let message = format!("`{name}` is a block, not an attribute");
        Diagnostic::error("decode/attribute-as-block", self.body.source, span, message)
            .hint(format!("write `{name} {{ … }}` without `=`, one `name = value` per line"))
    }

    fn as_enum(&self, code: &'static str, name: &str, span: Span, variants: &[Variant]) -> Diagnostic {
        let message = format!("`{name}` needs a second name that says which block it is");
        let names: Vec<_> = variants.iter().map(|v| format!("`{name}.{}`", v.name)).collect();
        Diagnostic::error(code, self.body.source, span, message).hint(format!("there are {}", suggest::list(&names)))
    }

    fn unknown(&mut self, what: &str, name: &str, span: Span) -> Diagnostic {
        let code = if what == "attribute" { "decode/unknown-attribute" } else { "decode/unknown-block" };
        let owner = match self.block {
            Some(block) => format!("`{}` has no {what} `{name}`", block.ast.name),
            None => format!("there is no {what} `{name}` here"),
        };
        let diagnostic = Diagnostic::error(code, self.body.source, span, owner);
        let names = self.names();
        if let Some(close) = suggest::closest(name, names.iter().map(|(_, n)| n.as_str())) {
            self.meant.push(close.to_owned());
            return diagnostic.did_you_mean(span, close);
        }
        let fits = |kind: Kind| (kind == Kind::Attr) == (what == "attribute");
        let same: Vec<_> = names.iter().filter(|(kind, _)| fits(*kind)).map(|(_, name)| format!("`{name}`")).collect();
        match same.len() {
            0 => diagnostic.hint(format!("no {what}s are accepted here")),
            1..=40 => diagnostic.hint(format!("accepted {what}s: {}", same.join(", "))),
            _ => diagnostic,
        }
    }

    /// Every name that may be suggested.
    fn names(&self) -> Vec<(Kind, String)> {
        let visible = self.known.iter().filter(|known| !known.hidden);
        visible
            .flat_map(|known| match known.kind {
                Kind::Enum(variants) => variants.iter().map(|v| (known.kind, format!("{}.{}", known.name, v.name))).collect(),
                kind => vec![(kind, known.name.to_owned())],
            })
            .collect()
    }

    pub(super) fn check_blocks(&mut self) {
        let limit = self.cx.diagnostics.len() + MOST_TOLD;
        for (i, block) in self.body.blocks.iter().enumerate() {
            if self.cx.diagnostics.len() >= limit {
                return;
            }
            let (name, span) = (block.ast.name.as_str(), block.ast.name_span);
            let diagnostic = match self.known_as(name).map(|known| known.kind) {
                Some(Kind::Block { repeated: true }) => continue,
                Some(Kind::Block { repeated: false }) => match self.body.blocks[..i].iter().find(|b| b.ast.name == name) {
                    None => continue,
                    Some(first) => {
                        Diagnostic::error("decode/repeated-block", self.body.source, span, format!("`{name}` may stand only once"))
                            .label(first.ast.name_span, "first written here")
                    }
                },
                Some(Kind::Attr) => self.as_attr(name, span),
                Some(Kind::Enum(variants)) => self.as_enum("decode/unknown-block", name, span, variants),
                None if self.is_variant(name) => continue,
                None => self.unknown("block", name, span),
            };
            self.fail::<()>(diagnostic);
        }
    }

    fn is_variant(&self, name: &str) -> bool {
        self.known.iter().any(|known| match (known.kind, name.strip_prefix(known.name).and_then(|rest| rest.strip_prefix('.'))) {
            (Kind::Enum(variants), Some(rest)) => variants.iter().any(|v| v.name == rest),
            _ => false,
        })
    }

    fn as_attr(&self, name: &str, span: Span) -> Diagnostic {
        let message = format!("`{name}` is an attribute, not a block");
        let ty = self.known_as(name).and_then(|known| known.ty.as_ref());
        let hint = match ty {
            Some(Type::Map(_)) => format!("put `=` after `{name}` and a comma after each member: `{name} = {{ key = value, … }}`"),
            Some(ty) => format!("write `{name} = {}`", ty.sample()),
            None => format!("write `{name} = …`"),
        };
        Diagnostic::error("decode/block-as-attribute", self.body.source, span, message).hint(hint)
    }

    pub(super) fn check_label(&mut self) {
        let Some(block) = self.block.filter(|_| !self.label) else { return };
        if let Some(label) = block.ast.label.as_ref().filter(|label| !label.text.is_empty()) {
            let message = format!("`{}` takes no label", block.ast.name);
            let diagnostic = Diagnostic::error("decode/label-not-allowed", self.body.source, label.span, message);
            self.fail::<()>(diagnostic.hint(format!("remove `\"{}\"`", label.text)));
        }
    }

    pub(super) fn check_missing(&mut self) {
        let missing = self.missing.iter().filter_map(|i| self.known.get(*i));
        let missing: Vec<_> = missing.filter(|known| !self.meant.iter().any(|name| name == known.name)).collect();
        if missing.is_empty() {
            return;
        }
        let (attrs, blocks): (Vec<_>, Vec<_>) = missing.iter().partition(|known| known.kind == Kind::Attr);
        let group = |what: &str, group: &[&Known]| {
            let names: Vec<_> = group.iter().map(|known| format!("`{}`", known.name)).collect();
            let plural = if names.len() == 1 { "" } else { "s" };
            (!names.is_empty()).then(|| format!("{what}{plural} {}", suggest::list(&names)))
        };
        let groups: Vec<_> = group("attribute", &attrs).into_iter().chain(group("block", &blocks)).collect();
        let message = format!("missing required {}", suggest::list(&groups));
        let samples: Vec<_> = missing
            .iter()
            .map(|known| match &known.ty {
                Some(ty) => format!("`{} = {}`", known.name, ty.sample()),
                None => format!("`{} {{ … }}`", known.name),
            })
            .collect();
        let diagnostic = Diagnostic::error("decode/missing", self.body.source, self.body.span, message);
        self.fail::<()>(diagnostic.hint(format!("add {}", suggest::list(&samples))));
    }
}
