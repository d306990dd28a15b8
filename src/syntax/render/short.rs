//! One line for each diagnostic, as compilers write it, with its hints below.

use super::severity_name;
use crate::diag::Diagnostic;
use std::fmt::Write as _;

/// `file:line:col: error[code]: message`, then each hint on a line of its own.
pub fn render_short(diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        if let Some(place) = diagnostic.place() {
            let _ = write!(out, "{place}: ");
        }
        let _ = writeln!(out, "{}[{}]: {}", severity_name(diagnostic.severity), diagnostic.code, diagnostic.message);
        for hint in &diagnostic.hints {
            let _ = writeln!(out, "  help: {hint}");
        }
    }
    out
}
