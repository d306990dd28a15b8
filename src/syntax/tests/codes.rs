//! Every code is explained, and every explanation is true.

use std::fs;
use std::path::Path;
use syntax::{CODES, Source, parse};

/// The indented lines below `heading`.
fn example(explanation: &str, heading: &str) -> Option<String> {
    let (_, rest) = explanation.split_once(heading)?;
    let lines = rest.lines().skip(1).take_while(|line| line.starts_with("    "));
    Some(lines.map(|line| format!("{}\n", &line[4..])).collect())
}

#[test]
fn examples_do_what_they_say() {
    for (code, explanation) in CODES {
        let Some(wrong) = example(explanation, "Wrong:") else { continue };
        let right = example(explanation, "Right:").unwrap_or_default();
        let found = parse(&Source::new("wrong", wrong)).diagnostics;
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), [*code]);
        let found = parse(&Source::new("right", right)).diagnostics;
        assert!(found.is_empty(), "{code}: the right example is wrong: {found:?}");
    }
}

#[test]
fn codes_are_sorted_and_unique() {
    assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn every_code_in_use_is_explained_and_the_other_way_round() {
    let mut used = Vec::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")), &mut used);
    used.sort();
    used.dedup();
    let known: Vec<&str> = CODES.iter().map(|(code, _)| *code).collect();
    assert_eq!(used, known);
}

fn collect(folder: &Path, used: &mut Vec<String>) {
    let entries = fs::read_dir(folder).expect("the sources are there");
    for entry in entries {
        let path = entry.expect("the sources are readable").path();
        if path.is_dir() && !path.ends_with("tests") {
            collect(&path, used);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("codes.rs") {
            let text = fs::read_to_string(&path).expect("the sources are readable");
            let codes = text.split("\"syntax/").skip(1).filter_map(|rest| rest.split('"').next());
            used.extend(codes.map(|code| format!("syntax/{code}")));
        }
    }
}

#[test]
fn fixes_of_syntax_errors_give_texts_that_parse() {
    let wrong = [
        "a = [1 2]\n",
        "a = 'text'\n",
        "a = “text”\n",
        "# comment\na = 1\n",
        "a = true & false\n",
        "a\u{a0}= 1\n",
        "a = 1 – 2\n",
        "a.b label {\n}\n",
    ];
    for text in wrong {
        let found = syntax::parse(&syntax::Source::new("x", text)).diagnostics;
        let mut fixed = text.to_owned();
        for fix in found.iter().rev().filter_map(|found| found.fixes.first()) {
            fixed.replace_range(fix.span.range(), &fix.text);
        }
        assert_ne!(fixed, text, "nothing is offered for {text:?}");
        let left = syntax::parse(&syntax::Source::new("x", fixed.as_str())).diagnostics;
        assert!(left.is_empty(), "{fixed:?}: {}", syntax::render_short(&left));
    }
}
