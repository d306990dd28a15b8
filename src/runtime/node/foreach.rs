//! `foreach`: a module made from one template for each element of a collection.

use super::NodeHealth;
use super::custom::{too_deep, too_many};
use super::identity::Names;
use crate::block_ref::{BlockRef, BodyRef};
use crate::blueprint::Blueprint;
use crate::controller::{ArgumentValues, Controller, Inputs, Loaded};
use crate::evaluate::{Visible, first_error};
use crate::outer::Outer;
use crate::plan::{Place, Planned};
use crate::references;
use arc_swap::ArcSwap;
use component::{ComponentId, HealthState, Shutdown};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use syntax::ast::{Body, Stmt};
use syntax::diag::any_errors;
use syntax::{Diagnostic, ast};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use value::{Arguments, DecodeCx, Lookup, Scope, Value};

/// How long a module has to stop when its element is gone.
const REMOVAL_BUDGET: Duration = Duration::from_secs(10);

/// Runs the template once for each element of a collection.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct ForeachArgs {
    /// The elements.
    #[alloy(attr)]
    pub collection: Vec<Value>,
    /// The name under which the template reads its element.
    #[alloy(attr)]
    pub var: String,
    /// The member of each element that tells elements apart. Without it the whole element does.
    #[alloy(attr, optional)]
    pub id: String,
    /// Names modules by a hash of their text instead of the text itself.
    #[alloy(attr, optional)]
    pub hash_string_id: bool,
    /// Shows the metrics of the components inside: many series when there are many elements.
    #[alloy(attr, optional)]
    pub enable_metrics: bool,
}

/// A `foreach` block in the running graph.
pub(crate) struct ForeachNode {
    pub id: ComponentId,
    pub health: NodeHealth,
    /// Held while elements are evaluated.
    state: Mutex<State>,
    /// The modules of the last evaluation, for those who must not wait for the next one.
    modules: ArcSwap<Vec<Arc<Controller>>>,
    /// The elements are others than before.
    elements_changed: Notify,
}

#[derive(Default)]
struct State {
    args: Option<ForeachArgs>,
    made_of: Option<MadeOf>,
    elements: BTreeMap<String, Element>,
}

struct Element {
    value: Value,
    /// The last evaluation of all of it found nothing to tell.
    silent: bool,
    module: Arc<Controller>,
}

/// What all modules were made of.
struct MadeOf {
    template: BlockRef,
    generation: u64,
    var: String,
    outer: Arc<Outer>,
    blueprint: Arc<Blueprint>,
}

impl ForeachNode {
    /// A `foreach` that is not evaluated yet.
    pub fn new(id: ComponentId) -> Arc<Self> {
        Arc::new(Self {
            id,
            health: NodeHealth::new("foreach created"),
            state: Mutex::default(),
            modules: ArcSwap::default(),
            elements_changed: Notify::new(),
        })
    }

    /// The modules, by name.
    pub fn modules(&self) -> Vec<Arc<Controller>> {
        self.modules.load().to_vec()
    }

    /// The arguments as the API shows them.
    pub fn arguments(&self) -> Vec<value::Node> {
        self.state.lock().args.as_ref().map(Arguments::encode).unwrap_or_default()
    }

    /// Adds, removes and updates modules. Those whose element and surroundings are as before are left alone.
    pub fn evaluate(&self, controller: &Controller, loaded: &Loaded, planned: &Planned, diagnostics: &mut Vec<Diagnostic>) {
        let mut found = Vec::new();
        found.extend(too_deep(&self.id, &planned.block));
        let args = decode(&planned.block, &Visible(loaded), &mut found);
        if let (Some(args), false) = (args, any_errors(&found)) {
            self.update(controller, loaded, planned, args, &mut found);
        }
        let failed = any_errors(&found);
        let error = first_error(&found);
        self.health.evaluated("foreach", if failed { Err(&error) } else { Ok(()) });
        diagnostics.append(&mut found);
    }

    fn update(&self, controller: &Controller, loaded: &Loaded, planned: &Planned, args: ForeachArgs, found: &mut Vec<Diagnostic>) {
        let Some(template) = template(&planned.block, found) else { return };
        let environment = &controller.environment;
        let generation = environment.generation();
        let outer = surroundings(planned, loaded);
        let mut state = self.state.lock();
        found.extend(too_many(environment, args.collection.len().saturating_sub(state.elements.len()), &planned.block));
        if any_errors(found) {
            return;
        }
        let made_of = state.made_of.take().filter(|m| m.generation == generation && m.var == args.var);
        let is_here = made_of.as_ref().is_some_and(|made| made.template.same(&template));
        let blueprint = match &made_of {
            Some(made) if is_here => Arc::clone(&made.blueprint),
            _ => {
                let sample = Outer::variable(&outer, &args.var, None);
                Arc::new(Blueprint::draw(environment, Place::Template, &[template.inner()], Some(&loaded.definitions), &sample, found))
            }
        };
        if any_errors(found) {
            return;
        }
        // What a module has depends on the text of its template and on the values that this reads, and on nothing else.
        let unchanged = made_of.is_some_and(|made| made.outer.same(&outer) && (is_here || made.template.same_text(&template)));
        if state.args.as_ref().is_some_and(|before| before.enable_metrics != args.enable_metrics) {
            // Metrics belong to a registry from the beginning: the modules are made anew.
            state.elements.clear();
        }
        let mut names = Names::default();
        let mut before = std::mem::take(&mut state.elements);
        for value in &args.collection {
            let name = names.next(identity(value, &args.id), args.hash_string_id);
            let element = before.remove(&name);
            let same = unchanged && element.as_ref().is_some_and(|e| e.value == *value);
            let was_silent = element.as_ref().is_some_and(|e| e.silent);
            let module = element.map_or_else(|| self.make(controller, &name, &args), |e| e.module);
            let inputs = || Inputs {
                blueprint: Arc::clone(&blueprint),
                outside: Some(Arc::clone(&loaded.definitions)),
                outer: Outer::variable(&outer, &args.var, Some(value.clone())),
                arguments: ArgumentValues::new(),
            };
            let told = found.len();
            // A reload that moves the text tells again what there was to tell.
            if !(same && (is_here || was_silent && module.relocate(inputs))) {
                module.apply(inputs(), found);
            }
            let silent = if same && is_here { was_silent } else { found.len() == told };
            state.elements.insert(name, Element { value: value.clone(), silent, module });
        }
        state.made_of = Some(MadeOf { template, generation, var: args.var.clone(), outer, blueprint });
        state.args = Some(args);
        self.modules.store(Arc::new(state.elements.values().map(|e| Arc::clone(&e.module)).collect()));
        drop(state);
        self.elements_changed.notify_one();
    }

    fn make(&self, controller: &Controller, name: &str, args: &ForeachArgs) -> Arc<Controller> {
        // Modules of a template export nothing, and nobody imports them.
        Controller::inside(controller, format!("{}/{name}", self.id), !args.enable_metrics, Box::new(|_| {}))
    }

    /// Runs the modules of all elements until `stop`.
    pub async fn run(self: Arc<Self>, stop: Shutdown, budget: Duration) {
        self.health.running(HealthState::Healthy, "started foreach");
        let mut running = Running::default();
        running.follow(&self.modules(), budget).await;
        while stop.or(self.elements_changed.notified()).await.is_some() {
            running.follow(&self.modules(), budget).await;
        }
        running.follow(&[], budget).await;
        self.health.running(HealthState::Exited, "foreach node shut down cleanly");
    }
}

/// The modules that run.
#[derive(Default)]
struct Running(BTreeMap<String, (Arc<Controller>, Shutdown, JoinHandle<()>)>);

impl Running {
    /// Stops those not among `modules`, all at once, then starts those that are new.
    async fn follow(&mut self, modules: &[Arc<Controller>], budget: Duration) {
        let wanted: BTreeMap<&str, &Arc<Controller>> = modules.iter().map(|m| (m.module(), m)).collect();
        let is_gone = |name: &str, module: &Arc<Controller>| !wanted.get(name).is_some_and(|m| Arc::ptr_eq(m, module));
        let gone: Vec<String> = self.0.iter().filter(|(name, (module, ..))| is_gone(name, module)).map(|(name, _)| name.clone()).collect();
        let gone: Vec<_> = gone.iter().filter_map(|name| self.0.remove(name)).collect();
        gone.iter().for_each(|(_, stop, _)| stop.stop());
        let deadline = Instant::now() + budget.min(REMOVAL_BUDGET);
        for (module, _, mut handle) in gone {
            if tokio::time::timeout_at(deadline, &mut handle).await.is_err() {
                tracing::warn!(module = module.module(), "module did not stop in time and is abandoned");
                handle.abort();
            }
        }
        for module in modules {
            self.0.entry(module.module().to_owned()).or_insert_with(|| {
                let stop = Shutdown::new();
                let handle = tokio::spawn(Arc::clone(module).run(stop.clone(), budget));
                (Arc::clone(module), stop, handle)
            });
        }
    }
}

/// Modules must not outlive the node that runs them, even when that is abandoned.
impl Drop for Running {
    fn drop(&mut self) {
        self.0.values().for_each(|(_, stop, _)| stop.stop());
    }
}

/// Decodes the arguments, leaving out what stands in the templates.
pub(crate) fn decode(block: &BlockRef, scope: &dyn Scope, found: &mut Vec<Diagnostic>) -> Option<ForeachArgs> {
    let ast::Block { body, name_span, .. } = block.block();
    let is_template = |stmt: &Stmt| matches!(stmt, Stmt::Block(inner) if inner.name == "template");
    let own = Body { stmts: body.stmts.iter().filter(|stmt| !is_template(stmt)).cloned().collect() };
    let evaluated = value::eval::evaluate_body(&own, *name_span, &block.file().source, scope, found);
    let mut cx = DecodeCx::default();
    let args = ForeachArgs::decode(&evaluated, &mut cx);
    found.append(&mut cx.diagnostics);
    args
}

/// The template; of several the last counts, as in the original.
pub(crate) fn template(block: &BlockRef, found: &mut Vec<Diagnostic>) -> Option<BlockRef> {
    let body: BodyRef = block.inner();
    let template = body.blocks().filter(|b| b.block().name == "template").last();
    if template.is_none() {
        found.push(
            block
                .error("foreach/template", "`foreach` needs a template")
                .hint("write `template { … }` with the components that each element gets"),
        );
    }
    template
}

/// Values outside that the templates read, and what is further out.
fn surroundings(planned: &Planned, loaded: &Loaded) -> Arc<Outer> {
    let mut values = BTreeMap::new();
    for traversal in references::of_templates(planned.block.block()) {
        let Some((at, used)) = loaded.plan().resolve(&traversal.names) else { continue };
        let rest: Vec<&str> = traversal.names[used..].iter().map(String::as_str).collect();
        // By export, so that one which is not there yet hides no other.
        let member = rest.first().map(|name| (format!("{}.{name}", loaded.plan().nodes[at].id), *name));
        let (name, value) = match (loaded.nodes[at].lookup(used, &rest), member) {
            (Lookup::Found { value: Value::Object(object), .. }, Some((name, member))) if object.contains_key(member) => {
                (name, object.get(member).cloned())
            }
            (Lookup::Found { value, .. }, _) => (loaded.plan().nodes[at].id.clone(), Some(value)),
            (_, Some((name, _))) => (name, None),
            (_, None) => (loaded.plan().nodes[at].id.clone(), None),
        };
        values.insert(name, value);
    }
    Outer::new(Some(Arc::clone(&loaded.outer)), values)
}

/// What tells an element from others.
fn identity<'a>(element: &'a Value, member: &str) -> &'a Value {
    match element {
        Value::Object(object) if !member.is_empty() => object.get(member).unwrap_or_else(|| {
            tracing::warn!("an element of a `foreach` collection has no member `{member}`: the whole element tells it from others");
            element
        }),
        _ => element,
    }
}
