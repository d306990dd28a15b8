//! Words that a reader from outside would not understand.

use crate::{assert_none, files_below, root, shown};
use regex::Regex;

/// What no file may say, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    (r"(?:^|[\s\x22'(=`])/(?:work|root|Users|home/[a-z]+/src)/", "a path of one machine"),
    (r"(?i)\bissues?\s+(?:no\.?\s*)?#?\d+", "a number of a tracker: say what the matter is"),
    (r"(?i)\b(?:this|another|previous|earlier|next) session\b", "how the work was organised"),
    (r"(?i)\bas (?:you|the user) (?:asked|requested)\b", "how the work was organised"),
    (r"(?i)\b(?:TODO|FIXME|XXX|HACK)\b\s*:", "an unfinished thought: do it, or say what is missing in the documentation"),
    (r"(?i)\bregistry-1\.docker\.io|\bghcr\.io/|\bindex\.crates\.io|\bregistry\.npmjs\.org", "the host of a registry"),
];

const ENDINGS: &[&str] =
    &[".rs", ".toml", ".md", ".alloy", ".pest", ".ts", ".tsx", ".css", ".html", ".mjs", ".py", ".sh", ".yml", ".yaml", "run"];

#[test]
fn texts_mention_nothing_from_outside_the_project() {
    let rules: Vec<(Regex, &str)> = FORBIDDEN.iter().map(|(pattern, why)| (Regex::new(pattern).expect("a pattern"), *why)).collect();
    let mut findings = Vec::new();
    for path in files_below(root(), ENDINGS) {
        // This list says them all.
        if shown(&path) == "conformance/tidy/words.rs" {
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a readable file")).into_owned();
        for (number, line) in text.lines().enumerate() {
            for (rule, why) in rules.iter().filter(|(rule, _)| rule.is_match(line)) {
                let found = rule.find(line).map_or("", |m| m.as_str());
                findings.push(format!("{}:{}: `{}` is {why}", shown(&path), number + 1, found.trim()));
            }
        }
    }
    assert_none("words to replace", &findings);
}
