//! Compares evaluation with recordings of the original, where they are at hand.

use serde_json::Value as Json;
use std::path::Path;

/// How many expressions agree at least.
const REACHED: usize = 5407;

fn check(case: &Json, answer: &Json) -> bool {
    let failed = answer.get("error").is_some();
    if case.get("note").is_some() {
        return !failed;
    }
    if case.get("error").is_some() {
        return failed;
    }
    let text = case["text"].as_str().unwrap_or("");
    !failed && same(&case["json"], &answer["json"]) && (text.is_empty() || answer["text"] == text)
}

/// Equal typed values, numbers by value: up to the last digit, which the reader of the recordings may get wrong, and
/// which the text tells.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= a.abs() * f64::EPSILON,
            _ => false,
        },
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        _ => a == b,
    }
}

#[test]
fn expressions_evaluate_as_recorded() -> Result<(), Box<dyn std::error::Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/eval.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("eval: skipped, no recordings here");
        return Ok(());
    };
    let text = text.replace('\u{27c2}', "");
    let cases = text.lines().map(serde_json::from_str).collect::<Result<Vec<Json>, _>>()?;
    let mut answers = Vec::new();
    value::eval::run_jsonl(text.as_bytes(), &mut answers)?;
    let answers = String::from_utf8(answers)?;
    let answers = answers.lines().map(serde_json::from_str).collect::<Result<Vec<Json>, _>>()?;
    assert_eq!(answers.len(), cases.len());
    let differing: Vec<_> = cases.iter().zip(&answers).filter(|(case, answer)| !check(case, answer)).collect();
    for (case, answer) in differing.iter().take(40) {
        eprintln!("{}\n  recorded {}\n  got      {answer}", case["expr"], case.get("text").unwrap_or(&case["error"]));
    }
    let agree = cases.len() - differing.len();
    eprintln!("eval: {agree} of {} agree", cases.len());
    assert!(agree >= REACHED, "only {agree} agree, {REACHED} did before");
    Ok(())
}
