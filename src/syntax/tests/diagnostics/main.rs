//! What people see when they write what people write.

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
