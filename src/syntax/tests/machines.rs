//! The forms of diagnostics that programs read.

use expect_test::expect;
use syntax::{Diagnostic, Source, Style, parse, render, render_json, render_sarif, render_short};

fn findings() -> Vec<Diagnostic> {
    let source = Source::new("dir/my config.alloy", "é = [1 2]\n");
    let mut found = parse(&source).diagnostics;
    found[0] = found[0].clone().label(syntax::Span::new(0, 2), "in this attribute");
    found.push(Diagnostic::global("runtime/example", "nothing to run").hint("give a file"));
    found
}

#[test]
fn short() {
    expect![[r#"
        dir/my config.alloy:1:8: error[syntax/missing-comma]: missing `,` after this value
        error[runtime/example]: nothing to run
          help: give a file
    "#]]
    .assert_eq(&render_short(&findings()));
}

#[test]
fn graphical() {
    expect![[r#"
        syntax/missing-comma

          × missing `,` after this value
           ╭─[dir/my config.alloy:1:8]
         1 │ é = [1 2]
           · ┬     ▲
           · │     ╰── add `,` here
           · ╰── in this attribute
           ╰────

        runtime/example

          × nothing to run
          help: give a file

    "#]]
    .assert_eq(&render(&findings(), Style { color: false }));
}

#[test]
fn colors_are_used_when_asked_for() {
    assert!(render(&findings(), Style { color: true }).contains("\u{1b}["));
    assert!(!render(&findings(), Style { color: false }).contains('\u{1b}'));
}

#[test]
fn json() {
    expect![[r#"
        [
          {
            "severity": "error",
            "code": "syntax/missing-comma",
            "message": "missing `,` after this value",
            "file": "dir/my config.alloy",
            "span": {
              "start": {
                "line": 1,
                "column": 8,
                "offset": 7
              },
              "end": {
                "line": 1,
                "column": 8,
                "offset": 7
              }
            },
            "here": "add `,` here",
            "labels": [
              {
                "span": {
                  "start": {
                    "line": 1,
                    "column": 1,
                    "offset": 0
                  },
                  "end": {
                    "line": 1,
                    "column": 3,
                    "offset": 2
                  }
                },
                "text": "in this attribute"
              }
            ],
            "hints": []
          },
          {
            "severity": "error",
            "code": "runtime/example",
            "message": "nothing to run",
            "file": null,
            "span": null,
            "here": "",
            "labels": [],
            "hints": [
              "give a file"
            ]
          }
        ]"#]]
    .assert_eq(&render_json(&findings()));
}

#[test]
fn sarif() {
    expect![[r#"
        {
          "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
          "version": "2.1.0",
          "runs": [
            {
              "tool": {
                "driver": {
                  "name": "ferroalloy",
                  "version": "0.1.0",
                  "rules": [
                    {
                      "id": "runtime/example"
                    },
                    {
                      "id": "syntax/missing-comma",
                      "fullDescription": {
                        "text": "The values of a list and the fields of an object are separated by commas. Where the closing bracket stands on a line of its own, a comma follows the last one too.\n\nWrong:\n    targets = [\n      \"a\",\n      \"b\"\n    ]\n\nRight:\n    targets = [\n      \"a\",\n      \"b\",\n    ]"
                      }
                    }
                  ]
                }
              },
              "columnKind": "unicodeCodePoints",
              "results": [
                {
                  "ruleId": "syntax/missing-comma",
                  "ruleIndex": 1,
                  "level": "error",
                  "message": {
                    "text": "missing `,` after this value"
                  },
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "dir/my%20config.alloy"
                        },
                        "region": {
                          "startLine": 1,
                          "startColumn": 7,
                          "endLine": 1,
                          "endColumn": 7
                        }
                      }
                    }
                  ],
                  "relatedLocations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "dir/my%20config.alloy"
                        },
                        "region": {
                          "startLine": 1,
                          "startColumn": 1,
                          "endLine": 1,
                          "endColumn": 2
                        }
                      },
                      "id": 0,
                      "message": {
                        "text": "in this attribute"
                      }
                    }
                  ]
                },
                {
                  "ruleId": "runtime/example",
                  "ruleIndex": 0,
                  "level": "error",
                  "message": {
                    "text": "nothing to run\ngive a file"
                  }
                }
              ]
            }
          ]
        }"#]].assert_eq(&render_sarif(&findings(), syntax::CODES));
}
