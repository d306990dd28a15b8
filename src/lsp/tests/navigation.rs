//! Definitions, uses and outlines.

use super::editor::{Editor, URI, cursor, place, range, uri};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

const TEXT: &str = r#"test.sink "a" {
  url = "x"
}

declare "own" {
  argument "to" { }

  export "out" {
    value = test.sink.a.receiver
  }

  test.sink "a" {
    url = argument.to.value
  }
}

own "o" {
  to = test.sink.a.receiver
}

test.source "s" {
  forward_to = [test.sink.a.receiver, own.o.out]
}

foreach "f" {
  collection = [1]
  var        = "each"

  template {
    test.sink "b" {
      url = each + test.sink.a.receiver
    }

    test.source "s" {
      forward_to = [test.sink.b.receiver]
    }
  }
}
"#;

/// The text with the cursor before the `nth` occurrence of `what`, counted from 0.
fn at(what: &str, nth: usize) -> String {
    let (start, _) = TEXT.match_indices(what).nth(nth).expect("it occurs");
    format!("{}$0{}", &TEXT[..start], &TEXT[start..])
}

fn ask(method: &str, text: &str) -> Value {
    let (text, position) = cursor(text);
    let mut editor =
        Editor::with(json!({}), json!({ "textDocument": { "documentSymbol": { "hierarchicalDocumentSymbolSupport": true } } }));
    editor.open(URI, &text);
    let context = json!({ "includeDeclaration": true });
    editor.about(URI, method, json!({ "position": position, "context": context })).expect("an answer")
}

fn line(location: &Value) -> String {
    let line = location["range"]["start"]["line"].as_u64().expect("a line");
    let text = TEXT.lines().nth(usize::try_from(line).expect("small")).unwrap_or_default();
    format!("{} {}\n", range(&location["range"]), text.trim())
}

fn check_definition(text: &str, expect: Expect) {
    expect.assert_eq(&match ask("definition", text) {
        Value::Null => "nothing\n".to_owned(),
        location => line(&location),
    });
}

fn check_references(text: &str, expect: Expect) {
    let found = ask("references", text);
    expect.assert_eq(&found.as_array().expect("a list").iter().map(line).collect::<String>());
}

#[test]
fn definitions() {
    check_definition(
        &at("test.sink.a.receiver", 2),
        expect![[r#"
        0:11-12 test.sink "a" {
    "#]],
    );
    // Inside of a declare its own nodes count.
    check_definition(
        &at("test.sink.a.receiver", 0),
        expect![[r#"
        11:13-14 test.sink "a" {
    "#]],
    );
    check_definition(
        &at("argument.to", 0),
        expect![[r#"
        5:12-14 argument "to" { }
    "#]],
    );
    check_definition(
        &at("own \"o\"", 0),
        expect![[r#"
        4:9-12 declare "own" {
    "#]],
    );
    check_definition(
        &at("to = test", 0),
        expect![[r#"
        5:12-14 argument "to" { }
    "#]],
    );
    check_definition(
        &at("out]", 0),
        expect![[r#"
        7:10-13 export "out" {
    "#]],
    );
    // What a template does not have itself, it finds outside.
    check_definition(
        &at("test.sink.a.receiver", 3),
        expect![[r#"
        0:11-12 test.sink "a" {
    "#]],
    );
    check_definition(
        &at("each +", 0),
        expect![[r#"
        26:16-20 var        = "each"
    "#]],
    );
    check_definition(
        &at("collection", 0),
        expect![[r#"
        nothing
    "#]],
    );
}

#[test]
fn references() {
    check_references(
        &at("\"a\"", 0),
        expect![[r#"
        0:11-12 test.sink "a" {
        17:17-18 to = test.sink.a.receiver
        21:26-27 forward_to = [test.sink.a.receiver, own.o.out]
        30:29-30 url = each + test.sink.a.receiver
    "#]],
    );
    check_references(
        &at("\"a\"", 1),
        expect![[r#"
        8:22-23 value = test.sink.a.receiver
        11:13-14 test.sink "a" {
    "#]],
    );
    check_references(
        &at("own", 0),
        expect![[r#"
            4:9-12 declare "own" {
            16:0-3 own "o" {
            21:38-41 forward_to = [test.sink.a.receiver, own.o.out]
        "#]],
    );
    check_references(
        &at("\"to\"", 0),
        expect![[r#"
        5:12-14 argument "to" { }
        12:19-21 url = argument.to.value
        17:2-4 to = test.sink.a.receiver
    "#]],
    );
    check_references(
        &at("\"out\"", 0),
        expect![[r#"
        7:10-13 export "out" {
        21:44-47 forward_to = [test.sink.a.receiver, own.o.out]
    "#]],
    );
    check_references(
        &at("each", 1),
        expect![[r#"
        26:16-20 var        = "each"
        30:12-16 url = each + test.sink.a.receiver
    "#]],
    );
    check_references(&at("url", 0), expect![[""]]);
}

#[test]
fn uses_in_the_document_are_highlighted() {
    let found = ask("documentHighlight", &at("\"o\"", 0));
    let kinds: Vec<String> = found.as_array().expect("a list").iter().map(|h| format!("{} {}", range(&h["range"]), h["kind"])).collect();
    expect![[r#"
        16:5-6 3
        21:42-43 2"#]]
    .assert_eq(&kinds.join("\n"));
}

#[test]
fn a_broken_text_has_an_outline() {
    let text = "test.sink \"a\" {\n  url = [1 2]\n  auth {\n    user = \"x\"\n  }\n}\n\nlogging {\n\ntest.source \"b\" {\n$0";
    let symbols = ask("documentSymbol", text);
    fn shown(symbols: &Value, indent: usize) -> String {
        let one = |s: &Value| {
            let name = s["name"].as_str().expect("a name");
            format!("{:indent$}{name} {} {}\n{}", "", range(&s["range"]), range(&s["selectionRange"]), shown(&s["children"], indent + 2))
        };
        symbols.as_array().expect("symbols").iter().map(one).collect()
    }
    expect![[r#"
        test.sink "a" 0:0-5:1 0:0-13
          auth 2:2-4:3 2:2-6
        logging 7:0-10:0 7:0-7
          test.source "b" 9:0-10:0 9:0-15
    "#]]
    .assert_eq(&shown(&symbols, 0));
    let list = Editor::of(URI, &text.replace("$0", "")).about(URI, "documentSymbol", json!({})).expect("symbols");
    let names: Vec<String> = list.as_array().expect("a list").iter().map(|s| format!("{} in {}", s["name"], s["containerName"])).collect();
    expect![[r#"
        "test.sink \"a\"" in ""
        "auth" in "test.sink \"a\""
        "logging" in ""
        "test.source \"b\"" in "logging""#]]
    .assert_eq(&names.join("\n"));
}

#[test]
fn definitions_in_other_files_of_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("sinks.alloy"), "// é\ntest.sink \"shared\" {\n  url = \"x\"\n}\n").expect("written");
    let main = uri(&folder.path().join("main.alloy"));
    for (mode, expected) in [("auto", "1:11-17"), ("file", "nothing")] {
        let mut editor = Editor::with(json!({ "folder": mode }), json!({}));
        editor.open(&main, "test.source \"s\" {\n  forward_to = [test.sink.shared.receiver]\n}\n");
        let found = editor.about(&main, "definition", json!({ "position": place(1, 20) })).expect("an answer");
        let shown = if found.is_null() { "nothing".to_owned() } else { range(&found["range"]) };
        assert_eq!(shown, expected, "{mode}");
        assert!(found.is_null() || found["uri"] == uri(&folder.path().join("sinks.alloy")));
    }
}

#[test]
fn imported_files_are_looked_into() {
    let folder = tempfile::tempdir().expect("a folder");
    let library = folder.path().join("modules");
    std::fs::create_dir(&library).expect("a folder");
    let text =
        "// Sends all of it.\ndeclare \"send\" {\n  argument \"to\" { }\n\n  export \"done\" {\n    value = argument.to.value\n  }\n}\n";
    std::fs::write(library.join("send.alloy"), text).expect("written");
    let main = uri(&folder.path().join("main.alloy"));
    let text = "import.file \"lib\" {\n  filename = \"./modules\"\n}\n\nlib.send \"a\" {\n  to = 1\n}\n\ntest.sink \"b\" {\n  url = lib.send.a.done\n}\n\nlib.\n";
    let mut editor = Editor::of(&main, text);
    let mut ask = |method: &str, line, character| {
        let context = json!({ "includeDeclaration": true });
        editor.about(&main, method, json!({ "position": place(line, character), "context": context })).expect("an answer")
    };
    let mut definition = |line, character| {
        let found = ask("definition", line, character);
        format!("{} {}", found["uri"].as_str().and_then(|uri| uri.rsplit('/').next()).unwrap_or("nowhere"), range(&found["range"]))
    };
    assert_eq!(definition(4, 1), "main.alloy 0:13-16", "the namespace");
    assert_eq!(definition(4, 6), "send.alloy 1:9-13", "the definition");
    assert_eq!(definition(5, 3), "send.alloy 2:12-14", "the argument");
    assert_eq!(definition(9, 20), "send.alloy 4:10-14", "the export");
    assert_eq!(definition(9, 17), "main.alloy 4:10-11", "the component");
    let uses = ask("references", 4, 6);
    let lines: Vec<&Value> = uses.as_array().expect("a list").iter().map(|u| &u["range"]["start"]["line"]).collect();
    assert_eq!(lines, [4, 9, 1]);
    let hover = ask("hover", 4, 6);
    assert!(hover["contents"]["value"].as_str().is_some_and(|text| text.contains("Sends all of it.")), "{hover}");
    let items = ask("completion", 12, 4);
    let labels: Vec<&Value> = items.as_array().expect("items").iter().map(|item| &item["label"]).collect();
    assert_eq!(labels, ["lib.send"]);
}
