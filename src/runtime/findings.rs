//! Findings of several steps put together: the cause first, and nothing that only follows from it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use syntax::ast::{File, Stmt};
use syntax::diag::{Severity, any_errors};
use syntax::{Diagnostic, Source, Span};

/// After these nobody can tell which block a line belongs to.
const SHATTERING: &[&str] = &[
    "syntax/binary",
    "syntax/block-as-value",
    "syntax/expected-block",
    "syntax/expected-closing",
    "syntax/foreign-language",
    "syntax/stray-brace",
    "syntax/too-big",
    "syntax/too-deep",
    "syntax/unclosed",
    "syntax/unterminated-comment",
    "syntax/unterminated-string",
];

/// Findings that may only be there because something else could not be read.
const CONSEQUENCES: &[&str] = &["config/unknown-reference", "config/unknown-export", "config/unused", "module/"];

/// An import has brought nothing.
const NOT_LOADED: &str = "module/not-loaded";

/// Findings about a line that hold whatever other lines of the same block mean.
const INDEPENDENT: &[&str] = &["config/unset-variable", "config/deprecated-function", "decode/unknown-", "decode/value", "eval/"];

/// Warnings that are the cause of an error around them.
const CAUSES: &[&str] = &["config/unset-variable", "syntax/shell-variable", "syntax/template"];

/// Adds what a check of `files` has found to what was found while they were read. Where the text is broken, only what
/// cannot be a consequence of that is added.
pub fn combine(files: &[Arc<File>], read: Vec<Diagnostic>, checked: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut all = read;
    if any_errors(&all) {
        let broken = Broken::of(&all);
        all.extend(checked.into_iter().filter(|found| broken.leaves(files, found)));
    } else {
        all.extend(checked);
    }
    tidy(&mut all);
    all
}

/// Removes what is told twice, makes one finding of a cause and its effect, and sorts: errors first, in the order of the
/// text.
pub fn tidy(diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = HashSet::new();
    // What belongs to no place is told apart by its words only.
    diagnostics.retain(|d| d.source.as_ref().is_none_or(|source| seen.insert((d.code, address(source), d.span.start, d.span.end))));
    join_causes(diagnostics);
    // Whatever is wrong with an import says more than that it has brought nothing.
    if diagnostics.iter().any(|d| d.is_error() && d.code != NOT_LOADED) {
        diagnostics.retain(|d| d.code != NOT_LOADED);
    }
    let mut order: HashMap<usize, usize> = HashMap::new();
    for source in diagnostics.iter().filter_map(|d| d.source.as_ref()) {
        let next = order.len();
        order.entry(address(source)).or_insert(next);
    }
    diagnostics.sort_by_key(|d| {
        let file = match &d.source {
            // Said of all the others.
            None if d.code == "config/too-many-errors" => Some(usize::MAX),
            source => source.as_ref().map(|source| order[&address(source)]),
        };
        (std::cmp::Reverse(d.severity), file, d.span.start)
    });
}

fn address(source: &Arc<Source>) -> usize {
    Arc::as_ptr(source).addr()
}

/// An error about a value that is what it is because of a warning inside of it: the warning becomes the first hint.
fn join_causes(diagnostics: &mut Vec<Diagnostic>) {
    let (mut effects, mut rest): (Vec<Diagnostic>, Vec<Diagnostic>) =
        std::mem::take(diagnostics).into_iter().partition(|d| d.code.starts_with("decode/"));
    rest.retain_mut(|cause| {
        let is_cause = cause.severity == Severity::Warning && CAUSES.contains(&cause.code);
        let effect = if is_cause { effects.iter_mut().find(|effect| follows(effect, cause)) } else { None };
        let Some(effect) = effect else { return true };
        let hints = std::iter::once(std::mem::take(&mut cause.message)).chain(std::mem::take(&mut cause.hints));
        effect.hints.splice(0..0, hints);
        false
    });
    effects.append(&mut rest);
    *diagnostics = effects;
}

fn follows(effect: &Diagnostic, cause: &Diagnostic) -> bool {
    let same = matches!((&effect.source, &cause.source), (Some(a), Some(b)) if Arc::ptr_eq(a, b));
    same && effect.code.starts_with("decode/") && effect.span.start <= cause.span.start && cause.span.end <= effect.span.end
}

/// Where texts could not be read.
struct Broken {
    places: Vec<(usize, Span)>,
    /// Nothing of these files can be trusted, nor what refers to them.
    everything: bool,
}

impl Broken {
    fn of(read: &[Diagnostic]) -> Self {
        let errors = || read.iter().filter(|d| d.is_error());
        let places = errors().filter_map(|d| d.source.as_ref().map(|source| (address(source), d)));
        let places =
            places.flat_map(|(source, d)| std::iter::once(d.span).chain(d.labels.iter().map(|l| l.span)).map(move |span| (source, span)));
        Self { places: places.collect(), everything: errors().any(|d| d.source.is_none() || SHATTERING.contains(&d.code)) }
    }

    /// Whether `found` is true whatever the broken places mean.
    fn leaves(&self, files: &[Arc<File>], found: &Diagnostic) -> bool {
        let is_consequence = || CONSEQUENCES.iter().any(|code| found.code == *code || code.ends_with('/') && found.code.starts_with(code));
        let Some(source) = found.source.as_ref().filter(|_| !self.everything && !is_consequence()) else { return false };
        let Some(file) = files.iter().find(|file| Arc::ptr_eq(&file.source, source)) else { return false };
        let stmts = &file.body.stmts;
        let after = stmts.partition_point(|stmt| span_of(stmt).start <= found.span.start);
        let around = after.checked_sub(1).map(|at| span_of(&stmts[at])).filter(|span| found.span.start <= span.end);
        let is_broken = |span: Span| {
            self.places.iter().any(|(at, place)| *at == address(source) && span.start <= place.start && place.start <= span.end)
        };
        let is_alone = || {
            let line = |offset: u32| source.position(offset).line;
            let here = (line(found.span.start), line(found.span.end));
            !self.places.iter().any(|(at, place)| *at == address(source) && (here.0..=here.1).contains(&line(place.start)))
        };
        around.is_some_and(|span| !is_broken(span) || (INDEPENDENT.iter().any(|code| found.code.starts_with(code)) && is_alone()))
    }
}

fn span_of(stmt: &Stmt) -> Span {
    match stmt {
        Stmt::Attr(attr) => attr.span,
        Stmt::Block(block) => block.span,
    }
}
