//! From argument structs back to attributes and blocks, as the API shows them.

use crate::decode::{Arguments, EnumBlocks, IntoValue};
use crate::schema::{BodySchema, FieldKind, Type};
use crate::value_model::Value;
use std::borrow::Cow;

/// What [`Arguments::encode`] gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `name = value`
    Attr(Cow<'static, str>, Value),
    /// `name "label" { … }`
    Block {
        /// The full name, `stage.json`.
        name: String,
        /// The label.
        label: Option<String>,
        /// What stands in it.
        body: Vec<Node>,
    },
}

/// Collects nodes; used by the derives.
#[derive(Debug, Default)]
pub struct Encoder(Vec<Node>);

impl Encoder {
    /// An attribute that is always shown.
    pub fn attr(&mut self, name: &'static str, value: &impl IntoValue) {
        self.0.push(Node::Attr(name.into(), value.into_value()));
    }

    /// An attribute that is left out where the original leaves it out: when it equals its default, except for arrays
    /// and objects with a default of their own (the original cannot compare them), and for `never_equal` values.
    pub fn attr_unless<T: IntoValue>(&mut self, name: &'static str, value: &T, default: impl FnOnce() -> T, never_equal: bool) {
        let value = value.into_value();
        let comparable = match &value {
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            Value::Null => true,
            _ => !never_equal,
        };
        if !(comparable && value == default().into_value()) {
            self.0.push(Node::Attr(name.into(), value));
        }
    }

    /// A block that is always shown.
    pub fn block<T: Arguments>(&mut self, name: &'static str, value: &T) {
        self.0.push(block_node(name.into(), value));
    }

    /// A block that is left out where the original leaves it out: when it equals its default and the original can
    /// compare the two.
    pub fn block_unless<T: Arguments>(&mut self, name: &'static str, value: &T, default: impl FnOnce() -> Option<T>) {
        let node = block_node(name.into(), value);
        let equal = default().is_some_and(|default| node == block_node(name.into(), &default));
        if !(equal && (is_comparable(T::schema()) || is_zero(T::schema()))) {
            self.0.push(node);
        }
    }

    /// One block of a family.
    pub fn enum_block<E: EnumBlocks>(&mut self, prefix: &'static str, value: &E) {
        self.0.push(value.encode(prefix));
    }

    /// The nodes of another struct.
    pub fn squash<T: Arguments>(&mut self, value: &T) {
        self.0.extend(value.encode());
    }

    /// The nodes.
    pub fn finish(self) -> Vec<Node> {
        self.0
    }
}

/// A block with its label.
#[doc(hidden)]
pub fn block_node<T: Arguments>(name: String, value: &T) -> Node {
    Node::Block { name, label: value.label(), body: value.encode() }
}

/// The label as text; `None` when empty.
#[doc(hidden)]
pub fn label_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.to_string()),
        _ => None,
    }
}

/// True when the original can compare two structs of the shape: no arrays, objects or repeated blocks inside.
fn is_comparable(schema: &BodySchema) -> bool {
    schema.free.is_none()
        && schema.fields.iter().all(|field| match &field.kind {
            FieldKind::Attr { ty, .. } => !matches!(ty, Type::List(_) | Type::Map(_) | Type::Any),
            FieldKind::Block { repeated: true, .. } | FieldKind::Enum { .. } => false,
            FieldKind::Block { schema, defaults_when_absent: true, .. } => is_comparable(schema()),
            FieldKind::Block { .. } | FieldKind::Label => true,
        })
}

/// True when every default of the shape is the zero value.
fn is_zero(schema: &BodySchema) -> bool {
    const ZERO: &[&str] = &["false", "0", "\"\"", "[]", "{}", "null", "\"0s\"", "\"0B\""];
    schema.fields.iter().all(|field| match &field.kind {
        FieldKind::Attr { .. } => field.default.as_deref().is_none_or(|text| ZERO.contains(&text)),
        FieldKind::Block { schema, defaults_when_absent: true, .. } => is_zero(schema()),
        _ => true,
    })
}

/// A default as the configuration would write it.
pub(crate) fn literal(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => crate::types::number_text(*number),
        Value::String(text) => format!("{text:?}"),
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(members) if members.is_empty() => "{}".into(),
        Value::Object(members) => {
            let lines: String = members.iter().map(|(key, value)| format!("\t{key} = {},\n", literal(value))).collect();
            format!("{{\n{lines}}}")
        }
        Value::Capsule(capsule) => capsule.text().map_or_else(|| capsule.display(), |text| format!("{text:?}")),
        Value::Function(function) => function.name.into(),
    }
}
