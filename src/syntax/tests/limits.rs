//! Texts that nobody writes by hand: deep, long, binary. Each must give a verdict, on the stack of a test thread.

use syntax::{Severity, Source, Style, format, parse, parse_expression, render, render_json, render_sarif, render_short};

/// Levels that must be accepted.
const DEEP: usize = 490;
/// Levels that must be refused.
const TOO_DEEP: usize = 10_000;

/// Everything that walks a tree or a diagnostic; the code of the first finding.
fn exercise(text: &str) -> Option<&'static str> {
    let source = Source::new("config.alloy", text);
    let parsed = parse(&source);
    let copy = parsed.file.body.clone();
    assert!(copy == parsed.file.body, "a copy is equal");
    assert!(!format!("{copy:?}").is_empty(), "a tree can be shown");
    if parsed.diagnostics.is_empty() {
        assert!(!format(&parsed.file).is_empty(), "a valid file can be formatted");
    }
    let found = &parsed.diagnostics;
    assert!(found.len() <= 100, "findings are bounded");
    for rendered in [render(found, Style { color: true }), render_short(found), render_json(found), render_sarif(found, syntax::CODES)] {
        assert!(rendered.len() < 5_000 * (found.len() + 1), "a rendering is bounded, whatever the text: {}", rendered.len());
    }
    // The verdict on the same text as an expression does not matter, only that there is one.
    let (value, errors) = parse_expression(&source);
    assert_eq!(value.is_none(), errors.iter().any(|error| error.severity == Severity::Error));
    found.first().map(|first| first.code)
}

/// Texts that nest `levels` deep.
fn nested(levels: usize) -> Vec<String> {
    let pair = |open: &str, close: &str| format!("a = {}1{}\n", open.repeat(levels), close.repeat(levels));
    vec![
        pair("[", "]"),
        pair("(", ")"),
        pair("{a = ", "}"),
        pair("f(", ")"),
        pair("a[", "]"),
        pair("-", ""),
        pair("!", ""),
        pair("1 + ", ""),
        pair("1 ^ ", ""),
        pair("", ".a"),
        pair("", "[0]"),
        pair("", "()"),
        format!("{}{}", "a {\n".repeat(levels), "}\n".repeat(levels)),
    ]
}

#[test]
fn deep_nesting_is_accepted_up_to_the_limit() {
    for text in nested(DEEP).iter().filter(|text| !text.contains("1.a")) {
        assert_eq!(exercise(text), None, "{}", &text[..20]);
    }
}

#[test]
fn deeper_nesting_is_refused() {
    for text in nested(TOO_DEEP).iter().filter(|text| !text.contains("1.a")) {
        assert_eq!(exercise(text), Some("syntax/too-deep"), "{}", &text[..20]);
    }
}

#[test]
fn unfinished_nesting_is_refused() {
    for unit in
        ["[", "(", "{", "-", "!", "a{", "a {\n", "a = [\n", "a = {\nb = 1\n", "a = [1\n", "f(", "1+", "/*", "a.", "\"", "'", "`", "a = `\n"]
    {
        for prefix in ["", "a = "] {
            let text = format!("{prefix}{}", unit.repeat(5_000));
            // An even number of backticks makes raw strings, which are no statements by themselves but fine as values.
            let accepted = unit == "a = `\n" && prefix.is_empty();
            assert_eq!(exercise(&text).is_none(), accepted, "{prefix}{unit}");
        }
    }
}

/// A search for the partner of each bracket among all that are open would take hours.
#[test]
fn brackets_that_do_not_pair_cost_no_search() {
    const MANY: usize = 100_000;
    for prefix in ["", "a = ", "a [", "a = (\n"] {
        for (open, close) in [("[", ")"), ("(", "]"), ("[(", "}"), ("{", ")")] {
            assert!(exercise(&format!("{prefix}{}{}", open.repeat(MANY), close.repeat(MANY))).is_some(), "{prefix}{open}{close}");
        }
    }
}

#[test]
fn files_of_too_many_words_are_refused_before_a_tree_is_built() {
    let text = format!("a = [{}]\n", "1,".repeat(2_000_000));
    let parsed = parse(&Source::new("large", text.as_str()));
    assert_eq!(parsed.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), ["syntax/too-big"]);
    assert!(parsed.file.body.stmts.is_empty());
    assert_eq!(parse_expression(&Source::new("large", text)).1[0].code, "syntax/too-big");
}

#[test]
fn findings_do_not_grow_with_what_they_quote() {
    let source = Source::new("config.alloy", "a = 1\n");
    let long = "é".repeat(100_000);
    let mut found = syntax::Diagnostic::error("syntax/example", &source, syntax::Span::new(0, 1), long.as_str()).here(long.as_str());
    for _ in 0..1_000 {
        found = found.hint(long.as_str()).label(syntax::Span::new(0, 1), "x");
    }
    assert!(found.message.len() < 3_000 && found.message.ends_with('…') && found.here.len() < 3_000);
    assert!(found.hints.len() < 100 && found.hints[0].len() < 3_000 && found.labels.len() < 100);
}

#[test]
fn stray_closers_are_refused() {
    for unit in [
        "]", ")", "}", "}\n", "a = 1]\n", "a = )\n", ",\n", ";", "\0", "\0\n", "\u{feff}", "#\n", "“", "‘x ", "\u{1}", "é=", "a b\n",
        "= =\n",
    ] {
        assert!(exercise(&unit.repeat(5_000)).is_some(), "{unit:?}");
    }
}

#[test]
fn long_lines_are_cut_in_the_rendering() {
    for text in [
        format!("a = \"{}\n", "x".repeat(200_000)),
        format!("{} = ", "é".repeat(100_000)),
        format!("{} {{", "a.".repeat(100_000)),
        format!("a \"{}\" {{ }}", "x-".repeat(100_000)),
        format!("a = [{}1 2]", "1, ".repeat(100_000)),
        format!("a = '{}'", "x".repeat(100_000)),
        format!("\"{}\" = 1", "x".repeat(100_000)),
        format!("{} == 1", "x".repeat(100_000)),
        format!("{} y", "x".repeat(100_000)),
        format!("x {} {{ }}", "y".repeat(100_000)),
        format!("a = {} b", "x".repeat(100_000)),
        format!("a = $ {}", "x".repeat(100_000)),
        format!("a = ${}", "X".repeat(100_000)),
        format!("{}: 1", "x".repeat(100_000)),
        format!("{}.{} = 1", "x".repeat(100_000), "y".repeat(100_000)),
        format!("a = {{ {} {{ }} }}", "x".repeat(100_000)),
        format!("a = {} \"x\" {{ }}", "x".repeat(100_000)),
        format!("a = x.\"{}\"", "x".repeat(100_000)),
        format!("a = \"\\x{}", "x".repeat(100_000)),
        format!("a = {}e", "1".repeat(100_000)),
        format!("{} {{\n", "x".repeat(100_000)),
    ] {
        assert!(exercise(&text).is_some(), "{}", &text[..20]);
    }
}

#[test]
fn binary_text_is_refused() {
    let noise: Vec<u8> = (0..50_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert!(exercise(&String::from_utf8_lossy(&noise)).is_some());
}

#[test]
fn many_statements_are_read() {
    for text in ["a = 1\n".repeat(5_000), "a {\n}\n".repeat(5_000), "\n".repeat(100_000), "// c\n".repeat(5_000), "/**/".repeat(5_000)] {
        assert_eq!(exercise(&text), None);
    }
}
