//! The shape of argument structs: what `schema`, the reference pages, `validate` and editors read.

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

/// The shape of a body.
#[derive(Debug)]
pub struct BodySchema {
    /// What the struct is for, from its doc comment.
    pub doc: &'static str,
    /// Fields in the order of the struct, squashed ones in place.
    pub fields: Vec<FieldSchema>,
}

/// One attribute or block of a body.
#[derive(Debug)]
pub struct FieldSchema {
    /// Its name.
    pub name: &'static str,
    /// What effect it has, from its doc comment.
    pub doc: &'static str,
    /// Must be written.
    pub required: bool,
    /// The default, printed in configuration syntax; `None` when required or when it has none.
    pub default: Option<String>,
    /// What it is.
    pub kind: FieldKind,
}

/// What a field is. Schemas of blocks are functions because stages may hold stages.
#[derive(Debug)]
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
        /// Variants: second part of the name, doc, shape.
        variants: Vec<(&'static str, &'static str, fn() -> &'static BodySchema)>,
    },
    /// The block's label.
    Label,
}
