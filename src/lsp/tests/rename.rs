//! Other names.

use super::editor::{Editor, URI, apply, cursor, place, uri};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

fn rename(text: &str, new: &str) -> Result<String, String> {
    let (text, position) = cursor(text);
    let edit = Editor::of(URI, &text).about(URI, "rename", json!({ "position": position, "newName": new }));
    let edit = edit.map_err(|e| e["message"].as_str().expect("a message").to_owned())?;
    Ok(match &edit["changes"][URI] {
        Value::Null => text,
        edits => apply(&text, edits),
    })
}

/// The lines that change, or why none does.
fn check(text: &str, new: &str, expect: Expect) {
    let shown = match rename(text, new) {
        Err(refusal) => format!("refused: {refusal}\n"),
        Ok(renamed) => {
            let before = text.replacen("$0", "", 1);
            assert_eq!(before.lines().count(), renamed.lines().count());
            let changed = (1..).zip(before.lines().zip(renamed.lines())).filter(|(_, (old, new))| old != new);
            changed.map(|(number, (_, new))| format!("{number}: {}\n", new.trim_start())).collect()
        }
    };
    expect.assert_eq(&shown);
}

const TEXT: &str = r#"test.sink "a" {
  url = "a"
}

test.source "a" {
  forward_to = [test.sink.a.receiver, test.sink . a . receiver]
}

declare "own" {
  argument "a" { }

  export "a" {
    value = argument.a.value
  }

  test.sink "a" {
    url = argument.a.value
  }
}

own "x" {
  a = test.sink.a.receiver
}

test.sink "y" {
  url = own.x.a
}
"#;

fn at(what: &str) -> String {
    TEXT.replacen(what, &format!("$0{what}"), 1)
}

#[test]
fn labels_and_all_that_refer_to_them() {
    check(
        &at("a\" {\n  url"),
        "b",
        expect![[r#"
            1: test.sink "b" {
            6: forward_to = [test.sink.b.receiver, test.sink . b . receiver]
            22: a = test.sink.b.receiver
        "#]],
    );
    check(
        &at("own\" {"),
        "mine",
        expect![[r#"
            9: declare "mine" {
            21: mine "x" {
            26: url = mine.x.a
        "#]],
    );
    check(
        &at("a\" { }"),
        "b",
        expect![[r#"
            10: argument "b" { }
            13: value = argument.b.value
            17: url = argument.b.value
            22: b = test.sink.a.receiver
        "#]],
    );
    check(
        &at("a\" {\n    value"),
        "b",
        expect![[r#"
            12: export "b" {
            26: url = own.x.b
        "#]],
    );
    check(
        &at("x\" {\n  a ="),
        "z",
        expect![[r#"
            21: own "z" {
            26: url = own.z.a
        "#]],
    );
}

#[test]
fn from_a_reference() {
    let text = TEXT.replacen("sink.a.rec", "sink.$0a.rec", 1);
    assert_eq!(rename(&text, "b"), rename(&at("a\" {\n  url"), "b"));
}

#[test]
fn variables_of_a_foreach() {
    let text =
        "foreach \"f\" {\n  collection = [1]\n  var = \"each\"\n\n  template {\n    test.sink \"s\" {\n      url = $0each\n    }\n  }\n}\n";
    check(
        text,
        "one",
        expect![[r#"
            3: var = "one"
            7: url = one
        "#]],
    );
}

#[test]
fn names_that_are_none_or_taken_are_refused() {
    for new in ["", "1a", "a-b", "a.b", "true", "a b", "\"a\"", "y"] {
        check(
            &at("a\" {\n  url"),
            new,
            match new {
                "" => expect![[r#"
                    refused: `` is no name: letters, digits and underscores, no digit first, no keyword
                "#]],
                "1a" => expect![[r#"
                    refused: `1a` is no name: letters, digits and underscores, no digit first, no keyword
                "#]],
                "a-b" => expect![[r#"
                    refused: `a-b` is no name: letters, digits and underscores, no digit first, no keyword
                "#]],
                "a.b" => expect![[r#"
                    refused: `a.b` is no name: letters, digits and underscores, no digit first, no keyword
                "#]],
                "true" => expect![[r#"
                    refused: `true` is no name: letters, digits and underscores, no digit first, no keyword
                "#]],
                "a b" => expect![[r#"
                    refused: `a b` is no name: letters, digits and underscores, no digit first, no keyword
                "#]],
                "\"a\"" => expect![[r#"
                    refused: `"a"` is no name: letters, digits and underscores, no digit first, no keyword
                "#]],
                _ => expect![[r#"
                    refused: `test.sink.y` exists already
                "#]],
            },
        );
    }
    check(
        &at("own\" {"),
        "test",
        expect![[r#"
        refused: `test` is a block that the program has already
    "#]],
    );
    check(
        &at("own\" {"),
        "declare",
        expect![[r#"
        refused: `declare` is a block that the program has already
    "#]],
    );
    check(
        &at("own\" {"),
        "sys",
        expect![[r#"
        refused: `sys` is a block that the program has already
    "#]],
    );
    check(
        &at("url"),
        "uri",
        expect![[r#"
        refused: there is no label or name of this configuration here
    "#]],
    );
    assert_eq!(rename(&at("a\" {\n  url"), "a").as_deref(), Ok(TEXT));
}

#[test]
fn a_name_that_another_would_hide_is_refused() {
    let text = "test.sink \"$0out\" {\n  url = \"x\"\n}\n\nforeach \"f\" {\n  collection = [1]\n  var = \"each\"\n\n  template {\n    test.sink \"in\" {\n      url = \"y\"\n    }\n\n    test.source \"s\" {\n      forward_to = [test.sink.out.receiver]\n    }\n  }\n}\n";
    check(
        text,
        "in",
        expect![[r#"
        refused: `in` would mean something else in one of the places where `out` is used
    "#]],
    );
}

#[test]
fn a_text_that_does_not_parse_is_not_renamed_in_part() {
    check(
        "test.sink \"$0a\" {\n  url = \"x\"\n}\n\ntest.source \"s\" {\n  forward_to = [test.sink.a.receiver 1]\n}\n",
        "b",
        expect![[r#"
        refused: config.alloy has syntax errors: mend them first
    "#]],
    );
}

#[test]
fn what_can_be_renamed_is_shown_before() {
    let prepare = |text: &str| {
        let (text, position) = cursor(text);
        Editor::of(URI, &text).about(URI, "prepareRename", json!({ "position": position })).expect("an answer")
    };
    assert_eq!(prepare(&at("a\" {\n  url"))["placeholder"], "a");
    assert_eq!(prepare(&at("forward_to")), Value::Null);
    assert_eq!(prepare(&at("test.sink.a")), Value::Null, "the name of a component stays");
}

#[test]
fn references_in_other_files_of_the_folder_change_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let [main, uses, own] = ["main.alloy", "uses.alloy", "own.alloy"].map(|name| folder.path().join(name));
    let source = "test.source \"s\" {\n  forward_to = [test.sink.a.receiver]\n}\n";
    std::fs::write(&uses, source).expect("written");
    // This one means its own.
    std::fs::write(&own, format!("{source}\ntest.sink \"a\" {{\n  url = \"x\"\n}}\n")).expect("written");
    let mut editor = Editor::of(&uri(&main), "test.sink \"a\" {\n  url = \"x\"\n}\n");
    let edit = editor.about(&uri(&main), "rename", json!({ "position": place(0, 11), "newName": "b" })).expect("edits");
    let mut changed: Vec<&String> = edit["changes"].as_object().expect("changes").keys().collect();
    changed.sort();
    assert_eq!(changed, [&uri(&main), &uri(&uses)]);
    assert_eq!(apply(source, &edit["changes"][uri(&uses)]), source.replace("sink.a", "sink.b"));
}

#[test]
fn a_definition_is_renamed_where_it_is_imported_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let [main, library] = ["main.alloy", "library.alloy"].map(|name| folder.path().join(name));
    let text = "declare \"send\" {\n  argument \"to\" { }\n}\n";
    let user = "import.file \"lib\" {\n  filename = \"library.alloy\"\n}\n\nlib.send \"a\" {\n  to = 1\n}\n\ntest.sink \"b\" {\n  url = lib.send.a.x\n}\n";
    std::fs::write(&main, user).expect("written");
    let library = uri(&library);
    let mut editor = Editor::of(&library, text);
    let edit = editor.about(&library, "rename", json!({ "position": place(0, 11), "newName": "push" })).expect("edits");
    assert_eq!(apply(text, &edit["changes"][&library]), text.replace("send", "push"));
    assert_eq!(apply(user, &edit["changes"][uri(&main)]), user.replace("send", "push"));
    let edit = editor.about(&library, "rename", json!({ "position": place(1, 13), "newName": "into" })).expect("edits");
    assert_eq!(apply(user, &edit["changes"][uri(&main)]), user.replace("  to", "  into"));
}
