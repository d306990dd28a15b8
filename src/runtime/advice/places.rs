//! Where an attribute or a block belongs: in which blocks of which components its name is known.

use crate::config_blocks::CONFIG_BLOCKS;
use crate::environment::Environment;
use crate::unbuilt;
use value::schema::{BodySchema, FieldKind, FieldSchema, Variant};
use value::shape::{Shape, ShapeField, ShapeKind};

/// Blocks stand in each other deeper than this only where stages hold stages.
const DEEPEST: usize = 4;

/// A place where a name is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    /// The component or configuration block.
    pub owner: &'static str,
    /// The blocks inside of it, outermost first.
    pub path: Vec<String>,
}

/// What may stand in a block, whatever knows it.
#[derive(Clone, Copy)]
enum Known<'a> {
    Schema(&'a BodySchema),
    Shape(&'a Shape),
}

impl<'a> Known<'a> {
    /// The names of attributes, and of blocks with what may stand in them.
    fn fields(self) -> Vec<(String, Option<Known<'a>>)> {
        let variant = |field: &str, variant: &Variant| format!("{field}.{}", variant.name);
        match self {
            Self::Schema(schema) => {
                let of = |field: &FieldSchema| match &field.kind {
                    FieldKind::Label => Vec::new(),
                    FieldKind::Attr { .. } => vec![(field.name.to_owned(), None)],
                    FieldKind::Block { schema, .. } => vec![(field.name.to_owned(), Some(Self::Schema(schema())))],
                    FieldKind::Enum { variants } => {
                        variants.iter().map(|v| (variant(field.name, v), Some(Self::Schema((v.schema)())))).collect()
                    }
                };
                schema.fields.iter().flat_map(of).collect()
            }
            Self::Shape(shape) => {
                let of = |field: &'a ShapeField| match &field.kind {
                    ShapeKind::Label => Vec::new(),
                    ShapeKind::Attr { .. } => vec![(field.name.to_owned(), None)],
                    ShapeKind::Block { shape, .. } => vec![(field.name.to_owned(), Some(Self::Shape(shape)))],
                    ShapeKind::Enum { variants, shapes } => {
                        variants.iter().zip(shapes).map(|(v, shape)| (variant(field.name, v), Some(Self::Shape(shape)))).collect()
                    }
                };
                shape.fields.iter().flat_map(of).collect()
            }
        }
    }
}

/// Every place where the attribute, or the block, `name` is known.
pub(super) fn find(environment: &Environment, name: &str, is_block: bool) -> Vec<Place> {
    let registrations = environment.catalog.iter().map(|r| (r.name, Known::Schema((r.arguments)())));
    let blocks = CONFIG_BLOCKS.iter().map(|block| (block.name, Known::Schema((block.arguments)())));
    let unbuilt = unbuilt::iter().filter(|known| environment.catalog.get(known.name).is_none());
    let unbuilt = unbuilt.map(|known| (known.name, Known::Shape(&known.shape)));
    let mut search = Search { name, is_block, path: Vec::new(), found: Vec::new() };
    for (owner, body) in registrations.chain(blocks).chain(unbuilt) {
        search.look_in(owner, body);
    }
    search.found
}

struct Search<'a> {
    name: &'a str,
    is_block: bool,
    path: Vec<String>,
    found: Vec<Place>,
}

impl Search<'_> {
    fn look_in(&mut self, owner: &'static str, body: Known<'_>) {
        for (name, inside) in body.fields() {
            if name == self.name && inside.is_some() == self.is_block {
                self.found.push(Place { owner, path: self.path.clone() });
            }
            let Some(inside) = inside else { continue };
            if self.path.len() < DEEPEST && !self.path.contains(&name) {
                self.path.push(name);
                self.look_in(owner, inside);
                self.path.pop();
            }
        }
    }
}
