//! Numbers and booleans.

use crate::decode::{DecodeError, FromValue, IntoValue, describe};
use crate::number::{Number, without_underscores};
use crate::schema::Type;
use crate::value_model::Value;

/// A number as text: no exponent, as many digits as tell it from every other number.
pub(crate) fn number_text(number: Number) -> String {
    match number {
        Number::Int(n) => n.to_string(),
        Number::Uint(n) => n.to_string(),
        Number::Float(n) if n.is_infinite() => if n > 0.0 { "+Inf" } else { "-Inf" }.into(),
        Number::Float(n) => n.to_string(),
    }
}

/// Text as a number: `-` makes it a signed integer, a point or exponent a double, in which underscores may separate digits,
/// everything else an unsigned integer.
fn parse(text: &str) -> Option<Number> {
    if text.starts_with('-') {
        text.parse().ok().map(Number::Int)
    } else if text.contains(['.', 'e', 'E']) {
        without_underscores(text)?.parse().ok().filter(|n: &f64| n.is_finite()).map(Number::Float)
    } else {
        text.parse().ok().filter(|_| !text.starts_with('+')).map(Number::Uint)
    }
}

fn number(value: &Value, expected: &str) -> Result<Number, DecodeError> {
    let text: &str = match value {
        Value::Null => return Ok(Number::Int(0)),
        Value::Number(number) => return Ok(*number),
        Value::String(text) => text,
        Value::Capsule(capsule) => capsule.text().ok_or_else(|| DecodeError::expected(expected, value))?,
        _ => return Err(DecodeError::expected(expected, value)),
    };
    parse(text).ok_or_else(|| DecodeError::new(format!("expected {expected}, got the {} {text:?}", text_kind(value))))
}

fn text_kind(value: &Value) -> String {
    match value {
        Value::String(_) => "string".into(),
        other => describe(other),
    }
}

/// As the original's processor converts: out of range gives the smallest signed integer.
fn to_i64(number: Number) -> i64 {
    match number {
        Number::Int(n) => n,
        Number::Uint(n) => n as i64,
        Number::Float(n) if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&n) => n as i64,
        Number::Float(_) => i64::MIN,
    }
}

fn to_u64(number: Number) -> u64 {
    match number {
        Number::Int(n) => n as u64,
        Number::Uint(n) => n,
        Number::Float(n) if (9_223_372_036_854_775_808.0..18_446_744_073_709_551_616.0).contains(&n) => n as u64,
        Number::Float(n) => to_i64(Number::Float(n)) as u64,
    }
}

/// Notes a number that the integer `used` does not equal.
fn note(value: &Value, used: Number, range: &str, out: &mut Vec<DecodeError>) {
    let Ok(written) = number(value, "number") else { return };
    if written == used {
        return;
    }
    let (short, used_text) = (short_text(written), number_text(used));
    let is_fraction = matches!(written, Number::Float(n) if n.is_finite() && n.trunc() == used.as_f64());
    out.push(if is_fraction {
        DecodeError::new(format!("{short} is not a whole number: {used_text} is used")).hint(format!("write {used_text}"))
    } else {
        let message = format!("{short} is out of range: {used_text} is used, as the original does");
        DecodeError::new(message).hint(format!("write a number {range}"))
    });
}

/// For messages: no hundred digits.
fn short_text(number: Number) -> String {
    match number {
        Number::Float(n) if n.abs() >= 1e21 => format!("{n:e}"),
        other => number_text(other),
    }
}

macro_rules! integers {
    ($ty:expr, $convert:ident, $variant:ident($wide:ty): $($int:ty),*) => {$(
        impl FromValue for $int {
            fn ty() -> Type {
                $ty
            }
            fn from_value(value: &Value) -> Result<Self, DecodeError> {
                // Cut off to the width, as the original does; `warnings` tells.
                Ok($convert(number(value, "number")?) as $int)
            }
            fn warnings(value: &Value, out: &mut Vec<DecodeError>) {
                if let Ok(used) = Self::from_value(value) {
                    let range = format!("from {} to {}", <$int>::MIN, <$int>::MAX);
                    note(value, Number::$variant(used as $wide), &range, out);
                }
            }
        }
        impl IntoValue for $int {
            fn into_value(&self) -> Value {
                Value::Number(Number::$variant(*self as $wide))
            }
        }
    )*};
}

integers!(Type::Int, to_i64, Int(i64): i8, i16, i32, i64, isize);
integers!(Type::Uint, to_u64, Uint(u64): u8, u16, u32, u64);

/// Counts and sizes. The original has signed integers there and refuses negative ones when it validates; where it gives
/// them a meaning, the field must be an `i64`.
impl FromValue for usize {
    fn ty() -> Type {
        Type::Int
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let number = to_i64(number(value, "number")?);
        Self::try_from(number).map_err(|_| DecodeError::new(format!("expected a number from 0, got {number}")))
    }
    fn warnings(value: &Value, out: &mut Vec<DecodeError>) {
        if let Ok(used) = Self::from_value(value) {
            note(value, Number::Uint(used as u64), "from 0", out);
        }
    }
}

impl IntoValue for usize {
    fn into_value(&self) -> Value {
        Value::Number(Number::Uint(*self as u64))
    }
}

impl FromValue for f64 {
    fn ty() -> Type {
        Type::Float
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        number(value, "number").map(Number::as_f64)
    }
}

impl IntoValue for f64 {
    fn into_value(&self) -> Value {
        Value::from(*self)
    }
}

/// Rounded to single precision, which shows when it is printed, as in the original.
impl FromValue for f32 {
    fn ty() -> Type {
        Type::Float
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        f64::from_value(value).map(|n| n as f32)
    }
}

impl IntoValue for f32 {
    fn into_value(&self) -> Value {
        Value::from(f64::from(*self))
    }
}

impl FromValue for bool {
    fn ty() -> Type {
        Type::Bool
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(false),
            Value::Bool(flag) => Ok(*flag),
            Value::String(text) if matches!(&**text, "true" | "false") => {
                Err(DecodeError::expected("bool", value).hint(format!("write {text} without quotes")))
            }
            _ => Err(DecodeError::expected("bool", value).hint("write true or false")),
        }
    }
}

impl IntoValue for bool {
    fn into_value(&self) -> Value {
        Value::Bool(*self)
    }
}
