//! What is loaded into a module, and how it is made from what was loaded before.

use super::{Controller, Inputs};
use crate::blueprint::Blueprint;
use crate::definitions::Definitions;
use crate::graph::Graph;
use crate::node::{ComponentNode, CustomNode, ForeachNode, ImportNode, Node};
use crate::outer::Outer;
use crate::plan::{Kind, Plan, Planned};
use component::ComponentId;
use std::sync::{Arc, Weak};

/// What is loaded: immutable, exchanged as a whole by a reload.
#[derive(Default)]
pub(crate) struct Loaded {
    pub blueprint: Arc<Blueprint>,
    /// For each planned node its running one.
    pub nodes: Vec<Node>,
    /// The custom components that can be made here.
    pub definitions: Arc<Definitions>,
    pub outer: Arc<Outer>,
}

impl Loaded {
    pub fn plan(&self) -> &Plan {
        &self.blueprint.plan
    }

    pub fn graph(&self) -> &Graph {
        &self.blueprint.graph
    }

    /// The running node called `id`.
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.plan().index.get(id).map(|at| &self.nodes[*at])
    }

    pub fn has(&self, node: &Node) -> bool {
        node.id().and_then(|id| self.node(&id.local)).is_some_and(|mine| mine.same(node))
    }
}

impl Controller {
    /// The nodes of `inputs`: those that ran before where id and kind are the same, new ones otherwise.
    pub(super) fn carry_over(self: &Arc<Self>, before: &Loaded, inputs: Inputs) -> Loaded {
        let nodes: Vec<Node> = inputs.blueprint.plan.nodes.iter().map(|planned| self.node_for(before, planned)).collect();
        let imports = inputs.blueprint.plan.nodes.iter().zip(&nodes).filter_map(|(planned, node)| match node {
            Node::Import(import) => Some((planned.block.label().to_owned(), import.definitions())),
            _ => None,
        });
        let definitions = Definitions {
            parent: inputs.outside,
            outer: Arc::clone(&inputs.outer),
            declares: Arc::clone(&inputs.blueprint.plan.declares),
            imports: imports.collect(),
        };
        Loaded { nodes, definitions: Arc::new(definitions), outer: inputs.outer, blueprint: inputs.blueprint }
    }

    fn node_for(self: &Arc<Self>, before: &Loaded, planned: &Planned) -> Node {
        let id = || ComponentId { module: self.module().to_owned(), local: planned.id.clone() };
        match (planned.kind, before.node(&planned.id)) {
            (Kind::Component(registration), Some(Node::Component(node))) if std::ptr::eq(node.registration, registration) => {
                node.set_block(planned.block.clone());
                Node::Component(Arc::clone(node))
            }
            (Kind::Component(registration), _) => {
                Node::Component(Arc::new(ComponentNode::new(self, id(), registration, planned.block.clone(), self.teller(&planned.id))))
            }
            (Kind::Custom, Some(Node::Custom(node))) => Node::Custom(Arc::clone(node)),
            (Kind::Custom, _) => Node::Custom(CustomNode::new(self, id(), self.teller(&planned.id))),
            (Kind::Foreach, Some(Node::Foreach(node))) => Node::Foreach(Arc::clone(node)),
            (Kind::Foreach, _) => Node::Foreach(ForeachNode::new(id())),
            (Kind::Import(_), Some(Node::Import(node))) => Node::Import(Arc::clone(node)),
            (Kind::Import(kind), _) => Node::Import(ImportNode::new(self, id(), kind, self.teller(&planned.id))),
            (Kind::Argument, _) => Node::Argument(Arc::default()),
            (Kind::Export, _) => Node::Export(Arc::default()),
            (Kind::Config(_) | Kind::Unbuilt(_) | Kind::Declare, _) => Node::Inert,
        }
    }

    /// Marks the node `local` as changed, as long as this controller exists.
    fn teller(self: &Arc<Self>, local: &str) -> Box<dyn Fn() + Send + Sync> {
        let (controller, local): (Weak<Self>, _) = (Arc::downgrade(self), local.to_owned());
        Box::new(move || {
            if let Some(controller) = controller.upgrade() {
                controller.mark_changed(&local);
            }
        })
    }
}
