//! The reference pages of the function library: every example holds, and no function is missing.

use std::path::Path;
use syntax::Source;
use value::functions;
use value::scope::Empty;
use value::{Value, evaluate, json};

fn value_of(text: &str) -> Result<Value, String> {
    let source = Source::new("example", text);
    let (expr, diagnostics) = syntax::parse_expression(&source);
    let expr = expr.ok_or_else(|| diagnostics[0].message.clone())?;
    evaluate(&expr, &source, &Empty).map_err(|error| error.to_string())
}

/// What is wrong with an example line `expr => result` or `expr => error: part of the message`.
fn problem(line: &str) -> Option<String> {
    let Some((expr, want)) = line.rsplit_once(" => ") else { return Some("no ` => `".into()) };
    match (value_of(expr), want.strip_prefix("error: ")) {
        (Ok(value), None) => {
            let (got, want) = (json::typed(&value), value_of(want).map(|want| json::typed(&want)));
            (want.as_ref() != Ok(&got)).then(|| format!("gives {got}"))
        }
        (Ok(_), Some(_)) => Some("is accepted".into()),
        (Err(error), None) => Some(error),
        (Err(error), Some(part)) => (!error.contains(part)).then_some(error),
    }
}

#[test]
fn every_example_holds_and_every_function_has_a_section() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib/functions");
    let (mut problems, mut examples, mut headings) = (Vec::new(), 0, Vec::new());
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let text = std::fs::read_to_string(&path)?;
        let mut inside = false;
        for line in text.lines() {
            headings.extend(line.strip_prefix("## ").map(str::to_owned));
            match line {
                "```example" => inside = true,
                "```" => inside = false,
                line if inside => {
                    examples += 1;
                    problems.extend(problem(line).map(|problem| format!("{}: {line}\n    {problem}", path.display())));
                }
                _ => {}
            }
        }
    }
    let missing = functions::entries().map(|entry| entry.signature).filter(|signature| !headings.iter().any(|h| h == signature));
    problems.extend(missing.map(|signature| format!("no section `## {signature}`")));
    problems
        .extend(headings.iter().filter(|h| !functions::entries().any(|entry| entry.signature == *h)).map(|h| format!("no function `{h}`")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(examples > 50, "only {examples} examples were found");
    Ok(())
}
