//! From values to the argument structs of components. Decoding never stops at the first error.

use crate::body::{Attr, Body};
use crate::schema::{BodySchema, Type};
use crate::value_model::Value;
use syntax::{Diagnostic, Span};

/// A struct that is filled from a body: the arguments of a component, or of a block inside.
///
/// Derived with `#[derive(Arguments)]`. The order is: defaults, decode, validate.
pub trait Arguments: Sized + 'static {
    /// The shape.
    fn schema() -> &'static BodySchema;

    /// Reads `body`. `None` when a diagnostic was reported, or when something is not known yet ([`crate::AttrValue::Unknown`]).
    fn decode(body: &Body<'_>, cx: &mut DecodeCx) -> Option<Self>;

    /// The struct as the API shows it: fields that equal their default are left out unless required.
    fn encode(&self) -> Vec<Node>;
}

/// A struct of values that a component exports. Derived with `#[derive(Exports)]`.
pub trait Exports: Clone + PartialEq + Send + Sync + 'static {
    /// The shape.
    fn schema() -> &'static BodySchema;

    /// The values, by name.
    fn encode(&self) -> Vec<(&'static str, Value)>;
}

/// A component without exports.
impl Exports for () {
    fn schema() -> &'static BodySchema {
        static NOTHING: BodySchema = BodySchema { doc: "", fields: Vec::new() };
        &NOTHING
    }
    fn encode(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}

/// A type that an attribute can have.
pub trait FromValue: Sized {
    /// The type, for schemas and messages.
    fn ty() -> Type;

    /// The accepted values, where only some are.
    fn one_of() -> &'static [&'static str] {
        &[]
    }

    /// Converts as the original does (numbers and strings convert into each other where it does so).
    fn from_value(value: &Value) -> Result<Self, DecodeError>;
}

/// The way back: for defaults in schemas, the API and exports.
pub trait IntoValue {
    /// The value.
    fn into_value(&self) -> Value;
}

/// Why a value does not fit.
#[derive(Clone, Debug, PartialEq)]
pub struct DecodeError {
    /// Which part of the value, outermost first; empty for the value itself.
    pub path: Vec<Step>,
    /// The cause: lower case, no full stop.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Into an array.
    Index(usize),
    /// Into an object.
    Key(String),
}

/// What [`Arguments::encode`] gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `name = value`
    Attr(&'static str, Value),
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

/// Collects what is wrong while decoding.
#[derive(Debug, Default)]
pub struct DecodeCx {
    /// Everything found so far.
    pub diagnostics: Vec<Diagnostic>,
    /// True when something could not be checked because its value is not known yet.
    pub incomplete: bool,
}

impl DecodeCx {
    /// Reports that `attr` does not fit; the place is the part of the expression that `error` names where it can be found.
    pub fn report(&mut self, body: &Body<'_>, attr: &Attr<'_>, error: DecodeError) {
        let span = place_of(&attr.expr.kind, attr.expr.span, &error.path);
        let mut diagnostic = Diagnostic::error("decode/value", body.source, span, format!("`{}`: {}", attr.name.text, error.message));
        diagnostic.hints.extend(error.hint);
        self.diagnostics.push(diagnostic);
    }
}

fn place_of(kind: &syntax::ast::ExprKind, span: Span, path: &[Step]) -> Span {
    use syntax::ast::ExprKind;
    let Some((step, rest)) = path.split_first() else { return span };
    let inner = match (kind, step) {
        (ExprKind::Paren(inner), _) => return place_of(&inner.kind, inner.span, path),
        (ExprKind::Array(items), Step::Index(i)) => items.get(*i),
        (ExprKind::Object(fields), Step::Key(key)) => fields.iter().find(|f| f.name.text == *key).map(|f| &f.value),
        _ => None,
    };
    inner.map_or(span, |expr| place_of(&expr.kind, expr.span, rest))
}
