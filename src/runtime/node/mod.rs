//! Running nodes. A custom component, a `foreach` and an import own the controllers of the modules inside them; nothing
//! above knows of these.

pub mod component;
mod custom;
pub(crate) mod foreach;
mod health;
pub mod identity;

pub(crate) use crate::import::ImportNode;
pub use component::ComponentNode;
pub(crate) use custom::CustomNode;
pub(crate) use foreach::ForeachNode;
pub(crate) use health::NodeHealth;

use crate::controller::Controller;
use ::component::{ComponentId, Health};
use arc_swap::ArcSwapOption;
use std::sync::Arc;
use value::{Lookup, Value};

/// A value that is exchanged as a whole; empty until there is one.
pub(crate) type ValueCell = Arc<ArcSwapOption<Value>>;

/// A node of a loaded module.
#[derive(Clone)]
pub(crate) enum Node {
    Component(Arc<ComponentNode>),
    Custom(Arc<CustomNode>),
    Foreach(Arc<ForeachNode>),
    Import(Arc<ImportNode>),
    /// An argument: an object with the member `value`.
    Argument(ValueCell),
    Export(ValueCell),
    /// A configuration or `declare` block: nothing of it runs.
    Inert,
}

impl Node {
    /// The id of a node that runs.
    pub fn id(&self) -> Option<&ComponentId> {
        match self {
            Self::Component(node) => Some(&node.context.id),
            Self::Custom(node) => Some(&node.id),
            Self::Foreach(node) => Some(&node.id),
            Self::Import(node) => Some(&node.id),
            Self::Argument(_) | Self::Export(_) | Self::Inert => None,
        }
    }

    /// True for nodes that the API calls components.
    pub fn is_component(&self) -> bool {
        matches!(self, Self::Component(_) | Self::Custom(_) | Self::Foreach(_))
    }

    /// True when both are the same running node.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Component(a), Self::Component(b)) => Arc::ptr_eq(a, b),
            (Self::Custom(a), Self::Custom(b)) => Arc::ptr_eq(a, b),
            (Self::Foreach(a), Self::Foreach(b)) => Arc::ptr_eq(a, b),
            (Self::Import(a), Self::Import(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// What `rest`, the names after its id, is looked up in. `used` are the names of the id.
    pub fn lookup(&self, used: usize, rest: &[&str]) -> Lookup {
        let value = match self {
            Self::Component(node) => node.exports(),
            Self::Argument(cell) => cell.load_full().map(|value| (*value).clone()),
            Self::Custom(node) => return node.lookup(used, rest),
            _ => None,
        };
        match value {
            Some(value) => Lookup::Found { value, used },
            // Not exported yet: whoever reads it is evaluated again when it is.
            None => Lookup::Unknown { used },
        }
    }

    /// How it is; `None` for what does not run.
    pub fn health(&self) -> Option<Health> {
        match self {
            Self::Component(node) => Some(node.health()),
            Self::Custom(node) => Some(node.health.get()),
            Self::Foreach(node) => Some(node.health.get()),
            Self::Import(node) => Some(node.health.get()),
            Self::Argument(_) | Self::Export(_) | Self::Inert => None,
        }
    }

    /// The modules inside it that the API shows.
    pub fn modules(&self) -> Vec<Arc<Controller>> {
        match self {
            Self::Custom(node) => vec![Arc::clone(&node.module)],
            Self::Foreach(node) => node.modules(),
            _ => Vec::new(),
        }
    }
}
