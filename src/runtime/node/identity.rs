//! Names of the modules that a `foreach` makes: an element keeps its module as long as its name stays.

use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use value::functions::go_syntax;
use value::{Number, Value};

/// Gives out names: the second element with the same identity gets `_2`.
#[derive(Debug, Default)]
pub struct Names(HashMap<String, usize>);

impl Names {
    /// The name of the next element whose identity is `identity`, which the original makes the same way.
    pub fn next(&mut self, identity: &Value, hash_strings: bool) -> String {
        let base = format!("foreach_{}", fingerprint(identity, hash_strings));
        let count = self.0.entry(base.clone()).or_default();
        *count += 1;
        format!("{base}_{count}")
    }
}

fn fingerprint(identity: &Value, hash_strings: bool) -> String {
    match identity {
        Value::String(text) if hash_strings => hash(text),
        Value::String(text) => text.chars().map(|c| if syntax::is_identifier_character(c) { c } else { '_' }).collect(),
        Value::Bool(value) => value.to_string(),
        Value::Number(Number::Int(value)) => value.to_string(),
        Value::Number(Number::Float(value)) => format!("{value:.6}").replace('.', "_"),
        // The original takes the hash of this text.
        other => hash(&go_syntax(other)),
    }
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_elements() {
        let cases = [
            (Value::from("a.b-c"), "foreach_a_b_c_1"),
            (Value::from(1i64), "foreach_1_1"),
            (Value::from("1"), "foreach_1_2"),
            (Value::from(2.5), "foreach_2_500000_1"),
            (Value::from(true), "foreach_true_1"),
            (Value::from("a.b-c"), "foreach_a_b_c_2"),
            // Letters and decimal digits stay: these are other numbers.
            (Value::from("é٣"), "foreach_é٣_1"),
            (Value::from("½①"), "foreach____1"),
            (Value::Null, "foreach_a9dc16a7a3875d174c1af4f923f261cafc124357f2322493a59ee0d14fcd10db_1"),
        ];
        let mut names = Names::default();
        for (value, want) in cases {
            assert_eq!(names.next(&value, false), want);
        }
        let hashed = "foreach_ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad_1";
        assert_eq!(names.next(&Value::from("abc"), true), hashed);
        let object = Value::object([("b", Value::from("c")), ("a", Value::from(1i64))]);
        assert_eq!(go_syntax(&object), r#"map[string]interface {}{"a":1, "b":"c"}"#);
    }
}
