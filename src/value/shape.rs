//! Shapes of bodies that no struct stands for: what is known of components that this build does not have.

use crate::schema::{Type, Variant};

/// What may stand in a body.
#[derive(Debug, Default)]
pub struct Shape {
    /// Its attributes and blocks.
    pub fields: Vec<ShapeField>,
    /// What holds between them.
    pub rules: Vec<Rule>,
}

/// What holds between the attributes and blocks of a body. A name counts as written where its value is not empty, false, zero
/// or null; `a?` counts even so, `a+` is a block that holds something, `a/b` stands in the block `a`.
#[derive(Debug)]
pub enum Rule {
    /// At least and at most so many of these names are written; `auth.` stands for the blocks of a family.
    Count(std::ops::RangeInclusive<usize>, Vec<&'static str>),
    /// All of these are written.
    Given(Vec<&'static str>),
    /// These are not empty where they stand.
    Filled(Vec<&'static str>),
    /// The attribute is one of these texts, or holds only these; `""` stands for the empty text, a leading `~` for whatever case.
    Texts(&'static str, Vec<&'static str>),
    /// The attribute is not this text, in whatever case.
    Never(&'static str, &'static str),
    /// These, numbers, durations, sizes or lists by their lengths, keep to a bound where they stand.
    Bound(Bound, &'static str, Vec<&'static str>),
    /// These need `--stability.level=experimental`: attributes that are neither false nor null, and blocks.
    Experimental(Vec<&'static str>),
    /// The attribute needs that when it is this text, or holds it.
    ExperimentalText(&'static str, &'static str),
    /// The first attribute is smaller than the second, each with its default.
    Below([&'static str; 4]),
    /// The first attribute is not greater than the second, each with its default; zero stands for no limit.
    NotAbove([&'static str; 4]),
    /// The attribute, or each of its elements, matches the regular expression; then comes what to write.
    Matches(&'static str, &'static str, Vec<&'static str>),
    /// These texts, or their elements, are of a form.
    Form(Form, Vec<&'static str>),
    /// The attribute is YAML with only these names at the top.
    Yaml(&'static str, Vec<&'static str>),
    /// Every object in the attribute has these members; `a|b` is one of the two.
    Members(&'static str, Vec<&'static str>),
    /// Nothing is accepted, for a reason.
    Refused(Vec<&'static str>),
    /// All of these hold.
    All(Vec<Rule>),
    /// The rule holds in the blocks of this name.
    In(&'static str, Box<Rule>),
    /// The rule holds under a condition.
    When(Condition, Box<Rule>),
}

/// How a value keeps to a bound.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// It is greater.
    Above,
    /// It is as great or greater.
    Least,
    /// It is as great or smaller.
    Most,
}

/// A form of texts.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Brackets and quotes pair.
    Paired,
    /// A regular expression.
    Regexp,
    /// An address.
    Url,
}

/// When a rule holds.
#[derive(Debug)]
pub struct Condition {
    /// One of these is written.
    pub names: Vec<&'static str>,
    /// Where there are any: the first name is one of these texts; `-` stands for not written.
    pub texts: Vec<&'static str>,
}

/// An attribute or block.
#[derive(Debug)]
pub struct ShapeField {
    /// Its name; empty for a label.
    pub name: &'static str,
    /// Must be written.
    pub required: bool,
    /// What it is.
    pub kind: ShapeKind,
}

/// What a field is.
#[derive(Debug)]
pub enum ShapeKind {
    /// `name = value`
    Attr {
        /// The type.
        ty: Type,
        /// The accepted texts; empty where all are.
        one_of: Vec<&'static str>,
    },
    /// `name { … }`
    Block {
        /// What may stand in it.
        shape: Shape,
        /// May stand more than once.
        repeated: bool,
    },
    /// `name.variant { … }`
    Enum {
        /// The alternatives; their own schemas mean nothing.
        variants: &'static [Variant],
        /// What may stand in each.
        shapes: Vec<Shape>,
    },
    /// The label of the block.
    Label,
}
