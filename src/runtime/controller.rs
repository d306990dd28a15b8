//! The controller of one module: loads configurations into it, keeps its graph, knows who runs.

mod loaded;
mod metrics;

use crate::block_ref::BodyRef;
use crate::blueprint::Blueprint;
use crate::budget::{self, Budget};
use crate::config_blocks::CONFIG_BLOCKS;
use crate::definitions::Definitions;
use crate::environment::Environment;
use crate::evaluate;
use crate::findings;
use crate::node::Node;
use crate::outer::Outer;
use crate::plan::{Kind, Place};
use arc_swap::ArcSwap;
use component::{AnyArguments, MetricScope};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use syntax::Diagnostic;
use syntax::ast::File;
use syntax::diag::any_errors;
use tokio::sync::Notify;
use value::{Object, Value};

pub(crate) use loaded::Loaded;

/// Values for the `argument` blocks of a module, by label; `None` where the value is not known yet.
pub type ArgumentValues = BTreeMap<String, Option<Value>>;

/// What the owner of a module is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It exports something else.
    Exports,
    /// Something that it imports is defined differently.
    Definitions,
}

/// Told of each change of a module.
pub type Owner = Box<dyn Fn(Change) + Send + Sync>;

/// A configuration block and its arguments; `None` for its defaults.
type Configured = (&'static str, Option<Box<dyn AnyArguments>>);

/// A module that runs: the main configuration, or one inside another.
pub struct Controller {
    /// What all controllers share.
    pub environment: Arc<Environment>,
    module: String,
    /// True when the metrics of its components are shown to nobody.
    pub(crate) quiet: bool,
    owner: Option<Owner>,
    pub(crate) loaded: ArcSwap<Loaded>,
    /// Held while anything is evaluated, so that a reload and a new export do not meet. A module's is taken while that
    /// of the module around it is held, never the other way round.
    pub(crate) evaluating: Mutex<()>,
    pub(crate) arguments: ArcSwap<ArgumentValues>,
    exports: ArcSwap<Object>,
    /// Ids of nodes with values or definitions that their readers have not seen.
    pub(crate) changed: Mutex<BTreeSet<String>>,
    pub(crate) changed_signal: Notify,
    pub(crate) reloaded_signal: Notify,
    configured: Mutex<Vec<Configured>>,
    is_evaluating: AtomicBool,
    /// They are shown as long as the controller exists.
    _metrics: Option<MetricScope>,
}

/// What a module is made of and given.
pub(crate) struct Inputs {
    pub blueprint: Arc<Blueprint>,
    /// The definitions of the module it was written in.
    pub outside: Option<Arc<Definitions>>,
    pub outer: Arc<Outer>,
    pub arguments: ArgumentValues,
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
        Self::unloaded(environment, String::new(), false, None)
    }

    /// The controller of a module inside another, with nothing loaded.
    pub(crate) fn inside(parent: &Controller, module: String, quiet: bool, owner: Owner) -> Arc<Self> {
        Self::unloaded(Arc::clone(&parent.environment), module, quiet || parent.quiet, Some(owner))
    }

    fn unloaded(environment: Arc<Environment>, module: String, quiet: bool, owner: Option<Owner>) -> Arc<Self> {
        environment.module_made();
        Arc::new_cyclic(|this| Self {
            _metrics: (!quiet).then(|| metrics::of_controller(&environment, &module, this)),
            environment,
            module,
            quiet,
            owner,
            loaded: ArcSwap::from_pointee(Loaded::default()),
            evaluating: Mutex::new(()),
            arguments: ArcSwap::default(),
            exports: ArcSwap::default(),
            changed: Mutex::default(),
            changed_signal: Notify::new(),
            reloaded_signal: Notify::new(),
            configured: Mutex::default(),
            is_evaluating: AtomicBool::new(false),
        })
    }

    /// The module's id, `""` for the main configuration.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// What the module exports, by name. What has no value yet is left out.
    pub fn exports(&self) -> Arc<Object> {
        self.exports.load_full()
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
        let outer = Outer::new(None, BTreeMap::from([("module_path".to_owned(), Some(folder_of(files).into()))]));
        let blueprint = Blueprint::draw(&self.environment, Place::Root, &bodies, None, &outer, &mut diagnostics);
        if any_errors(&diagnostics) {
            budget::limit(&mut diagnostics);
            findings::tidy(&mut diagnostics);
            return Err(LoadError { diagnostics });
        }
        let _guard = self.evaluating.lock();
        let before = self.loaded.load_full();
        let first = before.nodes.is_empty();
        let loaded =
            Arc::new(self.carry_over(&before, Inputs { blueprint: Arc::new(blueprint), outside: None, outer, arguments: BTreeMap::new() }));
        let mut report = counted(&before, &loaded);
        report.diagnostics = diagnostics;
        // On a reload the rest runs all the same, and has to be evaluated.
        self.evaluate_all(&loaded, first, &mut report.diagnostics);
        budget::limit(&mut report.diagnostics);
        findings::tidy(&mut report.diagnostics);
        if first && any_errors(&report.diagnostics) {
            return Err(LoadError { diagnostics: report.diagnostics });
        }
        self.apply_absent_config_blocks(&loaded);
        self.commit(loaded);
        Ok(report)
    }

    /// Makes the module what `inputs` say. Errors go to `diagnostics`; what is right runs all the same.
    pub(crate) fn apply(self: &Arc<Self>, inputs: Inputs, diagnostics: &mut Vec<Diagnostic>) {
        let _guard = self.evaluating.lock();
        let before = self.loaded.load_full();
        self.arguments.store(Arc::new(inputs.arguments.clone()));
        let loaded = Arc::new(self.carry_over(&before, inputs));
        self.evaluate_all(&loaded, false, diagnostics);
        self.commit(loaded);
    }

    /// Makes the module what `inputs` say without evaluating anything, for inputs that differ from its own in nothing but the
    /// place of the text. False, and nothing is done, when an evaluation might do more than before: a component that failed is
    /// tried again, and only a component's evaluation depends on nothing but its text and the values that it reads.
    pub(crate) fn relocate(self: &Arc<Self>, inputs: impl FnOnce() -> Inputs) -> bool {
        let _guard = self.evaluating.lock();
        let before = self.loaded.load_full();
        if !before.nodes.iter().all(|node| matches!(node, Node::Component(component) if component.is_settled())) {
            return false;
        }
        let loaded = self.carry_over(&before, inputs());
        // What was a component may be a custom one now that is declared outside.
        let is_same = loaded.nodes.len() == before.nodes.len() && loaded.nodes.iter().zip(&before.nodes).all(|(a, b)| a.same(b));
        if is_same {
            self.loaded.store(Arc::new(loaded));
        }
        is_same
    }

    /// Gives the module other arguments: only what reads them is evaluated.
    pub(crate) fn set_arguments(self: &Arc<Self>, arguments: ArgumentValues, diagnostics: &mut Vec<Diagnostic>) {
        let _guard = self.evaluating.lock();
        let before = self.arguments.load_full();
        if *before == arguments {
            return;
        }
        let loaded = self.loaded.load_full();
        let differs = |label: &str| before.get(label) != arguments.get(label);
        let named = before.keys().chain(arguments.keys()).filter(|label| differs(label));
        let dirty = named.filter_map(|label| loaded.plan().index.get(&format!("argument.{label}")).copied()).collect();
        self.arguments.store(Arc::new(arguments));
        self.settle_from(&loaded, dirty, diagnostics);
    }

    /// Evaluates every node; with `may_stop` no further when there are more errors than are told.
    fn evaluate_all(self: &Arc<Self>, loaded: &Arc<Loaded>, may_stop: bool, diagnostics: &mut Vec<Diagnostic>) {
        let mut budget = Budget::default();
        self.is_evaluating.store(true, Ordering::Relaxed);
        for index in &loaded.graph().order {
            if may_stop && budget.is_spent(diagnostics) {
                break;
            }
            evaluate::node(self, loaded, *index, diagnostics);
            // Readers come later in this order and will see what it exports: nothing to propagate.
            self.changed.lock().remove(&loaded.plan().nodes[*index].id);
        }
        self.is_evaluating.store(false, Ordering::Relaxed);
    }

    fn commit(&self, loaded: Arc<Loaded>) {
        self.publish_exports(&loaded);
        self.loaded.store(loaded);
        self.reloaded_signal.notify_one();
    }

    /// Tells the owner when the values of the `export` blocks are not what they were.
    pub(crate) fn publish_exports(&self, loaded: &Loaded) {
        let exports = loaded.exports();
        if **self.exports.load() != exports {
            self.exports.store(Arc::new(exports));
            self.tell(Change::Exports);
        }
    }

    pub(crate) fn tell(&self, change: Change) {
        if let Some(owner) = &self.owner {
            owner(change);
        }
    }

    /// Notes that the readers of the node `id` have something to see.
    pub(crate) fn mark_changed(&self, id: &str) {
        self.changed.lock().insert(id.to_owned());
        self.changed_signal.notify_one();
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
        let is_there = |name: &str| loaded.plan().nodes.iter().any(|n| matches!(n.kind, Kind::Config(config) if config.name == name));
        for block in CONFIG_BLOCKS.iter().filter(|b| !is_there(b.name)) {
            self.configure(block.name, None);
        }
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        self.environment.module_gone();
    }
}

/// The folder of the configuration, which modules in it read as `module_path`.
fn folder_of(files: &[Arc<File>]) -> String {
    let folder = files.first().and_then(|file| Path::new(file.source.name()).parent()).filter(|path| !path.as_os_str().is_empty());
    folder.map_or_else(|| ".".to_owned(), |path| path.display().to_string())
}

fn counted(before: &Loaded, loaded: &Loaded) -> LoadReport {
    let components = |loaded: &Loaded| loaded.nodes.iter().filter(|n| n.is_component()).count();
    let kept = loaded.nodes.iter().filter(|n| n.is_component() && before.has(n)).count();
    LoadReport { diagnostics: Vec::new(), added: components(loaded) - kept, removed: components(before) - kept, kept }
}

impl Loaded {
    fn exports(&self) -> Object {
        let exports = self.plan().nodes.iter().zip(&self.nodes).filter_map(|(planned, node)| match node {
            Node::Export(cell) => cell.load_full().map(|value| (Arc::from(planned.block.label()), (*value).clone())),
            _ => None,
        });
        exports.collect()
    }
}
