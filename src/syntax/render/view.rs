//! The lines around a diagnostic, made fit to show: long lines cut, control characters replaced, far lines left out.

use crate::source::{Source, Span};
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// Characters of a long line that are shown.
const MAX_WIDTH: usize = 160;
/// Of these, how many before the place of interest.
const LEAD: usize = 60;
/// Lines around a place that are shown.
pub(super) const CONTEXT: usize = 1;

/// A copy of the interesting lines. Lines that are not interesting are empty, so that line numbers stay right.
pub(super) struct View {
    name: String,
    text: String,
    /// Lines before the first of the view.
    skipped: usize,
    /// Where the primary place begins in the view, and its true column, from 0.
    primary: (usize, usize),
}

/// Where the spans of a diagnostic lie in its view, in the order given.
pub(super) type Places = Vec<SourceSpan>;

impl View {
    /// The lines around `spans`, of which the first is the primary one.
    pub(super) fn new(source: &Source, spans: &[Span]) -> (Self, Places) {
        let spans: Vec<Span> = spans.iter().map(|span| on_one_line(source, *span)).collect();
        let lines: Vec<usize> = spans.iter().map(|span| source.position(span.start).line).collect();
        let first = lines.iter().min().copied().unwrap_or(1).saturating_sub(CONTEXT).max(1);
        let last = lines.iter().max().copied().unwrap_or(1) + CONTEXT;
        let mut text = String::new();
        let mut places = vec![SourceSpan::from((0, 0)); spans.len()];
        for number in first..=last {
            let Some(line) = source.line(number) else { break };
            let phantom = line.start == line.end && line.end as usize == source.text().len();
            if phantom && !lines.contains(&number) {
                // The empty rest behind the last line end is no line to show.
                break;
            }
            if lines.iter().any(|wanted| wanted.abs_diff(number) <= CONTEXT) {
                let here: Vec<usize> = (0..spans.len()).filter(|index| lines[*index] == number).collect();
                copy_line(source, line, &spans, &here, &mut text, &mut places);
            }
            text.push('\n');
        }
        let column = spans.first().map_or(0, |span| source.position(span.start).column - 1);
        let primary = (places.first().map_or(0, SourceSpan::offset), column);
        (Self { name: source.name().to_owned(), text, skipped: first - 1, primary }, places)
    }
}

/// A span that crosses lines is shown by its first line.
fn on_one_line(source: &Source, span: Span) -> Span {
    let line = source.line(source.position(span.start).line).unwrap_or(span);
    Span { start: span.start, end: span.end.min(line.end.max(span.start)).max(span.start) }
}

/// Copies what is to be seen of a line, and notes where the spans `here` come to lie.
fn copy_line(source: &Source, line: Span, spans: &[Span], here: &[usize], text: &mut String, places: &mut Places) {
    let content = source.slice(line);
    let focus = here.first().map_or(0, |index| (spans[*index].start.saturating_sub(line.start)) as usize);
    let (from, to) = window(content, focus);
    if from > 0 {
        text.push('…');
    }
    // Offsets in the view of each boundary that a span needs.
    let mut starts: Vec<Option<usize>> = vec![None; here.len()];
    let mut ends: Vec<usize> = vec![text.len(); here.len()];
    let visit = |at: usize, out: usize, starts: &mut [Option<usize>], ends: &mut [usize]| {
        for (slot, index) in here.iter().enumerate() {
            let (start, end) = (spans[*index].start as usize, spans[*index].end as usize);
            if starts[slot].is_none() && at >= start {
                starts[slot] = Some(out);
            }
            if at <= end {
                ends[slot] = out;
            }
        }
    };
    for (at, c) in content[from..to].char_indices() {
        visit(line.start as usize + from + at, text.len(), &mut starts, &mut ends);
        match c {
            '\t' => text.push('\t'),
            '\r' => text.push(' '),
            c if c.is_control() => text.push(char::REPLACEMENT_CHARACTER),
            c => text.push(c),
        }
    }
    visit(line.start as usize + to, text.len(), &mut starts, &mut ends);
    for (slot, index) in here.iter().enumerate() {
        let start = starts[slot].unwrap_or(text.len());
        places[*index] = SourceSpan::from((start, ends[slot].saturating_sub(start)));
    }
    if to < content.len() {
        text.push('…');
    }
}

/// The range of a line that is shown, around the byte `focus`.
fn window(content: &str, focus: usize) -> (usize, usize) {
    if content.len() <= MAX_WIDTH {
        return (0, content.len());
    }
    // A place inside of a character cannot be shown; the line is then shown from its start.
    let lead = content.get(..focus).filter(|lead| lead.len() > LEAD * 2).unwrap_or_default();
    let from = lead.char_indices().rev().nth(LEAD - 1).map_or(0, |(at, _)| at);
    let to = content[from..].char_indices().nth(MAX_WIDTH).map_or(content.len(), |(at, _)| from + at);
    (from, to)
}

impl SourceCode for View {
    fn read_span<'a>(&'a self, span: &SourceSpan, before: usize, after: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self.text.read_span(span, before, after)?;
        let column = if before == 0 && span.offset() == self.primary.0 { self.primary.1 } else { found.column() };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            found.data(),
            *found.span(),
            found.line() + self.skipped,
            column,
            found.line_count(),
        )))
    }
}
