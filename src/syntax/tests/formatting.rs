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
    let without = parts.fold(first, |out, part| out + part.split_once(" }").map_or("", |(_, rest)| rest));
    // An empty label is written as none.
    without.replace("label: Some(Label { text: \"\", span:  })", "label: None")
}

/// A place where the text may not go on in the next line, and one where it may.
const LINE: char = '\u{1}';
const LINES: char = '\u{2}';

/// An expression with every place marked where white space and comments may stand.
fn marked_expression() -> impl Strategy<Value = String> + Clone {
    let leaf = prop_oneof![
        "null|true|false|[a-z]{1,8}",
        "[0-9]{1,4}",
        "[0-9]{1,3}\\.[0-9]{0,3}(e-?[0-9]{1,2})?",
        "\\.[0-9]{1,3}",
        "\"[a-zé {}\\[\\]=,/*]{0,12}\"",
        Just("\"\\t\\x41\\u00e9\\101\\\\\"".to_owned()),
        "`[a-zé\\\\\"{}/*\n]{0,12}`",
        "[a-z]{1,5}\u{1}\\.\u{2}[a-z]{1,5}",
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let items = prop::collection::vec(inner.clone(), 0..4);
        let key = prop_oneof!["[a-z]{1,6}", "\"[a-zé .-]{1,6}\"", "`[a-z .]{1,6}`"];
        let fields = prop::collection::vec((key, inner.clone()), 0..4);
        let operator = prop::sample::select(vec!["+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=", "&&", "||"]);
        let joined = |items: Vec<String>, last: bool| {
            let comma = if last && !items.is_empty() { ",\u{2}" } else { "" };
            format!("{}\u{1}{comma}", items.join("\u{1},\u{2}"))
        };
        let field = |(key, value)| format!("{key}\u{1}=\u{2}{value}");
        prop_oneof![
            (items.clone(), any::<bool>()).prop_map(move |(items, last)| format!("[\u{2}{}]", joined(items, last))),
            (fields, any::<bool>())
                .prop_map(move |(fields, last)| format!("{{\u{2}{}}}", joined(fields.into_iter().map(field).collect(), last))),
            (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("{a} \u{1}{op} \u{2}{b}")),
            inner.clone().prop_map(|value| format!("(\u{2}{value}\u{1})")),
            (prop::sample::select(vec!["-", "!"]), inner.clone()).prop_map(|(op, value)| format!("{op}\u{2}{value}")),
            inner.clone().prop_map(|value| format!("(\u{2}{value}\u{1})\u{1}.\u{2}name")),
            inner.prop_map(|value| format!("table\u{1}[\u{2}{value}\u{1}]")),
            (items, any::<bool>()).prop_map(move |(items, last)| format!("call\u{1}(\u{2}{})", joined(items, last))),
        ]
    })
}

/// A body with every place marked where white space and comments may stand.
fn marked_body() -> impl Strategy<Value = String> {
    let attribute = ("[a-zé]{1,8}", marked_expression()).prop_map(|(name, value)| format!("{name}\u{1}=\u{2}{value}")).boxed();
    let head = ("[a-z]{1,5}(\u{1}\\.\u{2}[a-z]{1,5}){0,2}", prop_oneof![Just(" "), Just(" \"label\"\u{1}"), Just(" \"\"\u{1}")]);
    let block = |statement: BoxedStrategy<String>| {
        let bodies = prop_oneof![
            3 => prop::collection::vec(statement.clone(), 0..4).prop_map(|stmts| {
                let lines: String = stmts.into_iter().map(|stmt| format!("\u{2}{stmt}\u{1}\n")).collect();
                format!("{lines}\u{2}")
            }),
            1 => statement.prop_map(|stmt| format!("{stmt}\u{1}")),
        ];
        (head.clone(), bodies).prop_map(|((name, label), body)| format!("{name}{label}{{{body}}}")).boxed()
    };
    let inner = block(attribute.clone());
    let outer = block(prop_oneof![2 => attribute.clone(), 1 => inner].boxed());
    prop::collection::vec(prop_oneof![attribute, outer], 0..4)
        .prop_map(|stmts| stmts.into_iter().map(|stmt| format!("\u{2}{stmt}\u{1}\n")).collect::<String>() + "\u{2}")
}

/// A program with white space and, where `comments` says so, comments at every place that may have them.
fn program(comments: bool) -> impl Strategy<Value = String> {
    let inline: &[&str] = if comments { &["", "", " ", "\t", "/* c */", " /* é */ /**/ "] } else { &["", " ", "\t ", ""] };
    let free: &[&str] = if comments {
        &["", "", " ", "\n", "\n\n\n", " // note\n", "/* block */", "/* two\n\tlines */", "\n// own\n// lines\n", "\n\n/* a */ // b\n\n"]
    } else {
        &["", "", " ", "\n", "\n\n\n", " \t\n "]
    };
    let (inline, free) = (inline.to_vec(), free.to_vec());
    (marked_body(), prop::collection::vec(any::<prop::sample::Index>(), 40), any::<bool>(), any::<bool>()).prop_map(
        move |(body, choices, windows, mark)| {
            let mut choices = choices.iter().cycle();
            let mut text = if mark { "\u{feff}".to_owned() } else { String::new() };
            for c in body.chars() {
                match (c, choices.next()) {
                    (LINE, Some(choice)) => text += *choice.get::<&str>(&inline),
                    (LINES, Some(choice)) => text += *choice.get::<&str>(&free),
                    _ => text.push(c),
                }
            }
            if windows { text.replace('\n', "\r\n") } else { text }
        },
    )
}

/// The comments of a file as they stand, carriage returns left out.
fn comments(file: &ast::File) -> Vec<String> {
    file.comments.iter().map(|comment| file.source.slice(comment.span).replace('\r', "")).collect()
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
    fn every_construct_keeps_its_meaning_and_settles(text in program(false)) {
        let before = parse(&Source::new("before", text.as_str()));
        prop_assert!(before.diagnostics.is_empty(), "the generator makes valid programs: {:?}", before.diagnostics);
        let once = format(&before.file);
        let after = parse(&Source::new("after", once.as_str()));
        // What stands in raw strings and quoted keys the original lays out like the rest, and `(` and `)` of a call without
        // arguments get a comma when they stand on two lines.
        let same = meaning(&before.file) == meaning(&after.file) && after.diagnostics.is_empty();
        prop_assert_eq!(format_checked(&before.file), same.then_some(once.clone()));
        prop_assert!(same || text.contains('`') || text.contains("call"), "{}", once);
        // A value that began in the next line kept its row from being aligned; in its new place it does not.
        let twice = format(&after.file);
        let thrice = format(&parse(&Source::new("again", twice.as_str())).file);
        prop_assert!(!same || thrice == twice, "it settles:\n{}\n{}", twice, thrice);
        prop_assert!(!once.contains("\n\n\n") || text.contains('`'), "one empty line at most: {}", once);
    }

    #[test]
    fn comments_at_every_place_stay_and_change_nothing(text in program(true)) {
        let before = parse(&Source::new("before", text.as_str()));
        prop_assert!(before.diagnostics.is_empty(), "the generator makes valid programs: {:?}", before.diagnostics);
        let Some(once) = format_checked(&before.file) else { return Ok(()) };
        prop_assert_eq!(&once, &format(&before.file));
        let after = parse(&Source::new("after", once.as_str()));
        prop_assert_eq!(meaning(&before.file), meaning(&after.file));
        prop_assert_eq!(comments(&before.file), comments(&after.file));
    }

    #[test]
    fn any_text_has_a_verdict(text in "[ -~\n\té“]{0,60}") {
        let parsed = parse(&Source::new("any", text));
        prop_assert!(parsed.diagnostics.iter().all(|found| found.position().is_some()));
    }
}

#[test]
fn layouts_that_would_change_the_meaning_are_told() {
    for text in ["a = call(\n)\n", "a = call(call(null, // note\n),)\n", "a = `x\ty`\n", "a = `x  \ny`\n", "a = {\"x\\n\" = 1}\n"] {
        let parsed = parse(&Source::new("text", text));
        assert!(parsed.diagnostics.is_empty(), "{text}");
        assert_eq!(format_checked(&parsed.file), None, "{text}");
    }
    let parsed = parse(&Source::new("text", "a=[1,2]"));
    assert_eq!(format_checked(&parsed.file).as_deref(), Some("a = [1, 2]\n"));
}
