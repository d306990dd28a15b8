//! What a runtime is given: the kinds of components, the services of the program, and where settings go.

use crate::config_blocks::Protection;
use arc_swap::ArcSwapOption;
use component::{Registration, Services, Stability};
use data::LogsReceiver;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use value::DecodeCx;

/// Modules that a configuration may have at once. Definitions that use each other twice, or `foreach` blocks in each other,
/// double with each level.
pub(crate) const MOST_MODULES: usize = 100_000;

/// All kinds of components of this build, by name.
#[derive(Debug, Default)]
pub struct Catalog(BTreeMap<&'static str, &'static Registration>);

impl Catalog {
    /// A catalog of these families.
    pub fn new(families: &[&'static [&'static Registration]]) -> Self {
        Self(families.iter().flat_map(|family| family.iter()).map(|r| (r.name, *r)).collect())
    }

    /// The kind called `name`.
    pub fn get(&self, name: &str) -> Option<&'static Registration> {
        self.0.get(name).copied()
    }

    /// All kinds, by name.
    pub fn iter(&self) -> impl Iterator<Item = &'static Registration> + '_ {
        self.0.values().copied()
    }
}

/// What the `logging` block says.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggingSettings {
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// `logfmt` or `json`.
    pub format: String,
    /// Who gets the program's own log lines besides standard error.
    pub write_to: Vec<LogsReceiver>,
}

/// Applies the `logging` block to the program.
pub trait LoggingControl: Send + Sync {
    /// Takes new settings.
    fn apply(&self, settings: LoggingSettings);
}

/// What all controllers of a program share.
pub struct Environment {
    /// The kinds of components.
    pub catalog: Catalog,
    /// The services of the program.
    pub services: Arc<Services>,
    /// True when community components are allowed.
    pub community: bool,
    /// Where the `logging` block goes; `None` ignores it.
    pub logging: Option<Arc<dyn LoggingControl>>,
    /// True when the `livedebugging` block, or its default, allows watching.
    pub live_debugging: std::sync::atomic::AtomicBool,
    /// What the `http` block asks of those who ask the program's own server.
    protection: ArcSwapOption<Protection>,
    /// How many times an import has brought something else.
    generation: AtomicU64,
    /// How many modules there are.
    modules: AtomicUsize,
    /// How many times a node was evaluated.
    pub evaluations: AtomicU64,
    /// How many components were built.
    pub builds: AtomicU64,
    /// How many times a component was given new arguments.
    pub updates: AtomicU64,
}

impl Environment {
    /// An environment of these components and services.
    pub fn new(catalog: Catalog, services: Arc<Services>) -> Self {
        Self {
            catalog,
            services,
            community: false,
            logging: None,
            live_debugging: true.into(),
            protection: ArcSwapOption::empty(),
            generation: AtomicU64::new(0),
            modules: AtomicUsize::new(0),
            evaluations: AtomicU64::new(0),
            builds: AtomicU64::new(0),
            updates: AtomicU64::new(0),
        }
    }

    /// True when a request to the program's own server for `path` with this `Authorization` header may be answered.
    pub fn allows_http(&self, path: &str, authorization: Option<&str>) -> bool {
        self.protection.load().as_ref().is_none_or(|protection| protection.allows(path, authorization))
    }

    pub(crate) fn protect_http(&self, protection: Option<Protection>) {
        self.protection.store(protection.map(Arc::new));
    }

    /// True when `more` modules fit beside those that exist.
    pub(crate) fn has_room_for(&self, more: usize) -> bool {
        self.modules.load(Ordering::Relaxed).saturating_add(more) <= MOST_MODULES
    }

    pub(crate) fn module_made(&self) {
        self.modules.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn module_gone(&self) {
        self.modules.fetch_sub(1, Ordering::Relaxed);
    }

    /// Grows with each change of imported definitions: what was made of older ones has to be made again.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Notes that imported definitions are others now.
    pub(crate) fn definitions_changed(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Collects what is wrong with arguments, those included that are not settled enough.
    pub(crate) fn decoding(&self) -> DecodeCx {
        DecodeCx { stable_only: self.stability() > Stability::Experimental, ..DecodeCx::default() }
    }

    /// The least stable components that are allowed.
    pub fn stability(&self) -> Stability {
        self.services.stability
    }
}
