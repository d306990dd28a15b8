//! Quick fixes.

use super::editor::{Editor, URI, apply, place};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

fn actions(editor: &mut Editor, start: Value, end: Value) -> Value {
    let params = json!({ "range": { "start": start, "end": end }, "context": { "diagnostics": [] } });
    editor.about(URI, "codeAction", params).expect("actions")
}

/// The titles of all fixes, then the text after all of them.
fn check(text: &str, expect: Expect) {
    let mut editor = Editor::of(URI, text);
    editor.diagnostics(URI, 1);
    let actions = actions(&mut editor, place(0, 0), place(999, 0));
    let actions = actions.as_array().expect("a list");
    let titles: String = actions.iter().map(|action| format!("{}\n", action["title"].as_str().expect("a title"))).collect();
    let edits = actions.iter().flat_map(|action| action["edit"]["changes"][URI].as_array().expect("edits").clone()).collect();
    expect.assert_eq(&format!("{titles}---\n{}", apply(text, &edits)));
}

#[test]
fn what_was_meant() {
    check(
        r#"test.snik "a" {
}

test.sink "b" {
  ulr   = to_lower("x")
  level = "inof"
}

test.source "c" {
  forward_to = [test.sink.b.reciever, test.sink.bb.receiver]
}

test.sink {
  url = strin.join([], "") + constants.hostnam
}
"#,
        expect![[r#"
            Replace `test.snik` with `test.sink`
            Replace `ulr` with `url`
            Replace `to_lower` with `string.to_lower`
            Replace `"inof"` with `"info"`
            Replace `reciever` with `receiver`
            Insert `"default"`
            Replace `strin.join` with `string.join`
            Replace `hostnam` with `hostname`
            ---
            test.sink "a" {
            }

            test.sink "b" {
              url   = string.to_lower("x")
              level = "info"
            }

            test.source "c" {
              forward_to = [test.sink.b.receiver, test.sink.bb.receiver]
            }

            test.sink "default" {
              url = string.join([], "") + constants.hostname
            }
        "#]],
    );
}

#[test]
fn syntax() {
    check(
        "test.sink \"a\" {\n  url = 'x'\n}\n\ntest.source b {\n  targets = [1 2]\n}\n",
        expect![[r#"
        Replace `'x'` with `"x"`
        Replace `b` with `"b"`
        Insert `,`
        ---
        test.sink "a" {
          url = "x"
        }

        test.source "b" {
          targets = [1, 2]
        }
    "#]],
    );
}

#[test]
fn what_is_missing_is_written() {
    check(
        "declare \"own\" {\n\targument \"one\" { }\n\n\targument \"two\" { }\n}\n\ntest.source \"a\" {\n\tfrom_start = true\n}\n\n\
         test.sink \"b\" { }\n\ntest.process \"c\" {\n\tforward_to = []\n\n\tstage.match {}\n}\n\nown \"d\" { }\n",
        expect![[r#"
            Write `forward_to`
            Write `url`
            Write `selector`
            Write `one` and 1 more
            ---
            declare "own" {
            	argument "one" { }

            	argument "two" { }
            }

            test.source "a" {
            	forward_to = []
            	from_start = true
            }

            test.sink "b" {
            	url = ""
            }

            test.process "c" {
            	forward_to = []

            	stage.match {
            		selector = ""
            	}
            }

            own "d" {
            	one = null
            	two = null
            }
        "#]],
    );
}

#[test]
fn only_what_is_asked_about() {
    let mut editor = Editor::of(URI, "test.sink \"a\" {\n  ulr = \"x\"\n}\n");
    editor.diagnostics(URI, 1);
    assert_eq!(actions(&mut editor, place(0, 3), place(0, 3)), json!([]));
    assert_eq!(actions(&mut editor, place(1, 3), place(1, 3))[0]["title"], "Replace `ulr` with `url`");
    // A finding about another text fixes nothing in this one.
    editor.replace(URI, 2, "\n\ntest.sink \"a\" {\n  ulr = \"x\"\n}\n");
    assert_eq!(actions(&mut editor, place(1, 3), place(1, 3)), json!([]));
}
