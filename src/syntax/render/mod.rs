//! Diagnostics as text for people and for programs.

mod graphical;
mod json;
mod sarif;
mod short;
mod view;

pub use graphical::render;
pub use json::render_json;
pub use sarif::render_sarif;
pub use short::render_short;

use crate::diag::Severity;

/// How [`render`] draws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Use terminal colours.
    pub color: bool,
}

/// The word for a severity, as all formats use it.
fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
