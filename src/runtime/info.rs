//! What the API and the UI are told of components.

use crate::controller::{Controller, Loaded};
use component::Health;
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
        (0..loaded.plan.nodes.len()).filter_map(|at| loaded.info(&self.environment, at)).collect()
    }

    /// The component with this id, `module/local` inside modules.
    pub fn find_component(&self, id: &str) -> Option<ComponentDetail> {
        self.component(id)
    }

    /// The components of the module with this id; `None` when there is no such module.
    pub fn module_components(&self, module: &str) -> Option<Vec<ComponentInfo>> {
        (module == self.module()).then(|| self.components())
    }

    /// The component of this module with this local id.
    pub fn component(&self, local_id: &str) -> Option<ComponentDetail> {
        let loaded = self.loaded.load();
        let at = *loaded.plan.index.get(local_id)?;
        let node = loaded.nodes[at].as_ref()?;
        let info = loaded.info(&self.environment, at)?;
        let values = node.exports();
        let exports = (node.registration.exports)().fields.iter().filter_map(|field| match &values {
            Some(Value::Object(object)) => object.get(field.name).map(|v| (field.name.to_owned(), v.clone())),
            _ => None,
        });
        let debug_info = node.instance().map(|i| i.debug_info()).unwrap_or_default();
        Some(ComponentDetail { info, arguments: node.arguments(), exports: exports.collect(), debug_info })
    }
}

impl Loaded {
    fn info(&self, environment: &crate::Environment, at: usize) -> Option<ComponentInfo> {
        let node = self.nodes[at].as_ref()?;
        let block = self.plan.nodes[at].block.block();
        let name_of = |at: &usize| self.plan.nodes[*at].id.clone();
        let is_component = |at: &usize| self.nodes[*at].is_some();
        let mut references_to: Vec<usize> = self.graph.references[at].iter().map(|r| r.target).filter(|t| is_component(t)).collect();
        references_to.sort_by_key(name_of);
        references_to.dedup();
        let mut referenced_by: Vec<usize> = self.graph.readers[at].iter().copied().filter(is_component).collect();
        referenced_by.sort_by_key(name_of);
        // Data goes against a reference to a receiver, and along any other one.
        let sends_to = references_to.iter().filter(|t| self.is_receiver(at, **t)).map(name_of);
        let read_by = referenced_by.iter().filter(|r| !self.is_receiver(**r, at)).map(name_of);
        let mut data_flow_to: Vec<String> = sends_to.chain(read_by).collect();
        data_flow_to.sort();
        data_flow_to.dedup();
        Some(ComponentInfo {
            name: node.registration.name.to_owned(),
            local_id: self.plan.nodes[at].id.clone(),
            module_id: node.context.id.module.clone(),
            label: block.label.as_ref().map(|l| l.text.clone()).unwrap_or_default(),
            references_to: references_to.iter().map(name_of).collect(),
            referenced_by: referenced_by.iter().map(name_of).collect(),
            data_flow_to,
            health: node.health(),
            created_modules: Vec::new(),
            live_debugging: node.registration.live_debugging && environment.live_debugging.load(std::sync::atomic::Ordering::Relaxed),
        })
    }

    fn is_receiver(&self, reader: usize, target: usize) -> bool {
        let Some(Value::Object(exports)) = self.nodes[target].as_ref().and_then(|n| n.exports()) else { return false };
        self.graph.references[reader].iter().filter(|r| r.target == target).any(|r| {
            let export = r.rest.first().and_then(|name| exports.get(name.as_str()));
            matches!(export, Some(Value::Capsule(capsule)) if is_receiver_kind(capsule.kind()))
        })
    }
}

fn is_receiver_kind(kind: &str) -> bool {
    matches!(kind, "storage.Appendable" | "loki.LogsReceiver" | "otelcol.Consumer" | "pyroscope.Appendable")
}
