//! `import.*`: custom components from a file, a folder, text, a web server. What was imported last stays when its source
//! is away or broken, and a copy on disk serves the next start.

mod args;
mod file;
mod http;
mod last_good;

pub(crate) use args::Source;
pub use args::SourceKind;

use crate::block_ref::BodyRef;
use crate::blueprint::Blueprint;
use crate::controller::{ArgumentValues, Change, Controller, Inputs, Loaded};
use crate::definitions::{Definitions, ImportCell};
use crate::evaluate::first_error;
use crate::node::NodeHealth;
use crate::outer::Outer;
use crate::plan::{Kind, Place, Planned};
use crate::propagate::log_errors;
use component::{ComponentId, HealthState, Shutdown};
use futures_util::future::{join, select};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use syntax::diag::{Severity, any_errors};
use syntax::{Diagnostic, Source as Text};
use tokio::sync::Notify;
use value::{DecodeCx, Lookup, OptionalSecret, Value};

/// What a source holds: texts by file name.
pub(crate) type Contents = BTreeMap<String, String>;

/// An `import` block in the running graph. It owns a module that holds what it brought.
pub(crate) struct ImportNode {
    pub id: ComponentId,
    kind: SourceKind,
    pub health: NodeHealth,
    module: Arc<Controller>,
    definitions: ImportCell,
    changed: Box<dyn Fn() + Send + Sync>,
    state: Mutex<State>,
    /// The arguments are others: what is watched has to change.
    source_changed: Notify,
}

#[derive(Default)]
struct State {
    source: Option<Source>,
    module_path: String,
    contents: Option<Contents>,
}

impl ImportNode {
    /// An import that is not evaluated yet. `changed` is called each time it brings something else.
    pub fn new(parent: &Controller, id: ComponentId, kind: SourceKind, changed: Box<dyn Fn() + Send + Sync>) -> Arc<Self> {
        Arc::new_cyclic(|weak: &std::sync::Weak<Self>| {
            let weak = weak.clone();
            let owner = Box::new(move |change| {
                // An import inside of what this one brought has brought something else.
                if let (Change::Definitions, Some(node)) = (change, weak.upgrade()) {
                    node.announce();
                }
            });
            // Quiet: only components have metrics, and in here are none.
            let module = Controller::inside(parent, id.to_string(), true, owner);
            let health = NodeHealth::new("import created");
            Self {
                id,
                kind,
                health,
                module,
                definitions: ImportCell::default(),
                changed,
                state: Mutex::default(),
                source_changed: Notify::new(),
            }
        })
    }

    /// What it has brought, now and later.
    pub fn definitions(&self) -> ImportCell {
        Arc::clone(&self.definitions)
    }

    fn announce(&self) {
        self.module.environment.definitions_changed();
        (self.changed)();
    }

    /// Reads the arguments and, when they are new, the source.
    pub fn evaluate(&self, loaded: &Loaded, planned: &Planned, body: &value::Body<'_>, diagnostics: &mut Vec<Diagnostic>) {
        let mut cx = DecodeCx::default();
        let source = self.kind.decode(body, &mut cx);
        let mut found = cx.diagnostics;
        if let (Some(source), false) = (source, any_errors(diagnostics) || any_errors(&found)) {
            self.take_source(loaded, planned, source, &mut found);
        }
        let error = first_error(&found);
        self.health.evaluated("source", if any_errors(&found) { Err(&error) } else { Ok(()) });
        diagnostics.append(&mut found);
    }

    fn take_source(&self, loaded: &Loaded, planned: &Planned, source: Source, found: &mut Vec<Diagnostic>) {
        if self.state.lock().source.as_ref() == Some(&source) {
            return;
        }
        let module_path = source.module_path(|| match loaded.outer.lookup(&["module_path"]) {
            Lookup::Found { value: Value::String(path), .. } => path.to_string(),
            _ => String::new(),
        });
        let result = source.read();
        {
            let mut state = self.state.lock();
            // A source that could not be read is read again by the next evaluation.
            state.source = result.is_ok().then(|| source.clone());
            state.module_path = module_path;
        }
        match result {
            Ok(contents) => self.take(contents, found),
            Err(cause) => match last_good::load(&self.copy_path()) {
                Some(contents) => {
                    self.state.lock().source = Some(source);
                    let message = format!("`{}`: {cause}; it starts from the last good copy", self.id.local);
                    let mut diagnostic = planned.block.error("module/source", message);
                    diagnostic.severity = Severity::Warning;
                    found.push(diagnostic);
                    self.take(contents, found);
                }
                None => found.push(planned.block.error("module/source", cause).hint("make the source available, or take the import out")),
            },
        }
        self.source_changed.notify_one();
    }

    /// Puts new contents in place of the last ones. Broken contents are told as warnings and change nothing.
    fn take(&self, contents: Contents, found: &mut Vec<Diagnostic>) {
        let (module_path, hidden) = {
            let state = self.state.lock();
            if state.contents.as_ref() == Some(&contents) {
                return;
            }
            (state.module_path.clone(), matches!(&state.source, Some(Source::String(args)) if args.content.is_secret))
        };
        let mut diagnostics = Vec::new();
        let good = self.load(&contents, module_path, &mut diagnostics);
        for mut diagnostic in diagnostics {
            diagnostic.severity = diagnostic.severity.min(Severity::Warning);
            if hidden {
                diagnostic.source = None;
            }
            found.push(diagnostic);
        }
        if !good {
            return self.health.running(HealthState::Unhealthy, "imported content is invalid; the last good one is used");
        }
        if !matches!(self.kind, SourceKind::String) {
            last_good::save(&self.copy_path(), &contents);
        }
        self.state.lock().contents = Some(contents);
        self.health.running(HealthState::Healthy, "content updated");
        self.definitions.store(Some(Arc::clone(&self.module.loaded.load().definitions)));
        self.announce();
    }

    fn load(&self, contents: &Contents, module_path: String, diagnostics: &mut Vec<Diagnostic>) -> bool {
        let bodies = parse(&self.id, contents, diagnostics);
        let outer = Outer::new(None, BTreeMap::from([("module_path".to_owned(), Some(Value::from(module_path)))]));
        let blueprint = Blueprint::draw(&self.module.environment, Place::Import, &bodies, None, &outer, diagnostics);
        let nested = blueprint.plan.nodes.iter().find(|n| matches!(n.kind, Kind::Import(SourceKind::File)));
        if let (SourceKind::Http, Some(nested)) = (self.kind, nested) {
            let message = "a module that comes from a web server cannot import a file";
            diagnostics.push(nested.block.error("module/nested-file", message).hint("import it with `import.http`, too"));
        }
        if blueprint.plan.nodes.iter().any(|n| matches!(n.kind, Kind::Import(_))) && self.id.module.split('/').count() > DEEPEST {
            diagnostics.push(
                Diagnostic::global("config/recursion", format!("imports stand in each other more than {DEEPEST} deep"))
                    .hint("a module imports itself"),
            );
        }
        if any_errors(diagnostics) {
            return false;
        }
        self.module.apply(Inputs { blueprint: Arc::new(blueprint), outside: None, outer, arguments: ArgumentValues::new() }, diagnostics);
        !any_errors(diagnostics)
    }

    fn copy_path(&self) -> PathBuf {
        let name = self.id.to_string().replace('/', "_");
        self.module.environment.services.storage_path.join(name).join("last_good.json")
    }

    /// Takes what the source holds now; called when it may have changed.
    fn refresh(&self, result: Result<Contents, String>) {
        match result {
            Ok(contents) => {
                let mut found = Vec::new();
                self.take(contents, &mut found);
                found.iter_mut().filter(|d| d.severity == Severity::Warning).for_each(|d| d.severity = Severity::Error);
                log_errors(&self.id, &found);
            }
            Err(cause) => {
                tracing::error!(component_id = %self.id, "{cause}; the last good module is used");
                self.health.running(HealthState::Unhealthy, &cause);
            }
        }
    }

    /// Follows the source, and runs the imports inside of what it brought, until `stop`.
    pub async fn run(self: Arc<Self>, stop: Shutdown, budget: Duration) {
        self.health.running(HealthState::Healthy, "started import");
        join(Arc::clone(&self.module).run(stop.clone(), budget), self.follow(&stop)).await;
        self.health.running(HealthState::Exited, "import shut down cleanly");
    }

    async fn follow(&self, stop: &Shutdown) {
        while !stop.is_stopping() {
            let source = self.state.lock().source.clone();
            let following = pin!(async {
                if let Some(source) = &source {
                    source.follow(stop, |result| self.refresh(result)).await;
                }
                stop.wait().await;
            });
            let changed = pin!(self.source_changed.notified());
            select(following, changed).await;
        }
    }
}

/// Imports in each other deeper than this lead back to themselves.
const DEEPEST: usize = 30;

/// Parses all texts.
pub(crate) fn parse(id: &ComponentId, contents: &Contents, diagnostics: &mut Vec<Diagnostic>) -> Vec<BodyRef> {
    let bodies = contents.iter().map(|(name, text)| {
        let name = if name.is_empty() { id.to_string() } else { name.clone() };
        let parsed = syntax::parse(&Text::new(name, text.clone()));
        diagnostics.extend(parsed.diagnostics);
        BodyRef::top(Arc::new(parsed.file))
    });
    bodies.collect()
}

/// The definitions in `contents`, for a check that runs nothing; `None` when they are broken. Imports inside are opaque.
pub(crate) fn peek(environment: &crate::Environment, id: &ComponentId, contents: &Contents) -> Option<Arc<Definitions>> {
    let mut diagnostics = Vec::new();
    let bodies = parse(id, contents, &mut diagnostics);
    let plan = crate::plan::plan(environment, Place::Import, &bodies, None, &mut diagnostics);
    let imports = plan.nodes.iter().filter(|n| matches!(n.kind, Kind::Import(_)));
    let imports = imports.map(|n| (n.block.label().to_owned(), ImportCell::default())).collect();
    let outer = Outer::new(None, BTreeMap::from([("module_path".to_owned(), None)]));
    let definitions = Definitions { parent: None, outer, declares: Arc::clone(&plan.declares), imports };
    (!any_errors(&diagnostics)).then(|| Arc::new(definitions))
}

/// The text of `import.string`.
pub(crate) fn text_of(content: &OptionalSecret) -> Contents {
    Contents::from([(String::new(), content.expose().to_owned())])
}
