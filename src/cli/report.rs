//! Printing diagnostics.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
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
    let mut text = syntax::render(&folded(diagnostics), syntax::Style { color });
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

/// More findings in the same words than this are shown as one.
const MOST_ALIKE: usize = 3;

/// The same mistake on many lines is drawn once, with the numbers of the other lines.
fn folded(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    let file = |d: &Diagnostic| d.source.as_ref().map(|source| Arc::as_ptr(source).addr());
    let mut alike: HashMap<(&str, &str, Option<usize>), Vec<usize>> = HashMap::new();
    for (at, diagnostic) in diagnostics.iter().enumerate() {
        alike.entry((diagnostic.code, &diagnostic.message, file(diagnostic))).or_default().push(at);
    }
    let mut shown = Vec::new();
    for (at, diagnostic) in diagnostics.iter().enumerate() {
        let same = &alike[&(diagnostic.code, diagnostic.message.as_str(), file(diagnostic))];
        if same.len() <= MOST_ALIKE || diagnostic.source.is_none() {
            shown.push(diagnostic.clone());
        } else if same[0] == at {
            let lines: Vec<usize> = same[1..].iter().filter_map(|other| Some(diagnostics[*other].position()?.line)).collect();
            shown.push(diagnostic.clone().hint(format!("the same on lines {}", ranges(&lines))));
        }
    }
    shown
}

/// `3, 7-9, 12`
fn ranges(lines: &[usize]) -> String {
    let mut out: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        match out.last_mut() {
            Some((_, last)) if *line == *last + 1 || line == last => *last = *line,
            _ => out.push((*line, *line)),
        }
    }
    let text = |(first, last): &(usize, usize)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    out.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// Prints to standard error as `format` says.
pub fn print(diagnostics: &[Diagnostic], format: Format) {
    let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let text = match format {
        Format::Pretty if diagnostics.is_empty() => return,
        Format::Pretty => pretty(diagnostics, color),
        Format::Short => syntax::render_short(diagnostics),
        Format::Json => format!("{}\n", syntax::render_json(diagnostics)),
        Format::Sarif => format!("{}\n", syntax::render_sarif(diagnostics, &crate::explain::codes())),
    };
    // Machines read standard output; nobody can be told that it is closed.
    let _closed = match format {
        Format::Pretty | Format::Short => std::io::stderr().write_all(text.as_bytes()),
        Format::Json | Format::Sarif => std::io::stdout().write_all(text.as_bytes()),
    };
}

/// Logs errors, one event each: a line of a log is all that many operators ever see of them.
pub fn log(diagnostics: &[Diagnostic]) {
    /// What more there is stands on the page and in the answer.
    const MOST: usize = 20;
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
    for diagnostic in errors.take(MOST) {
        let place = diagnostic.place().unwrap_or_default();
        tracing::error!(place, code = diagnostic.code, help = diagnostic.hints.join("; "), "{}", diagnostic.message);
    }
}
