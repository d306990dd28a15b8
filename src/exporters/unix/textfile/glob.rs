//! Folders by a pattern with `*`, `?` and `[...]` in its parts.

use std::path::Path;

/// No pattern may match more folders.
const MAX_FOLDERS: usize = 1000;

/// The folders that match, sorted; the pattern itself when none does; nothing for an empty pattern.
pub(super) fn folders(pattern: &str) -> Vec<String> {
    if pattern.is_empty() {
        return Vec::new();
    }
    let (start, rest) = match pattern.strip_prefix('/') {
        Some(rest) => ("/", rest),
        None => ("", pattern),
    };
    let mut found = vec![start.to_owned()];
    for part in rest.split('/').filter(|part| !part.is_empty()) {
        found = found.iter().flat_map(|folder| step(folder, part)).take(MAX_FOLDERS).collect();
    }
    if found.is_empty() { vec![pattern.to_owned()] } else { found }
}

fn step(folder: &str, part: &str) -> Vec<String> {
    let join = |name: &str| if folder.is_empty() || folder.ends_with('/') { format!("{folder}{name}") } else { format!("{folder}/{name}") };
    if !part.contains(['*', '?', '[']) {
        let path = join(part);
        return if Path::new(&path).exists() { vec![path] } else { Vec::new() };
    }
    let listed = Path::new(if folder.is_empty() { "." } else { folder }).read_dir();
    let names = listed.into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut matching: Vec<String> = names.filter(|name| matches(part.as_bytes(), name.as_bytes())).map(|name| join(&name)).collect();
    matching.sort();
    matching
}

/// Whether `name` has the shape of `pattern`. Goes back to the last `*` only, so it takes at most the product of both lengths.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < name.len() {
        let step = match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
                continue;
            }
            Some(b'?') => Some(1),
            Some(b'[') => class(&pattern[at..], name[read]),
            Some(byte) if *byte == name[read] => Some(1),
            _ => None,
        };
        match (step, &mut star) {
            (Some(length), _) => (at, read) = (at + length, read + 1),
            (None, Some((from, taken))) => {
                *taken += 1;
                (at, read) = (*from + 1, *taken);
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// Length of the class at the start of `pattern` if it holds `byte`. A class without an end holds nothing.
fn class(pattern: &[u8], byte: u8) -> Option<usize> {
    let end = pattern.iter().skip(2).position(|byte| *byte == b']')? + 2;
    let (negated, members) = match &pattern[1..end] {
        [b'^', members @ ..] => (true, members),
        members => (false, members),
    };
    let mut inside = false;
    let mut rest = members;
    while let Some(first) = rest.first() {
        if let [low, b'-', high, ..] = rest {
            inside |= (low..=high).contains(&&byte);
            rest = &rest[3..];
        } else {
            inside |= *first == byte;
            rest = &rest[1..];
        }
    }
    (inside != negated).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let cases = [
            ("*", "anything", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcd", false),
            ("?x", "ax", true),
            ("?x", "x", false),
            ("[a-c]1", "b1", true),
            ("[^a-c]1", "b1", false),
            ("[", "[", false),
            ("***a", "bbba", true),
            ("", "", true),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_pattern_without_a_match_stands_for_itself() {
        assert_eq!(folders("/no/such/*"), ["/no/such/*"]);
        assert_eq!(folders("/"), ["/"]);
        assert!(folders("").is_empty());
    }
}
