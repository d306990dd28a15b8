//! What people see when they write what people write.

mod causes;
mod foreign;
mod statements;
mod values;

use expect_test::Expect;
use syntax::{Source, Style, parse, render};

#[track_caller]
fn check(text: &str, expected: Expect) {
    let source = Source::new("config.alloy", text);
    let found = parse(&source).diagnostics;
    expected.assert_eq(&render(&found, Style { color: false }));
}

/// Line and code of each finding.
fn codes(text: &str) -> Vec<String> {
    let found = parse(&Source::new("config.alloy", text)).diagnostics;
    let line = |found: &syntax::Diagnostic| found.position().map_or(0, |position| position.line);
    found.iter().map(|found| format!("{} {}", line(found), found.code.trim_start_matches("syntax/"))).collect()
}
