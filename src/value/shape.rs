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

/// What holds between the attributes and blocks of a body.
#[derive(Debug)]
pub enum Rule {
    /// At least and at most so many of these names are written; `auth.` stands for the blocks of a family.
    Count(std::ops::RangeInclusive<usize>, Vec<&'static str>),
    /// The attribute is one of these texts, or holds only these.
    Texts(&'static str, Vec<&'static str>),
    /// The attribute is not this text, in whatever case.
    Never(&'static str, &'static str),
    /// The attribute, a number or a duration, is at least this.
    Least(&'static str, &'static str),
    /// These need `--stability.level=experimental`: attributes that are neither false nor null, and blocks.
    Experimental(Vec<&'static str>),
    /// The attribute needs that when it is this text, or holds it.
    ExperimentalText(&'static str, &'static str),
    /// The first attribute, a number or a duration, is smaller than the second, each with its default.
    Below([&'static str; 4]),
    /// The first attribute is not greater than the second, each with its default; zero stands for no limit.
    NotAbove([&'static str; 4]),
    /// The first attribute must be written when the second is one of these texts.
    NeedsWhen(&'static str, &'static str, Vec<&'static str>),
    /// The attribute matches the regular expression.
    Matches(&'static str, &'static str),
    /// The brackets and quotes in these texts pair.
    Paired(Vec<&'static str>),
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
