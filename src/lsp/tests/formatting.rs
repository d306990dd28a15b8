//! Formatting through the protocol.

use super::editor::{Editor, URI, apply};
use serde_json::{Value, json};

fn format(text: &str) -> Result<Value, Value> {
    Editor::of(URI, text).about(URI, "formatting", json!({ "options": { "tabSize": 2, "insertSpaces": true } }))
}

#[test]
fn edits_give_the_text_of_fmt_and_leave_good_lines_alone() {
    let good = "// kept\ntest.sink \"a\" {\n\turl = \"x\"\n}\n\n";
    let text = format!("{good}test.sink  \"b\"   {{\nurl=\"y\"\n}}\n\n\n\n{}", good.trim_end());
    let edits = format(&text).expect("formatted");
    let formatted = syntax::format(&syntax::parse(&syntax::Source::new("x", text.as_str())).file);
    assert_eq!(apply(&text, &edits), formatted);
    let first = edits[0]["range"]["start"]["line"].as_u64().expect("a line");
    assert!(first >= 4, "lines before the first bad one are touched: {edits}");
    assert_eq!(format(&formatted), Ok(json!([])));
}

#[test]
fn a_text_with_syntax_errors_is_refused() {
    let error = format("a = 1\nb = [1 2]\n").expect_err("refused");
    assert_eq!(error["code"], -32803);
    assert_eq!(error["message"], "a file with syntax errors cannot be formatted: line 2: missing `,` after this value");
}
