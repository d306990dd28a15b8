//! What the API and the UI are told of components.

use crate::controller::{Controller, Loaded};
use crate::node::{ComponentNode, Node};
use component::Health;
use std::sync::Arc;
use value::Value;

/// One component as the API shows it.
#[derive(Clone, Debug)]
pub struct ComponentInfo {
    /// The kind, `prometheus.scrape`.
    pub name: String,
    /// Its id in its module.
    pub local_id: String,
    /// The module.
    pub module_id: String,
    /// Its label.
    pub label: String,
    /// Ids of components it reads.
    pub references_to: Vec<String>,
    /// Ids of components that read it.
    pub referenced_by: Vec<String>,
    /// Ids of components its data goes to.
    pub data_flow_to: Vec<String>,
    /// How it is.
    pub health: Health,
    /// Modules it made.
    pub created_modules: Vec<String>,
    /// True when its data can be watched.
    pub live_debugging: bool,
}

/// A component's inner state as the API shows it.
#[derive(Clone, Debug)]
pub struct ComponentDetail {
    /// The rest.
    pub info: ComponentInfo,
    /// Its arguments.
    pub arguments: Vec<value::Node>,
    /// Its exports, in the order of its schema.
    pub exports: Vec<(String, Value)>,
    /// What it says of its inner state.
    pub debug_info: Vec<value::Node>,
}

impl Controller {
    /// All components of this module, in the order of the text.
    pub fn components(&self) -> Vec<ComponentInfo> {
        let loaded = self.loaded.load();
        (0..loaded.nodes.len()).filter_map(|at| loaded.info(&self.environment, at)).collect()
    }

    /// The component with this id, `module/local` inside modules.
    pub fn find_component(self: &Arc<Self>, id: &str) -> Option<ComponentDetail> {
        match id.rsplit_once('/') {
            Some((module, local)) => self.find_module(module)?.component(local),
            None => self.component(id),
        }
    }

    /// The components of the module with this id; `None` when there is no such module.
    pub fn module_components(self: &Arc<Self>, module: &str) -> Option<Vec<ComponentInfo>> {
        self.find_module(module).map(|module| module.components())
    }

    /// The module with this id, here or further inside.
    pub fn find_module(self: &Arc<Self>, id: &str) -> Option<Arc<Self>> {
        let mut module = Arc::clone(self);
        while module.module() != id {
            let is_on_the_way =
                |inner: &Arc<Self>| id.strip_prefix(inner.module()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            let inner = module.loaded.load().nodes.iter().flat_map(Node::modules).find(is_on_the_way)?;
            module = inner;
        }
        Some(module)
    }

    /// The imports of this module with how they are; the API of the original shows imports nowhere.
    pub fn imports(&self) -> Vec<(String, Health)> {
        let loaded = self.loaded.load();
        let imports = loaded.nodes.iter().filter(|node| matches!(node, Node::Import(_)));
        imports.filter_map(|node| Some((node.id()?.to_string(), node.health()?))).collect()
    }

    /// How the import of this module with this local id is.
    pub fn import_health(&self, local_id: &str) -> Option<Health> {
        self.loaded.load().node(local_id).filter(|node| matches!(node, Node::Import(_))).and_then(Node::health)
    }

    /// The component of this module with this local id.
    pub fn component(&self, local_id: &str) -> Option<ComponentDetail> {
        let loaded = self.loaded.load();
        let at = *loaded.plan().index.get(local_id)?;
        let info = loaded.info(&self.environment, at)?;
        let (arguments, exports, debug_info) = match &loaded.nodes[at] {
            Node::Component(node) => (node.arguments(), exports_of(node), node.instance().map(|i| i.debug_info()).unwrap_or_default()),
            Node::Custom(node) => {
                let exports = node.module.exports();
                (node.arguments(), exports.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(), Vec::new())
            }
            Node::Foreach(node) => (node.arguments(), Vec::new(), Vec::new()),
            _ => return None,
        };
        Some(ComponentDetail { info, arguments, exports, debug_info })
    }
}

/// What a component exports, in the order of its schema.
fn exports_of(node: &ComponentNode) -> Vec<(String, Value)> {
    let values = node.exports();
    let exports = (node.registration.exports)().fields.iter().filter_map(|field| match &values {
        Some(Value::Object(object)) => object.get(field.name).map(|v| (field.name.to_owned(), v.clone())),
        _ => None,
    });
    exports.collect()
}

impl Loaded {
    fn info(&self, environment: &crate::Environment, at: usize) -> Option<ComponentInfo> {
        let node = Some(&self.nodes[at]).filter(|node| node.is_component())?;
        let planned = &self.plan().nodes[at];
        let name_of = |at: &usize| self.plan().nodes[*at].id.clone();
        let is_component = |at: &usize| self.nodes[*at].is_component();
        let mut references_to: Vec<usize> = self.graph().references[at].iter().map(|r| r.target).filter(is_component).collect();
        references_to.sort_by_key(name_of);
        references_to.dedup();
        let mut referenced_by: Vec<usize> = self.graph().readers[at].iter().copied().filter(is_component).collect();
        referenced_by.sort_by_key(name_of);
        // Data goes against a reference to a receiver, and along any other one. The exports of custom components are
        // not typed, so that no data is known to flow by them.
        let is_typed = |at: &usize| matches!(self.nodes[*at], Node::Component(_));
        let sends_to = references_to.iter().filter(|t| is_typed(t) && self.is_receiver(at, **t)).map(name_of);
        let read_by = referenced_by.iter().filter(|r| is_typed(&at) && !self.is_receiver(**r, at)).map(name_of);
        let mut data_flow_to: Vec<String> = sends_to.chain(read_by).collect();
        data_flow_to.sort();
        data_flow_to.dedup();
        let shows_data = matches!(node, Node::Component(node) if node.registration.live_debugging);
        Some(ComponentInfo {
            name: planned.block.block().name.clone(),
            local_id: planned.id.clone(),
            module_id: node.id().map(|id| id.module.clone()).unwrap_or_default(),
            label: planned.block.label().to_owned(),
            references_to: references_to.iter().map(name_of).collect(),
            referenced_by: referenced_by.iter().map(name_of).collect(),
            data_flow_to,
            health: node.health()?,
            created_modules: node.modules().iter().map(|module| module.module().to_owned()).collect(),
            live_debugging: shows_data && environment.live_debugging.load(std::sync::atomic::Ordering::Relaxed),
        })
    }

    fn is_receiver(&self, reader: usize, target: usize) -> bool {
        let Node::Component(node) = &self.nodes[target] else { return false };
        let Some(Value::Object(exports)) = node.exports() else { return false };
        self.graph().references[reader].iter().filter(|r| r.target == target).any(|r| {
            let export = r.rest.first().and_then(|name| exports.get(name.as_str()));
            matches!(export, Some(Value::Capsule(capsule)) if is_receiver_kind(capsule.kind()))
        })
    }
}

pub(crate) fn is_receiver_kind(kind: &str) -> bool {
    matches!(kind, "storage.Appendable" | "loki.LogsReceiver" | "otelcol.Consumer" | "pyroscope.Appendable")
}
