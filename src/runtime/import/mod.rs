//! `import.*`: custom components from a file, a folder, text, a web server, a git repository. What was imported last stays
//! when its source is away or broken, and a copy on disk serves the next start.

mod args;
mod file;
mod git;
mod http;
mod last_good;

pub(crate) use args::Source;
pub use args::SourceKind;
pub use git::clear_leftovers;

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
use git::Checkouts;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use syntax::diag::{Severity, any_errors};
use syntax::{Diagnostic, Source as Text};
use tokio::runtime::{Builder, Handle};
use tokio::sync::Notify;
use value::{DecodeCx, Lookup, OptionalSecret, Value};

/// Texts by file name.
pub(crate) type Texts = BTreeMap<String, String>;

/// What a source holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contents {
    /// The module's files.
    pub texts: Texts,
    /// Where the files around them lie, for sources that bring them, too.
    pub folder: Option<String>,
}

impl Contents {
    /// One text without a name.
    fn of(text: &str) -> Self {
        Self { texts: Texts::from([(String::new(), text.to_owned())]), folder: None }
    }
}

/// Why a source cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    /// The cause, in one line.
    pub message: String,
    /// What to do.
    pub hint: Option<&'static str>,
    /// Said by the source itself, not by what stands before it.
    is_verdict: bool,
}

impl Failure {
    fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

impl<T: Into<String>> From<T> for Failure {
    fn from(message: T) -> Self {
        Self { message: message.into(), hint: None, is_verdict: false }
    }
}

/// Waits for the network. Needs no asynchronous caller: evaluation is none.
fn wait_for<T: Send>(work: impl Future<Output = Result<T, Failure>> + Send) -> Result<T, Failure> {
    let current = Handle::try_current().ok();
    // A thread of its own, because a thread of the runtime must not wait for the runtime.
    let wait = move || match current {
        Some(handle) => handle.block_on(work),
        None => Builder::new_current_thread().enable_all().build().map_err(|e| Failure::from(e.to_string()))?.block_on(work),
    };
    std::thread::scope(|scope| scope.spawn(wait).join().unwrap_or_else(|_| Err("reading the source panicked, which is a bug".into())))
}

/// What to make of contents with mistakes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rigour {
    /// They are refused: there may be better ones.
    Strict,
    /// What of them can be used is used: there is nothing else to start with.
    Lenient,
}

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
    checkouts: Checkouts,
}

#[derive(Default)]
struct State {
    source: Option<Source>,
    module_path: String,
    contents: Option<Contents>,
    /// Why the copy on disk stands in for the source.
    away: Option<String>,
    /// What was said last of a source that cannot be read: the same is not said at every look.
    told: Option<String>,
    /// Where the block stands, for messages about what it brings.
    place: String,
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
            let checkouts = Checkouts::new(data_folder(&module, &id));
            Self {
                id,
                kind,
                health,
                module,
                definitions: ImportCell::default(),
                changed,
                state: Mutex::default(),
                source_changed: Notify::new(),
                checkouts,
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
        let away = self.state.lock().away.clone();
        let error = any_errors(&found).then(|| first_error(&found)).or(away);
        self.health.evaluated("source", error.as_deref().map_or(Ok(()), Err));
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
        let result = source.read(&self.checkouts, self.used_folder().as_deref());
        {
            let mut state = self.state.lock();
            // A source that could not be read is read again by the next evaluation.
            state.source = result.is_ok().then(|| source.clone());
            state.module_path = module_path;
            state.away = None;
            state.place = planned.block.place();
        }
        match result {
            Ok(contents) => {
                let is_used = loaded.plan().index.get(&planned.id).is_some_and(|at| !loaded.graph().readers[*at].is_empty());
                let mut broken = Vec::new();
                self.take(contents.clone(), Rigour::Strict, &mut broken);
                let is_bad = any_errors(&broken);
                let has_none = self.state.lock().contents.is_none();
                if is_bad
                    && has_none
                    && let Some(copy) = last_good::load(&self.copy_path(), &source.origin())
                {
                    self.stand_in(planned, source, copy, "what it brings now is broken".into(), None, found);
                } else if is_bad && has_none && is_used {
                    broken.clear();
                    self.take(contents, Rigour::Lenient, &mut broken);
                    if self.state.lock().contents.is_none() {
                        // Nothing of it works: who uses it cannot be made.
                        return found.append(&mut broken);
                    }
                }
                broken.iter_mut().for_each(|d| d.severity = d.severity.min(Severity::Warning));
                found.append(&mut broken);
            }
            Err(failure) => match last_good::load(&self.copy_path(), &source.origin()) {
                Some(copy) => self.stand_in(planned, source, copy, failure.message, failure.hint, found),
                None => {
                    let hint = failure.hint.unwrap_or("make the source available, or take the import out");
                    found.push(planned.block.error("module/source", failure.message).hint(hint));
                }
            },
        }
        self.source_changed.notify_one();
    }

    /// Takes the copy on disk, until the source is back.
    fn stand_in(
        &self,
        planned: &Planned,
        source: Source,
        copy: Contents,
        cause: String,
        hint: Option<&'static str>,
        found: &mut Vec<Diagnostic>,
    ) {
        self.state.lock().told = Some(cause.clone());
        let message = format!("{cause}; the last good copy is used instead");
        let mut diagnostic = planned.block.error("module/source", format!("`{}`: {message}", self.id.local));
        diagnostic.severity = Severity::Warning;
        diagnostic.hints.extend(hint.map(str::to_owned));
        found.push(diagnostic.hint(format!("the copy is {}", self.copy_path().display())));
        {
            let mut state = self.state.lock();
            state.source = Some(source);
            state.away = Some(message);
        }
        let mut broken = Vec::new();
        self.take(copy, Rigour::Strict, &mut broken);
        broken.iter_mut().for_each(|d| d.severity = d.severity.min(Severity::Warning));
        found.append(&mut broken);
    }

    fn used_folder(&self) -> Option<String> {
        self.state.lock().contents.as_ref().and_then(|contents| contents.folder.clone())
    }

    /// Puts new contents in place of the last ones. Broken contents change nothing.
    fn take(&self, contents: Contents, rigour: Rigour, found: &mut Vec<Diagnostic>) {
        let (module_path, hidden, place, origin) = {
            let state = self.state.lock();
            if state.contents.as_ref() == Some(&contents) {
                return self.health.recovered("content is as it was");
            }
            let hidden = matches!(&state.source, Some(Source::String(args)) if args.content.is_secret);
            let origin = state.source.as_ref().map(Source::origin).unwrap_or_default();
            (contents.folder.clone().unwrap_or_else(|| state.module_path.clone()), hidden, state.place.clone(), origin)
        };
        let mut diagnostics = Vec::new();
        let good = self.load(&contents, module_path, rigour, &mut diagnostics);
        let flaw = diagnostics.iter().find(|d| rigour == Rigour::Lenient && d.severity == Severity::Warning).map(|d| d.message.clone());
        for mut diagnostic in diagnostics {
            if hidden {
                diagnostic.source = None;
            }
            diagnostic.hints.push(format!("imported by `{}` at {place}", self.id.local));
            found.push(diagnostic);
        }
        if !good {
            return self.health.running(HealthState::Unhealthy, "imported content is invalid; the last good one is used");
        }
        if !matches!(self.kind, SourceKind::String) && self.state.lock().away.is_none() && flaw.is_none() {
            last_good::save(&self.copy_path(), &origin, &contents);
        }
        self.state.lock().contents = Some(contents);
        match flaw {
            Some(flaw) => self.health.running(HealthState::Unhealthy, &format!("a part of the imported content is left out: {flaw}")),
            None => self.health.running(HealthState::Healthy, "content updated"),
        }
        self.definitions.store(Some(Arc::clone(&self.module.loaded.load().definitions)));
        self.announce();
    }

    fn load(&self, contents: &Contents, module_path: String, rigour: Rigour, diagnostics: &mut Vec<Diagnostic>) -> bool {
        let bodies = parse(&self.id, contents, diagnostics);
        if any_errors(diagnostics) {
            return false;
        }
        let outer = Outer::new(None, BTreeMap::from([("module_path".to_owned(), Some(Value::from(module_path)))]));
        let mut blueprint = Blueprint::draw(&self.module.environment, Place::Import, &bodies, None, &outer, diagnostics);
        if rigour == Rigour::Lenient {
            leave_out(&mut blueprint, diagnostics);
        }
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
        let before = diagnostics.len();
        self.module.apply(Inputs { blueprint: Arc::new(blueprint), outside: None, outer, arguments: ArgumentValues::new() }, diagnostics);
        if rigour == Rigour::Lenient {
            // Imports inside that bring nothing hurt only who needs them.
            diagnostics[before..].iter_mut().for_each(|d| d.severity = d.severity.min(Severity::Warning));
        }
        !any_errors(diagnostics)
    }

    fn copy_path(&self) -> PathBuf {
        data_folder(&self.module, &self.id).join("last_good.json")
    }

    /// Takes what the source holds now; called when it may have changed.
    fn refresh(&self, result: Result<Contents, Failure>) {
        match result {
            Ok(contents) => {
                let mut found = Vec::new();
                let was_away = {
                    let mut state = self.state.lock();
                    let was_told = state.told.take().is_some();
                    state.away.take().is_some() || was_told
                };
                self.take(contents, Rigour::Strict, &mut found);
                if was_away && !any_errors(&found) {
                    tracing::info!(component_id = %self.id, "the source of the import is back");
                    self.health.evaluated("source", Ok(()));
                }
                log_errors(&self.id, &found);
            }
            Err(failure) => {
                let is_news = self.state.lock().told.replace(failure.message.clone()).as_ref() != Some(&failure.message);
                let hint = failure.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
                if is_news {
                    tracing::error!(component_id = %self.id, "{}; the last good module is used{hint}", failure.message);
                } else {
                    tracing::debug!(component_id = %self.id, "{}; the last good module is used", failure.message);
                }
                self.health.running(HealthState::Unhealthy, &failure.message);
            }
        }
    }

    /// Follows the source, and runs the imports inside of what it brought, until `stop`.
    pub async fn run(self: Arc<Self>, stop: Shutdown, budget: Duration) {
        self.health.started("started import");
        join(Arc::clone(&self.module).run(stop.clone(), budget), self.follow(&stop)).await;
        self.health.running(HealthState::Exited, "import shut down cleanly");
    }

    async fn follow(&self, stop: &Shutdown) {
        while !stop.is_stopping() {
            let source = self.state.lock().source.clone();
            let following = pin!(async {
                if let Some(source) = &source {
                    source.follow(stop, &self.checkouts, || self.used_folder(), |result| self.refresh(result)).await;
                }
                stop.wait().await;
            });
            let changed = pin!(self.source_changed.notified());
            select(following, changed).await;
        }
    }
}

/// Where an import keeps what outlasts the process.
fn data_folder(module: &Controller, id: &ComponentId) -> PathBuf {
    module.environment.services.storage_path.join(id.to_string().replace('/', "_"))
}

/// Imports in each other deeper than this lead back to themselves.
const DEEPEST: usize = 30;

/// Parses all texts.
pub(crate) fn parse(id: &ComponentId, contents: &Contents, diagnostics: &mut Vec<Diagnostic>) -> Vec<BodyRef> {
    let bodies = contents.texts.iter().map(|(name, text)| {
        // Files that came from elsewhere bear the name of the import.
        let name = match (name.is_empty(), &contents.folder) {
            (true, _) => id.to_string(),
            (false, Some(_)) => format!("{id}/{name}"),
            (false, None) => name.clone(),
        };
        let parsed = syntax::parse(&Text::new(name, text.clone()));
        diagnostics.extend(parsed.diagnostics);
        BodyRef::top(Arc::new(parsed.file))
    });
    bodies.collect()
}

/// The definitions in `contents`, for a check that runs nothing. Imports inside are opaque. `None` when nothing of it can
/// be used.
pub(crate) fn peek(
    environment: &crate::Environment,
    id: &ComponentId,
    contents: &Contents,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Arc<Definitions>> {
    let bodies = parse(id, contents, diagnostics);
    if any_errors(diagnostics) {
        return None;
    }
    let outer = Outer::new(None, BTreeMap::from([("module_path".to_owned(), None)]));
    let mut blueprint = Blueprint::draw(environment, Place::Import, &bodies, None, &outer, diagnostics);
    leave_out(&mut blueprint, diagnostics);
    if any_errors(diagnostics) {
        return None;
    }
    let plan = &blueprint.plan;
    let imports = plan.nodes.iter().filter(|n| matches!(n.kind, Kind::Import(_)));
    let imports = imports.map(|n| (n.block.label().to_owned(), ImportCell::default())).collect();
    Some(Arc::new(Definitions { parent: None, outer, declares: Arc::clone(&plan.declares), imports }))
}

/// Mistakes in a module beside which the rest of it can be used, as the original does.
const TOLERABLE: &[&str] = &["config/duplicate", "config/label", "config/misplaced", "config/recursion", "config/stray-attribute"];

/// Takes definitions that contain themselves out of `blueprint`, and makes warnings of what is tolerable.
fn leave_out(blueprint: &mut Blueprint, diagnostics: &mut [Diagnostic]) {
    let Blueprint { plan, graph } = blueprint;
    if !graph.circular.is_empty() {
        let declares = Arc::make_mut(&mut plan.declares);
        graph.circular.iter().for_each(|at| _ = declares.remove(plan.nodes[*at].block.label()));
    }
    for diagnostic in diagnostics.iter_mut().filter(|d| d.is_error() && TOLERABLE.contains(&d.code)) {
        diagnostic.severity = Severity::Warning;
        diagnostic.hints.push("what stands in the same file after it may be left out".into());
    }
}

/// The texts of `import.file`.
///
/// # Errors
/// Why they cannot be read.
pub(crate) fn read_file(filename: &str) -> Result<Contents, String> {
    file::read(filename)
}

/// The text of `import.string`.
pub(crate) fn text_of(content: &OptionalSecret) -> Contents {
    Contents::of(content.expose())
}
