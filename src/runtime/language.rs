//! The blocks that the language itself has, as `schema` and editors show them.

use crate::arguments::{ArgumentBlock, ExportBlock};
use crate::import::SourceKind;
use crate::node::foreach::ForeachArgs;
use component::Stability;
use value::Arguments;
use value::schema::BodySchema;

/// A block of the language. All of them have a label.
#[derive(Clone, Copy, Debug)]
pub struct LanguageBlock {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Its attributes and blocks; `None` where a module stands in it.
    pub arguments: Option<&'static BodySchema>,
    /// How settled it is.
    pub stability: Stability,
    /// May stand at the top of the main configuration.
    pub in_root: bool,
}

/// All of them.
pub fn blocks() -> Vec<LanguageBlock> {
    let block = |name, doc, arguments, in_root| LanguageBlock { name, doc, arguments, stability: Stability::GenerallyAvailable, in_root };
    let shaped = |name, schema: &'static BodySchema, in_root| block(name, schema.doc, Some(schema), in_root);
    let declare = "Describes a custom component, which the rest of the module uses by this label: `argument` blocks are what it is given, \
                   `export` blocks what it gives.";
    let mut blocks = vec![
        shaped("argument", ArgumentBlock::schema(), false),
        block("declare", declare, None, true),
        shaped("export", ExportBlock::schema(), false),
        LanguageBlock { stability: Stability::Experimental, ..shaped("foreach", ForeachArgs::schema(), true) },
    ];
    blocks.extend(SourceKind::ALL.iter().map(|kind| shaped(kind.block_name(), kind.schema(), true)));
    blocks
}
