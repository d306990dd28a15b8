//! What is right in another language: shells, YAML, JSON, text without quotes.

use super::check;
use expect_test::expect;

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
              help: comments begin with `//`: write `// scrape everything`

            syntax/hash-comment

              × `#` begins no comment here
               ╭─[config.alloy:3:17]
             2 │ logging {
             3 │     level = "info" # or debug
               ·                    ─
             4 │ }
               ╰────
              help: comments begin with `//`: write `// or debug`

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
              help: write `level = "info"`

            syntax/colon

              × values are set with `=`, not with `:`
               ╭─[config.alloy:3:9]
             2 │   level: "info"
             3 │   format: "json"
               ·         ─
             4 │ }
               ╰────
              help: write `format = "json"`

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
              help: write `"x" = 1`

            syntax/colon

              × values are set with `=`, not with `:`
               ╭─[config.alloy:3:6]
             2 │   "x": 1,
             3 │   "y": 2,
               ·      ─
             4 │ }
               ╰────
              help: write `"y" = 2`

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

            syntax/shell-variable

              ⚠ `${HOST}` is not replaced here, it is part of the text
               ╭─[config.alloy:3:9]
             2 │ user = $USER
             3 │ host = "${HOST}"
               ·         ───────
               ╰────
              help: write `sys.env("HOST")`, without quotes

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
              help: give only the text below `config.alloy: |`, without its indentation: `kubectl get configmap alloy -o
                    jsonpath='{.data.config\.alloy}'` prints it

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
              help: `alloy convert --source-format=prometheus` of Grafana Alloy turns such a file into a configuration

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
              help: text stands in double quotes: `"10s"`

            syntax/unexpected

              × expected the end of the line after this statement, found `h`
               ╭─[config.alloy:2:14]
             1 │ interval = 10s
             2 │ timeout = 1.5h
               ·              ─
               ╰────
              help: text stands in double quotes: `"1.5h"`

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
              help: replace the placeholder `<URL>` with a value; text stands in double quotes

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
