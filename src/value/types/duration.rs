//! Durations, written and printed as Go does.

use crate::decode::{DecodeError, FromValue, IntoValue};
use crate::schema::Type;
use crate::value_model::Value;
use std::fmt;
use std::str::FromStr;

/// A span of time in nanoseconds; may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

impl Duration {
    /// No time.
    pub const ZERO: Self = Self(0);

    /// Whole seconds; at most some 292 years.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND as i64))
    }

    /// Milliseconds; at most some 292 years.
    pub const fn from_millis(milliseconds: i64) -> Self {
        Self(milliseconds.saturating_mul(MILLISECOND as i64))
    }

    /// Nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// For timers: less than nothing is nothing.
    pub fn std(self) -> std::time::Duration {
        std::time::Duration::from_nanos(u64::try_from(self.0).unwrap_or(0))
    }

    /// Seconds with their fraction.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }

    /// True for no time.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl From<std::time::Duration> for Duration {
    fn from(duration: std::time::Duration) -> Self {
        Self(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX))
    }
}

/// `1h2m3s`, `1.5s`, `200ms`, `0s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let text = match n {
            0 => "0s".to_owned(),
            1..MICROSECOND => format!("{n}ns"),
            MICROSECOND..MILLISECOND => format!("{}µs", fraction(n, MICROSECOND)),
            MILLISECOND..SECOND => format!("{}ms", fraction(n, MILLISECOND)),
            SECOND..MINUTE => format!("{}s", fraction(n, SECOND)),
            MINUTE..HOUR => format!("{}m{}s", n / MINUTE, fraction(n % MINUTE, SECOND)),
            _ => format!("{}h{}m{}s", n / HOUR, n % HOUR / MINUTE, fraction(n % MINUTE, SECOND)),
        };
        f.pad(&format!("{sign}{text}"))
    }
}

/// `n` in units, with as many digits after the point as needed.
fn fraction(n: u64, unit: u64) -> String {
    let (whole, rest) = (n / unit, n % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let width = unit.ilog10() as usize;
    let digits = format!("{rest:0width$}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

impl FromStr for Duration {
    type Err = DecodeError;

    fn from_str(text: &str) -> Result<Self, DecodeError> {
        parse(text).map(Self).map_err(|cause| {
            DecodeError::new(format!("{text:?} is not a duration: {cause}"))
                .hint("write a number and a unit, such as \"30s\", \"5m\", \"1h30m\"; units are ns, us, ms, s, m, h")
        })
    }
}

fn parse(text: &str) -> Result<i64, String> {
    const TOO_LONG: &str = "it is longer than 292 years";
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
    let mut sum = 0u64;
    while !rest.is_empty() {
        let (part, after) = component(rest)?;
        sum = sum.checked_add(part).filter(|n| *n <= 1 << 63).ok_or(TOO_LONG)?;
        rest = after;
    }
    match negative {
        true => Ok((sum as i64).wrapping_neg()),
        false => i64::try_from(sum).map_err(|_| TOO_LONG.to_owned()),
    }
}

/// One number with its unit, and what follows.
fn component(text: &str) -> Result<(u64, &str), String> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = text.split_at(digits(text));
    let (decimals, rest) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(digits(rest)),
        None => ("", rest),
    };
    if whole.is_empty() && decimals.is_empty() {
        return Err("a number is missing".into());
    }
    let (name, rest) = rest.split_at(rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len()));
    let unit = match name {
        "ns" => 1,
        "us" | "µs" | "μs" => MICROSECOND,
        "ms" => MILLISECOND,
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        "" => return Err("the unit is missing".into()),
        "d" | "w" | "y" => return Err(format!("there is no unit {name:?}, the largest is \"h\"")),
        other => return Err(format!("there is no unit {other:?}")),
    };
    let too_long = || "it is longer than 292 years".to_owned();
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| too_long())? };
    let whole = whole.checked_mul(unit).filter(|n| *n <= 1 << 63).ok_or_else(too_long)?;
    let total = whole + fraction_of(decimals, unit);
    if total > 1 << 63 {
        return Err(too_long());
    }
    Ok((total, rest))
}

/// `0.decimals` of a unit, cut off to nanoseconds. Digits that no longer fit are ignored, as in the original.
fn fraction_of(decimals: &str, unit: u64) -> u64 {
    let (mut value, mut scale, mut full) = (0u64, 1f64, false);
    for digit in decimals.bytes().map(|b| u64::from(b - b'0')) {
        let next = value.checked_mul(10).and_then(|n| n.checked_add(digit)).filter(|n| *n <= 1 << 63);
        match next {
            Some(next) if !full && value <= (1 << 63) / 10 => {
                value = next;
                scale *= 10.0;
            }
            _ => full = true,
        }
    }
    (value as f64 * (unit as f64 / scale)) as u64
}

impl FromValue for Duration {
    fn ty() -> Type {
        Type::Duration
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(Self::ZERO),
            other => String::from_value(other)?.parse(),
        }
    }
}

impl IntoValue for Duration {
    fn into_value(&self) -> Value {
        Value::string(self.to_string())
    }
}
