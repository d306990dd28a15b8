//! Where an attribute or a block belongs: in which blocks of which components its name is known.

use crate::config_blocks::CONFIG_BLOCKS;
use crate::environment::Environment;
use crate::unbuilt;
use value::schema::{BodySchema, FieldKind};
use value::shape::{Shape, ShapeKind};

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

/// Every place where the attribute, or the block, `name` is known.
pub(super) fn find(environment: &Environment, name: &str, is_block: bool) -> Vec<Place> {
    let mut search = Search { name, is_block, owner: "", path: Vec::new(), found: Vec::new() };
    for registration in environment.catalog.iter() {
        search.schema_of(registration.name, (registration.arguments)());
    }
    for block in CONFIG_BLOCKS {
        search.schema_of(block.name, (block.arguments)());
    }
    for known in unbuilt::iter().filter(|known| environment.catalog.get(known.name).is_none()) {
        search.owner = known.name;
        search.shape(&known.shape);
    }
    search.found
}

struct Search<'a> {
    name: &'a str,
    is_block: bool,
    owner: &'static str,
    path: Vec<String>,
    found: Vec<Place>,
}

impl Search<'_> {
    fn note(&mut self) {
        self.found.push(Place { owner: self.owner, path: self.path.clone() });
    }

    fn schema_of(&mut self, owner: &'static str, schema: &BodySchema) {
        self.owner = owner;
        self.schema(schema);
    }

    fn schema(&mut self, schema: &BodySchema) {
        for field in &schema.fields {
            let is_block = !matches!(field.kind, FieldKind::Attr { .. });
            if field.name == self.name && is_block == self.is_block {
                self.note();
            }
            match &field.kind {
                FieldKind::Block { schema, .. } => self.inside(field.name.to_owned(), |search| search.schema(schema())),
                FieldKind::Enum { variants } => {
                    for variant in *variants {
                        let name = format!("{}.{}", field.name, variant.name);
                        if name == self.name && self.is_block {
                            self.note();
                        }
                        self.inside(name, |search| search.schema((variant.schema)()));
                    }
                }
                FieldKind::Attr { .. } | FieldKind::Label => {}
            }
        }
    }

    fn shape(&mut self, shape: &Shape) {
        for field in &shape.fields {
            let is_block = !matches!(field.kind, ShapeKind::Attr { .. });
            if field.name == self.name && is_block == self.is_block {
                self.note();
            }
            match &field.kind {
                ShapeKind::Block { shape, .. } => self.inside(field.name.to_owned(), |search| search.shape(shape)),
                ShapeKind::Enum { variants, shapes } => {
                    for (variant, shape) in variants.iter().zip(shapes) {
                        let name = format!("{}.{}", field.name, variant.name);
                        if name == self.name && self.is_block {
                            self.note();
                        }
                        self.inside(name, |search| search.shape(shape));
                    }
                }
                ShapeKind::Attr { .. } | ShapeKind::Label => {}
            }
        }
    }

    fn inside(&mut self, block: String, look: impl FnOnce(&mut Self)) {
        if self.path.len() < DEEPEST && !self.path.contains(&block) {
            self.path.push(block);
            look(self);
            self.path.pop();
        }
    }
}
