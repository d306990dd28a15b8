//! One mistake, one finding: what follows from it is not told.

use super::codes;

#[test]
fn a_broken_line_has_no_further_consequences() {
    for (text, expected) in [
        ("local.file \"a {\n  filename = \"x\"\n}\nb = 1\n", "1 unterminated-string"),
        ("local.file a\" {\n  filename = \"x\"\n}\nb = 1\n", "1 unquoted-label"),
        ("local.file \"a\"\n  filename = \"x\"\n}\nb = 1\n", "1 expected-block"),
        ("a {\n  b {\n    c = 1\n}\nd = 1\n", "6 unclosed"),
        ("a {\n  b\n    c = 1\n  }\n}\nd = 1\n", "2 expected-assignment"),
        ("a {\n  b = 1\n} c {\n  d = 1\n}\n", "3 unexpected"),
        ("a = [\n  x = 1,\n  y = 2,\n}]\nb = 1\n", "2 unexpected"),
        ("a = [{\n  x = 1,\n  y  2,\n  z = 3,\n}]\nb = 1\n", "3 expected-field"),
        ("a {\n  b = [1\n  c = 2\n  d {\n    e = 3\n  }\n}\nf = 1\n", "2 unclosed"),
        ("a {\n  b = [\n  c {\n    d = 3\n  }\n}\nf = 1\n", "3 unclosed"),
        ("a {\n  b = {\n    c = 1,\n  d = 2\n}\nf = 1\n", "4 unclosed"),
        ("a \"x-y\"\nb = 1\n", "1 expected-assignment"),
        ("level \"info\"\nb = 1\n", "1 expected-assignment"),
        ("a = [\"x, \"y/*.json\"]\nb {\n}\n", "1 missing-comma"),
        ("a = f(1\nb = 2\n", "1 unclosed"),
        ("a = (1 +\nb {\n}\n", "2 unclosed"),
    ] {
        assert_eq!(codes(text), [expected], "{text}");
    }
}

#[test]
fn independent_mistakes_are_all_told() {
    let text = "# note\na = [1 2]\nb: 3\nc {\n  d == 4\n}\ne = 'x'\nf = “x”\ng = $H\n";
    let expected =
        ["1 hash-comment", "2 missing-comma", "3 colon", "5 expected-assignment", "7 single-quotes", "8 smart-quotes", "9 shell-variable"];
    assert_eq!(codes(text), expected);
}
