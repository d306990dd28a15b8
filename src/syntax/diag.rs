//! Diagnostics: what is wrong, where, and what to write instead.

use crate::source::{Position, Source, Span};
use std::sync::Arc;

/// Longest text of a finding in bytes: what it quotes may be as long as the file.
const MAX_TEXT: usize = 2_000;
/// Further places, and hints, that a finding may have.
const MAX_PARTS: usize = 64;

/// `text`, cut where it grows longer than anybody reads.
fn clip(text: impl Into<String>) -> String {
    let mut text = text.into();
    if text.len() > MAX_TEXT {
        let cut = (0..=MAX_TEXT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(cut);
        text.push('…');
    }
    text
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; changes no verdict.
    Note,
    /// Accepted, but probably not what was meant.
    Warning,
    /// The configuration is refused.
    Error,
}

/// A further place that belongs to a diagnostic.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What to say there, without a full stop.
    pub text: String,
}

/// A text to write instead of what stands at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// The place, in the file of the diagnostic.
    pub span: Span,
    /// The text.
    pub text: String,
}

/// One finding about a configuration.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable code such as `syntax/missing-comma`; `ferroalloy explain CODE` tells more.
    pub code: &'static str,
    /// The file; `None` when the finding belongs to no file.
    pub source: Option<Arc<Source>>,
    /// The place the finding is about.
    pub span: Span,
    /// One sentence: lower case, no full stop.
    pub message: String,
    /// Short text to stand at the place itself; empty for none.
    pub here: String,
    /// Further places in the same file.
    pub labels: Vec<Label>,
    /// What to do or to type instead, each a sentence.
    pub hints: Vec<String>,
    /// What a program can do about it, most likely first; a hint says the same in words.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: &'static str, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            source: Some(Arc::clone(source)),
            span,
            message: clip(message),
            here: String::new(),
            labels: Vec::new(),
            hints: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// A warning at `span`.
    pub fn warning(code: &'static str, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, source, span, message) }
    }

    /// An error that belongs to no place in a file.
    pub fn global(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            source: None,
            span: Span::default(),
            message: clip(message),
            here: String::new(),
            labels: Vec::new(),
            hints: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Adds what to do about it. Beyond a few dozen nothing is added.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        if self.hints.len() < MAX_PARTS {
            self.hints.push(clip(text));
        }
        self
    }

    /// Adds the word that was probably meant, to stand at `span`.
    #[must_use]
    pub fn did_you_mean(self, span: Span, word: &str) -> Self {
        self.hint(format!("did you mean `{word}`?")).fix(span, word)
    }

    /// Adds what a program can do about it, unless that is a text of extraordinary length.
    #[must_use]
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        if text.len() <= MAX_TEXT && self.fixes.len() < MAX_PARTS {
            self.fixes.push(Fix { span, text });
        }
        self
    }

    /// Adds another place. Beyond a few dozen nothing is added.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        if self.labels.len() < MAX_PARTS {
            self.labels.push(Label { span, text: clip(text) });
        }
        self
    }

    /// Sets the text that stands at the place itself.
    #[must_use]
    pub fn here(mut self, text: impl Into<String>) -> Self {
        self.here = clip(text);
        self
    }

    /// Line and column where the finding begins; `None` without a file.
    pub fn position(&self) -> Option<Position> {
        self.source.as_ref().map(|source| source.position(self.span.start))
    }

    /// `file:line:column` where the finding begins; `None` without a file.
    pub fn place(&self) -> Option<String> {
        self.source.as_ref().map(|source| source.place(self.span.start))
    }

    /// True for errors.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// True when any of them is an error.
pub fn any_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(Diagnostic::is_error)
}
