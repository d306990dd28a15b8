//! Documentation as editors show it, in Markdown.

use crate::functions::{self, Entry};
use crate::shape::{Described, Export, Field, Kind};
use value::schema::Type;

/// What an attribute takes, in a few words: `duration, default "10s"`.
pub(crate) fn summary(field: &Field<'_>) -> String {
    let mut out = match &field.kind {
        Kind::Attr { ty, .. } => ty.to_string(),
        Kind::Block { repeated: true, .. } => "block, any number".into(),
        Kind::Block { .. } => "block".into(),
    };
    if field.required {
        out.push_str(", required");
    }
    if let Some(default) = default(field) {
        out.push_str(&format!(", default {default}"));
    }
    if field.deprecated.is_some() {
        out.push_str(", deprecated");
    }
    out
}

/// The default, unless it is to be hidden.
fn default<'f>(field: &'f Field<'_>) -> Option<&'f str> {
    let default = field.default.as_deref()?;
    let is_secret = matches!(field.kind, Kind::Attr { ty: Type::Secret, .. });
    if is_secret && default != "null" { Some("(secret)") } else { Some(default) }
}

/// An attribute or block.
pub(crate) fn field(field: &Field<'_>) -> String {
    let mut out = format!("**{}** `{}`", field.name, summary(field));
    paragraph(&mut out, &field.doc);
    if let Kind::Attr { one_of, .. } = &field.kind
        && !one_of.is_empty()
    {
        let values: Vec<String> = one_of.iter().map(|value| format!("`{value:?}`")).collect();
        paragraph(&mut out, &format!("One of {}.", values.join(", ")));
    }
    if let Some(instead) = field.deprecated {
        paragraph(&mut out, &format!("Deprecated: {instead}."));
    }
    if let Kind::Block { shape, .. } = &field.kind {
        fields(&mut out, &shape.fields());
    }
    out
}

/// A component or another block that may stand in a module.
pub(crate) fn block(described: &Described<'_>) -> String {
    let mut out = format!("**{}** ({})", described.name, described.what);
    paragraph(&mut out, &described.doc);
    fields(&mut out, &described.shape.fields());
    if !described.exports.is_empty() {
        out.push_str("\n\nExports\n");
        for export in &described.exports {
            out.push_str(&format!("\n* `{}`: {}", export.name, export.ty));
        }
    }
    out
}

/// What must be written, and the names of the rest.
fn fields(out: &mut String, fields: &[Field<'_>]) {
    let (required, optional): (Vec<_>, Vec<_>) = fields.iter().partition(|field| field.required);
    if !required.is_empty() {
        out.push_str("\n\nRequired\n");
        for field in required {
            out.push_str(&format!("\n* `{}`: {}", field.name, summary(field).replace(", required", "")));
        }
    }
    if !optional.is_empty() {
        let names: Vec<String> = optional.iter().map(|field| format!("`{}`", field.name)).collect();
        paragraph(out, &format!("Optional: {}", names.join(", ")));
    }
}

/// An export of a component.
pub(crate) fn export(of: &str, export: &Export<'_>) -> String {
    let mut out = format!("**{}** `{}`, exported by `{of}`", export.name, export.ty);
    paragraph(&mut out, export.doc);
    out
}

/// A function or constant.
pub(crate) fn function(entry: Entry) -> String {
    let mut out = format!("```alloy\n{}\n```", entry.signature);
    if let Some(successor) = entry.successor {
        paragraph(&mut out, &format!("An old name of `{successor}`."));
    }
    paragraph(&mut out, functions::text(entry.name).unwrap_or_default());
    out
}

fn paragraph(out: &mut String, text: &str) {
    if !text.is_empty() {
        out.push_str("\n\n");
        out.push_str(text);
    }
}
