//! Items of completion lists.

use super::Context;
use crate::shape::{Field, Kind};
use serde_json::{Value, json};
use value::schema::Type;

/// The icon that editors show.
#[derive(Clone, Copy, Debug)]
pub(super) enum Icon {
    Function = 3,
    Variable = 6,
    Class = 7,
    Module = 9,
    Property = 10,
    Value = 12,
    Keyword = 14,
    Reference = 18,
    EnumMember = 20,
    Constant = 21,
}

/// One suggestion.
#[derive(Debug)]
pub(super) struct Item {
    pub label: String,
    pub icon: Icon,
    /// What it is, in a few words.
    pub detail: String,
    /// Markdown.
    pub doc: String,
    /// What is inserted.
    pub text: String,
    /// What is inserted where places to fill in are understood.
    pub snippet: Option<String>,
    /// What the typed letters are compared with.
    pub filter: String,
    /// Lower ones come first.
    pub rank: u8,
    pub deprecated: bool,
}

impl Item {
    /// An item that inserts its label.
    pub fn new(label: impl Into<String>, icon: Icon, rank: u8) -> Self {
        let label = label.into();
        Self {
            icon,
            rank,
            detail: String::new(),
            doc: String::new(),
            text: label.clone(),
            snippet: None,
            filter: label.clone(),
            deprecated: false,
            label,
        }
    }

    /// As the protocol writes it; `at` keeps the order among items of the same rank.
    pub fn to_json(&self, context: &Context<'_, '_>, at: usize) -> Value {
        const PLAIN: u8 = 1;
        const SNIPPET: u8 = 2;
        const DEPRECATED: u8 = 1;
        const ADJUST_INDENTATION: u8 = 2;
        let (text, format) = match self.snippet.as_ref().filter(|_| context.snippets) {
            Some(snippet) => (snippet, SNIPPET),
            None => (&self.text, PLAIN),
        };
        let mut out = json!({
            "label": self.label,
            "kind": self.icon as u8,
            "filterText": self.filter,
            "sortText": format!("{}{at:05}", self.rank),
            "insertTextFormat": format,
            "textEdit": context.document.edit(context.cursor.span, text),
        });
        if text.contains('\n') {
            out["insertTextMode"] = ADJUST_INDENTATION.into();
        }
        if !self.detail.is_empty() {
            out["detail"] = self.detail.as_str().into();
        }
        if !self.doc.is_empty() {
            out["documentation"] = json!({ "kind": "markdown", "value": self.doc });
        }
        if self.deprecated {
            out["tags"] = json!([DEPRECATED]);
        }
        out
    }
}

/// What stands right of `=`, with places to fill in counted from `*next`.
pub(super) fn value_snippet(ty: &Type, one_of: &[&str], next: &mut usize) -> String {
    let at = *next;
    *next += 1;
    match ty {
        Type::Bool => format!("${{{at}|true,false|}}"),
        Type::List(_) => format!("[${at}]"),
        Type::Map(_) => format!("{{${at}}}"),
        _ if !one_of.is_empty() => {
            let choices: Vec<String> = one_of.iter().map(|c| c.replace('\\', "\\\\").replace(',', "\\,").replace('|', "\\|")).collect();
            format!("\"${{{at}|{}|}}\"", choices.join(","))
        }
        Type::String | Type::Text(_) | Type::Duration | Type::Secret | Type::OptionalSecret => format!("\"${at}\""),
        Type::Any | Type::Int | Type::Uint | Type::Float | Type::Capsule(_) => format!("${at}"),
    }
}

/// The statements that must be written in a body, each on a line of its own, indented once; `None` when there are none.
pub(super) fn required(fields: &[Field<'_>], next: &mut usize) -> Option<String> {
    let width = fields.iter().filter(|f| f.required && f.is_attr()).map(|f| f.name.len()).max().unwrap_or_default();
    let (attrs, blocks): (Vec<_>, Vec<_>) = fields.iter().filter(|field| field.required).partition(|field| field.is_attr());
    let mut lines = Vec::new();
    for field in attrs {
        if let Kind::Attr { ty, one_of } = &field.kind {
            lines.push(format!("\t{:width$} = {}", field.name, value_snippet(ty, one_of, next)));
        }
    }
    for field in blocks {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let at = *next;
        *next += 1;
        lines.push(format!("\t{} {{\n\t\t${at}\n\t}}", field.name));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}
