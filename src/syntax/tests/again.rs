//! A file read again after a change is what it would be if nobody had read it before.

use proptest::prelude::*;
use syntax::ast::File;
use syntax::{Diagnostic, Parse, Source, parse, parse_again};

/// Statements, sound and broken, that touch each other in every order.
fn statement() -> impl Strategy<Value = String> {
    let mostly = |sound: Vec<&'static str>, broken: Vec<&'static str>| prop_oneof![15 => prop::sample::select(sound), 1 => prop::sample::select(broken)];
    let sound =
        vec!["1", "[1, 2]", "{ a = b.c.d[0], \"e\" = -f(1, 2) }", "\"x } y\"", "`raw }\n{`", "(1 + 2) * 3 // note", "!x /* } */", "\n1"];
    let values = mostly(sound, vec!["[1 2]", "\"open", "${X}", "\"${X}\""]);
    let attribute = ("[ab]", values).prop_map(|(name, value)| format!("{name} = {value}"));
    let heads =
        mostly(vec!["a", "a \"l\"", "b.c \"l\"", "b.c \"m\"", "d.e.f \"o\"", "// ä\na", "/* c */ a \"n\""], vec!["a l", "a \"é-\""]);
    let ends = mostly(vec!["}", "} // end", "} /* end */"], vec!["}}", "", "},"]);
    let inner = prop::collection::vec(prop_oneof![3 => attribute.clone(), 1 => Just("in { x = 1 }".to_owned())], 0..3);
    let block = (heads, inner, ends).prop_map(|(head, inner, end)| format!("{head} {{\n\t{}\n{end}", inner.join("\n\t")));
    prop_oneof![1 => attribute, 6 => block]
}

/// Changes: a statement put, taken, or exchanged, or characters in the middle of the text.
#[derive(Clone, Debug)]
enum Edit {
    Put(prop::sample::Index, String),
    Take(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Insert(prop::sample::Index, String),
}

fn edit() -> impl Strategy<Value = Edit> {
    use prop::sample::Index;
    prop_oneof![
        (any::<Index>(), statement()).prop_map(|(at, text)| Edit::Put(at, text)),
        any::<Index>().prop_map(Edit::Take),
        (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Edit::Swap(a, b)),
        (any::<Index>(), "[\n }{\"`/*=é,.#]{1,3}").prop_map(|(at, text)| Edit::Insert(at, text)),
    ]
}

fn changed(statements: &mut Vec<String>, edit: &Edit) {
    match edit {
        Edit::Put(at, text) => statements.insert(at.index(statements.len() + 1), text.clone()),
        _ if statements.is_empty() => {}
        Edit::Take(at) => drop(statements.remove(at.index(statements.len()))),
        Edit::Swap(a, b) => {
            let count = statements.len();
            statements.swap(a.index(count), b.index(count));
        }
        Edit::Insert(at, text) => {
            let statement = at.get_mut(statements);
            let places: Vec<usize> = (0..=statement.len()).filter(|at| statement.is_char_boundary(*at)).collect();
            statement.insert_str(*at.get(&places), text);
        }
    }
}

fn told(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(|d| format!("{} {:?} {} {:?} {:?}", d.code, d.span, d.message, d.labels, d.hints)).collect()
}

fn read(text: &str, earlier: Option<&File>) -> Parse {
    let source = Source::new("main.alloy", text);
    earlier.map_or_else(|| parse(&source), |earlier| parse_again(&source, earlier))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn gives_what_a_first_reading_gives(
        mut statements in prop::collection::vec(statement(), 0..6),
        edits in prop::collection::vec(edit(), 1..5),
    ) {
        let mut last = read(&statements.join("\n"), None);
        for edit in edits {
            changed(&mut statements, &edit);
            let text = statements.join("\n");
            let (again, first) = (read(&text, Some(&last.file)), read(&text, None));
            prop_assert_eq!(told(&again.diagnostics), told(&first.diagnostics), "{}", text);
            prop_assert_eq!(&again.file.body, &first.file.body, "{}", text);
            prop_assert_eq!(&again.file.comments, &first.file.comments);
            prop_assert_eq!(again.file.sound, first.file.sound);
            last = again;
        }
    }
}
