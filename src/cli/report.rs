//! Printing diagnostics.

use std::io::{IsTerminal, Write};
use syntax::Diagnostic;
use syntax::diag::Severity;

/// How diagnostics are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: with the lines of the file.
    Pretty,
    /// One line each.
    Short,
    /// One JSON array.
    Json,
    /// SARIF 2.1.0, for code review tools.
    Sarif,
}

/// Diagnostics as text for people.
pub fn pretty(diagnostics: &[Diagnostic], color: bool) -> String {
    let mut text = syntax::render(diagnostics, syntax::Style { color });
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (errors, warnings) {
        (0, 0) => {}
        (0, w) => text.push_str(&format!("{}\n", plural(w, "warning"))),
        (e, 0) => text.push_str(&format!("{}\n", plural(e, "error"))),
        (e, w) => text.push_str(&format!("{}, {}\n", plural(e, "error"), plural(w, "warning"))),
    }
    text
}

/// Prints to standard error as `format` says.
pub fn print(diagnostics: &[Diagnostic], format: Format) {
    let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let text = match format {
        Format::Pretty if diagnostics.is_empty() => return,
        Format::Pretty => pretty(diagnostics, color),
        Format::Short => syntax::render_short(diagnostics),
        Format::Json => syntax::render_json(diagnostics),
        Format::Sarif => syntax::render_sarif(diagnostics),
    };
    // Machines read standard output; nobody can be told that it is closed.
    let _closed = match format {
        Format::Pretty | Format::Short => std::io::stderr().write_all(text.as_bytes()),
        Format::Json | Format::Sarif => std::io::stdout().write_all(text.as_bytes()),
    };
}
