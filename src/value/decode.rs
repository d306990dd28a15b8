//! From values to the argument structs of components. Decoding never stops at the first error.

use crate::body::{Attr, Block, Body};
use crate::encode::Node;
use crate::reader::Reader;
use crate::schema::{BodySchema, Type, Variant};
use crate::value_model::Value;
use syntax::{Diagnostic, Span};

/// A struct that is filled from a body: the arguments of a component, or of a block inside.
///
/// Derived with `#[derive(Arguments)]`. The order is: defaults, decode, validate.
pub trait Arguments: Sized + 'static {
    /// The shape.
    fn schema() -> &'static BodySchema;

    /// Reads the fields through `reader`, which reports what is wrong. `None` when something was reported, or is not
    /// known yet ([`crate::AttrValue::Unknown`]).
    fn fields(reader: &mut Reader<'_, '_>) -> Option<Self>;

    /// The struct as the API shows it: fields that equal their default are left out unless required.
    fn encode(&self) -> Vec<Node>;

    /// The label of the block, for structs that hold it.
    fn label(&self) -> Option<String> {
        None
    }

    /// The struct of an empty body; `None` when something must be written.
    fn defaults() -> Option<Self> {
        None
    }

    /// Reads `body`. `None` when a diagnostic was reported, or when something is not known yet
    /// ([`crate::AttrValue::Unknown`]).
    fn decode(body: &Body<'_>, cx: &mut DecodeCx) -> Option<Self> {
        Reader::body(body, cx).read()
    }

    /// Reads a block with its label.
    fn decode_block(block: &Block<'_>, cx: &mut DecodeCx) -> Option<Self> {
        Reader::block_of(block, cx).read()
    }
}

/// An empty body.
impl Arguments for () {
    fn schema() -> &'static BodySchema {
        <() as Exports>::schema()
    }
    fn fields(_reader: &mut Reader<'_, '_>) -> Option<Self> {
        Some(())
    }
    fn encode(&self) -> Vec<Node> {
        Vec::new()
    }
    fn defaults() -> Option<Self> {
        Some(())
    }
}

/// The alternatives of a family of blocks such as `stage.*`. Derived with `#[derive(Arguments)]` on an enum.
pub trait EnumBlocks: Sized + 'static {
    /// The alternatives.
    fn variants() -> &'static [Variant];

    /// Reads `block`, whose second part of the name is `name`.
    fn decode(name: &str, block: &Block<'_>, cx: &mut DecodeCx) -> Option<Self>;

    /// The block, named `prefix.variant`.
    fn encode(&self, prefix: &str) -> Node;
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
        static NOTHING: BodySchema = BodySchema { doc: "", fields: Vec::new(), free: None };
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

    /// Converts as the original does (numbers and strings convert into each other where it does so; null is the zero
    /// value).
    fn from_value(value: &Value) -> Result<Self, DecodeError>;

    /// Adds what [`Self::from_value`] accepts but changes, such as 1.5 for an integer: told as warnings.
    fn warnings(_value: &Value, _out: &mut Vec<DecodeError>) {}
}

/// The way back: for defaults in schemas, the API and exports.
#[expect(clippy::wrong_self_convention, reason = "the value is made from a struct that stays where it is")]
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
    /// The text that was probably meant, for programs.
    pub meant: Option<String>,
}

/// Stands in hints for the text of the value that they are about.
pub(crate) const THE_VALUE: &str = "\u{1}";
/// Where a list is expected and one of its elements is given.
pub(crate) const IN_BRACKETS: &str = "put it into brackets: `[\u{1}]`";
/// Where an element is expected and a list of them is given.
pub(crate) const OUT_OF_BRACKETS: &str =
    "it is a list itself: write `\u{1}` without brackets around it, or join lists with `array.concat(…, …)`";
/// Where text is expected and a secret is given.
pub(crate) const NO_SECRET: &str = "a secret is accepted only where secrets are expected, so that it shows nowhere; \
`convert.nonsensitive(\u{1})` makes plain text of it, which everybody can read who sees the UI";

/// One step into a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Into an array.
    Index(usize),
    /// Into an object.
    Key(String),
}

impl DecodeError {
    /// An error about the value itself.
    pub fn new(message: impl Into<String>) -> Self {
        Self { path: Vec::new(), message: message.into(), hint: None, meant: None }
    }

    /// An error about null where there is nothing that it could stand for.
    pub fn null(names: &[&str]) -> Self {
        let list = names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
        Self::new("null is not accepted here").hint(format!("accepted are {list}"))
    }

    /// An error about a value of the wrong type.
    pub fn expected(expected: impl std::fmt::Display, got: &Value) -> Self {
        let error = Self::new(format!("expected {expected}, got {}", describe(got)));
        match got {
            Value::Capsule(capsule) if is_secret(capsule) => error.hint(NO_SECRET),
            _ => error,
        }
    }

    /// Says what to write instead.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hint = Some(text.into());
        self
    }

    /// The text that was probably meant.
    #[must_use]
    pub(crate) fn meant(mut self, text: &str) -> Self {
        self.meant = Some(text.to_owned());
        self
    }

    /// The same error, seen from one step further out.
    #[must_use]
    pub fn inside(mut self, step: Step) -> Self {
        self.path.insert(0, step);
        self
    }
}

/// `[2].name`, for errors whose place is not visible in the text.
pub(crate) fn path_text(path: &[Step]) -> String {
    path.iter().fold(String::new(), |out, step| match step {
        Step::Index(i) => format!("{out}[{i}]"),
        Step::Key(key) if is_name(key) => format!("{out}.{key}"),
        Step::Key(key) => format!("{out}[{key:?}]"),
    })
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.all(|c| c.is_alphanumeric() || c == '_')
}

/// True for capsules whose text is hidden.
pub(crate) fn is_secret(capsule: &crate::Capsule) -> bool {
    capsule.text().is_none() && matches!(capsule.kind(), "alloytypes.Secret" | "alloytypes.OptionalSecret")
}

/// The type of a value as messages name it.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::Capsule(capsule) if is_secret(capsule) => "a secret".into(),
        Value::Capsule(capsule) => crate::schema::capsule_words(capsule.kind()).into(),
        other => other.type_name().into(),
    }
}

/// Converts a default that a derive was given as a literal.
///
/// # Panics
/// When the literal does not fit the type: the author's mistake, found by every test that reads the schema.
#[doc(hidden)]
pub fn literal_default<T: FromValue>(value: Value) -> T {
    match T::from_value(&value) {
        Ok(value) => value,
        Err(error) => unreachable!("a default in the program does not fit its type: {}", error.message),
    }
}

/// Finds `text` among `words`; `names` are those to name in the error.
///
/// # Errors
/// When it is none of them.
pub fn one_of<T>(text: &str, words: Vec<(&'static str, T)>, names: &[&str], ignore_case: bool) -> Result<T, DecodeError> {
    let same = |word: &str| word == text || (ignore_case && word.eq_ignore_ascii_case(text));
    if let Some((_, value)) = words.into_iter().find(|(word, _)| same(word)) {
        return Ok(value);
    }
    let list = names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let error = DecodeError::new(format!("{text:?} is not accepted here"));
    Err(match crate::suggest::closest(text, names.iter().copied()) {
        Some(name) => error.hint(format!("did you mean {name:?}? Accepted are {list}")).meant(name),
        None => error.hint(format!("accepted are {list}")),
    })
}

/// Collects what is wrong while decoding.
#[derive(Debug, Default)]
pub struct DecodeCx {
    /// Everything found so far.
    pub diagnostics: Vec<Diagnostic>,
    /// True when something could not be checked because its value is not known yet.
    pub incomplete: bool,
    /// True refuses arguments that need `--stability.level=experimental`.
    pub stable_only: bool,
}

impl DecodeCx {
    /// Reports that `attr` does not fit; the place is the part of the expression that `error` names where it can be found.
    pub fn report(&mut self, body: &Body<'_>, attr: &Attr<'_>, error: DecodeError) {
        self.diagnostics.push(about(Diagnostic::error, "decode/value", body, attr, error));
    }

    /// Warns that the value of `attr` is accepted, but not as written.
    pub fn warn(&mut self, body: &Body<'_>, attr: &Attr<'_>, note: DecodeError) {
        self.diagnostics.push(about(Diagnostic::warning, "decode/lossy", body, attr, note));
    }
}

type Make = fn(&'static str, &std::sync::Arc<syntax::Source>, Span, String) -> Diagnostic;

fn about(make: Make, code: &'static str, body: &Body<'_>, attr: &Attr<'_>, error: DecodeError) -> Diagnostic {
    let span = place_of(&attr.expr.kind, attr.expr.span, &error.path);
    let message = format!("`{}{}`: {}", attr.name.text, path_text(&error.path), error.message);
    let mut diagnostic = make(code, body.source, span, message);
    diagnostic.hints.extend(error.hint.map(|hint| hint.replace(THE_VALUE, shown(body.source.slice(span)))));
    match error.meant {
        // What a name or a function stands for is not changed here.
        Some(text) if body.source.slice(span).starts_with(['"', '`']) => diagnostic.fix(span, format!("{text:?}")),
        _ => diagnostic,
    }
}

/// The text of a value as hints show it: whole, or not at all.
fn shown(text: &str) -> &str {
    const LONGEST: usize = 60;
    if text.is_empty() || text.contains('\n') || text.chars().count() > LONGEST { "…" } else { text }
}

pub(crate) fn place_of(kind: &syntax::ast::ExprKind, span: Span, path: &[Step]) -> Span {
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
