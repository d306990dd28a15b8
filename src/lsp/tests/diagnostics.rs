//! What is published about documents.

use super::editor::{Editor, URI, shown, uri};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

fn check(text: &str, expect: Expect) {
    let related = json!({ "textDocument": { "publishDiagnostics": { "relatedInformation": true } } });
    let mut editor = Editor::with(json!({}), related);
    editor.open(URI, text);
    expect.assert_eq(&shown(&editor.diagnostics(URI, 1)));
}

#[test]
fn findings_of_validate() {
    check(
        r#"test.sink "a" {
  ulr   = "x"
  level = "inof"
}

test.source "b" {
  forward_to = [test.sink.a.reciever, test.sink.c.receiver]
  whole      = true
}

test.sink "a" { }
"#,
        expect![[r#"
            1:2-5 error decode/unknown-attribute: `test.sink` has no attribute `ulr`
                did you mean `url`?
            2:10-16 error decode/value: `level`: "inof" is not accepted here
                did you mean "info"? Accepted are "debug", "info"
            6:16-36 error config/unknown-export: `test.sink.a` has no export `reciever`
                did you mean `receiver`?
            6:38-58 error config/unknown-reference: nothing here is called `test.sink.c.receiver`
                did you mean `test.sink.a.receiver`?
            7:2-7 warning decode/deprecated: `whole` is deprecated: from_start
            10:0-9 error config/duplicate: `test.sink.a` is declared twice
                give one of them another label
                0:0-9 first declared here
        "#]],
    );
}

#[test]
fn with_syntax_errors_only_these_are_told() {
    check(
        "test.sink \"a\" {\n  url = [1 2]\n}\ntest.nothing \"x\" { }\n",
        expect![[r#"
        1:10-10 error syntax/missing-comma: missing `,` after this value
            add `,` here
    "#]],
    );
}

#[test]
fn an_unset_variable_is_no_reason_to_worry_in_an_editor() {
    check(
        "test.sink \"a\" {\n  url = sys.env(\"NO_SUCH_VARIABLE\")\n}\n",
        expect![[r#"
        1:16-34 information config/unset-variable: the environment variable `NO_SUCH_VARIABLE` is not set here: the value is an empty string
            set it where the program runs, or give a default with `coalesce`
    "#]],
    );
}

#[test]
fn without_links_further_places_are_lines_of_the_message() {
    let mut editor = Editor::of(URI, "test.sink \"a\" {\n  url = \"x\"\n  url = \"y\"\n}\n");
    expect![[r#"
        2:2-5 error decode/duplicate-attribute: `url` is written twice
            keep one of them
            line 2: first written here
    "#]]
    .assert_eq(&shown(&editor.diagnostics(URI, 1)));
}

#[test]
fn the_newest_version_is_checked_and_closing_takes_everything_back() {
    let mut editor = Editor::of(URI, "test.sink \"a\" { }\n");
    for version in 2..50 {
        editor.replace(URI, version, "test.sink \"a\" { url = 1 }\n");
    }
    editor.replace(URI, 50, "test.sink \"a\" { url = \"x\" }\n");
    assert_eq!(editor.diagnostics(URI, 50), [] as [Value; 0]);
    editor.replace(URI, 51, "nonsense");
    assert_eq!(editor.diagnostics(URI, 51).len(), 1);
    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
    editor.told.clear();
    let last = editor.receive();
    assert_eq!(last["params"], json!({ "uri": URI, "diagnostics": [] }));
}

const SINK: &str = "test.sink \"shared\" {\n  url = \"x\"\n}\n\ndeclare \"own\" {\n  argument \"a\" { }\n}\n";
const SOURCE: &str =
    "test.source \"s\" {\n  forward_to = [test.sink.shared.receiver, test.sink.missing.receiver]\n}\n\nown \"o\" {\n  a = 1\n}\n";

/// The diagnostics of `main.alloy` beside `first.alloy`, which lies on disk only.
fn beside(mode: Value, other: &str, main: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("first.alloy"), other).expect("written");
    let main_uri = uri(&folder.path().join("main.alloy"));
    let mut editor = Editor::with(json!({ "folder": mode }), json!({}));
    editor.open(&main_uri, main);
    shown(&editor.diagnostics(&main_uri, 1))
}

#[test]
fn a_file_may_use_what_its_folder_defines() {
    expect![[r#"
        1:43-69 error config/unknown-reference: nothing here is called `test.sink.missing.receiver`
            of this kind there is only `test.sink.shared`
    "#]]
    .assert_eq(&beside(json!("auto"), SINK, SOURCE));
    expect![[r#"
        1:16-41 error config/unknown-reference: nothing here is called `test.sink.shared.receiver`
            no component `test.sink` stands in this configuration: add one, or remove the reference
        1:43-69 error config/unknown-reference: nothing here is called `test.sink.missing.receiver`
            no component `test.sink` stands in this configuration: add one, or remove the reference
        4:0-3 error config/unknown-component: there is no component called `own`
            `ferroalloy schema` lists all components of this build
    "#]]
    .assert_eq(&beside(json!("file"), SINK, SOURCE));
}

#[test]
fn files_of_a_folder_are_one_configuration_only_when_the_editor_says_so() {
    let main = "test.sink \"shared\" {\n  url = \"x\"\n}\n";
    expect![[""]].assert_eq(&beside(json!("auto"), main, main));
    expect![[r#"
        0:0-9 error config/duplicate: `test.sink.shared` is declared twice
            the first one stands at first.alloy:1:1
            give one of them another label
    "#]]
    .assert_eq(&beside(json!("folder"), main, main));
}

#[test]
fn a_module_in_the_folder_does_not_make_a_module_of_its_neighbours() {
    let module = "argument \"a\" { }\n\ntest.sink \"shared\" {\n  url = argument.a.value\n}\n";
    expect![[r#"
        1:16-41 error config/unknown-reference: nothing here is called `test.sink.shared.receiver`
            no component `test.sink` stands in this configuration: add one, or remove the reference
        1:43-69 error config/unknown-reference: nothing here is called `test.sink.missing.receiver`
            no component `test.sink` stands in this configuration: add one, or remove the reference
        4:0-3 error config/unknown-component: there is no component called `own`
            `ferroalloy schema` lists all components of this build
    "#]]
    .assert_eq(&beside(json!("auto"), module, SOURCE));
}

#[test]
fn a_change_of_one_file_checks_the_others_of_its_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let [main, other] = ["main.alloy", "other.alloy"].map(|name| uri(&folder.path().join(name)));
    let mut editor = Editor::of(&main, "test.source \"s\" {\n  forward_to = [test.sink.shared.receiver]\n}\n");
    assert_eq!(editor.diagnostics(&main, 1).len(), 1);
    // Never saved: the editor's text counts.
    editor.open(&other, "test.sink \"shared\" {\n  url = \"x\"\n}\n");
    assert_eq!(editor.diagnostics(&main, 1), [] as [Value; 0]);
    editor.replace(&other, 2, "test.sink \"renamed\" {\n  url = \"x\"\n}\n");
    assert_eq!(editor.diagnostics(&main, 1).len(), 1);
}

#[test]
fn a_large_document_is_checked_and_tells_a_bounded_number_of_findings() {
    let of = |n: usize| format!("test.source \"s{n}\" {{\n  forward_to = [test.sink.nowhere.receiver]\n}}\n");
    let bytes: usize = std::env::var("LARGE_BYTES").ok().and_then(|n| n.parse().ok()).unwrap_or(1 << 20);
    let text: String = (0..bytes / of(10_000).len()).map(of).chain(["test.sink \"one\" { }\n".to_owned()]).collect();
    let mut editor = Editor::new();
    editor.open(URI, &text);
    // Requests are answered while the check runs.
    let position = json!({ "line": 1, "character": 16 });
    let items = editor.request("textDocument/completion", json!({ "textDocument": { "uri": URI }, "position": position }));
    assert!(items.is_ok_and(|items| items.as_array().is_some_and(|items| !items.is_empty())));
    let count = editor.diagnostics(URI, 1).len();
    assert!((100..=200).contains(&count), "{count} findings");
}
