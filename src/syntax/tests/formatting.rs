//! The formatter on generated programs: formatting twice changes nothing, and no formatting changes the meaning.

use proptest::prelude::*;
use syntax::{Source, ast, format, format_checked, parse};

fn expression() -> impl Strategy<Value = String> + Clone {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "[a-z]{1,8}",
        "[0-9]{1,4}",
        "[0-9]{1,3}\\.[0-9]{1,3}",
        "\"[a-zé {}\\[\\]=,]{0,12}\"",
        "`[a-zé\\\\\"]{0,12}`",
        Just("\"a\\n\\\"b\\\\\"".to_owned()),
        Just("`two\nlines`".to_owned()),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let gap = prop_oneof![3 => Just(""), 1 => Just("\n"), 1 => Just(" // note\n")];
        let list = (prop::collection::vec(inner.clone(), 0..4), gap.clone()).prop_map(|(items, gap)| {
            let items: Vec<String> = items.into_iter().map(|item| format!("{item},{gap}")).collect();
            items.concat()
        });
        let key = prop_oneof!["[a-z]{1,6}", "\"[a-z .-]{1,6}\""];
        let fields = (prop::collection::vec((key, inner.clone()), 0..4), gap).prop_map(|(fields, gap)| {
            let fields: Vec<String> = fields.into_iter().map(|(key, value)| format!("{key} = {value},{gap}")).collect();
            fields.concat()
        });
        let operator = prop::sample::select(vec!["+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=", "&&", "||"]);
        prop_oneof![
            list.clone().prop_map(|list| format!("[{list}]")),
            fields.prop_map(|fields| format!("{{{fields}}}")),
            (inner.clone(), operator, inner.clone()).prop_map(|(left, op, right)| format!("{left} {op} {right}")),
            inner.clone().prop_map(|value| format!("({value})")),
            inner.clone().prop_map(|value| format!("-{value}")),
            inner.clone().prop_map(|value| format!("!{value}")),
            inner.clone().prop_map(|value| format!("({value}).name")),
            inner.prop_map(|value| format!("table[{value}]")),
            // No comments here: around those the original writes what it cannot read, see `format_checked`.
            list.prop_map(|list| format!("call({})", list.replace(" // note", ""))),
        ]
    })
}

fn body() -> impl Strategy<Value = String> {
    let comment = prop_oneof![4 => Just(""), 1 => Just("// note\n"), 1 => Just("/* block */\n"), 1 => Just("\n\n")];
    let tail = prop_oneof![3 => Just("\n"), 1 => Just(" // tail\n")];
    let attribute = ("[a-z]{1,8}", expression()).prop_map(|(name, value)| format!("{name} = {value}")).boxed();
    let empty = Just("empty \"label\" { }".to_owned());
    let statements = |statement: BoxedStrategy<String>| {
        prop::collection::vec((comment.clone(), statement, tail.clone()), 0..5)
            .prop_map(|parts| parts.into_iter().map(|(comment, stmt, tail)| format!("{comment}{stmt}{tail}")).collect::<String>())
    };
    let inner = statements(prop_oneof![attribute.clone(), empty].boxed());
    let block = ("[a-z]{1,5}(\\.[a-z]{1,5})?", prop_oneof![Just(""), Just("\"label\"")], inner)
        .prop_map(|(name, label, body)| format!("{name} {label} {{\n{body}}}"));
    statements(prop_oneof![attribute, block].boxed())
}

/// A tree without places.
fn meaning(file: &ast::File) -> String {
    let shown = format!("{:?}", file.body);
    let mut parts = shown.split("Span { start: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.split_once(" }").map_or("", |(_, rest)| rest))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn keeps_the_meaning_and_settles(text in body()) {
        let before = parse(&Source::new("before", text));
        prop_assert!(before.diagnostics.is_empty(), "the generator makes valid programs: {:?}", before.diagnostics);
        let once = format(&before.file);
        let after = parse(&Source::new("after", once.clone()));
        prop_assert!(after.diagnostics.is_empty(), "formatted text is valid: {:?}\n{once}", after.diagnostics);
        prop_assert_eq!(meaning(&before.file), meaning(&after.file));
        prop_assert_eq!(format_checked(&before.file), Some(once.clone()));
        prop_assert_eq!(&before.file.comments.len(), &after.file.comments.len());
        // The layout around comments inside of calls takes the original a second run to settle, and so it does ours.
        if before.file.comments.is_empty() {
            prop_assert_eq!(format(&after.file), once);
        }
    }

    #[test]
    fn any_text_has_a_verdict(text in "[ -~\n\té“]{0,60}") {
        let parsed = parse(&Source::new("any", text));
        prop_assert!(parsed.diagnostics.iter().all(|found| found.position().is_some()));
    }
}

#[test]
fn layouts_that_would_change_the_meaning_are_told() {
    for text in ["a = call(call(null, // note\n),)\n", "a = `x\ty`\n", "a = `x  \ny`\n", "a = {\"x\\n\" = 1}\n"] {
        let parsed = parse(&Source::new("text", text));
        assert!(parsed.diagnostics.is_empty(), "{text}");
        assert_eq!(format_checked(&parsed.file), None, "{text}");
    }
    let parsed = parse(&Source::new("text", "a=[1,2]"));
    assert_eq!(format_checked(&parsed.file).as_deref(), Some("a = [1, 2]\n"));
}
