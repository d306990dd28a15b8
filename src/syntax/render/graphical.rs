//! Diagnostics drawn with the lines they are about.

use super::Style;
use super::view::{CONTEXT, Places, View};
use crate::diag::{self, Severity};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use std::fmt;

/// Columns of a rendered diagnostic's text.
const WIDTH: usize = 110;

/// Draws each diagnostic: message, code, the place with its lines and labels, help.
pub fn render(diagnostics: &[diag::Diagnostic], style: Style) -> String {
    let theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler =
        GraphicalReportHandler::new_themed(theme).with_links(false).with_width(WIDTH).with_context_lines(CONTEXT).with_break_words(false);
    let mut out = String::new();
    for diagnostic in diagnostics {
        let report = Report::new(diagnostic);
        let before = out.len();
        if handler.render_report(&mut out, &report).is_err() {
            // The drawing failed, the finding must not get lost.
            out.truncate(before);
            out.push_str(&super::render_short(std::slice::from_ref(diagnostic)));
        }
        out.push('\n');
    }
    out
}

/// A diagnostic as the drawing library wants it.
struct Report<'d> {
    inner: &'d diag::Diagnostic,
    view: Option<(View, Places)>,
}

impl<'d> Report<'d> {
    fn new(inner: &'d diag::Diagnostic) -> Self {
        let view = inner.source.as_deref().map(|source| {
            let mut spans = vec![inner.span];
            spans.extend(inner.labels.iter().map(|label| label.span));
            View::new(source, &spans)
        });
        Self { inner, view }
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Report<'_> {}

impl Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.inner.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.inner.severity {
            Severity::Note => miette::Severity::Advice,
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.inner.hints.is_empty()).then(|| Box::new(self.inner.hints.join("\n")) as Box<dyn fmt::Display + 'a>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.view.as_ref().map(|(view, _)| view as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, places) = self.view.as_ref()?;
        let here = (!self.inner.here.is_empty()).then(|| self.inner.here.clone());
        let primary = places.first().map(|place| LabeledSpan::new_primary_with_span(here, *place));
        let others = self
            .inner
            .labels
            .iter()
            .zip(places.iter().skip(1))
            .map(|(label, place)| LabeledSpan::new_with_span(Some(label.text.clone()), *place));
        Some(Box::new(primary.into_iter().chain(others)))
    }
}
