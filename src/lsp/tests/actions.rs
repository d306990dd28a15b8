//! Quick fixes.

use super::editor::{Editor, apply};
use expect_test::{Expect, expect};
use serde_json::json;

const URI: &str = "file:///configs/config.alloy";

/// The titles of all fixes, then the text after all of them.
fn check(text: &str, expect: Expect) {
    let mut editor = Editor::new();
    editor.open(URI, text);
    editor.diagnostics(URI, 1);
    let all = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 999, "character": 0 } });
    let params = json!({ "textDocument": { "uri": URI }, "range": all, "context": { "diagnostics": [] } });
    let actions = editor.request("textDocument/codeAction", params).expect("actions");
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
    let mut editor = Editor::new();
    editor.open(URI, "test.sink \"a\" {\n  ulr = \"x\"\n}\n");
    editor.diagnostics(URI, 1);
    let params = |line: u64| {
        let place = json!({ "line": line, "character": 3 });
        json!({ "textDocument": { "uri": URI }, "range": { "start": place, "end": place }, "context": { "diagnostics": [] } })
    };
    assert_eq!(editor.request("textDocument/codeAction", params(0)), Ok(json!([])));
    assert_eq!(editor.request("textDocument/codeAction", params(1)).expect("actions")[0]["title"], "Replace `ulr` with `url`");
    // A finding about another text fixes nothing in this one.
    editor.replace(URI, 2, "\n\ntest.sink \"a\" {\n  ulr = \"x\"\n}\n");
    assert_eq!(editor.request("textDocument/codeAction", params(1)), Ok(json!([])));
}
