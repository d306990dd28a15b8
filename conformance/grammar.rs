//! The TextMate grammar says the same as the language: each kind of token is coloured as what it is.

use crate::{files_below, root};
use regex::Regex;
use serde_json::Value;
use syntax::token::Kind;

fn grammar() -> Value {
    let text = std::fs::read_to_string(root().join("grammar/alloy.tmLanguage.json")).expect("the grammar is there");
    serde_json::from_str(&text).expect("the grammar is JSON")
}

/// The pattern of an editor for Rust's engine, which knows no lookahead; all of it has to match.
fn whole(pattern: &str) -> Regex {
    Regex::new(&format!("^(?:{})$", pattern.replace("(?!=)", ""))).expect("every expression of the grammar compiles")
}

/// Every rule below `value` that has a name, with its pattern.
fn rules(value: &Value) -> Vec<(String, Regex)> {
    let mut found = Vec::new();
    let text = |name: &str| value[name].as_str();
    match (text("name"), text("match"), text("begin"), text("end")) {
        (Some(name), Some(pattern), ..) => found.push((name.to_owned(), whole(pattern))),
        (Some(name), _, Some(begin), Some(end)) => {
            found.push((name.to_owned(), whole(&format!("(?s:{begin}.*?(?:{})|{begin}[^\\n]*)", end.trim_end_matches("|$")))));
        }
        _ => {}
    }
    for pattern in value["patterns"].as_array().into_iter().flatten() {
        found.extend(rules(pattern));
    }
    found
}

/// The rules of a value in the order in which an editor tries them.
fn rules_of_values(grammar: &Value) -> Vec<(String, Regex)> {
    let included = grammar["repository"]["expression"]["patterns"].as_array().expect("patterns");
    let names = included.iter().filter_map(|include| include["include"].as_str()?.strip_prefix('#'));
    names.flat_map(|name| rules(&grammar["repository"][name])).collect()
}

fn scope(kind: Kind) -> &'static str {
    match kind {
        Kind::Ident => "variable.other",
        Kind::Number | Kind::Float => "constant.numeric",
        Kind::String => "string.quoted",
        Kind::Bool | Kind::Null => "constant.language",
        Kind::Comma => "punctuation.separator.comma",
        Kind::Dot => "punctuation.accessor",
        Kind::OpenCurly => "punctuation.section.braces",
        Kind::OpenParen | Kind::CloseParen => "punctuation.section.parens",
        Kind::OpenBracket | Kind::CloseBracket => "punctuation.section.brackets",
        _ => "keyword.operator",
    }
}

#[test]
fn tokens_are_coloured_as_what_they_are() {
    let grammar = grammar();
    let rules = rules_of_values(&grammar);
    let mut texts = vec![
        "a = 1 + 2.5 - .5e-3 * 1e9 / 3. % 4 ^ -5 < 6 <= 7 > 8 >= 9 == 10 != !true && false || null\n\
         b = [\"\\\"\\n\\u00e9\", `raw\n\\text`, {\"k\" = f(größe.x), _y1 = z[0]}]\n"
            .to_owned(),
    ];
    texts.extend(
        files_below(&root().join("examples"), &[".alloy"])
            .iter()
            .map(|path| std::fs::read_to_string(path).expect("an example can be read")),
    );
    let mut kinds = Vec::new();
    for text in &texts {
        for token in syntax::tokens(text).0 {
            // Braces that end blocks and `=` are rules of their own.
            if matches!(token.kind, Kind::Terminator | Kind::Eof | Kind::CloseCurly | Kind::Assign) {
                continue;
            }
            let text = &text[token.span.range()];
            let rule = rules.iter().find(|(_, pattern)| pattern.is_match(text)).map(|(name, _)| name.as_str());
            assert!(rule.is_some_and(|name| name.starts_with(scope(token.kind))), "{text:?} is {:?}, coloured as {rule:?}", token.kind);
            if !kinds.contains(&token.kind) {
                kinds.push(token.kind);
            }
        }
    }
    assert_eq!(kinds.len(), 28, "a kind of token occurs in no text: {kinds:?}");
}

#[test]
fn comments_heads_and_attributes_are_found() {
    let grammar = grammar();
    let comments = rules(&grammar["repository"]["comments"]);
    for text in ["// one line", "/* two\nlines */"] {
        assert!(comments.iter().any(|(_, rule)| rule.is_match(text)), "{text:?}");
    }
    let pattern = |name: &str| whole(grammar["repository"][name]["match"].as_str().expect("a pattern"));
    let head = pattern("block");
    let parts = head.captures("prometheus.scrape \"größe\" {").expect("a head");
    assert_eq!([&parts[1], &parts[2], &parts[3]], ["prometheus.scrape", "\"größe\"", "{"]);
    assert!(head.is_match("logging {") && !head.is_match("a = {"));
    assert!(pattern("attribute").is_match("forward_to   =") && !pattern("attribute").is_match("a.b ="));
}

#[test]
fn the_blocks_of_the_language_are_keywords() {
    let grammar = grammar();
    let keywords = grammar["repository"]["language-block"]["match"].as_str().expect("a pattern");
    let blocks: Vec<&str> = runtime::language::blocks().iter().map(|block| block.name).chain(["template"]).collect();
    assert_eq!(keywords.matches('|').count() + 1, blocks.len(), "{keywords}");
    for block in blocks {
        assert!(whole(keywords).is_match(&format!("{block} \"label\" {{")), "{block}");
    }
    // Tried before the rule for all blocks, which fits, too.
    let order: Vec<&str> = grammar["patterns"].as_array().expect("patterns").iter().filter_map(|p| p["include"].as_str()).collect();
    let at = |name: &str| order.iter().position(|rule| *rule == name);
    assert!(at("#language-block").is_some() && at("#language-block") < at("#block"), "{order:?}");
}
