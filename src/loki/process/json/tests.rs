//! Tests of reading and writing JSON.

use super::{Scan, parse, write};

fn again(text: &str) -> String {
    parse(text.as_bytes()).map_or_else(|_| "malformed".to_owned(), |value| write(&value))
}

#[test]
fn reads_and_writes() {
    for (text, want) in [
        ("null", "null"),
        (" [1 , 2.50,\t-0.0, 1e3 ,1E-7,1e21, -1]\n", "[1,2.5,-0,1000,1e-07,1e+21,-1]"),
        (r#"{"a":"\u00e9\ud83d\ude00\ud800x\/","b":{"c":[]},"a2":{}}"#, r#"{"a":"é😀�x/","b":{"c":[]},"a2":{}}"#),
        (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
        (r#"["<&>\u2028\u0001\b"]"#, r#"["\u003c\u0026\u003e\u2028\u0001\u0008"]"#),
        ("[-+1]", "[-1]"),
        ("{null:1}", r#"{"":1}"#),
        ("", "malformed"),
        ("[1,]", "malformed"),
        ("[01]", "malformed"),
        ("[1.]", "malformed"),
        ("[.5]", "malformed"),
        ("[1e400]", "malformed"),
        ("[-]", "malformed"),
        ("[1_000]", "malformed"),
        ("{\"a\" 1}", "malformed"),
        ("{\"a\":1}x", "malformed"),
        ("[\"a\nb\"]", "malformed"),
        (r#"["\x"]"#, "malformed"),
        (r#"["\u12g4"]"#, "malformed"),
        ("[nul]", "malformed"),
        ("\u{feff}{}", "malformed"),
    ] {
        assert_eq!(again(text), want, "{text}");
        let mut scan = Scan::new(text.as_bytes());
        let skipped = scan.skip().and_then(|()| scan.end());
        assert_eq!(skipped.is_err(), want == "malformed", "skipping {text}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert_eq!(again(&nested(900)), nested(900));
    assert_eq!(again(&nested(100_000)), "malformed");
    assert!(Scan::new(nested(9_000).as_bytes()).skip().is_ok());
    assert!(Scan::new(nested(100_000).as_bytes()).skip().is_err());
    let mixed = format!("{}1{}", "{\"a\":[".repeat(100), "]}".repeat(100));
    assert!(Scan::new(mixed.as_bytes()).skip().is_ok());
}
