//! How many errors are worth telling. A configuration with more has another problem than each of them, and looking for
//! all of them could take as long as memory lasts.

use crate::unbuilt;
use syntax::Diagnostic;

/// Errors after which nothing more is looked for.
const MOST_ERRORS: usize = 100;

/// True for errors that count: what is not in this build is told of every component.
fn counts(diagnostic: &Diagnostic) -> bool {
    diagnostic.is_error() && diagnostic.code != unbuilt::CODE
}

/// Counts errors as they come.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    seen: usize,
    errors: usize,
}

impl Budget {
    /// True when `diagnostics`, to which something was added since the last call, have enough errors.
    pub fn is_spent(&mut self, diagnostics: &[Diagnostic]) -> bool {
        self.errors += diagnostics.iter().skip(self.seen).filter(|d| counts(d)).count();
        self.seen = diagnostics.len();
        self.errors >= MOST_ERRORS
    }
}

/// Keeps the first errors, and says so when there were more.
pub(crate) fn limit(diagnostics: &mut Vec<Diagnostic>) {
    let mut errors = 0;
    diagnostics.retain(|diagnostic| {
        errors += usize::from(counts(diagnostic));
        !counts(diagnostic) || errors <= MOST_ERRORS
    });
    if errors >= MOST_ERRORS {
        let message = format!("there are {MOST_ERRORS} errors or more: only the first {MOST_ERRORS} are shown");
        diagnostics.push(Diagnostic::global("config/too-many-errors", message).hint("correct these, then look again"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_errors_are_kept_and_other_findings_all() {
        let error = |code| Diagnostic::global(code, "wrong");
        let mut warning = error("config/label");
        warning.severity = syntax::Severity::Warning;
        let mut budget = Budget::default();
        let mut found = vec![error("config/label"); MOST_ERRORS - 1];
        found.extend(vec![error(unbuilt::CODE); 5]);
        assert!(!budget.is_spent(&found));
        limit(&mut found);
        assert_eq!(found.len(), MOST_ERRORS + 4, "all are kept");
        found.extend([error("config/label"), warning, error("config/label")]);
        assert!(budget.is_spent(&found));
        limit(&mut found);
        assert_eq!(found.len(), MOST_ERRORS + 5 + 2, "one error less, one warning and one line about it more");
        assert_eq!(found.last().map(|d| d.code), Some("config/too-many-errors"));
    }
}
