//! Paths as the original understands them.

use super::json_path;
use crate::print::to_text;
use crate::value_model::Value;

const STORE: &str = r#"{"a": [{"n": "x", "v": 1, "t": ["p"]}, {"n": "y", "v": 2.5}, {"n": "z", "v": null}], "b": {"c": 5, "d": [1, 2, 3, 4]}, "x-y": true}"#;

fn find(path: &str) -> Result<String, String> {
    let found = json_path(&[Value::from(STORE), Value::from(path)]).map_err(|error| error.message)?;
    Ok(to_text(&found).replace(['\n', '\t'], ""))
}

#[test]
fn found() {
    let cases = [
        ("", "[]"),
        ("b.c", "[5]"),
        ("$.b.c", "[5]"),
        ("@.b.c", "[5]"),
        ("$['x-y']", "[true]"),
        ("$.a[*].n", r#"["x", "y", "z"]"#),
        ("$.a.*.v", "[1, 2.5, null]"),
        ("$.a[-1].n", r#"["z"]"#),
        ("$.a[0, 2].n", r#"["x", "z"]"#),
        ("$.b['d','c']", "[[1, 2, 3, 4], 5]"),
        ("$.b.d[1:3]", "[2, 3]"),
        ("$.b.d[::2]", "[1, 3]"),
        ("$.b.d[-2:]", "[3, 4]"),
        ("$.b.d[:-1]", "[1, 2, 3]"),
        ("$.b.d[3:0:-1]", "[4, 3, 2]"),
        ("$.b.d[0:4:0]", "[]"),
        ("$..n", r#"["x", "y", "z"]"#),
        ("$.b..", "[5, [1, 2, 3, 4], 1, 2, 3, 4, {c = 5,d = [1, 2, 3, 4],}]"),
        ("$.nope", "[]"),
        ("$.*..n", r#"["x", "y", "z"]"#),
        ("$.a[0,1]..n", r#"["x", "y"]"#),
        ("$.a[0:2]..t..", r#"["p", ["p"]]"#),
        ("$.a[*]..[0]", r#"["p"]"#),
        ("$.b.d.c", "[]"),
        ("$.a[?(@.v)].n", r#"["x", "y", "z"]"#),
        ("$.a[?(@.t)].n", r#"["x"]"#),
        ("$.a[?(!@.t)].n", r#"["y", "z"]"#),
        ("$.a[?(@.v > 1)].n", r#"["y"]"#),
        ("$.a[?@.v >= 1 && @.n != 'x'].n", r#"["y"]"#),
        ("$.a[?(@.n == 'x' || @.n == 'z')].n", r#"["x", "z"]"#),
        ("$.a[?(@.n in ['x','y'])].n", r#"["x", "y"]"#),
        ("$.a[?(@.n =~ /[xy]/)].n", r#"["x", "y"]"#),
        (r"$.b.d[?('1' =~ /^\d{1}$/)]", "[1, 2, 3, 4]"),
        (r"$.b.d[?('٣' =~ /\d/)]", "[]"),
        ("$.b.d[?('{x}' =~ '^{.*}$')]", "[1, 2, 3, 4]"),
        ("$.a[?(@.v == null)].n", r#"["z"]"#),
        ("$.a[?(@.t has false)].n", r#"["y", "z"]"#),
        ("$.a[?(@.t == Nothing)].n", r#"["y", "z"]"#),
        ("$.a[?(length(@.n) == 1)].n", r#"["x", "y", "z"]"#),
        ("$.a[?(count(@.t[*]) == 1)].n", r#"["x"]"#),
        ("$.a[?(match(@.n, 'x|y'))].n", r#"["x", "y"]"#),
        ("$.a[?(@.v * 2 + 1 == 3)].n", r#"["x"]"#),
        ("$.a[?(@.v == $.a[0].v)].n", r#"["x"]"#),
        ("$.b.d[?(@ > 2)]", "[3, 4]"),
        ("$.a[?(@.v != 7)].n", r#"["x", "y", "z"]"#),
        ("$.a[?(@.v != 1.5)].n", r#"["x", "z"]"#),
        ("$.a[?(1.5 != @.n)]", "[]"),
        ("$.a[?(@.n =~ '')].n", r#"["x", "y", "z"]"#),
        ("$.a[?(search(@.n, ''))]", "[]"),
        ("$.a[?((@.v) && (@.n))].n", "[]"),
        ("$.*", "[[{n = \"x\",t = [\"p\"],v = 1,}, {n = \"y\",v = 2.5,}, {n = \"z\",v = null,}], {c = 5,d = [1, 2, 3, 4],}, true]"),
    ];
    for (path, want) in cases {
        assert_eq!(find(path).as_deref(), Ok(want), "{path}");
    }
}

#[test]
fn refused() {
    for path in [
        "[",
        "$.",
        "$[",
        "$['a",
        "$[1",
        "$.a-b",
        "$x",
        "a b",
        "$[?(@.a ==-1)]",
        "$[?(@.a]",
        "$[?(@.a === 1)]",
        "$[(1)]",
        "$[?(foo(@.a))]",
        "$[1:2:x]",
        "$[?(@.a =~ /(/)]",
    ] {
        assert!(find(path).is_err(), "{path}: {:?}", find(path));
    }
}

#[test]
fn bounded() {
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    let path = format!("${}", "..*".repeat(30));
    assert!(json_path(&[Value::from(deep), Value::from(path)]).is_err());
    assert!(find(&format!("$[?({}1)]", "!(".repeat(1000))).is_err());
}
