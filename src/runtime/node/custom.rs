//! A custom component: a block that a `declare` block describes, running as a module of its own.

use super::NodeHealth;
use crate::arguments;
use crate::block_ref::BlockRef;
use crate::blueprint::Blueprint;
use crate::controller::{ArgumentValues, Change, Controller, Inputs, Loaded};
use crate::definitions::{Definition, Definitions};
use crate::environment::{Environment, MOST_MODULES};
use crate::plan::{Place, Planned};
use component::{ComponentId, HealthState, Shutdown};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use syntax::Diagnostic;
use syntax::diag::any_errors;
use value::{Lookup, Value};

/// A custom component in the running graph.
pub(crate) struct CustomNode {
    pub id: ComponentId,
    pub module: Arc<Controller>,
    pub health: NodeHealth,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    arguments: Vec<(String, Value)>,
    made_of: Option<MadeOf>,
}

/// What the module was made of: as long as that stays, other arguments are all that can change it.
struct MadeOf {
    block: BlockRef,
    definitions: Arc<Definitions>,
    generation: u64,
}

impl CustomNode {
    /// A custom component that is not evaluated yet. `changed` is called when its exports are new.
    pub fn new(parent: &Controller, id: ComponentId, changed: Box<dyn Fn() + Send + Sync>) -> Arc<Self> {
        let owner = Box::new(move |change| {
            if change == Change::Exports {
                changed();
            }
        });
        let module = Controller::inside(parent, id.to_string(), false, owner);
        Arc::new(Self { id, module, health: NodeHealth::new("custom component created"), state: Mutex::default() })
    }

    /// The arguments it runs with, as the API shows them.
    pub fn arguments(&self) -> Vec<value::Node> {
        self.state.lock().arguments.iter().map(|(name, value)| value::Node::Attr(name.clone().into(), value.clone())).collect()
    }

    /// What an expression sees of it.
    pub fn lookup(&self, used: usize, rest: &[&str]) -> Lookup {
        let loaded = self.module.loaded.load();
        let exports = self.module.exports();
        let has_no_value_yet = |name: &str| !exports.contains_key(name) && loaded.plan().index.contains_key(&format!("export.{name}"));
        if self.state.lock().made_of.is_none() || rest.first().is_some_and(|name| has_no_value_yet(name)) {
            return Lookup::Unknown { used };
        }
        Lookup::Found { value: Value::Object(exports), used }
    }

    /// Gives the module its definition and its arguments.
    pub fn evaluate(&self, loaded: &Loaded, planned: &Planned, body: &value::Body<'_>, diagnostics: &mut Vec<Diagnostic>) {
        let mut found = Vec::new();
        self.update(loaded, planned, body, &mut found);
        let error = found.iter().find(|d| d.is_error());
        self.health.evaluated("component", error.map_or(Ok(()), |e| Err(&e.message)));
        diagnostics.append(&mut found);
    }

    fn update(&self, loaded: &Loaded, planned: &Planned, body: &value::Body<'_>, found: &mut Vec<Diagnostic>) {
        let definition = match arguments::definition_of(&loaded.definitions, &planned.block) {
            Ok(definition) => definition,
            Err(diagnostic) => return found.push(*diagnostic),
        };
        let arguments = arguments::read(&planned.block, &definition, body, found);
        found.extend(too_deep(&self.id, &planned.block));
        found.extend(too_many(&self.module.environment, 0, &planned.block));
        if any_errors(found) {
            return;
        }
        let shown = arguments.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
        self.apply(definition, arguments, found);
        self.state.lock().arguments = shown;
    }

    fn apply(&self, definition: Definition, arguments: ArgumentValues, found: &mut Vec<Diagnostic>) {
        let environment = &self.module.environment;
        let generation = environment.generation();
        let is_same = |made: &MadeOf| {
            made.generation == generation && made.block.same(&definition.block) && Arc::ptr_eq(&made.definitions, &definition.definitions)
        };
        if self.state.lock().made_of.as_ref().is_some_and(is_same) {
            return self.module.set_arguments(arguments, found);
        }
        let (outside, outer) = (Arc::clone(&definition.definitions), Arc::clone(&definition.definitions.outer));
        let blueprint = Blueprint::draw(environment, Place::Module, &[definition.block.inner()], Some(&outside), &outer, found);
        if any_errors(found) {
            return;
        }
        self.module.apply(Inputs { blueprint: Arc::new(blueprint), outside: Some(outside), outer, arguments }, found);
        self.state.lock().made_of = Some(MadeOf { block: definition.block, definitions: definition.definitions, generation });
    }

    /// Runs the module until `stop`.
    pub async fn run(self: Arc<Self>, stop: Shutdown, budget: Duration) {
        self.health.running(HealthState::Healthy, "started custom component");
        Arc::clone(&self.module).run(stop, budget).await;
        self.health.running(HealthState::Exited, "custom component shut down cleanly");
    }
}

/// Modules in each other deeper than this come from a definition that leads back to itself through imports.
const DEEPEST: usize = 50;

/// What is wrong when `more` modules would be too many.
pub(super) fn too_many(environment: &Environment, more: usize, block: &BlockRef) -> Option<Diagnostic> {
    let message = || format!("the configuration makes more than {MOST_MODULES} modules");
    let hint = "modules inside of modules multiply: use fewer levels, or shorter collections";
    (!environment.has_room_for(more)).then(|| block.error("config/too-many-modules", message()).hint(hint))
}

pub(super) fn too_deep(id: &ComponentId, block: &BlockRef) -> Option<Diagnostic> {
    let deep = id.module.split('/').count() > DEEPEST;
    let message = format!("modules stand in each other more than {DEEPEST} deep");
    deep.then(|| block.error("config/recursion", message).hint("a custom component contains itself, perhaps through an import"))
}
