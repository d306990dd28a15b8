//! Attributes of every type.

use crate::support::show;
use expect_test::{Expect, expect};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::Arc;
use value::types::{ByteSize, Duration, Regexp, Target, Url};
use value::{Arguments, OptionalSecret, Secret, TextEnum, Value};

/// Defines a body with the attribute `x` and shows what becomes of each text.
macro_rules! table {
    ($test:ident: $ty:ty => $expected:expr, $($text:expr),* $(,)?) => {
        #[test]
        fn $test() {
            /// One value.
            #[derive(Arguments, Debug)]
            struct X {
                /// The value.
                #[alloy(attr)]
                #[allow(dead_code)]
                x: $ty,
            }
            compare::<X>(&[$($text),*], &$expected);
        }
    };
}

fn compare<T: Arguments + Debug>(texts: &[&str], expected: &Expect) {
    let shown: String = texts.iter().map(|text| format!("{text} => {}", show::<T>(&format!("x = {text}")))).collect();
    expected.assert_eq(&shown);
}

#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
#[alloy(ignore_case)]
enum Mode {
    Fast,
    #[alloy(alias = "sluggish")]
    VerySlow,
}

table!(strings: String => expect![[r#"
    "a" => X { x: "a" }
    5 => X { x: "5" }
    1.5 => X { x: "1.5" }
    1e30 => X { x: "1000000000000000000000000000000" }
    null => X { x: "" }
    true => 1:5 decode/value at "true": `x`: expected string, got bool
        hint: write "true", with quotes
    ["a"] => 1:5 decode/value at "[\"a\"]": `x`: expected string, got array
        hint: only one text is accepted here: take the brackets away
    [] => 1:5 decode/value at "[]": `x`: expected string, got array
        hint: only one text is accepted here: take the brackets away
    {} => 1:5 decode/value at "{}": `x`: expected string, got object
    secret => 1:5 decode/value at "secret": `x`: a secret cannot be used where plain text is expected
        hint: use `convert.nonsensitive(…)` when the text may be shown
    content => X { x: "7" }
    hidden => 1:5 decode/value at "hidden": `x`: a secret cannot be used where plain text is expected
        hint: use `convert.nonsensitive(…)` when the text may be shown
    bytes => X { x: "hi" }
    no_bytes => X { x: "" }
"#]], "\"a\"", "5", "1.5", "1e30", "null", "true", "[\"a\"]", "[]", "{}", "secret", "content", "hidden", "bytes", "no_bytes");
table!(shared_strings: Arc<str> => expect![[r#"
    "a" => X { x: "a" }
    5 => X { x: "5" }
    secret => 1:5 decode/value at "secret": `x`: a secret cannot be used where plain text is expected
        hint: use `convert.nonsensitive(…)` when the text may be shown
"#]], "\"a\"", "5", "secret");
table!(booleans: bool => expect![[r#"
    true => X { x: true }
    null => X { x: false }
    "true" => 1:5 decode/value at "\"true\"": `x`: expected bool, got string
        hint: write true without quotes
    "yes" => 1:5 decode/value at "\"yes\"": `x`: expected bool, got string
        hint: write true or false
    1 => 1:5 decode/value at "1": `x`: expected bool, got number
        hint: write true or false
"#]], "true", "null", "\"true\"", "\"yes\"", "1");
table!(signed: i64 => expect![[r#"
    5 => X { x: 5 }
    1.5 => X { x: 1 }
    1:5 warning decode/lossy at "1.5": `x`: 1.5 is not a whole number: 1 is used
        hint: write 1
    -1.5 => X { x: -1 }
    1:5 warning decode/lossy at "-1.5": `x`: -1.5 is not a whole number: -1 is used
        hint: write -1
    "80" => X { x: 80 }
    "80.5" => X { x: 80 }
    1:5 warning decode/lossy at "\"80.5\"": `x`: 80.5 is not a whole number: 80 is used
        hint: write 80
    "-7" => X { x: -7 }
    "-1.5" => 1:5 decode/value at "\"-1.5\"": `x`: expected number, got the string "-1.5"
    "+5" => 1:5 decode/value at "\"+5\"": `x`: expected number, got the string "+5"
    "" => 1:5 decode/value at "\"\"": `x`: expected number, got the string ""
    "x" => 1:5 decode/value at "\"x\"": `x`: expected number, got the string "x"
    18446744073709551615 => X { x: -1 }
    1:5 warning decode/lossy at "18446744073709551615": `x`: 18446744073709551615 is out of range: -1 is used, as the original does
        hint: write a number from -9223372036854775808 to 9223372036854775807
    1e300 => X { x: -9223372036854775808 }
    1:5 warning decode/lossy at "1e300": `x`: 1e300 is out of range: -9223372036854775808 is used, as the original does
        hint: write a number from -9223372036854775808 to 9223372036854775807
    null => X { x: 0 }
    true => 1:5 decode/value at "true": `x`: expected number, got bool
    content => X { x: 7 }
    secret => 1:5 decode/value at "secret": `x`: expected number, got a secret
        hint: a secret is accepted only where secrets are expected, so that it shows nowhere; `convert.nonsensitive(secret)` makes plain text of it, which everybody can read who sees the UI
    [1] => 1:5 decode/value at "[1]": `x`: expected number, got array
"#]], "5", "1.5", "-1.5", "\"80\"", "\"80.5\"", "\"-7\"", "\"-1.5\"", "\"+5\"", "\"\"", "\"x\"",
    "18446744073709551615", "1e300", "null", "true", "content", "secret", "[1]");
table!(narrow: i8 => expect![[r#"
    127 => X { x: 127 }
    128 => X { x: -128 }
    1:5 warning decode/lossy at "128": `x`: 128 is out of range: -128 is used, as the original does
        hint: write a number from -128 to 127
    -129 => X { x: 127 }
    1:5 warning decode/lossy at "-129": `x`: -129 is out of range: 127 is used, as the original does
        hint: write a number from -128 to 127
    300.5 => X { x: 44 }
    1:5 warning decode/lossy at "300.5": `x`: 300.5 is out of range: 44 is used, as the original does
        hint: write a number from -128 to 127
"#]], "127", "128", "-129", "300.5");
table!(unsigned: u32 => expect![[r#"
    5 => X { x: 5 }
    4294967295 => X { x: 4294967295 }
    4294967296 => X { x: 0 }
    1:5 warning decode/lossy at "4294967296": `x`: 4294967296 is out of range: 0 is used, as the original does
        hint: write a number from 0 to 4294967295
    -1 => X { x: 4294967295 }
    1:5 warning decode/lossy at "-1": `x`: -1 is out of range: 4294967295 is used, as the original does
        hint: write a number from 0 to 4294967295
    1.5 => X { x: 1 }
    1:5 warning decode/lossy at "1.5": `x`: 1.5 is not a whole number: 1 is used
        hint: write 1
    "12" => X { x: 12 }
"#]], "5", "4294967295", "4294967296", "-1", "1.5", "\"12\"");
table!(wide: u64 => expect![[r#"
    18446744073709551615 => X { x: 18446744073709551615 }
    -1 => X { x: 18446744073709551615 }
    1:5 warning decode/lossy at "-1": `x`: -1 is out of range: 18446744073709551615 is used, as the original does
        hint: write a number from 0 to 18446744073709551615
    -1.5 => X { x: 18446744073709551615 }
    1:5 warning decode/lossy at "-1.5": `x`: -1.5 is out of range: 18446744073709551615 is used, as the original does
        hint: write a number from 0 to 18446744073709551615
    1e19 => X { x: 10000000000000000000 }
    1e30 => X { x: 9223372036854775808 }
    1:5 warning decode/lossy at "1e30": `x`: 1e30 is out of range: 9223372036854775808 is used, as the original does
        hint: write a number from 0 to 18446744073709551615
"#]], "18446744073709551615", "-1", "-1.5", "1e19", "1e30");
table!(sizes: usize => expect![[r#"
    5 => X { x: 5 }
    -1 => 1:5 decode/value at "-1": `x`: expected a number from 0, got -1
    2.5 => X { x: 2 }
    1:5 warning decode/lossy at "2.5": `x`: 2.5 is not a whole number: 2 is used
        hint: write 2
"#]], "5", "-1", "2.5");
table!(single: f32 => expect![[r#"
    15.3 => X { x: 15.3 }
    "1.5" => X { x: 1.5 }
    "1e999" => 1:5 decode/value at "\"1e999\"": `x`: expected number, got the string "1e999"
    3 => X { x: 3.0 }
"#]], "15.3", "\"1.5\"", "\"1e999\"", "3");
table!(double: f64 => expect![[r#"
    15.3 => X { x: 15.3 }
    "1.5" => X { x: 1.5 }
    "1_000.5" => X { x: 1000.5 }
    "1._5" => 1:5 decode/value at "\"1._5\"": `x`: expected number, got the string "1._5"
    "-1.5" => 1:5 decode/value at "\"-1.5\"": `x`: expected number, got the string "-1.5"
    "inf" => 1:5 decode/value at "\"inf\"": `x`: expected number, got the string "inf"
    18446744073709551615 => X { x: 1.8446744073709552e19 }
"#]], "15.3", "\"1.5\"", "\"1_000.5\"", "\"1._5\"", "\"-1.5\"", "\"inf\"", "18446744073709551615");
table!(durations: Duration => expect![[r#"
    "36h" => X { x: Duration(129600000000000) }
    "1.5s" => X { x: Duration(1500000000) }
    "1h15m30.918273645s" => X { x: Duration(4530918273645) }
    "-1m" => X { x: Duration(-60000000000) }
    "0" => X { x: Duration(0) }
    0 => X { x: Duration(0) }
    "5" => 1:5 decode/value at "\"5\"": `x`: "5" is not a duration: the unit is missing
        hint: write a number and a unit, such as "30s", "5m", "1h30m"; units are ns, us, ms, s, m, h
    5 => 1:5 decode/value at "5": `x`: "5" is not a duration: the unit is missing
        hint: write a number and a unit, such as "30s", "5m", "1h30m"; units are ns, us, ms, s, m, h
    "1d" => 1:5 decode/value at "\"1d\"": `x`: "1d" is not a duration: there is no unit "d", the largest is "h"
        hint: write a number and a unit, such as "30s", "5m", "1h30m"; units are ns, us, ms, s, m, h
    "" => 1:5 decode/value at "\"\"": `x`: "" is not a duration: it is empty
        hint: write a number and a unit, such as "30s", "5m", "1h30m"; units are ns, us, ms, s, m, h
    ".5s" => X { x: Duration(500000000) }
    ".s" => 1:5 decode/value at "\".s\"": `x`: ".s" is not a duration: a number is missing
        hint: write a number and a unit, such as "30s", "5m", "1h30m"; units are ns, us, ms, s, m, h
    "3000000h" => 1:5 decode/value at "\"3000000h\"": `x`: "3000000h" is not a duration: it is longer than 292 years
        hint: write a number and a unit, such as "30s", "5m", "1h30m"; units are ns, us, ms, s, m, h
    "1us" => X { x: Duration(1000) }
    null => X { x: Duration(0) }
    "9223372036854775807ns" => X { x: Duration(9223372036854775807) }
    "9223372036854775808ns" => 1:5 decode/value at "\"9223372036854775808ns\"": `x`: "9223372036854775808ns" is not a duration: it is longer than 292 years
        hint: write a number and a unit, such as "30s", "5m", "1h30m"; units are ns, us, ms, s, m, h
    "-9223372036854775808ns" => X { x: Duration(-9223372036854775808) }
"#]], "\"36h\"", "\"1.5s\"", "\"1h15m30.918273645s\"", "\"-1m\"", "\"0\"", "0", "\"5\"", "5", "\"1d\"", "\"\"",
    "\".5s\"", "\".s\"", "\"3000000h\"", "\"1us\"", "null", "\"9223372036854775807ns\"", "\"9223372036854775808ns\"", "\"-9223372036854775808ns\"");
table!(byte_sizes: ByteSize => expect![[r#"
    "1536KiB" => X { x: ByteSize(1572864) }
    "64KB" => X { x: ByteSize(65536) }
    "1kB" => 1:5 decode/value at "\"1kB\"": `x`: "1kB" is not a size: there is no unit "kB", only "KiB" with a capital K
        hint: write a number and a unit, such as "512KiB" or "10MiB"; units are B, KiB, MiB, GiB, TiB
    "1.5MiB" => X { x: ByteSize(1572864) }
    "1MiB512KiB" => X { x: ByteSize(1572864) }
    "1MiB512KB" => 1:5 decode/value at "\"1MiB512KB\"": `x`: "1MiB512KB" is not a size: units such as KiB and KB cannot be mixed
        hint: write a number and a unit, such as "512KiB" or "10MiB"; units are B, KiB, MiB, GiB, TiB
    1024 => 1:5 decode/value at "1024": `x`: "1024" is not a size: the unit is missing
        hint: write a number and a unit, such as "512KiB" or "10MiB"; units are B, KiB, MiB, GiB, TiB
    0 => X { x: ByteSize(0) }
    "10" => 1:5 decode/value at "\"10\"": `x`: "10" is not a size: the unit is missing
        hint: write a number and a unit, such as "512KiB" or "10MiB"; units are B, KiB, MiB, GiB, TiB
    "8EiB" => X { x: ByteSize(-9223372036854775808) }
    "-1KiB" => X { x: ByteSize(-1024) }
    "" => 1:5 decode/value at "\"\"": `x`: "" is not a size: it is empty
        hint: write a number and a unit, such as "512KiB" or "10MiB"; units are B, KiB, MiB, GiB, TiB
    null => X { x: ByteSize(0) }
"#]], "\"1536KiB\"", "\"64KB\"", "\"1kB\"", "\"1.5MiB\"", "\"1MiB512KiB\"", "\"1MiB512KB\"", "1024", "0", "\"10\"",
    "\"8EiB\"", "\"-1KiB\"", "\"\"", "null");
table!(secrets: Secret => expect![[r#"
    "a" => X { x: (secret) }
    secret => X { x: (secret) }
    content => X { x: (secret) }
    hidden => X { x: (secret) }
    5 => 1:5 decode/value at "5": `x`: expected secret or string, got number
        hint: write the secret in quotes
    null => X { x: (secret) }
"#]], "\"a\"", "secret", "content", "hidden", "5", "null");
table!(optional_secrets: OptionalSecret => expect![[r#"
    "a" => X { x: "a" }
    secret => X { x: (secret) }
    content => X { x: "7" }
    hidden => X { x: (secret) }
    5 => 1:5 decode/value at "5": `x`: expected secret or string, got number
        hint: write the text in quotes
    null => X { x: "" }
"#]], "\"a\"", "secret", "content", "hidden", "5", "null");
table!(lists: Vec<i64> => expect![[r#"
    [1, 2] => X { x: [1, 2] }
    null => X { x: [] }
    5 => 1:5 decode/value at "5": `x`: expected array of number, got number
        hint: put it into brackets: `[5]`
    "5" => 1:5 decode/value at "\"5\"": `x`: expected array of number, got string
        hint: put it into brackets: `["5"]`
    [1, "x", 2.5] => 1:9 decode/value at "\"x\"": `x[1]`: expected number, got the string "x"
    {} => 1:5 decode/value at "{}": `x`: expected array of number, got object
    [null] => X { x: [0] }
    [1, [2]] => 1:9 decode/value at "[2]": `x[1]`: expected number, got array
    [2.5, 1.5] => X { x: [2, 1] }
    1:6 warning decode/lossy at "2.5": `x[0]`: 2.5 is not a whole number: 2 is used
        hint: write 2
    1:11 warning decode/lossy at "1.5": `x[1]`: 1.5 is not a whole number: 1 is used
        hint: write 1
"#]], "[1, 2]", "null", "5", "\"5\"", "[1, \"x\", 2.5]", "{}", "[null]", "[1, [2]]", "[2.5, 1.5]");
table!(maps: BTreeMap<String, Vec<u8>> => expect![[r#"
    {a = [1]} => X { x: {"a": [1]} }
    {a = [1, 300], "b c" = [1, true]} => 1:32 decode/value at "true": `x["b c"][1]`: expected number, got bool
    {"b c" = 1} => 1:14 decode/value at "1": `x["b c"]`: expected array of number, got number
        hint: put it into brackets: `[1]`
    [{}] => 1:5 decode/value at "[{}]": `x`: expected object of array of number, got array
        hint: only one object is accepted: take the brackets away
    [] => 1:5 decode/value at "[]": `x`: expected object of array of number, got array
        hint: write `{ key = value, … }`
    null => X { x: {} }
    5 => 1:5 decode/value at "5": `x`: expected object of array of number, got number
        hint: write `{ key = value, … }`
"#]], "{a = [1]}", "{a = [1, 300], \"b c\" = [1, true]}", "{\"b c\" = 1}", "[{}]", "[]", "null", "5");
table!(hash_maps: HashMap<String, bool> => expect![[r#"
    {a = true} => X { x: {"a": true} }
    {a = 1} => 1:10 decode/value at "1": `x.a`: expected bool, got number
        hint: write true or false
"#]], "{a = true}", "{a = 1}");
table!(options: Option<u8> => expect![[r#"
    null => X { x: None }
    1 => X { x: Some(1) }
    256 => X { x: Some(0) }
    1:5 warning decode/lossy at "256": `x`: 256 is out of range: 0 is used, as the original does
        hint: write a number from 0 to 255
    [] => 1:5 decode/value at "[]": `x`: expected number, got array
"#]], "null", "1", "256", "[]");
table!(anything: Value => expect![[r#"
    null => X { x: Null }
    [1, {a = true}] => X { x: Array([Number(Int(1)), Object({"a": Bool(true)})]) }
    secret => X { x: Capsule(capsule(alloytypes.Secret)) }
"#]], "null", "[1, {a = true}]", "secret");
table!(regexps: Regexp => expect![[r#"
    "a.*" => X { x: "a.*" }
    "a(" => 1:5 decode/value at "\"a(\"": `x`: "a(" is not a regular expression: unclosed group
    "a)(b" => 1:5 decode/value at "\"a)(b\"": `x`: "a)(b" is not a regular expression: unopened group
    "(?=x)" => 1:5 decode/value at "\"(?=x)\"": `x`: "(?=x)" is not a regular expression: look-around, including look-ahead and look-behind, is not supported
        hint: looking ahead or behind is not possible; match the text itself, or use two rules
    "" => X { x: "" }
    null => X { x: "" }
"#]], "\"a.*\"", "\"a(\"", "\"a)(b\"", "\"(?=x)\"", "\"\"", "null");
table!(urls: Url => expect![[r#"
    "https://user:pw@host:1/p?q=a@b" => X { x: "https://user:xxxxx@host:1/p?q=a@b" }
    "" => X { x: "" }
    "host/path" => X { x: "host/path" }
    "localhost:80" => X { x: "localhost:80" }
    "http://h:x/" => 1:5 decode/value at "\"http://h:x/\"": `x`: the port is not a number
        hint: an address looks like `https://host:port/path`
    "://h" => 1:5 decode/value at "\"://h\"": `x`: the scheme before `:` is missing
        hint: an address looks like `https://host:port/path`
    "1a:b" => 1:5 decode/value at "\"1a:b\"": `x`: what stands before `:` is not a scheme
        hint: an address looks like `https://host:port/path`
    "http://[::1]:80/" => X { x: "http://[::1]:80/" }
    "http://a b/" => 1:5 decode/value at "\"http://a b/\"": `x`: a host name contains no blanks
        hint: an address looks like `https://host:port/path`
    "http://h/%2F?a=%" => X { x: "http://h/%2F?a=%" }
    "http://h/%2" => 1:5 decode/value at "\"http://h/%2\"": `x`: `%` must be followed by two hexadecimal digits
        hint: an address looks like `https://host:port/path`
"#]], "\"https://user:pw@host:1/p?q=a@b\"", "\"\"", "\"host/path\"", "\"localhost:80\"", "\"http://h:x/\"", "\"://h\"", "\"1a:b\"",
    "\"http://[::1]:80/\"", "\"http://a b/\"", "\"http://h/%2F?a=%\"", "\"http://h/%2\"");
table!(targets: Vec<Target> => expect![[r#"
    [{a = "b", c = 1, d = true, e = content}] => X { x: [Target({"a": "b", "c": "1", "d": "true", "e": "7"})] }
    [{a = secret}] => 1:11 decode/value at "secret": `x[0].a`: a secret cannot be the value of a label
    [{a = hidden}] => 1:11 decode/value at "hidden": `x[0].a`: a secret cannot be the value of a label
    [{a = null}] => 1:11 decode/value at "null": `x[0].a`: null cannot be the value of a label
    [{a = [1]}] => 1:11 decode/value at "[1]": `x[0].a`: expected text for a label, got array
    {a = "b"} => 1:5 decode/value at "{a = \"b\"}": `x`: expected array of target, got object
        hint: put it into brackets: `[{a = "b"}]`
    "x" => 1:5 decode/value at "\"x\"": `x`: expected array of target, got string
        hint: write `[{"__address__" = "x"}]`
"#]], "[{a = \"b\", c = 1, d = true, e = content}]", "[{a = secret}]", "[{a = hidden}]", "[{a = null}]", "[{a = [1]}]", "{a = \"b\"}", "\"x\"");
table!(text_enums: Mode => expect![[r#"
    "fast" => X { x: Fast }
    "Very_Slow" => X { x: VerySlow }
    "sluggish" => X { x: VerySlow }
    "fsat" => 1:5 decode/value at "\"fsat\"": `x`: "fsat" is not accepted here
        hint: did you mean "fast"? Accepted are "fast", "very_slow"
    "other" => 1:5 decode/value at "\"other\"": `x`: "other" is not accepted here
        hint: accepted are "fast", "very_slow"
    null => 1:5 decode/value at "null": `x`: null is not accepted here
        hint: accepted are "fast", "very_slow"
    1 => 1:5 decode/value at "1": `x`: "1" is not accepted here
        hint: accepted are "fast", "very_slow"
"#]], "\"fast\"", "\"Very_Slow\"", "\"sluggish\"", "\"fsat\"", "\"other\"", "null", "1");
table!(enum_lists: Vec<Mode> => expect![[r#"
    ["fast", "slow"] => 1:14 decode/value at "\"slow\"": `x[1]`: "slow" is not accepted here
        hint: accepted are "fast", "very_slow"
    "fast" => 1:5 decode/value at "\"fast\"": `x`: expected array of string, got string
        hint: put it into brackets: `["fast"]`
"#]], "[\"fast\", \"slow\"]", "\"fast\"");

#[test]
fn secrets_are_never_shown() {
    for text in ["secret", "hidden"] {
        let shown = [
            show::<XOf<String>>(&format!("x = {text}")),
            show::<XOf<Secret>>(&format!("x = {text}")),
            show::<XOf<OptionalSecret>>(&format!("x = {text}")),
            show::<XOf<i64>>(&format!("x = {text}")),
            show::<XOf<Vec<bool>>>(&format!("x = [{text}]")),
        ];
        for shown in shown {
            assert!(!shown.contains("hush"), "{shown}");
        }
    }
}

/// A body of one value of any type, written by hand because structs with parameters are not derived.
#[derive(Debug)]
struct XOf<T>(#[allow(dead_code)] T);

impl<T: value::FromValue + 'static> Arguments for XOf<T> {
    fn schema() -> &'static value::schema::BodySchema {
        static SCHEMA: value::schema::BodySchema = value::schema::BodySchema { doc: "", fields: Vec::new(), free: None };
        &SCHEMA
    }
    fn fields(reader: &mut value::Reader<'_, '_>) -> Option<Self> {
        reader.attr("x").map(Self)
    }
    fn encode(&self) -> Vec<value::Node> {
        Vec::new()
    }
}

proptest::proptest! {
    #[test]
    fn what_is_printed_is_read_back(n: i64, text: String, parts in "[-+]?([0-9]{0,20}[.]?[0-9]{0,20}(ns|us|µs|ms|s|m|h|B|KiB|MB|EiB)){0,3}") {
        proptest::prop_assert_eq!(Duration(n).to_string().parse(), Ok(Duration(n)));
        for text in [&text, &parts] {
            if let Ok(duration) = text.parse::<Duration>() {
                proptest::prop_assert_eq!(duration.to_string().parse(), Ok(duration));
            }
            // The original prints a sign with every unit of a negative size, which it cannot read itself.
            if let Ok(size) = text.parse::<ByteSize>() && size >= ByteSize(0) {
                proptest::prop_assert!(size.to_string().parse::<ByteSize>().is_ok());
            }
            let _ = text.parse::<Url>().map(|url| url.redacted());
        }
    }
}
