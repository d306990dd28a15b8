//! What people see when they write what people write.

use expect_test::{Expect, expect};
use syntax::{Source, Style, parse, render};

#[track_caller]
fn check(text: &str, expected: Expect) {
    let source = Source::new("config.alloy", text);
    let found = parse(&source).diagnostics;
    expected.assert_eq(&render(&found, Style { color: false }));
}

#[test]
fn hash_comment() {
    check(
        "# scrape everything\nlogging {\n\tlevel = \"info\" # or debug\n}\n",
        expect![[r#"
            syntax/hash-comment

              × `#` begins no comment here
               ╭─[config.alloy:1:1]
             1 │ # scrape everything
               · ─
             2 │ logging {
               ╰────
              help: comments begin with `//`

            syntax/hash-comment

              × `#` begins no comment here
               ╭─[config.alloy:3:17]
             2 │ logging {
             3 │     level = "info" # or debug
               ·                    ─
             4 │ }
               ╰────
              help: comments begin with `//`

        "#]],
    );
}

#[test]
fn colon() {
    check(
        "logging {\n  level: \"info\"\n  format: \"json\"\n}\n",
        expect![[r#"
            syntax/colon

              × values are set with `=`, not with `:`
               ╭─[config.alloy:2:8]
             1 │ logging {
             2 │   level: "info"
               ·        ─
             3 │   format: "json"
               ╰────
              help: write `level = …`

            syntax/colon

              × values are set with `=`, not with `:`
               ╭─[config.alloy:3:9]
             2 │   level: "info"
             3 │   format: "json"
               ·         ─
             4 │ }
               ╰────
              help: write `format = …`

        "#]],
    );
}

#[test]
fn colon_in_object() {
    check(
        "a = {\n  \"x\": 1,\n  \"y\": 2,\n}\n",
        expect![[r#"
            syntax/colon

              × values are set with `=`, not with `:`
               ╭─[config.alloy:2:6]
             1 │ a = {
             2 │   "x": 1,
               ·      ─
             3 │   "y": 2,
               ╰────
              help: write `"x" = …`

            syntax/colon

              × values are set with `=`, not with `:`
               ╭─[config.alloy:3:6]
             2 │   "x": 1,
             3 │   "y": 2,
               ·      ─
             4 │ }
               ╰────
              help: write `"y" = …`

        "#]],
    );
}

#[test]
fn missing_comma_in_list() {
    check(
        "targets = [\n  \"a\",\n  \"b\"\n  \"c\",\n]\n",
        expect![[r#"
            syntax/missing-comma

              × missing `,` after this value
               ╭─[config.alloy:3:6]
             2 │   "a",
             3 │   "b"
               ·      ▲
               ·      ╰── add `,` here
             4 │   "c",
               ╰────

        "#]],
    );
}

#[test]
fn missing_comma_at_the_end() {
    check(
        "targets = [\n  \"a\",\n  \"b\"\n]\nnext = 1\n",
        expect![[r#"
            syntax/missing-comma

              × missing `,` after this value
               ╭─[config.alloy:3:6]
             2 │   "a",
             3 │   "b"
               ·      ▲
               ·      ╰── add `,` here
             4 │ ]
               ╰────
              help: a comma stands after the last value too when `]` is on a line of its own

        "#]],
    );
}

#[test]
fn missing_comma_in_object() {
    check(
        "a = {\n  x = 1\n  y = 2\n  z = 3,\n}\nb = 2\n",
        expect![[r#"
            syntax/missing-comma

              × missing `,` after this field
               ╭─[config.alloy:2:8]
             1 │ a = {
             2 │   x = 1
               ·        ▲
               ·        ╰── add `,` here
             3 │   y = 2
               ╰────

            syntax/missing-comma

              × missing `,` after this field
               ╭─[config.alloy:3:8]
             2 │   x = 1
             3 │   y = 2
               ·        ▲
               ·        ╰── add `,` here
             4 │   z = 3,
               ╰────

        "#]],
    );
}

#[test]
fn missing_commas_on_a_line() {
    check(
        "a = [1 2 3]\nb = [{a = 1} {a = 2}]\n",
        expect![[r#"
            syntax/missing-comma

              × missing `,` after this value
               ╭─[config.alloy:1:7]
             1 │ a = [1 2 3]
               ·       ▲
               ·       ╰── add `,` here
             2 │ b = [{a = 1} {a = 2}]
               ╰────

            syntax/missing-comma

              × missing `,` after this value
               ╭─[config.alloy:2:13]
             1 │ a = [1 2 3]
             2 │ b = [{a = 1} {a = 2}]
               ·             ▲
               ·             ╰── add `,` here
               ╰────

        "#]],
    );
}

#[test]
fn unquoted_label() {
    check(
        "prometheus.scrape default {\n  targets = []\n}\n",
        expect![[r#"
            syntax/unquoted-label

              × the label of a block stands in quotes, but this is `default`
               ╭─[config.alloy:1:19]
             1 │ prometheus.scrape default {
               ·                   ───┬───
               ·                      ╰── quotes are missing
             2 │   targets = []
               ╰────
              help: write `prometheus.scrape "default" {`

        "#]],
    );
}

#[test]
fn shell_variable() {
    check(
        "password = ${PASSWORD}\nuser = $USER\nhost = \"${HOST}\"\n",
        expect![[r#"
            syntax/shell-variable

              × `$` has no meaning outside of strings
               ╭─[config.alloy:1:12]
             1 │ password = ${PASSWORD}
               ·            ─
             2 │ user = $USER
               ╰────
              help: to read an environment variable, write `sys.env("PASSWORD")`

            syntax/shell-variable

              × `$` has no meaning outside of strings
               ╭─[config.alloy:2:8]
             1 │ password = ${PASSWORD}
             2 │ user = $USER
               ·        ─
             3 │ host = "${HOST}"
               ╰────
              help: to read an environment variable, write `sys.env("USER")`

        "#]],
    );
}

#[test]
fn single_quotes() {
    check(
        "level = 'info'\nformat = \"json\"\n",
        expect![[r#"
            syntax/single-quotes

              × strings stand in double quotes
               ╭─[config.alloy:1:9]
             1 │ level = 'info'
               ·         ──────
             2 │ format = "json"
               ╰────
              help: write "info"

        "#]],
    );
}

#[test]
fn smart_quotes() {
    check(
        "level = “info”\n",
        expect![[r#"
            syntax/smart-quotes

              × typographic quotes around a string
               ╭─[config.alloy:1:9]
             1 │ level = “info”
               ·         ──────
               ╰────
              help: write straight quotes: "info"

        "#]],
    );
}

#[test]
fn config_map() {
    check(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: alloy\ndata:\n  config.alloy: |\n    logging {\n      level = \"info\"\n    }\n",
        expect![[r#"
            syntax/foreign-language

              × this is a Kubernetes manifest, not a configuration
               ╭─[config.alloy:1:11]
             1 │ apiVersion: v1
               ·           ─
             2 │ kind: ConfigMap
               ╰────
              help: give only the text below `config.alloy: |`, without its indentation

        "#]],
    );
}

#[test]
fn prometheus_yaml() {
    check(
        "# my config\nglobal:\n  scrape_interval: 15s\nscrape_configs:\n  - job_name: a\n",
        expect![[r#"
            syntax/foreign-language

              × this is YAML, not a configuration
               ╭─[config.alloy:1:1]
             1 │ # my config
               · ─
             2 │ global:
               ╰────
              help: `ferroalloy convert --source-format=prometheus` turns such a file into a configuration

        "#]],
    );
}

#[test]
fn json() {
    check(
        "{\n  \"logging\": { \"level\": \"info\" }\n}\n",
        expect![[r#"
            syntax/foreign-language

              × this is JSON, not a configuration
               ╭─[config.alloy:1:1]
             1 │ {
               · ─
             2 │   "logging": { "level": "info" }
               ╰────
              help: write `name = value` and `name "label" { … }`

        "#]],
    );
}

#[test]
fn unclosed_block() {
    check(
        "logging {\n  level = \"info\"\n\nprometheus.scrape \"a\" {\n  targets = []\n}\n",
        expect![[r#"
            syntax/unclosed

              × missing `}` for the block `logging`
               ╭─[config.alloy:1:9]
             1 │ logging {
               ·         ┬
               ·         ╰── opened here and never closed
             2 │   level = "info"
               ╰────
               ╭─[config.alloy:7:1]
             6 │ }
             7 │ 
               · ▲
               · ╰── the file ends here
               ╰────

        "#]],
    );
}

#[test]
fn unclosed_list() {
    check(
        "prometheus.scrape \"a\" {\n  targets = [\"a\", \"b\"\n  interval = \"10s\"\n}\nlogging { }\n",
        expect![[r#"
            syntax/unclosed

              × missing `]` for `[`
               ╭─[config.alloy:2:22]
             1 │ prometheus.scrape "a" {
             2 │   targets = ["a", "b"
               ·             ┬        ▲
               ·             │        ╰── expected `]` before this ends
               ·             ╰── opened here and never closed
             3 │   interval = "10s"
               ╰────

        "#]],
    );
}

#[test]
fn unclosed_call() {
    check(
        "a = concat([1], [2]\nb = 2\n",
        expect![[r#"
            syntax/unclosed

              × missing `)` for `(`
               ╭─[config.alloy:1:20]
             1 │ a = concat([1], [2]
               ·           ┬        ▲
               ·           │        ╰── expected `)` before this ends
               ·           ╰── opened here and never closed
             2 │ b = 2
               ╰────

        "#]],
    );
}

#[test]
fn unclosed_object() {
    check(
        "a = {\n  x = 1,\nb = 2\nc = 3\n",
        expect![[r#"
            syntax/unclosed

              × missing `}` for `{`
               ╭─[config.alloy:3:6]
             1 │ a = {
               ·     ┬
               ·     ╰── opened here and never closed
             2 │   x = 1,
             3 │ b = 2
               ·      ▲
               ·      ╰── expected `}` before this ends
             4 │ c = 3
               ╰────

        "#]],
    );
}

#[test]
fn unterminated_string() {
    check(
        "level = \"info\nformat = \"json\"\n",
        expect![[r#"
            syntax/unterminated-string

              × this string is not closed
               ╭─[config.alloy:1:9]
             1 │ level = "info
               ·         ──┬──
               ·           ╰── `"` is missing before the end of the line
             2 │ format = "json"
               ╰────
              help: close the string with `"`; text over several lines stands between backticks: `…`

        "#]],
    );
}

#[test]
fn unterminated_raw_string() {
    check(
        "level = `info\nformat = \"json\"\n",
        expect![[r#"
            syntax/unterminated-string

              × this raw string is not closed
               ╭─[config.alloy:1:9]
             1 │ level = `info
               ·         ┬
               ·         ╰── no other backtick follows
             2 │ format = "json"
               ╰────
              help: close the string with a backtick; a backtick itself cannot stand in a raw string

        "#]],
    );
}

#[test]
fn label_with_dash() {
    check(
        "local.file \"api-token\" {\n  filename = \"/x\"\n}\n",
        expect![[r#"
            syntax/bad-label

              × a label is a name, but this is "api-token"
               ╭─[config.alloy:1:12]
             1 │ local.file "api-token" {
               ·            ─────┬─────
               ·                 ╰── `-` cannot stand in a label
             2 │   filename = "/x"
               ╰────
              help: letters, digits and `_` may stand in a label: write "api_token", also where it is referred to

        "#]],
    );
}

#[test]
fn label_with_digit_first() {
    check(
        "local.file \"1st\" {\n}\n",
        expect![[r#"
            syntax/bad-label

              × a label is a name, but this is "1st"
               ╭─[config.alloy:1:12]
             1 │ local.file "1st" {
               ·            ──┬──
               ·              ╰── a label does not begin with a digit
             2 │ }
               ╰────
              help: letters, digits and `_` may stand in a label: write "_1st", also where it is referred to

        "#]],
    );
}

#[test]
fn label_in_backticks() {
    check(
        "local.file `token` {\n}\n",
        expect![[r#"
            syntax/bad-label

              × a label stands in double quotes, not in backticks
               ╭─[config.alloy:1:12]
             1 │ local.file `token` {
               ·            ───────
             2 │ }
               ╰────
              help: write "token"

        "#]],
    );
}

#[test]
fn keyword_label() {
    check(
        "local.file \"null\" {\n}\n",
        expect![[r#"
            syntax/bad-label

              × a label is a name, but this is "null"
               ╭─[config.alloy:1:12]
             1 │ local.file "null" {
               ·            ───┬──
               ·               ╰── a keyword
             2 │ }
               ╰────
              help: choose another name, such as "null_"

        "#]],
    );
}

#[test]
fn double_equals() {
    check(
        "level == \"info\"\n",
        expect![[r#"
            syntax/expected-assignment

              × `==` compares; an attribute is set with a single `=`
               ╭─[config.alloy:1:7]
             1 │ level == "info"
               ·       ──
               ╰────
              help: write `level = …`

        "#]],
    );
}

#[test]
fn dotted_attribute() {
    check(
        "prometheus.remote_write.url = \"http://x\"\n",
        expect![[r#"
            syntax/dotted-attribute

              × an attribute's name has no dots, but this is `prometheus.remote_write.url`
               ╭─[config.alloy:1:1]
             1 │ prometheus.remote_write.url = "http://x"
               · ───────────────────────────
               ╰────
              help: to set `url` inside `prometheus.remote_write`, write `url = …` between the braces of the block
                    `prometheus.remote_write`

        "#]],
    );
}

#[test]
fn labelled_attribute() {
    check(
        "rule \"a\" = {}\n",
        expect![[r#"
            syntax/labelled-attribute

              × an attribute has no label; only blocks have one
               ╭─[config.alloy:1:6]
             1 │ rule "a" = {}
               ·      ───
               ╰────
              help: write `rule = …` for an attribute, or drop the `=` for a block: `rule "a" {`

        "#]],
    );
}

#[test]
fn stray_brace() {
    check(
        "logging {\n  level = \"info\"\n}\n}\n",
        expect![[r#"
            syntax/stray-brace

              × this `}` closes nothing
               ╭─[config.alloy:4:1]
             3 │ }
             4 │ }
               · ┬
               · ╰── no block is open here
               ╰────
              help: remove it, or look for a block above that is closed too early

        "#]],
    );
}

#[test]
fn stray_bracket() {
    check(
        "a = 1]\nb = 2\n",
        expect![[r#"
            syntax/unexpected

              × expected the end of the line after this statement, found `]`
               ╭─[config.alloy:1:6]
             1 │ a = 1]
               ·      ┬
               ·      ╰── nothing is open that this could close
             2 │ b = 2
               ╰────

        "#]],
    );
}

#[test]
fn placeholder() {
    check(
        "prometheus.remote_write \"x\" {\n  endpoint {\n    url = <URL>\n  }\n}\n",
        expect![[r#"
            syntax/expected-value

              × expected a value after `=`, found `<`
               ╭─[config.alloy:3:11]
             2 │   endpoint {
             3 │     url = <URL>
               ·           ─
             4 │   }
               ╰────
              help: replace the placeholder `<…>` with a value

        "#]],
    );
}

#[test]
fn left_out() {
    check(
        "prometheus.scrape \"x\" {\n  targets = [...]\n  ...\n}\n",
        expect![[r#"
            syntax/expected-value

              × expected a value in the list, found `.`
               ╭─[config.alloy:2:14]
             1 │ prometheus.scrape "x" {
             2 │   targets = [...]
               ·              ─
             3 │   ...
               ╰────
              help: `...` stands for something left out: replace it with a value

            syntax/expected-name

              × a statement begins with a name, but this is `.`
               ╭─[config.alloy:3:3]
             2 │   targets = [...]
             3 │   ...
               ·   ─
             4 │ }
               ╰────
              help: `...` stands for something left out: replace it, or put it behind `//`

        "#]],
    );
}

#[test]
fn brace_on_next_line() {
    check(
        "logging\n{\n  level = \"info\"\n}\n",
        expect![[r#"
            syntax/expected-assignment

              × the `{` of a block stands on the line of its name, `logging`
               ╭─[config.alloy:1:8]
             1 │ logging
               ·        ▲
               ·        ╰── `{` belongs here
             2 │ {
               · ┬
               · ╰── not on a line of its own
             3 │   level = "info"
               ╰────
              help: write `logging {` on one line

        "#]],
    );
}

#[test]
fn labelled_brace_on_next_line() {
    check(
        "local.file \"x\"\n{\n  filename = \"info\"\n}\n",
        expect![[r#"
            syntax/expected-block

              × expected `{` after the label, found the end of the line
               ╭─[config.alloy:1:15]
             1 │ local.file "x"
               ·               ▲
               ·               ╰── `{` belongs here
             2 │ {
               · ┬
               · ╰── not on a line of its own
             3 │   filename = "info"
               ╰────
              help: write `local.file "x" {` on one line

        "#]],
    );
}

#[test]
fn two_statements_on_a_line() {
    check(
        "a = 1 b = 2\n",
        expect![[r#"
            syntax/unexpected

              × expected the end of the line after this statement, found `b`
               ╭─[config.alloy:1:7]
             1 │ a = 1 b = 2
               ·       ─
               ╰────
              help: write each statement on a line of its own

        "#]],
    );
}

#[test]
fn comma_after_attribute() {
    check(
        "logging {\n  level = \"info\",\n  format = \"json\",\n}\n",
        expect![[r#"
            syntax/unexpected

              × expected the end of the line after this statement, found `,`
               ╭─[config.alloy:2:17]
             1 │ logging {
             2 │   level = "info",
               ·                 ─
             3 │   format = "json",
               ╰────
              help: attributes are separated by line ends, not by commas: remove the `,`; a list stands in `[ … ]`

        "#]],
    );
}

#[test]
fn comma_between_blocks() {
    check(
        "rule { }, rule { }\n",
        expect![[r#"
            syntax/unexpected

              × expected the end of the line after this statement, found `,`
               ╭─[config.alloy:1:9]
             1 │ rule { }, rule { }
               ·         ─
               ╰────
              help: blocks are separated by line ends, not by commas: remove the `,`

        "#]],
    );
}

#[test]
fn semicolon() {
    check(
        "a = 1;\nb = 2;\n",
        expect![[r#"
            syntax/illegal-character

              × `;` cannot stand here
               ╭─[config.alloy:1:6]
             1 │ a = 1;
               ·      ─
             2 │ b = 2;
               ╰────
              help: statements end where the line ends: remove the `;`

            syntax/illegal-character

              × `;` cannot stand here
               ╭─[config.alloy:2:6]
             1 │ a = 1;
             2 │ b = 2;
               ·      ─
               ╰────
              help: statements end where the line ends: remove the `;`

        "#]],
    );
}

#[test]
fn unquoted_duration() {
    check(
        "interval = 10s\ntimeout = 1.5h\n",
        expect![[r#"
            syntax/unexpected

              × expected the end of the line after this statement, found `s`
               ╭─[config.alloy:1:14]
             1 │ interval = 10s
               ·              ─
             2 │ timeout = 1.5h
               ╰────
              help: text with spaces, units or dashes stands in double quotes: `"10s"`, `"5MiB"`

            syntax/unexpected

              × expected the end of the line after this statement, found `h`
               ╭─[config.alloy:2:14]
             1 │ interval = 10s
             2 │ timeout = 1.5h
               ·              ─
               ╰────
              help: text with spaces, units or dashes stands in double quotes: `"10s"`, `"5MiB"`

        "#]],
    );
}

#[test]
fn unquoted_url() {
    check(
        "url = http://localhost:9090\n",
        expect![[r#"
            syntax/illegal-character

              × `:` cannot stand here
               ╭─[config.alloy:1:11]
             1 │ url = http://localhost:9090
               ·           ─
               ╰────
              help: text stands in double quotes: `"http://localhost:9090"`, `"10:30"`

        "#]],
    );
}

#[test]
fn unquoted_path() {
    check(
        "path = /var/log/*.log\n",
        expect![[r#"
            syntax/expected-value

              × expected a value after `=`, found `/`
               ╭─[config.alloy:1:8]
             1 │ path = /var/log/*.log
               ·        ─
               ╰────
              help: text stands in double quotes

        "#]],
    );
}

#[test]
fn missing_value() {
    check(
        "a =\nb = 2\n",
        expect![[r#"
            syntax/expected-value

              × the value before this line is missing
               ╭─[config.alloy:2:3]
             1 │ a =
               ·   ┬
               ·   ╰── nothing follows this `=`
             2 │ b = 2
               ·   ─
               ╰────

        "#]],
    );
}

#[test]
fn missing_value_at_the_end() {
    check(
        "b {\n  a =\n}\n",
        expect![[r#"
            syntax/expected-value

              × expected a value after `=`, found `}`
               ╭─[config.alloy:3:1]
             1 │ b {
             2 │   a =
               ·     ┬
               ·     ╰── the value is missing here
             3 │ }
               · ─
               ╰────

        "#]],
    );
}

#[test]
fn missing_operand() {
    check(
        "a = 1 +\n}\n",
        expect![[r#"
            syntax/expected-value

              × expected a value after `+`, found `}`
               ╭─[config.alloy:2:1]
             1 │ a = 1 +
               ·       ┬
               ·       ╰── the value is missing here
             2 │ }
               · ─
               ╰────

        "#]],
    );
}

#[test]
fn block_as_value() {
    check(
        "a = b \"c\" {\n  d = 1\n}\n",
        expect![[r#"
            syntax/block-as-value

              × a block cannot be the value of an attribute
               ╭─[config.alloy:1:5]
             1 │ a = b "c" {
               ·     ─────
             2 │   d = 1
               ╰────
              help: for a block, drop the `=`: `a { … }`; for an object, drop `b`: `a = { … }`

        "#]],
    );
}

#[test]
fn block_in_object() {
    check(
        "a = {\n  b {\n    c = 1\n  },\n}\n",
        expect![[r#"
            syntax/expected-field

              × expected `=` after the field name b, found `{`
               ╭─[config.alloy:2:5]
             1 │ a = {
             2 │   b {
               ·     ─
             3 │     c = 1
               ╰────
              help: an object holds no blocks; write `b = { … }`

        "#]],
    );
}

#[test]
fn bad_escape() {
    check(
        "regex = \"\\d+\\.\\w\"\n",
        expect![[r#"
            syntax/bad-escape

              × `\d` is no escape sequence
               ╭─[config.alloy:1:10]
             1 │ regex = "\d+\.\w"
               ·          ──
               ╰────
              help: write `\\` for a backslash, or put the text between backticks, where backslashes stand for
                    themselves: `\d+`

        "#]],
    );
}

#[test]
fn ternary() {
    check(
        "a = b ? 1 : 2\n",
        expect![[r#"
            syntax/illegal-character

              × `?` cannot stand here
               ╭─[config.alloy:1:7]
             1 │ a = b ? 1 : 2
               ·       ─
               ╰────
              help: there is no conditional operator

        "#]],
    );
}

#[test]
fn words_as_operators() {
    check(
        "a = b and c\n",
        expect![[r#"
            syntax/unexpected

              × expected the end of the line after this statement, found `and`
               ╭─[config.alloy:1:7]
             1 │ a = b and c
               ·       ───
               ╰────
              help: there are no such words in expressions; use the operators `&&`, `||`, `!` and functions

        "#]],
    );
}

#[test]
fn call_as_statement() {
    check(
        "concat([1], [2])\n",
        expect![[r#"
            syntax/expected-assignment

              × `concat(…)` is a call, but a statement must set something
               ╭─[config.alloy:1:7]
             1 │ concat([1], [2])
               ·       ─
               ╰────
              help: give the result to an attribute: `some_name = concat(…)`

        "#]],
    );
}

#[test]
fn yaml_list() {
    check(
        "targets:\n  - a\n  - b\n",
        expect![[r#"
            syntax/foreign-language

              × this is YAML, not a configuration
               ╭─[config.alloy:1:8]
             1 │ targets:
               ·        ─
             2 │   - a
               ╰────
              help: write `name = value` instead of `name: value`, and braces instead of indentation

        "#]],
    );
}

#[test]
fn quoted_attribute() {
    check(
        "\"level\" = \"info\"\n",
        expect![[r#"
            syntax/expected-name

              × a statement begins with a name, but this is `"level"`
               ╭─[config.alloy:1:1]
             1 │ "level" = "info"
               · ───────
               ╰────
              help: names of attributes have no quotes: write `level = …`

        "#]],
    );
}

#[test]
fn lone_name() {
    check(
        "logging {\n  level\n}\n",
        expect![[r#"
            syntax/expected-assignment

              × `level` stands alone: expected `=` and a value, or a block
               ╭─[config.alloy:2:8]
             1 │ logging {
             2 │   level
               ·        ▲
               ·        ╰── `=` or `{` is missing here
             3 │ }
               ╰────
              help: write `level = …` for an attribute, `level { … }` for a block; `{` stands on the same line

        "#]],
    );
}

#[test]
fn export_keyword() {
    check(
        "export a = 1\n",
        expect![[r#"
            syntax/expected-assignment

              × expected `=` or a block after `export`, found `a`
               ╭─[config.alloy:1:8]
             1 │ export a = 1
               ·        ─
               ╰────
              help: a value is set without `export`: `a = …`

        "#]],
    );
}

#[test]
fn no_break_space() {
    check(
        "a\u{a0}= 1\n",
        expect![[r#"
            syntax/illegal-character

              × U+00A0 looks like a space but is none
               ╭─[config.alloy:1:2]
             1 │ a = 1
               ·  ─
               ╰────
              help: replace it with a plain space; it often comes with text copied from a web page

        "#]],
    );
}

#[test]
fn nul() {
    check(
        "a = 1\0\0\0\n",
        expect![[r#"
            syntax/binary

              × a NUL byte: this is not a text file
               ╭─[config.alloy:1:6]
             1 │ a = 1���
               ·      ─
               ╰────
              help: configurations are UTF-8 text; a file saved as UTF-16 must be converted

        "#]],
    );
}

#[test]
fn long_line() {
    check(
        &format!("a = [{}2 3{}]\n", "1, ".repeat(400), ", 4".repeat(400)),
        expect![[r#"
            syntax/missing-comma

              × missing `,` after this value
               ╭─[config.alloy:1:1207]
             1 │ …, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, …
               ·                                                              ▲
               ·                                                              ╰── add `,` here
               ╰────

        "#]],
    );
}

#[test]
fn crlf() {
    check(
        "a = [\r\n  1\r\n  2,\r\n]\r\n",
        expect![[r#"
            syntax/missing-comma

              × missing `,` after this value
               ╭─[config.alloy:2:4]
             1 │ a = [
             2 │   1
               ·    ▲
               ·    ╰── add `,` here
             3 │   2,
               ╰────

        "#]],
    );
}

#[test]
fn operator_at_line_start() {
    check(
        "a = 1\n  + 2\n",
        expect![[r#"
            syntax/expected-name

              × a statement begins with a name, but this is `+`
               ╭─[config.alloy:2:3]
             1 │ a = 1
             2 │   + 2
               ·   ─
               ╰────
              help: a value ends where its line ends: to go on in the next line, end the line above with the operator

        "#]],
    );
}

#[test]
fn pipe() {
    check(
        "a = b | upper\n",
        expect![[r#"
            syntax/illegal-character

              × `|` is no operator
               ╭─[config.alloy:1:7]
             1 │ a = b | upper
               ·       ─
               ╰────
              help: write `||`

        "#]],
    );
}

#[test]
fn index_with_string_access() {
    check(
        "a = b.\"c\"\n",
        expect![[r#"
            syntax/expected-name

              × expected a name after `.`, found `"c"`
               ╭─[config.alloy:1:7]
             1 │ a = b."c"
               ·       ───
               ╰────
              help: write `["c"]` to look up a key in quotes

        "#]],
    );
}

#[test]
fn several() {
    check(
        "a = [1 2]\nb = 'x'\nc {\n  d == 1\n  e \"x-y\" {\n    f: 1\n  }\n}\ng = 1\n",
        expect![[r#"
            syntax/missing-comma

              × missing `,` after this value
               ╭─[config.alloy:1:7]
             1 │ a = [1 2]
               ·       ▲
               ·       ╰── add `,` here
             2 │ b = 'x'
               ╰────

            syntax/single-quotes

              × strings stand in double quotes
               ╭─[config.alloy:2:5]
             1 │ a = [1 2]
             2 │ b = 'x'
               ·     ───
             3 │ c {
               ╰────
              help: write "x"

            syntax/expected-assignment

              × `==` compares; an attribute is set with a single `=`
               ╭─[config.alloy:4:5]
             3 │ c {
             4 │   d == 1
               ·     ──
             5 │   e "x-y" {
               ╰────
              help: write `d = …`

            syntax/bad-label

              × a label is a name, but this is "x-y"
               ╭─[config.alloy:5:5]
             4 │   d == 1
             5 │   e "x-y" {
               ·     ──┬──
               ·       ╰── `-` cannot stand in a label
             6 │     f: 1
               ╰────
              help: letters, digits and `_` may stand in a label: write "x_y", also where it is referred to

            syntax/colon

              × values are set with `=`, not with `:`
               ╭─[config.alloy:6:6]
             5 │   e "x-y" {
             6 │     f: 1
               ·      ─
             7 │   }
               ╰────
              help: write `f = …`

        "#]],
    );
}

