//! One test binary for what no single crate can prove: the rules of the project, its registry of components against
//! the recordings, its examples, and the program from end to end.

mod bad_input;
mod diag;
mod end_to_end;
mod examples;
mod explained;
mod formatting;
mod fuzzing;
mod grammar;
mod language_server;
mod reference_pages;
mod registry;
mod tidy;

/// The program's own table of families, so that no second list can fall behind.
#[path = "../src/main.rs"]
#[allow(dead_code, reason = "only the table is used, not `main`")]
mod program;

use std::path::{Path, PathBuf};

/// The folder of the project.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A recording of the original, beside the project; `None`, with a message, where there is none.
fn recording(name: &str) -> Option<String> {
    let path = root().join("../shared/conformance").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: there is no recording {name}");
    }
    text
}

/// All files below `dir` whose name ends in one of `endings`, sorted; what is generated or fetched is left out.
fn files_below(dir: &Path, endings: &[&str]) -> Vec<PathBuf> {
    const NOT_OURS: &[&str] = &["target", "node_modules", "dist", "data-alloy", ".git", "__pycache__"];
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && !NOT_OURS.contains(&name.as_str()) => folders.push(path),
                Ok(kind) if kind.is_file() && endings.iter().any(|ending| name.ends_with(ending)) => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// `path` as it is written from the folder of the project.
fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Fails with all findings, one on each line.
fn assert_none(what: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{what}: {}\n  {}", findings.len(), findings.join("\n  "));
}
