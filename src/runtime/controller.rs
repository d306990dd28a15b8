//! The controller of one module: loads configurations into it, keeps its graph, knows who runs.

use crate::block_ref::BodyRef;
use crate::config_blocks::CONFIG_BLOCKS;
use crate::environment::Environment;
use crate::evaluate;
use crate::graph::{self, Graph};
use crate::node::ComponentNode;
use crate::plan::{self, Kind, Plan};
use arc_swap::ArcSwap;
use component::{AnyArguments, ComponentId};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use syntax::Diagnostic;
use syntax::ast::File;
use syntax::diag::any_errors;
use tokio::sync::Notify;

/// What is loaded: immutable, exchanged as a whole by a reload.
pub(crate) struct Loaded {
    pub plan: Plan,
    pub graph: Graph,
    /// For each planned node its running one; `None` for configuration blocks.
    pub nodes: Vec<Option<Arc<ComponentNode>>>,
}

/// A module that runs: the main configuration, or one inside another.
pub struct Controller {
    /// What all controllers share.
    pub environment: Arc<Environment>,
    module: String,
    pub(crate) loaded: ArcSwap<Loaded>,
    /// Held while anything is evaluated, so that a reload and a new export do not meet.
    pub(crate) evaluating: Mutex<()>,
    /// Ids of components with exports that their readers have not seen.
    pub(crate) changed: Mutex<BTreeSet<String>>,
    pub(crate) changed_signal: Notify,
    pub(crate) reloaded_signal: Notify,
    configured: Mutex<Vec<(&'static str, Option<Box<dyn AnyArguments>>)>>,
}

/// What a load did.
#[derive(Debug, Default)]
pub struct LoadReport {
    /// Everything found, errors of components that go on with their last good arguments included.
    pub diagnostics: Vec<Diagnostic>,
    /// Components that were not there before.
    pub added: usize,
    /// Components that are gone.
    pub removed: usize,
    /// Components that stayed.
    pub kept: usize,
}

/// The configuration was refused; what ran before still runs.
#[derive(Debug)]
pub struct LoadError {
    /// At least one error.
    pub diagnostics: Vec<Diagnostic>,
}

impl Controller {
    /// The controller of the main configuration, with nothing loaded.
    pub fn new(environment: Arc<Environment>) -> Arc<Self> {
        let nothing = Loaded { plan: Plan::default(), graph: Graph::default(), nodes: Vec::new() };
        Arc::new(Self {
            environment,
            module: String::new(),
            loaded: ArcSwap::from_pointee(nothing),
            evaluating: Mutex::new(()),
            changed: Mutex::default(),
            changed_signal: Notify::new(),
            reloaded_signal: Notify::new(),
            configured: Mutex::default(),
        })
    }

    /// The module's id, `""` for the main configuration.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// Loads `files`, which together are one configuration. Components with the same id and kind as before stay and
    /// are updated only when their arguments differ.
    ///
    /// # Errors
    /// On the first load any error refuses the configuration. Later, errors in text, references or cycles do; a
    /// component whose arguments do not fit goes on with its last good ones and is unhealthy.
    pub fn load(self: &Arc<Self>, files: &[Arc<File>]) -> Result<LoadReport, LoadError> {
        let mut diagnostics = Vec::new();
        let bodies: Vec<BodyRef> = files.iter().map(|file| BodyRef::top(Arc::clone(file))).collect();
        let plan = plan::plan(&self.environment, &bodies, &mut diagnostics);
        let graph = graph::build(&plan, &evaluate::is_known, &mut diagnostics);
        if any_errors(&diagnostics) {
            return Err(LoadError { diagnostics });
        }
        let _guard = self.evaluating.lock();
        let before = self.loaded.load_full();
        let first = before.plan.nodes.is_empty();
        let loaded = Arc::new(self.carry_over(&before, plan, graph));
        let mut report = LoadReport { diagnostics, ..LoadReport::default() };
        report.kept = loaded.nodes.iter().flatten().filter(|n| before.has(n)).count();
        report.added = loaded.nodes.iter().flatten().count() - report.kept;
        report.removed = before.nodes.iter().flatten().count() - report.kept;
        for index in loaded.graph.order.clone() {
            evaluate::node(self, &loaded, index, &mut report.diagnostics);
            // Readers come later in this order and will see what it exports: nothing to propagate.
            self.changed.lock().remove(&loaded.plan.nodes[index].id);
        }
        if first && any_errors(&report.diagnostics) {
            return Err(LoadError { diagnostics: report.diagnostics });
        }
        self.apply_absent_config_blocks(&loaded);
        self.loaded.store(loaded);
        self.reloaded_signal.notify_one();
        Ok(report)
    }

    /// Checks `files` without building or starting anything: everything that [`Controller::load`] would refuse as far
    /// as it can be known before running.
    pub fn check(self: &Arc<Self>, files: &[Arc<File>]) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let bodies: Vec<BodyRef> = files.iter().map(|file| BodyRef::top(Arc::clone(file))).collect();
        let plan = plan::plan(&self.environment, &bodies, &mut diagnostics);
        graph::build(&plan, &evaluate::is_known, &mut diagnostics);
        for planned in &plan.nodes {
            evaluate::check(&plan, planned, &mut diagnostics);
        }
        diagnostics
    }

    fn carry_over(self: &Arc<Self>, before: &Loaded, plan: Plan, graph: Graph) -> Loaded {
        let nodes = plan.nodes.iter().map(|planned| {
            let Kind::Component(registration) = planned.kind else { return None };
            if let Some(node) = before.node(&planned.id) {
                node.set_block(planned.block.clone());
                return Some(node);
            }
            let id = ComponentId { module: self.module.clone(), local: planned.id.clone() };
            let (controller, local): (Weak<Self>, _) = (Arc::downgrade(self), planned.id.clone());
            let changed = Box::new(move || {
                if let Some(controller) = controller.upgrade() {
                    controller.changed.lock().insert(local.clone());
                    controller.changed_signal.notify_one();
                }
            });
            Some(Arc::new(ComponentNode::new(&self.environment, id, registration, planned.block.clone(), changed)))
        });
        let nodes = nodes.collect();
        Loaded { plan, graph, nodes }
    }

    /// Applies a configuration block unless it is as it was.
    pub(crate) fn configure(&self, name: &'static str, args: Option<Box<dyn AnyArguments>>) {
        let Some(block) = CONFIG_BLOCKS.iter().find(|b| b.name == name) else { return };
        let mut configured = self.configured.lock();
        let last = configured.iter().position(|(n, _)| *n == name);
        let same = last.is_some_and(|at| match (&configured[at].1, &args) {
            (Some(a), Some(b)) => a.same(&**b),
            (None, None) => true,
            _ => false,
        });
        if same {
            return;
        }
        (block.apply)(args.as_deref(), &self.environment);
        match last {
            Some(at) => configured[at].1 = args,
            None => configured.push((name, args)),
        }
    }

    fn apply_absent_config_blocks(&self, loaded: &Loaded) {
        for block in CONFIG_BLOCKS.iter().filter(|b| !loaded.plan.index.contains_key(b.name)) {
            self.configure(block.name, None);
        }
    }
}

impl Loaded {
    /// The running component called `id`.
    pub fn node(&self, id: &str) -> Option<Arc<ComponentNode>> {
        self.plan.index.get(id).and_then(|at| self.nodes[*at].clone())
    }

    fn has(&self, node: &Arc<ComponentNode>) -> bool {
        self.node(&node.context.id.local).is_some_and(|mine| Arc::ptr_eq(&mine, node))
    }
}
