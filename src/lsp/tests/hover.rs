//! Documentation under the mouse.

use super::editor::{Editor, URI, cursor, range};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

fn check(text: &str, expect: Expect) {
    let (text, position) = cursor(text);
    let mut editor = Editor::of(URI, &text);
    // Explanations are there once the findings are.
    editor.diagnostics(URI, 1);
    let hover = editor.about(URI, "hover", json!({ "position": position })).expect("an answer");
    let shown = match hover {
        Value::Null => "nothing\n".to_owned(),
        hover => format!("{}\n{}\n", range(&hover["range"]), hover["contents"]["value"].as_str().expect("Markdown")),
    };
    expect.assert_eq(&shown);
}

#[test]
fn components_and_their_parts() {
    check(
        "test.s$0ink \"a\" {\n  url = \"x\"\n}\n",
        expect![[r#"
            0:0-9
            **test.sink** (component, generally-available)

            Takes lines and sends them somewhere.

            Required

            * `url`: string

            Optional: `level`, `timeout`, `auth`

            Exports

            * `receiver`: capsule(loki.LogsReceiver)
        "#]],
    );
    check(
        "test.sink \"a\" {\n  url = \"x\"\n  leve$0l = \"info\"\n}\n",
        expect![[r#"
        2:2-7
        **level** `string, default "info"`

        How much is written.

        One of `"debug"`, `"info"`.
    "#]],
    );
    check(
        "test.sink \"a\" {\n  url = \"x\"\n  au$0th {\n    user = \"u\"\n  }\n}\n",
        expect![[r#"
            2:2-6
            **auth** `block`

            Who asks.

            Required

            * `user`: string

            Optional: `password`
        "#]],
    );
    check(
        "test.process \"a\" {\n  forward_to = []\n  stage.match {\n    selector = \"\"\n    stage.keep {\n      t$0ext = \"\"\n    }\n  }\n}\n",
        expect![[r#"
            5:6-10
            **text** `string, required`

            The text.
        "#]],
    );
    check(
        "logg$0ing { }\n",
        expect![[r#"
        0:0-7
        **logging** (configuration block)

        The program's own log.

        Optional: `level`, `format`, `destination`, `write_to`
    "#]],
    );
    check(
        "declare$0 \"x\" {\n}\n",
        expect![[r#"
        0:0-7
        **declare** (block of the language)

        Describes a custom component, which the rest of the module uses by this label: `argument` blocks are what it is given, `export` blocks what it gives.
    "#]],
    );
}

#[test]
fn references_lead_to_their_documentation() {
    let nodes = "// Where everything goes.\n// Really.\ntest.sink \"a\" {\n  url = \"x\"\n}\n\n";
    check(
        &format!("{nodes}test.source \"s\" {{\n  forward_to = [test.si$0nk.a.receiver]\n}}\n"),
        expect![[r#"
            7:16-27
            **test.sink.a**, line 3 of config.alloy

            Where everything goes.
            Really.

            ---

            **test.sink** (component, generally-available)

            Takes lines and sends them somewhere.

            Required

            * `url`: string

            Optional: `level`, `timeout`, `auth`

            Exports

            * `receiver`: capsule(loki.LogsReceiver)
        "#]],
    );
    check(
        &format!("{nodes}test.source \"s\" {{\n  forward_to = [test.sink.a.rec$0eiver]\n}}\n"),
        expect![[r#"
        7:28-36
        **receiver** `capsule(loki.LogsReceiver)`, exported by `test.sink`

        Takes lines.
    "#]],
    );
    let declare =
        "declare \"own\" {\n  argument \"depth\" {\n    optional = true\n    default  = 5\n    comment  = \"How deep.\"\n  }\n}\n\n";
    check(
        &format!("{declare}own \"o\" {{\n  de$0pth = 1\n}}\n"),
        expect![[r#"
        9:2-7
        **depth** `any, default 5`

        How deep.
    "#]],
    );
    check(
        &declare.replace("}\n}\n", "}\n  test.sink \"x\" {\n    url = argument.dep$0th.value\n  }\n}\n"),
        expect![[r#"
        7:10-24
        **argument.depth**, line 2 of config.alloy

        ---

        **depth** `any, default 5`

        How deep.
    "#]],
    );
}

#[test]
fn the_library() {
    check(
        "test.sink \"a\" {\n  url = sys.en$0v(\"X\")\n}\n",
        expect![[r#"
        1:8-15
        ```alloy
        sys.env(name)
        ```

        The value of an environment variable; an empty string when it is not set. `coalesce` gives it a default.

        ```alloy
        sys.env("NO_SUCH_VARIABLE") => ""
        coalesce(sys.env("NO_SUCH_VARIABLE"), "default") => "default"
        ```
    "#]],
    );
    check(
        "test.sink \"a\" {\n  url = constants.ho$0stname\n}\n",
        expect![[r#"
        1:8-26
        ```alloy
        constants.hostname
        ```

        the name of the machine, empty when it is not known
    "#]],
    );
    check(
        "test.sink \"a\" {\n  url = str$0ing.join([\"a\"], \"\")\n}\n",
        expect![[r#"
        1:8-19
        ```alloy
        string.join(list, separator)
        ```

        Puts the elements of a list into one string, with the separator between them.

        ```alloy
        string.join(["a", "b", 3], ", ") => "a, b, 3"
        string.join([], ", ") => ""
        ```
    "#]],
    );
    check(
        "test.sink \"a\" {\n  url = to_l$0ower(\"X\")\n}\n",
        expect![[r#"
        1:8-16
        ```alloy
        string.to_lower(text)
        ```

        An old name of `string.to_lower`.

        Lower case, character by character.

        ```alloy
        string.to_lower("ÀB1") => "àb1"
        ```

        ---

        **config/deprecated-function**

        A function of the library is called by a former name. It works as before; the message says what it is called now.

        Wrong:

            url = env("URL")

        Right:

            url = sys.env("URL")
    "#]],
    );
}

#[test]
fn findings_are_explained() {
    check(
        "test.sink \"a\" {\n  ulr$0 = \"x\"\n}\n",
        expect![[r#"
        1:2-5
        **decode/unknown-attribute**

        The component or block has no such attribute.
    "#]],
    );
    check(
        "test.sink \"a\" {\n  url = [1$0 2]\n}\n",
        expect![[r#"
        1:10-10
        **syntax/missing-comma**

        The values of a list and the fields of an object are separated by commas. Where the closing bracket stands on a line of its own, a comma follows the last one too.

        Wrong:

            targets = [
              "a",
              "b"
            ]

        Right:

            targets = [
              "a",
              "b",
            ]
    "#]],
    );
}

#[test]
fn nothing_where_nothing_is_known() {
    check(
        "$0\ntest.sink \"a\" {\n  url = \"x\"\n}\n",
        expect![[r#"
        nothing
    "#]],
    );
    check(
        "test.sink \"a\" {\n  url = \"x$0\"\n}\n",
        expect![[r#"
        nothing
    "#]],
    );
}
