//! What is offered at a cursor, mostly in texts that do not parse there.

use super::editor::{Editor, apply, cursor};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

const URI: &str = "untitled:config";

fn items(text: &str, with_snippets: bool) -> (String, Vec<Value>) {
    items_with(json!({}), text, with_snippets)
}

fn items_with(options: Value, text: &str, with_snippets: bool) -> (String, Vec<Value>) {
    let (text, position) = cursor(text);
    let capabilities = json!({ "textDocument": { "completion": { "completionItem": { "snippetSupport": with_snippets } } } });
    let mut editor = Editor::with(options, capabilities);
    editor.open(URI, &text);
    let items = editor.about(URI, "completion", json!({ "position": position }));
    let mut items = items.expect("items").as_array().expect("a list").clone();
    items.sort_by_key(|item| item["sortText"].as_str().expect("an order").to_owned());
    (text, items)
}

/// The items in their order; of many the first ones.
fn check(text: &str, expect: Expect) {
    const MOST: usize = 24;
    let (_, items) = items(text, false);
    let mut shown: String =
        items.iter().take(MOST).map(|item| format!("{}: {}\n", text_of(item, "label"), text_of(item, "detail"))).collect();
    if items.len() > MOST {
        shown.push_str("…\n");
    }
    expect.assert_eq(&shown);
}

fn text_of<'i>(item: &'i Value, name: &str) -> &'i str {
    item[name].as_str().unwrap_or("-")
}

/// The text after the item called `label` is taken, places to fill in included.
fn check_taken(text: &str, label: &str, with_snippets: bool, expect: Expect) {
    let (text, items) = items(text, with_snippets);
    let labels: Vec<&str> = items.iter().map(|item| text_of(item, "label")).collect();
    let item = items.iter().find(|item| item["label"] == label).unwrap_or_else(|| panic!("not offered: {labels:?}"));
    expect.assert_eq(&apply(&text, &json!([item["textEdit"]])));
}

#[test]
fn components_at_the_top() {
    check(
        "test.$0\n",
        expect![[r#"
            test.process: component, generally-available
            test.sink: component, generally-available
            test.source: component, generally-available
        "#]],
    );
    check(
        "test.sink \"a\" {\n  url = \"x\"\n}\n\nlogg$0",
        expect![[r#"
            logging: configuration block
            loki.source.gcplog: component, not in this build
        "#]],
    );
    check_taken(
        "test.so$0\n",
        "test.source",
        true,
        expect![[r#"
        test.source "${1:default}" {
        	forward_to = [$2]
        }
    "#]],
    );
    check_taken(
        "test.so$0\n",
        "test.source",
        false,
        expect![[r#"
        test.source
    "#]],
    );
    check_taken(
        "logg$0\n",
        "logging",
        true,
        expect![[r#"
        logging {
        	$0
        }
    "#]],
    );
    // The rest is there already.
    check_taken(
        "test.$0ource \"a\" {\n}\n",
        "test.source",
        true,
        expect![[r#"
            test.source "a" {
            }
        "#]],
    );
}

#[test]
fn components_that_must_be_allowed_first() {
    let labels = |level: &str| {
        let (_, items) = items_with(json!({ "stabilityLevel": level }), "test.uns$0", false);
        items.iter().map(|item| text_of(item, "label").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(labels("generally-available"), [] as [&str; 0]);
    assert_eq!(labels("experimental"), ["test.unsettled"]);
}

#[test]
fn attributes_and_blocks_required_ones_first() {
    check(
        "test.sink \"a\" {\n  $0\n}\n",
        expect![[r#"
        url: string, required
        level: string, default "info"
        timeout: duration, default "10s"
        auth: block
    "#]],
    );
    // What is written already is not offered again; the one under the cursor is.
    check(
        "test.sink \"a\" {\n  url = \"x\"\n  auth {\n  }\n  ti$0\n}\n",
        expect![[r#"
            timeout: duration, default "10s"
        "#]],
    );
    check(
        "test.sink \"a\" {\n  url = \n  $0\n}\n",
        expect![[r#"
        url: string, required
        level: string, default "info"
        timeout: duration, default "10s"
        auth: block
    "#]],
    );
    check(
        "test.sink \"a\" {\n  url = \"x\"\n  auth {\n    $0",
        expect![[r#"
            user: string, required
            password: secret, default (secret)
        "#]],
    );
    check(
        "test.source \"a\" {\n  wh$0",
        expect![[r#"
        whole: bool, default false, deprecated
    "#]],
    );
}

#[test]
fn statements_with_places_to_fill_in() {
    check_taken(
        "test.sink \"a\" {\n\tlev$0\n}\n",
        "level",
        true,
        expect![[r#"
        test.sink "a" {
        	level = "${1|debug,info|}"
        }
    "#]],
    );
    check_taken(
        "test.sink \"a\" {\n\tlev$0\n}\n",
        "level",
        false,
        expect![[r#"
        test.sink "a" {
        	level = 
        }
    "#]],
    );
    check_taken(
        "test.sink \"a\" {\n\tlev$0 = \"info\"\n}\n",
        "level",
        true,
        expect![[r#"
        test.sink "a" {
        	level = "info"
        }
    "#]],
    );
    check_taken(
        "test.sink \"a\" {\n\tau$0\n}\n",
        "auth",
        true,
        expect![[r#"
        test.sink "a" {
        	auth {
        	user = "$1"
        }
        }
    "#]],
    );
    check_taken(
        "test.source \"a\" {\n\tfor$0\n}\n",
        "forward_to",
        true,
        expect![[r#"
        test.source "a" {
        	forward_to = [$1]
        }
    "#]],
    );
    check_taken(
        "test.source \"a\" {\n\tfrom$0\n}\n",
        "from_start",
        true,
        expect![[r#"
        test.source "a" {
        	from_start = ${1|true,false|}
        }
    "#]],
    );
}

#[test]
fn stages_at_any_depth() {
    check(
        "test.process \"p\" {\n  stage.$0\n}\n",
        expect![[r#"
        stage.keep: block, any number
        stage.match: block, any number
    "#]],
    );
    check(
        "test.process \"p\" {\n  stage.match {\n    stage.match {\n      sta$0",
        expect![[r#"
        stage.keep: block, any number
        stage.match: block, any number
    "#]],
    );
    check_taken(
        "test.process \"p\" {\n\tstage.ma$0\n}\n",
        "stage.match",
        true,
        expect![[r#"
        test.process "p" {
        	stage.match {
        	selector = "$1"
        }
        }
    "#]],
    );
}

#[test]
fn values_that_are_accepted() {
    check(
        "test.sink \"a\" {\n  level = \"$0\"\n}\n",
        expect![[r#"
        debug: -
        info: -
    "#]],
    );
    check(
        "test.sink \"a\" {\n  level = \"in$0\n}\n",
        expect![[r#"
        info: -
    "#]],
    );
    check_taken(
        "test.sink \"a\" {\n  level = $0\n}\n",
        "\"info\"",
        false,
        expect![[r#"
        test.sink "a" {
          level = "info"
        }
    "#]],
    );
    check(
        "test.source \"a\" {\n  from_start = t$0\n}\n",
        expect![[r#"
        true: -
        array.concat: array.concat(array, …)
        convert.nonsensitive: convert.nonsensitive(secret)
        encoding.to_URLbase64: encoding.to_URLbase64(text)
        encoding.to_base64: encoding.to_base64(text)
        encoding.to_json: encoding.to_json(object)
        file.path_join: file.path_join(part, …)
        json_path: json_path(json, path)
        string.format: string.format(pattern, value, …)
        string.join: string.join(list, separator)
        string.replace: string.replace(text, old, new)
        string.split: string.split(text, separator)
        string.to_lower: string.to_lower(text)
        string.to_upper: string.to_upper(text)
        string.trim: string.trim(text, characters)
        string.trim_prefix: string.trim_prefix(text, prefix)
        string.trim_space: string.trim_space(text)
        string.trim_suffix: string.trim_suffix(text, suffix)
        constants.arch: -
        constants.hostname: -
        constants.os: -
        constants.version: -
    "#]],
    );
}

const NODES: &str = r#"test.sink "one" {
  url = "x"
}

test.process "two" {
  forward_to = [test.sink.one.receiver]
}

declare "own" {
  argument "to" { }

  export "out" {
    value = 1
  }

  test.sink "inner" {
    url = argument.$1
  }
}

own "three" {
  to = 1
}
"#;

fn after_nodes(text: &str) -> String {
    format!("{}{text}", NODES.replace("$1", "to.value"))
}

#[test]
fn references_that_fit() {
    // Receivers where receivers are wanted, nothing else; not the component itself.
    check(
        &after_nodes("test.source \"s\" {\n  forward_to = [$0\n"),
        expect![[r#"
            test.sink.one.receiver: capsule(loki.LogsReceiver)
            test.process.two.receiver: capsule(loki.LogsReceiver)
            own.three.out: any
        "#]],
    );
    check(
        &after_nodes("test.source \"s\" {\n  forward_to = $0\n}\n"),
        expect![[r#"
            test.sink.one.receiver: capsule(loki.LogsReceiver)
            test.process.two.receiver: capsule(loki.LogsReceiver)
            own.three.out: any
            array.concat: array.concat(array, …)
            coalesce: coalesce(value, …)
        "#]],
    );
    check(
        &after_nodes("test.source \"s\" {\n  forward_to = [\n    test.sink.one.receiver,\n    test.$0\n  ]\n}\n"),
        expect![[r#"
            test.sink.one.receiver: capsule(loki.LogsReceiver)
            test.process.two.receiver: capsule(loki.LogsReceiver)
        "#]],
    );
    check_taken(
        &after_nodes("test.source \"s\" {\n  forward_to = $0\n}\n"),
        "test.sink.one.receiver",
        true,
        expect![[r#"
        test.sink "one" {
          url = "x"
        }

        test.process "two" {
          forward_to = [test.sink.one.receiver]
        }

        declare "own" {
          argument "to" { }

          export "out" {
            value = 1
          }

          test.sink "inner" {
            url = argument.to.value
          }
        }

        own "three" {
          to = 1
        }
        test.source "s" {
          forward_to = [test.sink.one.receiver]
        }
    "#]],
    );
    check("test.process \"self\" {\n  forward_to = [$0]\n}\n", expect![[""]]);
    check(
        &after_nodes("test.sink \"s\" {\n  url = own.$0\n}\n"),
        expect![[r#"
        own.three.out: any
    "#]],
    );
}

#[test]
fn in_a_declare_its_own_names_count() {
    check(
        &NODES.replace("argument.$1", "arg$0"),
        expect![[r#"
            argument.to.value: any
        "#]],
    );
    check(
        "declare \"own\" {\n  arg$0\n}\n",
        expect![[r#"
            argument: block of the language
        "#]],
    );
    check("arg$0\n", expect![""]);
    check(
        &after_nodes("own \"four\" {\n  $0\n}\n"),
        expect![[r#"
            to: any, required
        "#]],
    );
    check(
        &after_nodes("ow$0\n"),
        expect![[r#"
            own: custom component, declared in untitled:config
            loki.source.windowsevent: component, not in this build
            prometheus.exporter.snowflake: component, not in this build
            prometheus.exporter.windows: component, not in this build
        "#]],
    );
}

#[test]
fn in_a_template_the_variable_counts() {
    let text = "test.sink \"out\" {\n  url = \"x\"\n}\n\nforeach \"f\" {\n  collection = [1]\n  var = \"each\"\n\n  template {\n    test.sink \"in\" {\n      url = ea$0\n    }\n  }\n}\n";
    check(
        text,
        expect![[r#"
            each: -
            encoding.from_URLbase64: encoding.from_URLbase64(text)
            encoding.from_base64: encoding.from_base64(text)
            encoding.from_yaml: encoding.from_yaml(text)
            encoding.to_URLbase64: encoding.to_URLbase64(text)
            encoding.to_base64: encoding.to_base64(text)
        "#]],
    );
    check(
        "foreach \"f\" {\n  $0\n}\n",
        expect![[r#"
        collection: list(any), required
        var: string, required
        template: block, required
        id: string, default ""
        hash_string_id: bool, default false
        enable_metrics: bool, default false
    "#]],
    );
}

#[test]
fn functions_with_their_namespaces() {
    check(
        "test.sink \"a\" {\n  url = sys.$0\n}\n",
        expect![[r#"
        sys.env: sys.env(name)
    "#]],
    );
    check(
        "test.sink \"a\" {\n  url = string.to$0\n}\n",
        expect![[r#"
        string.to_lower: string.to_lower(text)
        string.to_upper: string.to_upper(text)
    "#]],
    );
    check_taken(
        "test.sink \"a\" {\n  url = en$0\n}\n",
        "sys.env",
        true,
        expect![[r#"
        test.sink "a" {
          url = sys.env($1)
        }
    "#]],
    );
    check_taken(
        "test.sink \"a\" {\n  url = coalesce(sys.en$0(\"X\"), \"y\")\n}\n",
        "sys.env",
        true,
        expect![[r#"
        test.sink "a" {
          url = coalesce(sys.env("X"), "y")
        }
    "#]],
    );
    check(
        "test.sink \"a\" {\n  url = constants.$0\n}\n",
        expect![[r#"
        constants.arch: -
        constants.hostname: -
        constants.os: -
        constants.version: -
    "#]],
    );
}

#[test]
fn nothing_where_nothing_can_be_foretold() {
    for text in [
        "test.sink \"$0\" {\n}\n",
        "// test.$0\n",
        "/* test.$0 */\n",
        "test.sink \"a\" {\n  url = \"x\" $0\n}\n",
        "test.source \"a\" {\n  targets = [{ $0 }]\n}\n",
        "test.nothing \"a\" {\n  $0\n}\n",
        "test.sink \"a\" {\n  auth {\n    nothing {\n      $0",
        "test.sink $0",
    ] {
        let (_, items) = items(text, true);
        assert_eq!(items, [] as [Value; 0], "{text}");
    }
}

#[test]
fn any_cursor_in_any_prefix_is_answered() {
    let text = after_nodes("test.source \"s\" {\n  targets = [{\"a\" = string.format(\"%s\", sys.env(`é`))}] // é\n}\n");
    let mut editor = Editor::of(URI, "");
    for (version, at) in text.char_indices().map(|(at, _)| at).step_by(3).enumerate() {
        editor.replace(URI, i64::try_from(version).expect("small") + 2, &text[..at]);
        for method in ["completion", "hover", "definition"] {
            let line = text[..at].matches('\n').count();
            for character in [0, 5, 999] {
                let position = json!({ "line": line, "character": character });
                assert!(editor.about(URI, method, json!({ "position": position })).is_ok(), "{method} in {:?}", &text[..at]);
            }
        }
    }
}
