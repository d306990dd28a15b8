//! Compares the formatter and the parser with what the original was seen to do. Skipped where the recordings are absent.

use serde_json::Value;
use std::fs;
use std::path::Path;
use syntax::{Source, format, parse};

/// The recordings hold this mark where a text could look like a secret; it stands for nothing.
const MARK: char = '\u{27c2}';

#[test]
fn recordings_agree() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/fmt.jsonl");
    let Ok(text) = fs::read_to_string(path) else {
        eprintln!("fmt: skipped, no recordings");
        return;
    };
    let mut total = 0;
    let mut different = Vec::new();
    for line in text.lines() {
        let case: Value = serde_json::from_str(&line.replace(MARK, "")).expect("recordings are JSON");
        total += 1;
        if let Err(difference) = compare(&case) {
            different.push(format!("{}: {difference}", case["name"]));
        }
    }
    eprintln!("fmt: {} of {total} agree", total - different.len());
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
}

fn compare(case: &Value) -> Result<(), String> {
    let source = Source::new("config.alloy", case["input"].as_str().expect("every case has an input"));
    let parsed = parse(&source);
    let first = parsed.diagnostics.iter().find(|found| found.is_error());
    match case.get("errors").and_then(|errors| errors.get(0)) {
        None => {
            if let Some(error) = first {
                return Err(format!("refused: {:?} {}", error.position(), error.message));
            }
            let expected = case["output"].as_str().expect("a case without errors has an output");
            let found = format(&parsed.file);
            if found == expected { Ok(()) } else { Err(format!("expected\n{expected}\nfound\n{found}")) }
        }
        Some(expected) => {
            let position = first.and_then(syntax::Diagnostic::position).ok_or("accepted")?;
            if Some(position.line as u64) == expected["line"].as_u64() {
                return Ok(());
            }
            Err(format!("expected {expected}, found {position:?} {}", first.map_or("", |error| &error.message)))
        }
    }
}
