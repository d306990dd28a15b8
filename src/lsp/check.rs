//! What is wrong with a document: the findings of `ferroalloy validate`.

use crate::document::Document;
use crate::options::FolderMode;
use runtime::{Controller, Environment};
use std::sync::Arc;
use syntax::ast::File;
use syntax::diag::any_errors;
use syntax::{Diagnostic, Severity};

/// What names that a file does not define are called.
const UNDEFINED: [&str; 2] = ["config/unknown-reference", "config/unknown-component"];

/// Everything wrong with `document`. `neighbours` are the other files of its folder, asked for only when they matter.
pub(crate) fn check(
    environment: &Arc<Environment>,
    document: &Document,
    neighbours: impl FnOnce() -> Vec<Arc<Document>>,
    mode: FolderMode,
) -> Vec<Diagnostic> {
    let parsed = document.parsed();
    if any_errors(&parsed.diagnostics) {
        // As `validate` does: what is missing from the tree would be reported as missing from the configuration.
        return parsed.diagnostics.clone();
    }
    let own = Arc::clone(&parsed.file);
    let found = match mode {
        FolderMode::File => run(environment, document, &[own]),
        FolderMode::Folder => {
            let mut files: Vec<(String, Arc<File>)> = neighbours().iter().map(|n| (n.uri.clone(), Arc::clone(n.file()))).collect();
            files.push((document.uri.clone(), own));
            files.sort_by(|a, b| a.0.cmp(&b.0));
            let files: Vec<Arc<File>> = files.into_iter().map(|(_, file)| file).collect();
            run(environment, document, &files)
        }
        FolderMode::Auto => auto(environment, document, own, neighbours),
    };
    let mut diagnostics = parsed.diagnostics.clone();
    diagnostics.extend(found);
    diagnostics.iter_mut().for_each(soften);
    diagnostics.sort_by_key(|found| found.span);
    diagnostics
}

/// Checks the file by itself, and together with its neighbours when it names something that it does not define.
fn auto(
    environment: &Arc<Environment>,
    document: &Document,
    own: Arc<File>,
    neighbours: impl FnOnce() -> Vec<Arc<Document>>,
) -> Vec<Diagnostic> {
    let alone = run(environment, document, &[Arc::clone(&own)]);
    if !alone.iter().any(|found| UNDEFINED.contains(&found.code)) {
        return alone;
    }
    let neighbours = neighbours();
    // The own file is first: a name that others define, too, means what it defines.
    let others = neighbours.iter().map(|neighbour| neighbour.file()).filter(|file| !is_module(file)).map(Arc::clone);
    let files: Vec<Arc<File>> = std::iter::once(own).chain(others).collect();
    if files.len() == 1 { alone } else { run(environment, document, &files) }
}

/// True for files that are imported, never run: merged with others they would make a module of all.
pub(crate) fn is_module(file: &File) -> bool {
    file.body.blocks().any(|block| matches!(block.name.as_str(), "argument" | "export"))
}

/// What `validate` says of `files`, as far as it is about `document`.
fn run(environment: &Arc<Environment>, document: &Document, files: &[Arc<File>]) -> Vec<Diagnostic> {
    let mut found = Controller::new(Arc::clone(environment)).check(files);
    found.retain(|diagnostic| diagnostic.source.as_ref().is_none_or(|source| Arc::ptr_eq(source, &document.source)));
    // Another file may use it, or the next line to be typed.
    found.retain(|diagnostic| diagnostic.code != "config/unused");
    found
}

/// The environment of the editor is not that of the program: what it lacks is no reason to worry. And who looks at the
/// text sees to which component a line belongs.
fn soften(diagnostic: &mut Diagnostic) {
    if diagnostic.code == "config/unset-variable" {
        diagnostic.severity = Severity::Note;
    }
    diagnostic.hints.retain(|hint| !hint.starts_with("in `"));
}
