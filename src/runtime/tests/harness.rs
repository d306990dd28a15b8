//! Runs configurations of test components.

use crate::components;
use component::{Services, Shutdown, Stability};
use runtime::{Catalog, Controller, Environment, LoadReport};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use syntax::ast::File;
use syntax::{Diagnostic, Source};
use tokio::task::JoinHandle;
use value::{Node, Number, Value};

const PATIENCE: Duration = Duration::from_secs(20);

/// A configuration that runs.
pub struct Running {
    pub controller: Arc<Controller>,
    stop: Shutdown,
    task: Option<JoinHandle<()>>,
    storage: tempfile::TempDir,
}

pub fn parse(text: &str) -> Arc<File> {
    parse_from(Path::new("main.alloy"), text)
}

fn parse_from(path: &Path, text: &str) -> Arc<File> {
    let parsed = syntax::parse(&Source::new(path.display().to_string(), text));
    assert!(parsed.diagnostics.is_empty(), "{:?}", messages(&parsed.diagnostics));
    Arc::new(parsed.file)
}

/// Messages of errors with the lines they point at.
pub fn messages(diagnostics: &[Diagnostic]) -> Vec<String> {
    let line = |d: &Diagnostic| d.position().map_or(String::new(), |at| format!("{}: ", at.line));
    diagnostics.iter().filter(|d| d.is_error()).map(|d| format!("{}{}", line(d), d.message)).collect()
}

impl Running {
    /// Nothing loaded yet.
    pub fn empty(stability: Stability) -> Self {
        let storage = tempfile::tempdir().expect("a temporary folder");
        Self::with_storage(stability, storage)
    }

    /// Nothing loaded yet, with files that an earlier one has left.
    pub fn with_storage(stability: Stability, storage: tempfile::TempDir) -> Self {
        let mut services = Services::new(storage.path());
        services.stability = stability;
        let environment = Environment::new(Catalog::new(&[components::FAMILY]), Arc::new(services));
        Self { controller: Controller::new(Arc::new(environment)), stop: Shutdown::new(), task: None, storage }
    }

    /// Loads and runs `text`, which must be right.
    pub fn start(text: &str) -> Self {
        let mut running = Self::empty(Stability::Experimental);
        running.load(text).unwrap_or_else(|errors| unreachable!("{errors:?}"));
        running.run();
        running
    }

    pub fn run(&mut self) {
        self.task = Some(tokio::spawn(Arc::clone(&self.controller).run(self.stop.clone(), Duration::from_secs(5))));
    }

    /// Loads `text`; errors that refuse it as messages.
    pub fn load(&self, text: &str) -> Result<LoadReport, Vec<String>> {
        self.load_from(Path::new("main.alloy"), text)
    }

    /// Loads `text` as if it stood in the file `path`.
    pub fn load_from(&self, path: &Path, text: &str) -> Result<LoadReport, Vec<String>> {
        self.controller.load(&[parse_from(path, text)]).map_err(|error| messages(&error.diagnostics))
    }

    /// An export as text.
    pub fn export(&self, id: &str, name: &str) -> Option<String> {
        let detail = self.controller.find_component(id)?;
        detail.exports.iter().find(|(n, _)| n == name).map(|(_, value)| value::print::to_text(value))
    }

    /// An export or a part of the debug info as a number.
    pub fn number(&self, id: &str, name: &str) -> Option<i64> {
        let detail = self.controller.find_component(id)?;
        let debug = detail.debug_info.into_iter().filter_map(|node| match node {
            Node::Attr(name, value) => Some((name.into_owned(), value)),
            Node::Block { .. } => None,
        });
        let number = |value: Value| if let Value::Number(Number::Int(n)) = value { Some(n) } else { None };
        detail.exports.into_iter().chain(debug).find(|(n, _)| n == name).and_then(|(_, value)| number(value))
    }

    pub fn text(&self, id: &str) -> Option<String> {
        let detail = self.controller.find_component(id)?;
        detail.debug_info.iter().find_map(|node| match node {
            Node::Attr(_, Value::String(text)) => Some(text.to_string()),
            _ => None,
        })
    }

    pub async fn stop(self) {
        self.stop_and_keep_storage().await;
    }

    pub async fn stop_and_keep_storage(mut self) -> tempfile::TempDir {
        self.stop.stop();
        if let Some(task) = self.task.take() {
            task.await.expect("the controller does not panic");
        }
        self.storage
    }
}

/// Waits until `condition` holds; false when it never does.
pub async fn eventually(mut condition: impl FnMut() -> bool) -> bool {
    wait(PATIENCE, &mut condition).await
}

pub async fn wait(patience: Duration, condition: &mut impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    while !condition() {
        if Instant::now() > deadline {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    true
}

pub fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("it has one")).expect("made");
    std::fs::write(path, text).expect("written");
}
