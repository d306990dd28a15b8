//! The shape of argument structs: what `schema`, the reference pages, `validate` and editors read.

use crate::decode::{Arguments, EnumBlocks, FromValue};
use crate::value_model::Value;
use std::fmt;

/// The type of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Anything.
    Any,
    /// `bool`
    Bool,
    /// Signed integer.
    Int,
    /// Unsigned integer.
    Uint,
    /// Floating point.
    Float,
    /// Text.
    String,
    /// Text in a form of its own, such as `units.Base2Bytes` or `relabel.Regexp`: shown as `string<name>`.
    Text(&'static str),
    /// A duration such as `1m30s`.
    Duration,
    /// Text that is hidden; plain strings are accepted.
    Secret,
    /// Text that may be hidden; plain strings are accepted.
    OptionalSecret,
    /// An array.
    List(Box<Type>),
    /// An object with free keys.
    Map(Box<Type>),
    /// A capsule of a kind.
    Capsule(&'static str),
}

/// As `schema` prints it: `list(string)`, `capsule(loki.LogsReceiver)`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Uint => f.write_str("uint"),
            Self::Float => f.write_str("float"),
            Self::String => f.write_str("string"),
            Self::Text(name) => write!(f, "string<{name}>"),
            Self::Duration => f.write_str("duration"),
            Self::Secret => f.write_str("secret"),
            Self::OptionalSecret => f.write_str("optional_secret"),
            Self::List(inner) => write!(f, "list({inner})"),
            Self::Map(inner) => write!(f, "map({inner})"),
            Self::Capsule(kind) => write!(f, "capsule({kind})"),
        }
    }
}

impl Type {
    /// The type in the words of messages: `array of string`.
    pub fn words(&self) -> String {
        match self {
            Self::Any => "any value".into(),
            Self::Int | Self::Uint | Self::Float => "number".into(),
            Self::Text(_) => "string".into(),
            Self::Secret | Self::OptionalSecret => "secret or string".into(),
            Self::List(inner) => format!("array of {}", inner.words()),
            Self::Map(inner) => format!("object of {}", inner.words()),
            Self::Capsule(kind) => capsule_words(kind).into(),
            Self::Bool | Self::String | Self::Duration => self.to_string(),
        }
    }

    /// What a value of the type may look like, to show how an attribute is written.
    pub(crate) fn sample(&self) -> &'static str {
        match self {
            Self::Bool => "true",
            Self::Int | Self::Uint | Self::Float => "1",
            Self::String | Self::Text(_) | Self::Secret | Self::OptionalSecret => "\"…\"",
            Self::Duration => "\"1m\"",
            Self::List(_) => "[…]",
            Self::Map(_) => "{ … }",
            Self::Any | Self::Capsule(_) => "…",
        }
    }
}

/// What a capsule of this kind is called in messages.
pub(crate) fn capsule_words(kind: &str) -> &str {
    match kind {
        "storage.Appendable" => "metrics receiver",
        "loki.LogsReceiver" => "logs receiver",
        "otelcol.Consumer" => "OpenTelemetry receiver",
        "pyroscope.Appendable" => "profiles receiver",
        "discovery.Target" => "target",
        other => other,
    }
}

/// The shape of a body.
#[derive(Debug)]
pub struct BodySchema {
    /// What the struct is for, from its doc comment.
    pub doc: &'static str,
    /// Fields in the order of the struct, squashed ones in place.
    pub fields: Vec<FieldSchema>,
    /// The type of attributes of any other name; `None` where only `fields` are allowed.
    pub free: Option<Type>,
}

/// One attribute or block of a body.
#[derive(Clone, Debug)]
pub struct FieldSchema {
    /// Its name.
    pub name: &'static str,
    /// What effect it has, from its doc comment.
    pub doc: &'static str,
    /// Must be written.
    pub required: bool,
    /// The default, printed in configuration syntax; `None` when required or when it has none.
    pub default: Option<String>,
    /// What to use instead, when it should no longer be written.
    pub deprecated: Option<&'static str>,
    /// What it is.
    pub kind: FieldKind,
}

/// What a field is. Schemas of blocks are functions because stages may hold stages.
#[derive(Clone, Debug)]
pub enum FieldKind {
    /// `name = value`
    Attr {
        /// The type.
        ty: Type,
        /// The accepted values, where only some are.
        one_of: &'static [&'static str],
    },
    /// `name { … }`
    Block {
        /// The shape of its body.
        schema: fn() -> &'static BodySchema,
        /// May stand more than once.
        repeated: bool,
        /// Absent means its defaults rather than nothing.
        defaults_when_absent: bool,
    },
    /// `name.variant { … }`, any number, in an order that matters.
    Enum {
        /// The alternatives.
        variants: &'static [Variant],
    },
    /// The block's label.
    Label,
}

/// One alternative of a family of blocks.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Second part of the name: `json` of `stage.json`.
    pub name: &'static str,
    /// What it does; empty where the doc of the shape says it.
    pub doc: &'static str,
    /// The shape of its body.
    pub schema: fn() -> &'static BodySchema,
}

impl Variant {
    /// The doc of the variant, or else of its shape.
    pub fn documentation(&self) -> &'static str {
        if self.doc.is_empty() { (self.schema)().doc } else { self.doc }
    }
}

/// Collects the fields of a shape; used by the derives.
#[derive(Debug, Default)]
pub struct Fields(Vec<FieldSchema>);

impl Fields {
    fn push(&mut self, name: &'static str, doc: &'static str, required: bool, kind: FieldKind) {
        self.0.push(FieldSchema { name, doc, required, default: None, deprecated: None, kind });
    }

    /// An attribute; `default` is `None` when it is required.
    pub fn attr<T: FromValue>(&mut self, name: &'static str, doc: &'static str, default: Option<Value>) {
        let kind = FieldKind::Attr { ty: T::ty(), one_of: T::one_of() };
        self.push(name, doc, default.is_none(), kind);
        if let Some(field) = self.0.last_mut() {
            field.default = default.map(|value| crate::encode::literal(&value));
        }
    }

    /// An exported value.
    pub fn export<T: FromValue>(&mut self, name: &'static str, doc: &'static str) {
        self.push(name, doc, false, FieldKind::Attr { ty: T::ty(), one_of: T::one_of() });
    }

    /// Names the textual form of the last attribute.
    pub fn text(&mut self, name: &'static str) {
        if let Some(FieldSchema { kind: FieldKind::Attr { ty, .. }, .. }) = self.0.last_mut() {
            *ty = match ty {
                Type::List(_) => Type::List(Box::new(Type::Text(name))),
                _ => Type::Text(name),
            };
        }
    }

    /// Says of the last field what to use instead.
    pub fn deprecated(&mut self, instead: &'static str) {
        if let Some(field) = self.0.last_mut() {
            field.deprecated = Some(instead);
        }
    }

    /// A block.
    pub fn block<T: Arguments>(&mut self, name: &'static str, doc: &'static str, required: bool, repeated: bool, defaults: bool) {
        let kind = FieldKind::Block { schema: T::schema, repeated, defaults_when_absent: defaults };
        self.push(name, doc, required, kind);
    }

    /// A family of blocks.
    pub fn enum_blocks<E: EnumBlocks>(&mut self, name: &'static str, doc: &'static str) {
        self.push(name, doc, false, FieldKind::Enum { variants: E::variants() });
    }

    /// The label.
    pub fn label(&mut self, doc: &'static str, required: bool) {
        self.push("", doc, required, FieldKind::Label);
    }

    /// The fields of another struct.
    pub fn squash<T: Arguments>(&mut self) {
        self.0.extend(T::schema().fields.iter().cloned());
    }

    /// The shape.
    pub fn finish(self, doc: &'static str) -> BodySchema {
        BodySchema { doc, fields: self.0, free: None }
    }
}
