//! Every file of `examples/` is one that a reader can copy: it says what it shows, is formatted and valid.

use crate::{assert_none, files_below, root, shown};
use std::process::Command;

#[test]
fn examples_are_valid_formatted_and_say_what_they_show() {
    let mut findings = Vec::new();
    let examples = files_below(&root().join("examples"), &[".alloy"]);
    for path in &examples {
        let name = shown(path);
        let text = std::fs::read_to_string(path).expect("an example");
        if !text.starts_with("// ") {
            findings.push(format!("{name}: the first line is no comment that says what it shows"));
        }
        let run = |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_ferroalloy")).args(args).arg(path).output().expect("the program starts");
        let formatted = run(&["fmt"]);
        if formatted.stdout != text.as_bytes() {
            findings.push(format!("{name}: not formatted: {}", String::from_utf8_lossy(&formatted.stderr)));
        }
        let verdict = run(&["validate", "--stability.level=experimental", "--feature.community-components.enabled", "--strict"]);
        if !verdict.status.success() {
            findings.push(format!("{name}: not valid:\n{}", String::from_utf8_lossy(&verdict.stderr)));
        }
    }
    eprintln!("{} examples", examples.len());
    assert_none("examples", &findings);
}
