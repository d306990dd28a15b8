//! Tests of JMESPath.

use super::Expression;
use crate::process::json;

fn search(expression: &str, value: &str) -> String {
    let value = json::parse(value.as_bytes()).expect("the value is JSON");
    let expression = Expression::compile(expression).expect(expression);
    expression.search(&value).map_or_else(|| "failed".to_owned(), |found| json::write(&found))
}

#[test]
fn finds() {
    let value = r#"{"a":{"b":{"c":1}},"n":[1,2,3,4],"p":[{"k":"x","v":2},{"k":"y","v":1},{"k":null}],"s":"héllo","o":{"x":1,"y":2}}"#;
    for (expression, want) in [
        ("a.b.c", "1"),
        ("a.\"b\".c", "1"),
        ("a.nope.c", "null"),
        ("n[0]", "1"),
        ("n[-1]", "4"),
        ("n[9]", "null"),
        ("n[1:3]", "[2,3]"),
        ("n[::-1]", "[4,3,2,1]"),
        ("s[1:3]", "\"él\""),
        ("p[*].k", "[\"x\",\"y\"]"),
        ("p[?v > `1`].k | [0]", "\"x\""),
        ("p[?k == 'y'].v", "[1]"),
        ("p[?!k].v", "[]"),
        ("o.*", "[1,2]"),
        ("[n[0], s, nope]", "[1,\"héllo\",null]"),
        ("{x: s}", "{\"x\":\"héllo\"}"),
        ("nope || s", "\"héllo\""),
        ("o && s", "\"héllo\""),
        ("n[] | length(@)", "4"),
        ("sort_by(p[?v], &v)[*].k", "[\"y\",\"x\"]"),
        ("max_by(p[?v], &v).k", "\"x\""),
        ("length(s)", "5"),
        ("length(o.x)", "failed"),
        ("nope(@)", "failed"),
        ("let $t = o.y in n[?@ > $t]", "[3,4]"),
        ("o.x + o.y * `2`", "5"),
        ("n[3] // n[2]", "1"),
        ("-o.x", "-1"),
        ("join('-', p[*].k)", "\"x-y\""),
        ("split('a,b,c', ',', `1`)", "[\"a\",\"b,c\"]"),
        ("pad_left('x', `3`, '0')", "\"00x\""),
        ("to_string(o)", r#""{\"x\":1,\"y\":2}""#),
        ("$.s", "\"héllo\""),
        ("'it\\'s'", "\"it's\""),
        ("find_last('abab', 'ab')", "2"),
        ("upper('straße')", "\"STRAßE\""),
        ("zip(n, `[\"a\"]`)", "[[1,\"a\"]]"),
    ] {
        assert_eq!(search(expression, value), want, "{expression}");
    }
}

#[test]
fn refuses() {
    for expression in ["", "a.", "a[", "a[?", "a..b", "[", "{a}", "'x", "`x", "a b", "a[1", "\"f\"(@)", "a[1:2:3:4]", "let $x in y", "#"] {
        assert!(Expression::compile(expression).is_err(), "{expression}");
    }
    for part in ["(", "a.", "a[0]", "a || ", "!", "a[].", "a+", "[?a]"] {
        assert!(Expression::compile(&format!("{}a", part.repeat(100_000))).is_err(), "{part}");
    }
    assert!(Expression::compile(&format!("{}a", "a.".repeat(100))).is_ok());
}
