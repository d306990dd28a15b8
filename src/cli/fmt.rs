//! `ferroalloy fmt`

use crate::report::{self, Format};
use clap::Args;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use syntax::Source;
use syntax::diag::any_errors;

/// Flags of `fmt`.
#[derive(Args, Debug)]
pub struct FmtFlags {
    /// Files, folders with .alloy files, or `-` for standard input
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Write the result back to the file
    #[arg(short = 'w', long = "write", num_args = 0..=1, default_missing_value = "true", require_equals = true, default_value_t = false, action = clap::ArgAction::Set)]
    write: bool,
    /// Exit with 1 when a file is not formatted; print nothing
    #[arg(short = 't', long = "test", num_args = 0..=1, default_missing_value = "true", require_equals = true, default_value_t = false, action = clap::ArgAction::Set)]
    test: bool,
    /// Print what would change
    #[arg(long = "diff")]
    diff: bool,
}

/// Formats each file; goes on after a bad one.
pub fn run(flags: &FmtFlags) -> ExitCode {
    let mut good = true;
    for path in &flags.paths {
        match expand(path) {
            Ok(files) => {
                for file in files {
                    good &= one(flags, &file);
                }
            }
            Err(error) => {
                complain(&error);
                good = false;
            }
        }
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn complain(text: &str) {
    // Nobody can be told that standard error is closed.
    let _closed = writeln!(std::io::stderr(), "Error: {text}");
}

fn expand(path: &Path) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut files: Vec<PathBuf> =
        entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| p.extension().is_some_and(|e| e == "alloy")).collect();
    files.sort();
    Ok(files)
}

/// Formats one file; false when it is broken, or unformatted under `--test`.
fn one(flags: &FmtFlags, path: &Path) -> bool {
    let text = match text_of(path) {
        Ok(text) => text,
        Err(diagnostic) => {
            report::print(&[*diagnostic], Format::Pretty);
            return false;
        }
    };
    let parsed = syntax::parse(&Source::new(path.display().to_string(), text.clone()));
    if any_errors(&parsed.diagnostics) {
        report::print(&parsed.diagnostics, Format::Pretty);
        return false;
    }
    let formatted = syntax::format(&parsed.file);
    if flags.test {
        return formatted == text;
    }
    let written = if flags.diff {
        let diff = similar::TextDiff::from_lines(&text, &formatted);
        let name = path.display().to_string();
        std::io::stdout().write_all(diff.unified_diff().header(&name, &name).to_string().as_bytes())
    } else if flags.write && path != Path::new("-") {
        if formatted == text { Ok(()) } else { replace(path, &formatted) }
    } else {
        std::io::stdout().write_all(formatted.as_bytes())
    };
    if let Err(error) = &written {
        complain(&format!("{}: {error}", path.display()));
    }
    written.is_ok()
}

fn text_of(path: &Path) -> Result<String, Box<syntax::Diagnostic>> {
    if path != Path::new("-") {
        return runtime::sources::read_text(path);
    }
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map(|_| text).map_err(|e| Box::new(syntax::Diagnostic::global("config/unreadable", format!("standard input cannot be read: {e}"))))
}

/// Replaces the file in one step, so that a crash leaves the old or the new text.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let target = path.canonicalize()?;
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".fmt-tmp");
    let temporary = target.with_file_name(name);
    let mut file = std::fs::File::create(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(std::fs::metadata(&target)?.permissions())?;
    file.sync_all()?;
    std::fs::rename(&temporary, &target)
}
