//! Mistakes right of `=`: commas, brackets, operators.

use super::check;
use expect_test::expect;

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
