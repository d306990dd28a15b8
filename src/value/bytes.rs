//! Byte strings: arrays of numbers that turn back into text where a string is wanted.
//!
//! `encoding.from_base64` gives an array of numbers, as in the original; it still serves as a string.

use crate::number::Number;
use crate::value_model::Value;
use std::sync::{Arc, LazyLock};

/// No bytes: told from other empty arrays by identity.
static EMPTY: LazyLock<Arc<Vec<Value>>> = LazyLock::new(|| Arc::new(Vec::new()));

/// The bytes as an array of unsigned numbers.
pub fn from_bytes(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Array(Arc::clone(&EMPTY));
    }
    Value::array(bytes.iter().map(|byte| Value::from(u64::from(*byte))).collect())
}

/// The text of an array made by [`from_bytes`], with U+FFFD for what is no UTF-8; `None` for other values.
pub fn as_text(value: &Value) -> Option<String> {
    Some(String::from_utf8_lossy(&as_bytes(value)?).into_owned())
}

/// The bytes of an array made by [`from_bytes`]; `None` for other values.
pub fn as_bytes(value: &Value) -> Option<Vec<u8>> {
    let Value::Array(items) = value else { return None };
    if items.is_empty() {
        return Arc::ptr_eq(items, &EMPTY).then(Vec::new);
    }
    let byte = |item: &Value| match item {
        Value::Number(Number::Uint(n)) => u8::try_from(*n).ok(),
        _ => None,
    };
    items.iter().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bytes_turn_into_text() {
        assert_eq!(as_text(&from_bytes("né".as_bytes())).as_deref(), Some("né"));
        assert_eq!(as_text(&from_bytes(b"")).as_deref(), Some(""));
        assert_eq!(as_text(&from_bytes(b"\xff")).as_deref(), Some("\u{fffd}"));
        assert_eq!(as_text(&Value::array(Vec::new())), None);
        assert_eq!(as_text(&Value::array(vec![Value::from(104i64)])), None);
        assert_eq!(as_text(&Value::array(vec![Value::from(300u64)])), None);
    }
}
