//! YAML texts and the values they stand for.

use super::parse;
use crate::print::to_text;

#[test]
fn scalars() {
    let cases = [
        ("", "null"),
        ("~", "null"),
        ("yes", "\"yes\""),
        ("True", "true"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("017", "15"),
        ("08", "8"),
        ("0b101", "5"),
        ("0o-17", "-15"),
        ("0x-1F", "\"0x-1F\""),
        ("-0b11", "-3"),
        ("+5", "5"),
        ("1_000", "1000"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "18446744073709552000"),
        ("1e3", "1000"),
        ("1.", "1"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        (".1_5", "0.15"),
        (".1_", "\".1_\""),
        ("1e400", "\"1e400\""),
        ("12:30:45", "\"12:30:45\""),
        (".inf", "+Inf"),
        ("-", "[null]"),
        ("2001-1-2", "\"2001-01-02T00:00:00Z\""),
        ("2001-12-14t21:59:43.10-05:00", "\"2001-12-14T21:59:43.1-05:00\""),
        ("2001-12-14 21:59:43", "\"2001-12-14T21:59:43Z\""),
        ("2001-02-30", "\"2001-02-30\""),
        ("!!str 5", "\"5\""),
        ("!!float 5", "5"),
        ("!!int \"5\"", "5"),
        ("!foo 5", "\"5\""),
        ("!!binary aGk=", "\"hi\""),
        ("|\n  a\n  b\n", "\"a\\nb\\n\""),
        (">-\n  a\n  b\n", "\"a b\""),
        ("\"a\\tb\\u00e9\"", "\"a\\tbé\""),
        ("a: 1\n---\nb: 2", "{\n\ta = 1,\n}"),
        ("%YAML 1.1\n---\na", "\"a\""),
        ("a: 1\n...\nb c", "{\n\ta = 1,\n}"),
    ];
    for (text, want) in cases {
        assert_eq!(parse(text).map(|value| to_text(&value)).as_deref(), Ok(want), "{text}");
    }
}

#[test]
fn mappings() {
    let cases = [
        ("{a: 1, 'b': [x, ~]}", "{\n\ta = 1,\n\tb = [\"x\", null],\n}"),
        ("1: a", "capsule(\"map[interface {}]interface {}\")"),
        (
            "x: &a {k: 1, l: 2}\ny:\n  <<: *a\n  l: 3\n",
            "{\n\tx = {\n\t\tk = 1,\n\t\tl = 2,\n\t},\n\ty = {\n\t\tk = 1,\n\t\tl = 3,\n\t},\n}",
        ),
        ("<<: [{a: 1}, {a: 2, b: 3}]", "{\n\ta = 1,\n\tb = 3,\n}"),
        ("a: &x 1\nb: *x", "{\n\ta = 1,\n\tb = 1,\n}"),
    ];
    for (text, want) in cases {
        assert_eq!(parse(text).map(|value| to_text(&value)).as_deref(), Ok(want), "{text}");
    }
}

#[test]
fn refused() {
    let bomb = (1..10).fold(String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"), |text, i| {
        format!("{text}a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(", "))
    });
    let deep = "[".repeat(3000);
    for text in [
        ": :",
        "x: {",
        "\ta: 1",
        "a: 1\na: 2",
        "*x",
        "&a [*a]",
        "!!int x",
        "!!bool yes",
        "<<: 1",
        "{[a]: 1}",
        "a: b: c",
        "@x",
        "%x",
        "%YAML 1.2\n---\na",
        "\"a\":no\nb: 1",
        "!!float 18446744073709551615",
        &bomb,
        &deep,
    ] {
        assert!(parse(text).is_err(), "{text}: {:?}", parse(text).map(|v| to_text(&v)));
    }
}
