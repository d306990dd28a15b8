//! Formatting, as `ferroalloy fmt` does it.

use crate::document::Document;
use serde_json::Value;
use similar::{Algorithm, DiffTag, capture_diff_slices_deadline};
use std::time::{Duration, Instant};
use syntax::Span;
use syntax::diag::any_errors;

/// How long the smallest difference is looked for. After that larger pieces are replaced.
const PATIENCE: Duration = Duration::from_millis(200);

/// The edits that format `document`: lines that stay are left alone, so that cursors and folds keep their places.
///
/// # Errors
/// When it has syntax errors, the first of which is named, or when `fmt` would change the meaning.
pub(crate) fn edits(document: &Document) -> Result<Vec<Value>, String> {
    let parsed = document.parsed();
    if any_errors(&parsed.diagnostics) {
        let first = parsed.diagnostics.iter().find(|found| found.is_error());
        let place = first.and_then(|found| Some((found.position()?.line, &found.message)));
        let cause = place.map(|(line, message)| format!(": line {line}: {message}")).unwrap_or_default();
        return Err(format!("a file with syntax errors cannot be formatted{cause}"));
    }
    let old = document.text();
    let formatted = syntax::format_checked(&parsed.file).ok_or("the format of `fmt` would change what this text says")?;
    if old == formatted {
        return Ok(Vec::new());
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), formatted.split_inclusive('\n').collect());
    let starts = |lines: &[&str]| -> Vec<usize> {
        let mut at = 0;
        let ends = lines.iter().map(|line| {
            at += line.len();
            at
        });
        std::iter::once(0).chain(ends).collect()
    };
    let (old_starts, new_starts) = (starts(&old), starts(&new));
    let changes = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, Some(Instant::now() + PATIENCE));
    let edits = changes.iter().filter(|change| change.tag() != DiffTag::Equal).map(|change| {
        let (from, to) = (change.old_range(), change.new_range());
        let span = Span::new(old_starts[from.start], old_starts[from.end]);
        document.edit(span, &formatted[new_starts[to.start]..new_starts[to.end]])
    });
    Ok(edits.collect())
}
