//! Mistakes in statements: names, labels, braces, what stands on one line.

use super::check;
use expect_test::expect;

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
            syntax/trailing-comma

              × attributes are separated by line ends, not by commas
               ╭─[config.alloy:2:17]
             1 │ logging {
             2 │   level = "info",
               ·                 ─
             3 │   format = "json",
               ╰────
              help: remove the `,`

            syntax/trailing-comma

              × attributes are separated by line ends, not by commas
               ╭─[config.alloy:3:18]
             2 │   level = "info",
             3 │   format = "json",
               ·                  ─
             4 │ }
               ╰────
              help: remove the `,`

        "#]],
    );
}

#[test]
fn comma_between_blocks() {
    check(
        "rule { }, rule { }\n",
        expect![[r#"
            syntax/trailing-comma

              × blocks are separated by line ends, not by commas
               ╭─[config.alloy:1:9]
             1 │ rule { }, rule { }
               ·         ─
               ╰────
              help: remove the `,` and go on in a new line

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
              help: write `f = 1`

        "#]],
    );
}
