//! Sizes in bytes, in steps of 1024.

use crate::decode::{DecodeError, FromValue, IntoValue};
use crate::schema::Type;
use crate::value_model::Value;
use std::fmt;
use std::str::FromStr;

/// A number of bytes, written as `512KiB`, `1.5MiB`, `1MiB512KiB` or `64KB` (also of 1024).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub i64);

const LETTERS: [&str; 7] = ["", "K", "M", "G", "T", "P", "E"];

impl ByteSize {
    /// A number of KiB.
    pub const fn kib(n: i64) -> Self {
        Self(n.saturating_mul(1024))
    }

    /// A number of MiB.
    pub const fn mib(n: i64) -> Self {
        Self(n.saturating_mul(1024 * 1024))
    }

    /// Bytes; less than nothing is nothing.
    pub fn bytes(self) -> u64 {
        u64::try_from(self.0).unwrap_or(0)
    }

    /// True for no bytes.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// Largest unit first, every part that is not zero: `1MiB512KiB`.
impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut n, mut out) = (self.0, String::new());
        for (i, letter) in LETTERS.iter().enumerate() {
            if n % 1024 != 0 || (i == 0 && n == 0) {
                let suffix = if i == 0 { "B" } else { "iB" };
                out = format!("{}{letter}{suffix}{out}", n % 1024);
            }
            n /= 1024;
        }
        f.pad(&out)
    }
}

impl FromStr for ByteSize {
    type Err = DecodeError;

    fn from_str(text: &str) -> Result<Self, DecodeError> {
        // Both families of units, but never mixed, as in the original.
        parse(text, "iB").or_else(|_| parse(text, "B")).map(Self).map_err(|cause| {
            let mixed = text.contains("iB") && cause.contains("iB");
            let cause = if mixed { "units such as KiB and KB cannot be mixed".into() } else { cause };
            DecodeError::new(format!("{text:?} is not a size: {cause}"))
                .hint("write a number and a unit, such as \"512KiB\" or \"10MiB\"; units are B, KiB, MiB, GiB, TiB")
        })
    }
}

fn parse(text: &str, suffix: &str) -> Result<i64, String> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err("it is empty".into());
    }
    let mut sum = 0f64;
    while !rest.is_empty() {
        let (number, after) = number(rest)?;
        let end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (name, after) = after.split_at(end);
        sum += number * unit(name, suffix)?;
        rest = after;
    }
    let sum = if negative { -sum } else { sum };
    if !(-9_223_372_036_854_775_808.0..=9_223_372_036_854_775_808.0).contains(&sum) {
        return Err("it is too large".into());
    }
    // Exactly 2^63 wraps in the original.
    Ok(if sum >= 9_223_372_036_854_775_808.0 { i64::MIN } else { sum as i64 })
}

/// A number with an optional fraction, and what follows.
fn number(text: &str) -> Result<(f64, &str), String> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = text.split_at(digits(text));
    let (decimals, rest) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(digits(rest)),
        None => ("", rest),
    };
    if whole.is_empty() && decimals.is_empty() {
        return Err("a number is missing".into());
    }
    let integer = |text: &str| match text {
        "" => Ok(0),
        text => text.parse::<i64>().map_err(|_| "it is too large".to_owned()),
    };
    let scale = decimals.bytes().fold(1f64, |scale, _| scale * 10.0);
    Ok((integer(whole)? as f64 + integer(decimals)? as f64 / scale, rest))
}

fn unit(name: &str, suffix: &str) -> Result<f64, String> {
    let mut size = 1f64;
    for letter in LETTERS {
        let fits = if letter.is_empty() { name == "B" } else { name.strip_prefix(letter) == Some(suffix) };
        if fits {
            return Ok(size);
        }
        size *= 1024.0;
    }
    Err(match name {
        "" => "the unit is missing".into(),
        name if name.starts_with('k') => format!("there is no unit {name:?}, only \"KiB\" with a capital K"),
        name => format!("there is no unit {name:?}"),
    })
}

impl FromValue for ByteSize {
    fn ty() -> Type {
        Type::Text("units.Base2Bytes")
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(Self(0)),
            other => String::from_value(other)?.parse(),
        }
    }
}

impl IntoValue for ByteSize {
    fn into_value(&self) -> Value {
        Value::string(self.to_string())
    }
}
