//! A component in the running graph: its instance, its last good arguments, what it exports, how it is.

use crate::block_ref::BlockRef;
use crate::controller::Controller;
use crate::environment::Environment;
use arc_swap::ArcSwap;
use component::{AnyArguments, ComponentId, Context, Health, HealthState, Instance, Registration};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use syntax::Diagnostic;
use value::{Object, Value};

/// What a component exports: `None` until it has exported anything.
pub type ExportCell = Arc<ArcSwap<Option<Value>>>;

/// A component in the running graph. It survives a reload as long as its id and kind stay.
pub struct ComponentNode {
    /// The kind.
    pub registration: &'static Registration,
    /// What the component was given.
    pub context: Arc<Context>,
    exports: ExportCell,
    state: Mutex<State>,
}

struct State {
    block: BlockRef,
    args: Option<Box<dyn AnyArguments>>,
    instance: Option<Arc<dyn Instance>>,
    evaluated: Health,
    running: Health,
}

impl ComponentNode {
    /// A node that is not built yet. `changed` is called after each new export.
    pub(crate) fn new(
        controller: &Controller,
        id: ComponentId,
        registration: &'static Registration,
        block: BlockRef,
        changed: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        let exports: ExportCell = Arc::new(ArcSwap::from_pointee(None));
        let cell = Arc::clone(&exports);
        let export = Box::new(move |values: Vec<(&'static str, Value)>| {
            let object: Object = values.into_iter().map(|(name, value)| (Arc::from(name), value)).collect();
            cell.store(Arc::new(Some(Value::Object(Arc::new(object)))));
            changed();
        });
        let services = Arc::clone(&controller.environment.services);
        // Metrics that nobody is to see live in a registry of their own.
        let registry = if controller.quiet { Arc::default() } else { Arc::clone(&services.metrics) };
        let context = Context::with_metrics(id, registration.name, services, &registry, export);
        let state = State {
            block,
            args: None,
            instance: None,
            evaluated: Health::now(HealthState::Unknown, "component created"),
            running: Health::now(HealthState::Unknown, "component created"),
        };
        Self { registration, context, exports, state: Mutex::new(state) }
    }

    /// What it exports, as an object.
    pub fn exports(&self) -> Option<Value> {
        Option::clone(&self.exports.load())
    }

    /// The block it was made of.
    pub fn block(&self) -> BlockRef {
        self.state.lock().block.clone()
    }

    /// Sets the block after a reload.
    pub fn set_block(&self, block: BlockRef) {
        self.state.lock().block = block;
    }

    /// The instance, once it is built.
    pub fn instance(&self) -> Option<Arc<dyn Instance>> {
        self.state.lock().instance.clone()
    }

    /// The arguments it runs with, as the API shows them.
    pub fn arguments(&self) -> Vec<value::Node> {
        self.state.lock().args.as_ref().map(|args| args.encode()).unwrap_or_default()
    }

    /// Builds the component, gives it new arguments, or does nothing when they are the same.
    ///
    /// # Errors
    /// What the component says against the arguments; it goes on with the last good ones.
    pub fn apply(&self, environment: &Environment, args: Box<dyn AnyArguments>) -> Result<(), Box<Diagnostic>> {
        let (instance, block) = {
            let state = self.state.lock();
            if state.args.as_ref().is_some_and(|last| last.same(&*args)) {
                drop(state);
                self.evaluated(Ok(()));
                return Ok(());
            }
            (state.instance.clone(), state.block.clone())
        };
        // Not under the lock: components may export, and be asked for their state, while they build.
        let result = match &instance {
            Some(instance) => {
                environment.updates.fetch_add(1, Ordering::Relaxed);
                caught(|| instance.update(&*args)).map(|()| None)
            }
            None => {
                environment.builds.fetch_add(1, Ordering::Relaxed);
                caught(|| (self.registration.build)(&*args, Arc::clone(&self.context))).map(Some)
            }
        };
        match result {
            Ok(built) => {
                let mut state = self.state.lock();
                state.args = Some(args);
                if built.is_some() {
                    state.instance = built;
                }
                drop(state);
                self.evaluated(Ok(()));
                Ok(())
            }
            Err(error) => {
                let diagnostic = error.into_diagnostic(&block.file().source, block.block());
                self.evaluated(Err(&diagnostic.message));
                Err(Box::new(diagnostic))
            }
        }
    }

    /// Notes how the last evaluation went.
    pub fn evaluated(&self, outcome: Result<(), &str>) {
        let mut state = self.state.lock();
        let (new, message) = match outcome {
            Ok(()) => (HealthState::Healthy, "component evaluated".to_owned()),
            Err(cause) => (HealthState::Unhealthy, format!("component evaluation failed: {cause}")),
        };
        if state.evaluated.state != new || state.evaluated.message != message {
            state.evaluated = Health::now(new, message);
        }
    }

    /// True when it was built, and its last evaluation went well.
    pub fn is_settled(&self) -> bool {
        let state = self.state.lock();
        state.instance.is_some() && state.evaluated.state == HealthState::Healthy
    }

    /// Notes how running goes.
    pub fn running(&self, state: HealthState, message: impl Into<String>) {
        self.state.lock().running = Health::now(state, message);
    }

    /// The worst of what the runtime saw and what the component says of itself.
    pub fn health(&self) -> Health {
        let state = self.state.lock();
        let health = state.running.clone().worse(state.evaluated.clone());
        match self.context.health.get() {
            Some(own) => own.worse(health),
            None => health,
        }
    }
}

/// Runs `work`, turning a panic into an error: a component's bug must not take the program down.
fn caught<T>(work: impl FnOnce() -> Result<T, component::BuildError>) -> Result<T, component::BuildError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(component::BuildError::new(format!("the component panicked: {}", panic_text(&*panic)))
            .hint("this is a bug: please report it with the configuration"))
    })
}

/// What a panic said.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}
