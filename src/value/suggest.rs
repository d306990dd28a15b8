//! "Did you mean": the known name closest to a mistyped one.

/// The closest of `names` to `word`; `None` when none is close enough to be meant.
pub(crate) fn closest<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (word.chars().count() / 3).max(1);
    let plain = |text: &str| text.to_lowercase().replace(['-', '_'], "");
    let distance = |name: &str| match plain(name) == plain(word) {
        true => 0,
        false => strsim::damerau_levenshtein(name, word),
    };
    names
        .map(|name| (distance(name), name))
        .filter(|(d, name)| *d <= limit && *d < name.len())
        .min_by_key(|(d, _)| *d)
        .map(|(_, name)| name)
}

/// `a`, `b` and `c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}
