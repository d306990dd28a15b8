//! What a component is given when it is built.

use crate::clock::Clock;
use crate::health::HealthHandle;
use crate::http::HttpHandler;
use crate::id::ComponentId;
use crate::ledger::Ledger;
use crate::metrics::{MetricScope, Registry};
use crate::services::Services;
use crate::tap::Tap;
use data::receiver::{Receiver, Signal, Sink};
use parking_lot::Mutex;
use std::marker::PhantomData;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use value::{Exports, Value};

/// Takes what a component exports.
pub type ExportFn = Box<dyn Fn(Vec<(&'static str, Value)>) + Send + Sync>;

/// What every component is given, whatever it exports.
pub struct Context {
    /// Its name and module.
    pub id: ComponentId,
    /// The kind of component, `prometheus.scrape`.
    pub kind: &'static str,
    /// What the program offers.
    pub services: Arc<Services>,
    /// Where it says how it is.
    pub health: HealthHandle,
    /// Its metrics, labelled with its id.
    pub metrics: MetricScope,
    /// Its books.
    pub ledger: Ledger,
    /// Its live debugging.
    pub tap: Tap,
    export: ExportFn,
}

impl Context {
    /// A context for the component `id` of the given kind; `export` is told of its exports.
    pub fn new(id: ComponentId, kind: &'static str, services: Arc<Services>, export: ExportFn) -> Arc<Self> {
        let registry = Arc::clone(&services.metrics);
        Self::with_metrics(id, kind, services, &registry, export)
    }

    /// The same with metrics in another registry than that of the program.
    pub fn with_metrics(
        id: ComponentId,
        kind: &'static str,
        services: Arc<Services>,
        registry: &Arc<Registry>,
        export: ExportFn,
    ) -> Arc<Self> {
        let path = format!("/{}", id.module);
        let metrics = registry.scope(&[("component_id", &id.local), ("component_path", &path)]);
        let ledger = Ledger::new(&metrics);
        let tap = services.taps.of(&id.to_string());
        Arc::new(Self { id, kind, services, health: HealthHandle::default(), metrics, ledger, tap, export })
    }

    /// A folder of the component's own; not made yet.
    pub fn data_path(&self) -> PathBuf {
        let module = self.id.module.replace('/', "_");
        let name = if module.is_empty() { self.id.local.clone() } else { format!("{module}_{}", self.id.local) };
        self.services.storage_path.join(name)
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.services.clock
    }

    /// A receiver of this component, called `ID.name`. Make it once, in `build`: its identity is what others hold.
    pub fn receiver<B: Signal>(&self, name: &str, sink: Arc<dyn Sink<B>>) -> Receiver<B> {
        Receiver::new(format!("{}.{name}", self.id), sink)
    }

    /// Shows `handler` under `/api/v0/component/ID/` until the component is removed.
    pub fn mount(&self, handler: Arc<dyn HttpHandler>) {
        self.services.mounts.mount(&self.id.to_string(), handler);
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let id = self.id.to_string();
        self.services.mounts.unmount(&id);
        self.services.taps.remove(&id);
    }
}

/// The context of a component that exports `E`.
pub struct Options<E: Exports> {
    context: Arc<Context>,
    last: Arc<Mutex<Option<E>>>,
    exports: PhantomData<E>,
}

impl<E: Exports> Options<E> {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context, last: Arc::default(), exports: PhantomData }
    }

    /// Exports `exports`; what equals the last ones is ignored. May be called at any time, also from other threads.
    pub fn export(&self, exports: E) {
        let mut last = self.last.lock();
        if last.as_ref() == Some(&exports) {
            return;
        }
        let values = exports.encode();
        *last = Some(exports);
        // Told under the lock, so that two exports cannot overtake each other.
        (self.context.export)(values);
    }

    /// The context, to keep beside the options.
    pub fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

impl<E: Exports> Clone for Options<E> {
    fn clone(&self) -> Self {
        Self { context: Arc::clone(&self.context), last: Arc::clone(&self.last), exports: PhantomData }
    }
}

impl<E: Exports> Deref for Options<E> {
    type Target = Context;
    fn deref(&self) -> &Context {
        &self.context
    }
}
