//! "Did you mean": the known name closest to a mistyped one.

/// The closest of `names` to `word`; `None` when none is close enough to be meant.
pub(crate) fn closest<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    syntax::suggest(word, names)
}

/// `a`, `b` and `c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}
