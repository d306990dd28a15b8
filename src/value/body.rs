//! An evaluated body: what the decoder reads. Attributes hold values instead of expressions, and everything keeps its
//! place in the source.

use crate::partial::Partial;
use crate::value_model::Value;
use std::sync::Arc;
use syntax::{Source, Span, ast};

/// Evaluated statements of a block.
#[derive(Clone, Debug)]
pub struct Body<'a> {
    /// The file, for diagnostics.
    pub source: &'a Arc<Source>,
    /// Where to say that something is missing: the block's name, or the file's start.
    pub span: Span,
    /// Attributes, in the order of the text.
    pub attrs: Vec<Attr<'a>>,
    /// Blocks, in the order of the text.
    pub blocks: Vec<Block<'a>>,
}

/// An evaluated attribute.
#[derive(Clone, Debug)]
pub struct Attr<'a> {
    /// Its name and place.
    pub name: &'a ast::Ident,
    /// The expression, to find the place of a part of the value.
    pub expr: &'a ast::Expr,
    /// The value.
    pub value: AttrValue,
}

/// The value of an attribute.
#[derive(Clone, Debug)]
pub enum AttrValue {
    /// Evaluated.
    Known(Value),
    /// Depends on something that is not running, but not all of it is unknown.
    Partial(Partial),
    /// Depends on something that is not running, or its evaluation failed and was reported: not to be checked.
    Unknown,
}

/// An evaluated block.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    /// The block as written: name, label and places.
    pub ast: &'a ast::Block,
    /// What stands in it.
    pub body: Body<'a>,
}
