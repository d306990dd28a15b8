//! Environment variables that are not set where a configuration is checked. It may well run elsewhere: what is wrong only
//! because of them is no error.

use std::collections::HashSet;
use syntax::diag::Severity;
use syntax::{Diagnostic, Span};
use value::schema::Type;
use value::{Lookup, Scope};

/// Names as they are, and every environment variable set to something.
pub(crate) struct Set<'a>(pub &'a dyn Scope);

impl Scope for Set<'_> {
    fn lookup(&self, path: &[&str]) -> Lookup {
        let used = match path {
            ["sys", "env", ..] => 2,
            ["env", ..] => 1,
            _ => 0,
        };
        match self.0.lookup(path) {
            Lookup::Missing if used > 0 => Lookup::Found { value: value::functions::env_as_if_set(), used },
            found => found,
        }
    }

    fn type_of(&self, path: &[&str]) -> Option<Type> {
        self.0.type_of(path)
    }
}

/// Makes errors of `found` warnings when they are about a value that reads one of the variables at `unset`, or not among
/// `if_set`, what is found when all are set.
pub(crate) fn forgive(found: &mut [Diagnostic], unset: &[Span], if_set: &[Diagnostic]) {
    let stays: HashSet<_> = if_set.iter().map(|d| (d.code, d.span)).collect();
    for diagnostic in found.iter_mut().filter(|d| d.is_error()) {
        let reads = |span: &Span| diagnostic.span.start <= span.start && span.end <= diagnostic.span.end;
        if unset.iter().any(reads) {
            diagnostic.severity = Severity::Warning;
        } else if !stays.contains(&(diagnostic.code, diagnostic.span)) {
            diagnostic.severity = Severity::Warning;
            diagnostic.hints.push("it is so because an environment variable is not set here".to_owned());
        }
    }
}
