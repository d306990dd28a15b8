//! Reading a configuration: one file, or every `.alloy` file of a folder.

use component::{Detector, Watch};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use syntax::ast::File;
use syntax::diag::any_errors;
use syntax::{Diagnostic, Source};

/// A configuration larger than this is not one.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What [`read`] gives: every file that could be read, parsed, and all diagnostics.
#[derive(Debug, Default)]
pub struct Sources {
    /// The files, by path.
    pub files: Vec<Arc<File>>,
    /// What is wrong with them.
    pub diagnostics: Vec<Diagnostic>,
}

impl Sources {
    /// True when nothing is wrong so far.
    pub fn is_good(&self) -> bool {
        !any_errors(&self.diagnostics)
    }
}

/// Several events that belong to one save count as one.
const QUIET: Duration = Duration::from_millis(200);
/// Even without an event the files are looked at this often.
const LOOK: Duration = Duration::from_secs(30);

/// Watches what [`read`] reads. Made before it is read, so that no change comes between.
pub fn watch(path: &Path) -> Watch {
    Watch::new(path, "alloy", Detector::Fsnotify, LOOK).quiet(QUIET)
}

/// Reads and parses `path`: a file whatever it is called, or the `.alloy` files directly in a folder.
pub fn read(path: &Path) -> Sources {
    read_again(path, &[])
}

/// As [`read`], sooner where the text is what it was in the files read `earlier`. What was a pipe cannot be read again: its
/// end would be taken for an empty configuration.
pub fn read_again(path: &Path, earlier: &[Arc<File>]) -> Sources {
    let mut sources = Sources::default();
    match list(path) {
        Ok(paths) => {
            for path in paths {
                match if earlier.is_empty() { read_text(&path) } else { read_regular(&path) } {
                    Ok(text) => {
                        let source = Source::new(path.display().to_string(), text);
                        let parsed = match earlier.iter().find(|file| file.source.name() == source.name()) {
                            Some(earlier) => syntax::parse_again(&source, earlier),
                            None => syntax::parse(&source),
                        };
                        sources.diagnostics.extend(parsed.diagnostics);
                        sources.files.push(Arc::new(parsed.file));
                    }
                    Err(diagnostic) => sources.diagnostics.push(*diagnostic),
                }
            }
        }
        Err(diagnostic) => sources.diagnostics.push(*diagnostic),
    }
    sources
}

/// The files of a configuration: `path` itself, or the `.alloy` files directly in that folder, sorted.
///
/// # Errors
/// When there is nothing there, or no such file in the folder.
pub fn list(path: &Path) -> Result<Vec<PathBuf>, Box<Diagnostic>> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| Box::new(io_diagnostic(path, &error));
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).map_err(unreadable)?;
    let paths = entries.filter_map(|e| e.ok().map(|e| e.path()));
    let mut paths: Vec<PathBuf> = paths.filter(|p| p.extension().is_some_and(|e| e == "alloy") && p.is_file()).collect();
    paths.sort();
    if paths.is_empty() {
        let message = format!("the folder {shown} holds no file whose name ends in .alloy");
        return Err(Box::new(Diagnostic::global("config/empty-folder", message).hint("name a file, or a folder with .alloy files")));
    }
    Ok(paths)
}

/// The text of a configuration file, or of what a pipe gives: `run <(program)`.
///
/// # Errors
/// When it cannot be read, is no text or is far too large; the diagnostic says which.
pub fn read_text(path: &Path) -> Result<String, Box<Diagnostic>> {
    let shown = path.display();
    let file = std::fs::File::open(path).map_err(|e| Box::new(io_diagnostic(path, &e)))?;
    text_from(file, &shown.to_string(), |error| io_diagnostic(path, &error))
}

/// As [`read_text`], of a file that is read again when it changes: a pipe, of which nothing would come and which might hold up
/// the thread for ever, is refused.
///
/// # Errors
/// As [`read_text`], and when it is no regular file.
pub fn read_regular(path: &Path) -> Result<String, Box<Diagnostic>> {
    let file = component::open_regular(path).map_err(|e| Box::new(io_diagnostic(path, &e)))?;
    text_from(file, &path.display().to_string(), |error| io_diagnostic(path, &error))
}

/// The text that `reader`, called `shown`, gives. Not what it says its length is: devices and pipes say nothing.
///
/// # Errors
/// As [`read_text`].
pub fn text_from(reader: impl Read, shown: &str, unreadable: impl FnOnce(std::io::Error) -> Diagnostic) -> Result<String, Box<Diagnostic>> {
    let mut bytes = Vec::new();
    reader.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| Box::new(unreadable(error)))?;
    if bytes.len() as u64 > LARGEST {
        let message = format!("{shown} has more than {} MiB: no configuration has", LARGEST / 1024 / 1024);
        return Err(Box::new(Diagnostic::global("config/too-large", message).hint("check the path")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
        let message = format!("{shown}:{line}: the file is not UTF-8 text (byte {at})");
        Box::new(Diagnostic::global("config/not-text", message).hint("check the path, or save the file as UTF-8"))
    })
}

fn io_diagnostic(path: &Path, error: &std::io::Error) -> Diagnostic {
    let shown = path.display();
    let (message, hint) = match error.kind() {
        std::io::ErrorKind::NotFound => {
            (format!("there is no file or folder {shown}"), "check the path; a relative one is looked up in the working directory")
        }
        std::io::ErrorKind::PermissionDenied => {
            (format!("{shown} may not be read by this user"), "check the owner and the mode of the file and of its folders")
        }
        std::io::ErrorKind::InvalidInput => (format!("{shown} cannot be read: {error}"), "name a file"),
        _ => (format!("{shown} cannot be read: {error}"), "check the path and the disk"),
    };
    Diagnostic::global("config/unreadable", message).hint(hint)
}
