//! From syntax trees to nodes: which blocks there are, what kind each is, and what is wrong with them as a whole.
//! Pure: evaluates nothing and starts nothing.

mod kinds;

use crate::advice;
use crate::block_ref::{BlockRef, BodyRef};
use crate::budget::Budget;
use crate::config_blocks::ConfigBlock;
use crate::definitions::Definitions;
use crate::environment::Environment;
use crate::import::SourceKind;
use crate::unbuilt::Unbuilt;
use component::Registration;
use std::collections::HashMap;
use std::sync::Arc;
use syntax::{Diagnostic, ast};

/// What kind of thing a node is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A component of the catalog.
    Component(&'static Registration),
    /// Something that the original has and this build has not.
    Unbuilt(&'static Unbuilt),
    /// A component that a `declare` block describes.
    Custom,
    /// A block that sets up the program.
    Config(&'static ConfigBlock),
    /// `argument`: a value that the module is given.
    Argument,
    /// `export`: a value that the module gives.
    Export,
    /// `declare`: describes a custom component.
    Declare,
    /// `import.*`: brings `declare` blocks from elsewhere.
    Import(SourceKind),
    /// `foreach`: a module for each element of a collection.
    Foreach,
}

impl Kind {
    /// True for nodes whose value expressions can read.
    pub fn has_value(self) -> bool {
        match self {
            Self::Unbuilt(unbuilt) => !unbuilt.config,
            kind => matches!(kind, Self::Component(_) | Self::Custom | Self::Argument),
        }
    }

    /// True for nodes that the API calls components.
    pub fn is_component(self) -> bool {
        matches!(self, Self::Component(_) | Self::Custom | Self::Foreach)
    }
}

/// What a body is, which decides the blocks that may stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The main configuration.
    Root,
    /// Inside `declare`.
    Module,
    /// In the template of a `foreach`.
    Template,
    /// What an `import` brings: only `declare` and `import` blocks.
    Import,
}

/// A block that becomes a node.
#[derive(Clone, Debug)]
pub struct Planned {
    /// `name.label`: unique in its module.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub block: BlockRef,
}

/// All nodes of a module, in the order of the text.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The nodes.
    pub nodes: Vec<Planned>,
    /// Node ids to indices.
    pub index: HashMap<String, usize>,
    /// `declare` blocks by label.
    pub declares: Arc<HashMap<String, BlockRef>>,
}

impl Plan {
    /// The node with a value that the longest prefix of `names` means, and how many names that takes.
    pub fn resolve<S: AsRef<str>>(&self, names: &[S]) -> Option<(usize, usize)> {
        let mut found = None;
        let mut id = String::new();
        for (i, name) in names.iter().enumerate() {
            if i > 0 {
                id.push('.');
            }
            id.push_str(name.as_ref());
            if let Some(node) = self.index.get(&id).filter(|at| self.nodes[**at].kind.has_value()) {
                found = Some((*node, i + 1));
            }
        }
        found
    }

    /// The node of the import with this label.
    pub fn import(&self, label: &str) -> Option<usize> {
        self.nodes.iter().position(|n| matches!(n.kind, Kind::Import(_)) && n.block.label() == label)
    }
}

/// Plans the blocks of `bodies`, which together are one module. `outside` knows the custom components of the modules it
/// stands in.
pub fn plan(
    environment: &Environment,
    place: Place,
    bodies: &[BodyRef],
    outside: Option<&Definitions>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Plan {
    let mut plan = Plan::default();
    let names = kinds::Names::of(bodies, outside);
    let mut budget = Budget::default();
    for body in bodies {
        let end = if place == Place::Import { first_stray(body) } else { u32::MAX };
        for attr in body.body().attrs() {
            if budget.is_spent(diagnostics) {
                break;
            }
            diagnostics.push(stray_attribute(environment, body, attr));
        }
        for block in body.blocks() {
            if budget.is_spent(diagnostics) || block.block().span.start > end {
                break;
            }
            if let Some(kind) = kinds::kind_of(environment, place, &names, &block, diagnostics) {
                add(&mut plan, Planned { id: id_of(kind, &block), kind, block }, diagnostics);
            }
        }
    }
    let declares = plan.nodes.iter().filter(|n| matches!(n.kind, Kind::Declare));
    plan.declares = Arc::new(declares.map(|n| (n.block.label().to_owned(), n.block.clone())).collect());
    plan
}

/// Where the first statement begins that may not stand in an imported module. The original reads no further.
fn first_stray(body: &BodyRef) -> u32 {
    let is_stray = |stmt: &&ast::Stmt| match stmt {
        ast::Stmt::Attr(_) => true,
        ast::Stmt::Block(block) => block.name != "declare" && SourceKind::of(&block.name).is_none(),
    };
    body.body().stmts.iter().find(is_stray).map_or(u32::MAX, |stmt| match stmt {
        ast::Stmt::Attr(attr) => attr.span.start,
        ast::Stmt::Block(block) => block.span.start,
    })
}

/// Blocks that set up the program stand once: the label that the original accepts means nothing.
fn id_of(kind: Kind, block: &BlockRef) -> String {
    match kind {
        Kind::Config(config) => config.name.to_owned(),
        _ => block.node_id(),
    }
}

fn stray_attribute(environment: &Environment, body: &BodyRef, attr: &ast::Attr) -> Diagnostic {
    let message = format!("`{}` stands outside of a block", attr.name.text);
    let hint = advice::stray_attribute(environment, &attr.name.text);
    Diagnostic::error("config/stray-attribute", &body.file.source, attr.name.span, message).hint(hint)
}

fn add(plan: &mut Plan, node: Planned, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(first) = plan.index.get(&node.id) {
        let (file, block) = (node.block.file(), node.block.block());
        let message = format!("`{}` is declared twice", node.id);
        let mut diagnostic = Diagnostic::error("config/duplicate", &file.source, block.name_span, message);
        let first = &plan.nodes[*first].block;
        if Arc::ptr_eq(first.file(), file) {
            diagnostic = diagnostic.label(first.block().name_span, "first declared here");
        } else {
            diagnostic = diagnostic.hint(format!("the first one stands at {}", first.place()));
        }
        diagnostics.push(diagnostic.hint("give one of them another label"));
        return;
    }
    plan.index.insert(node.id.clone(), plan.nodes.len());
    plan.nodes.push(node);
}
