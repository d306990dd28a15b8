//! `ferroalloy fmt`

use crate::report::{self, Format};
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use syntax::diag::any_errors;
use syntax::{Diagnostic, Source};

/// Flags of `fmt`.
#[derive(Args, Debug)]
pub struct FmtFlags {
    /// Files, folders with .alloy files, or `-` for standard input, which is always printed
    #[arg(default_value = "-")]
    paths: Vec<PathBuf>,
    /// Write the result back to the file
    #[arg(short = 'w', long = "write", num_args = 0..=1, default_missing_value = "true", require_equals = true, default_value_t = false, action = clap::ArgAction::Set, conflicts_with = "test")]
    write: bool,
    /// Exit with 1 when a file is not formatted, and say which
    #[arg(short = 't', long = "test", num_args = 0..=1, default_missing_value = "true", require_equals = true, default_value_t = false, action = clap::ArgAction::Set)]
    test: bool,
    /// Print what changes instead of the whole result
    #[arg(long = "diff")]
    diff: bool,
}

/// Formats each file; goes on after a bad one.
pub fn run(flags: &FmtFlags) -> ExitCode {
    let mut good = true;
    for path in &flags.paths {
        let files = if is_standard_input(path) { Ok(vec![path.clone()]) } else { runtime::sources::list(path) };
        match files {
            Ok(files) => files.iter().for_each(|file| good &= one(flags, file)),
            Err(diagnostic) => {
                report::print(&[*diagnostic], Format::Pretty);
                good = false;
            }
        }
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// Formats one file; false when it is broken, or not formatted under `--test`.
fn one(flags: &FmtFlags, path: &Path) -> bool {
    let result = formatted(flags, path);
    if let Err(diagnostics) = &result {
        report::print(diagnostics, Format::Pretty);
    }
    result.is_ok()
}

fn formatted(flags: &FmtFlags, path: &Path) -> Result<(), Vec<Diagnostic>> {
    let text = text_of(path).map_err(|diagnostic| vec![*diagnostic])?;
    let name = if is_standard_input(path) { "<stdin>".to_owned() } else { path.display().to_string() };
    let parsed = syntax::parse(&Source::new(&name, text.as_str()));
    if any_errors(&parsed.diagnostics) {
        return Err(parsed.diagnostics);
    }
    let formatted = syntax::format(&parsed.file);
    let same = formatted == text;
    if flags.diff {
        let diff = similar::TextDiff::from_lines(&text, &formatted);
        print(&diff.unified_diff().header(&name, &name).to_string())?;
    }
    if flags.test {
        return if same { Ok(()) } else { Err(vec![unformatted(&name)]) };
    }
    if flags.write && !is_standard_input(path) {
        if !same {
            if syntax::format_checked(&parsed.file).is_none() {
                return Err(vec![unsafe_layout(&name)]);
            }
            replace(path, &formatted).map_err(|error| vec![unwritable(&name, &error)])?;
        }
    } else if !flags.diff {
        print(&formatted)?;
    }
    Ok(())
}

fn print(text: &str) -> Result<(), Vec<Diagnostic>> {
    std::io::stdout().write_all(text.as_bytes()).map_err(|error| vec![unwritable("standard output", &error)])
}

fn unwritable(name: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::global("config/unreadable", format!("{name} cannot be written: {error}")).hint("nothing was changed")
}

fn unformatted(name: &str) -> Diagnostic {
    let diagnostic = Diagnostic::global("cli/unformatted", format!("{name} is not formatted"));
    if name == "<stdin>" {
        diagnostic
    } else {
        diagnostic.hint(format!("`ferroalloy fmt -w {name}` formats it, `--diff` shows what changes"))
    }
}

fn unsafe_layout(name: &str) -> Diagnostic {
    let message = format!("{name} is left as it is: formatted, it would say something else");
    let hint = "look for tabs, or blanks at line ends, in raw strings, and for comments in the arguments of a function; \
                `--diff` shows the lines";
    Diagnostic::global("cli/unsafe-layout", message).hint(hint)
}

fn text_of(path: &Path) -> Result<String, Box<Diagnostic>> {
    if !is_standard_input(path) {
        return runtime::sources::read_text(path);
    }
    let unreadable = |error| Diagnostic::global("config/unreadable", format!("standard input cannot be read: {error}"));
    runtime::sources::text_from(std::io::stdin().lock(), "standard input", unreadable)
}

/// Replaces the file in one step, so that a crash leaves the old or the new text. A symbolic link stays, and what it leads
/// to is replaced; owner and mode stay.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let target = path.canonicalize()?;
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    let temporary = target.with_file_name(name);
    let result = write_like(&target, &temporary, text).and_then(|()| std::fs::rename(&temporary, &target));
    if result.is_err() {
        // What went wrong is told; a file that was never made cannot be removed.
        let _removed = std::fs::remove_file(&temporary);
    }
    result
}

/// Writes `text` to the new file `temporary`, with the owner and the mode of `target`.
fn write_like(target: &Path, temporary: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let like = std::fs::metadata(target)?;
    let mut file = std::fs::File::create_new(temporary)?;
    let made = file.metadata()?;
    if (made.uid(), made.gid()) != (like.uid(), like.gid()) {
        fchown(&file, Some(like.uid()), Some(like.gid()))?;
    }
    file.set_permissions(like.permissions())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
