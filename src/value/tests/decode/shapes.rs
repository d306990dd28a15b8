//! Schemas, encoding and exports.

use crate::support::decode;
use expect_test::{Expect, expect};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use value::schema::{BodySchema, FieldKind};
use value::types::{ByteSize, Duration, Regexp};
use value::{Arguments, Exports, IntoValue, Node, OptionalSecret, Secret, TextEnum, Value};

#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
#[alloy(type = "test.Color")]
enum Color {
    #[default]
    DeepRed,
    #[alloy(name = "green", alias = "grün")]
    Green,
}

/// First line,
/// second line.
///
/// Another paragraph.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct All {
    /// Required.
    #[alloy(attr)]
    required: Vec<String>,
    /// Optional.
    #[alloy(attr, optional)]
    text: String,
    /// Not at all.
    #[alloy(attr, optional)]
    option: Option<i64>,
    /// Set like a pointer.
    #[alloy(attr, default = true)]
    pointer: Option<bool>,
    /// Numbers.
    #[alloy(attr, default = -5)]
    int: i32,
    /// Floats.
    #[alloy(attr, default = 0.5)]
    float: f64,
    /// Time.
    #[alloy(attr, default = "36h")]
    time: Duration,
    /// Bytes.
    #[alloy(attr, default = "1536KiB")]
    bytes: ByteSize,
    /// One of two.
    #[alloy(attr, optional)]
    color: Color,
    /// A list with a default.
    #[alloy(attr, default = ["a", "b"])]
    list: Vec<String>,
    /// A list without.
    #[alloy(attr, optional)]
    empty: Vec<f64>,
    /// A map.
    #[alloy(attr, optional)]
    map: BTreeMap<String, String>,
    /// Shown always.
    #[alloy(attr, default = "(.*)", always)]
    regex: Regexp,
    /// A password.
    #[alloy(attr, optional)]
    password: Secret,
    /// Perhaps a password.
    #[alloy(attr, optional)]
    credentials: OptionalSecret,
    /// TLS.
    #[alloy(attr, optional, text = "config.TLSVersion")]
    min_version: String,
    /// Anything.
    #[alloy(attr, optional)]
    any: Value,
    /// Old.
    #[alloy(attr, optional, deprecated = "use `text`")]
    old: String,
    /// Unseen.
    #[alloy(attr, optional, hidden)]
    #[allow(dead_code)]
    unseen: String,
    /// A block.
    #[alloy(block, optional)]
    inner: Inner,
    /// A block that is not always there.
    #[alloy(block, optional)]
    maybe: Option<Box<Inner>>,
    /// A block of this or that.
    #[alloy(block = "extra.settings", default = Inner { name: String::new(), count: 9 })]
    extra: Inner,
    /// A block with a list.
    #[alloy(block, optional)]
    listed: Listed,
    /// Free names.
    #[alloy(block, optional)]
    headers: BTreeMap<String, String>,
    /// Several.
    #[alloy(block = "item", optional)]
    items: Vec<Item>,
    /// Steps.
    #[alloy(blocks = "step")]
    steps: Vec<Step>,
    #[alloy(squash)]
    squashed: Inner,
}

/// Inside.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Inner {
    /// A name.
    #[alloy(attr, optional)]
    name: String,
    /// A count.
    #[alloy(attr, default = 3)]
    count: u64,
}

/// With a list.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Listed {
    /// Words.
    #[alloy(attr, default = ["w"])]
    words: Vec<String>,
}

/// With a label.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Item {
    /// The label.
    #[alloy(label)]
    label: String,
    /// A value.
    #[alloy(attr, optional)]
    value: i64,
}

/// Steps.
#[derive(Arguments, Clone, Debug, PartialEq)]
enum Step {
    /// Walks.
    Walk(Inner),
    RunFast(Inner),
    Nested(Box<Nested>),
}

/// Steps within steps.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Nested {
    /// More steps.
    #[alloy(blocks = "step")]
    steps: Vec<Step>,
}

fn schema_text(schema: &BodySchema, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    for field in &schema.fields {
        let required = if field.required { " required" } else { "" };
        let default = field.default.as_ref().map_or(String::new(), |d| format!(" = {d}"));
        let old = field.deprecated.map_or(String::new(), |d| format!(" deprecated: {d}"));
        let _ = match &field.kind {
            FieldKind::Attr { ty, one_of } => {
                writeln!(out, "{pad}{}: {ty} {one_of:?}{required}{default}{old} // {}", field.name, field.doc)
            }
            FieldKind::Label => writeln!(out, "{pad}(label){required} // {}", field.doc),
            FieldKind::Block { repeated, defaults_when_absent, .. } => {
                writeln!(out, "{pad}{} block{required} repeated={repeated} defaults={defaults_when_absent}", field.name)
            }
            FieldKind::Enum { variants } => writeln!(
                out,
                "{pad}{}: {:?}",
                field.name,
                variants.iter().map(|v| (v.name, v.documentation(), (v.schema)().fields.len())).collect::<Vec<_>>()
            ),
        };
        if let FieldKind::Block { schema, .. } = &field.kind {
            schema_text(schema(), depth + 1, out);
        }
    }
    if let Some(ty) = &schema.free {
        let _ = writeln!(out, "{pad}*: {ty}");
    }
}

#[test]
fn gives_the_shape_of_a_struct() {
    let mut out = format!("{:?}\n", All::schema().doc);
    schema_text(All::schema(), 0, &mut out);
    expect![[r#"
        "First line,\nsecond line.\n\nAnother paragraph."
        required: list(string) [] required // Required.
        text: string [] = "" // Optional.
        option: int [] = null // Not at all.
        pointer: bool [] = true // Set like a pointer.
        int: int [] = -5 // Numbers.
        float: float [] = 0.5 // Floats.
        time: duration [] = "36h0m0s" // Time.
        bytes: string<units.Base2Bytes> [] = "1MiB512KiB" // Bytes.
        color: string<test.Color> ["deep_red", "green"] = "deep_red" // One of two.
        list: list(string) [] = ["a", "b"] // A list with a default.
        empty: list(float) [] = [] // A list without.
        map: map(string) [] = {} // A map.
        regex: string [] = "(.*)" // Shown always.
        password: secret [] = (secret) // A password.
        credentials: optional_secret [] = "" // Perhaps a password.
        min_version: string<config.TLSVersion> [] = "" // TLS.
        any: any [] = null // Anything.
        old: string [] = "" deprecated: use `text` // Old.
        inner block repeated=false defaults=true
          name: string [] = "" // A name.
          count: uint [] = 3 // A count.
        maybe block repeated=false defaults=false
          name: string [] = "" // A name.
          count: uint [] = 3 // A count.
        extra.settings block repeated=false defaults=true
          name: string [] = "" // A name.
          count: uint [] = 3 // A count.
        listed block repeated=false defaults=true
          words: list(string) [] = ["w"] // Words.
        headers block repeated=false defaults=true
          *: string
        item block repeated=true defaults=false
          (label) required // The label.
          value: int [] = 0 // A value.
        step: [("walk", "Walks.", 2), ("run_fast", "Inside.", 2), ("nested", "Steps within steps.", 1)]
        name: string [] = "" // A name.
        count: uint [] = 3 // A count.
    "#]]
    .assert_eq(&out);
}

fn node_text(nodes: &[Node], depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    for node in nodes {
        match node {
            Node::Attr(name, value) => {
                let _ = writeln!(out, "{pad}{name} = {value:?}");
            }
            Node::Block { name, label, body } => {
                let _ = writeln!(out, "{pad}{name} {label:?}");
                node_text(body, depth + 1, out);
            }
        }
    }
}

fn encoded(text: &str, expected: Expect) {
    let (decoded, _, diagnostics) = decode::<All>(text);
    let mut out = diagnostics;
    node_text(&decoded.map_or(Vec::new(), |all| all.encode()), 0, &mut out);
    expected.assert_eq(&out);
}

#[test]
fn encodes_what_differs_from_the_defaults() {
    encoded(
        "required = []",
        expect![[r#"
        required = Array([])
        pointer = Bool(true)
        list = Array([String("a"), String("b")])
        regex = String("(.*)")
        listed None
          words = Array([String("w")])
    "#]],
    );
    encoded(
        r#"
required = ["x"]
text = "t"
option = 0
pointer = false
int = -5
float = 1
time = "90s"
bytes = "1MiB"
color = "green"
list = ["a", "b"]
empty = [1]
map = { a = "b" }
password = "hush"
credentials = "shown"
any = [1]
old = "o"
unseen = "u"
inner { count = 3 }
maybe { }
extra.settings { count = 4 }
listed { words = [] }
headers { h = "1" }
item "a" { value = 1 }
item "b" { }
step.walk { name = "n" }
step.nested { step.run_fast { count = 5 } }
count = 8
"#,
        expect![[r#"
            17:1 warning decode/deprecated at "old": `old` is deprecated: use `text`
            required = Array([String("x")])
            text = String("t")
            option = Number(Int(0))
            pointer = Bool(false)
            float = Number(Float(1.0))
            time = String("1m30s")
            bytes = String("1MiB")
            color = String("green")
            list = Array([String("a"), String("b")])
            empty = Array([Number(Float(1.0))])
            map = Object({"a": String("b")})
            regex = String("(.*)")
            password = Capsule(capsule(alloytypes.Secret))
            credentials = Capsule(capsule(alloytypes.OptionalSecret))
            any = Array([Number(Int(1))])
            old = String("o")
            maybe None
            extra.settings None
              count = Number(Uint(4))
            listed None
              words = Array([])
            headers None
              h = String("1")
            item Some("a")
              value = Number(Int(1))
            item Some("b")
            step.walk None
              name = String("n")
            step.nested None
              step.run_fast None
                count = Number(Uint(5))
            count = Number(Uint(8))
        "#]],
    );
}

/// What is given.
#[derive(Exports, Clone, Debug, PartialEq)]
struct Out {
    /// A text.
    #[alloy(attr)]
    content: OptionalSecret,
    /// A type.
    #[alloy(attr)]
    r#type: Color,
    /// Numbers.
    #[alloy(attr, name = "all")]
    numbers: Vec<u64>,
}

#[test]
fn exports_have_a_shape_and_values() {
    let mut out = String::new();
    schema_text(<Out as Exports>::schema(), 0, &mut out);
    let exports = Out { content: OptionalSecret::secret("hush"), r#type: Color::Green, numbers: vec![1, 2] };
    let _ = writeln!(out, "{:?}", Exports::encode(&exports));
    expect![[r#"
        content: optional_secret [] // A text.
        type: string<test.Color> ["deep_red", "green"] // A type.
        all: list(uint) [] // Numbers.
        [("content", Capsule(capsule(alloytypes.OptionalSecret))), ("type", String("green")), ("all", Array([Number(Uint(1)), Number(Uint(2))]))]
    "#]].assert_eq(&out);
}

#[test]
fn text_enums_convert_both_ways() {
    assert_eq!(Color::default(), Color::DeepRed, "the marked variant");
    assert_eq!(Color::Green.to_string(), "green", "display");
    assert_eq!("deep_red".parse(), Ok(Color::DeepRed), "snake_case");
    assert_eq!("grün".parse(), Ok(Color::Green), "alias");
    assert_eq!(Color::DeepRed.into_value(), Value::from("deep_red"), "value");
}

#[test]
fn durations_print_as_go_prints_them() {
    let cases: &[(i64, &str)] = &[
        (0, "0s"),
        (1, "1ns"),
        (1_100, "1.1µs"),
        (2_200_000, "2.2ms"),
        (1_400_000_000, "1.4s"),
        (60_000_000_000, "1m0s"),
        (129_600_000_000_000, "36h0m0s"),
        (4_530_918_273_645, "1h15m30.918273645s"),
        (-60_500_000_000, "-1m0.5s"),
        (i64::MAX, "2562047h47m16.854775807s"),
        (i64::MIN, "-2562047h47m16.854775808s"),
    ];
    for (nanos, text) in cases {
        assert_eq!(Duration(*nanos).to_string(), *text, "{nanos}");
        assert_eq!(text.parse(), Ok(Duration(*nanos)), "{text}");
    }
    assert_eq!(Duration(-5).std(), std::time::Duration::ZERO, "timers know no negative time");
}

#[test]
fn byte_sizes_print_in_every_unit_that_is_needed() {
    let cases: &[(i64, &str)] = &[
        (0, "0B"),
        (1, "1B"),
        (1536, "1KiB512B"),
        (1_572_864, "1MiB512KiB"),
        (66_560, "65KiB"),
        (1 << 40, "1TiB"),
        (-1024, "-1KiB"),
        (i64::MIN, "-8EiB"),
    ];
    for (bytes, text) in cases {
        assert_eq!(ByteSize(*bytes).to_string(), *text, "{bytes}");
        assert_eq!(text.parse(), Ok(ByteSize(*bytes)), "{text}");
    }
}
