//! What plain scalars mean: null, bool, number, time or text.

use super::timestamp;
use crate::number::{Number, without_underscores};
use crate::value_model::Value;

pub(super) const STR: &str = "!!str";
pub(super) const NULL: &str = "!!null";
pub(super) const MERGE: &str = "!!merge";
pub(super) const BINARY: &str = "!!binary";
const BOOL: &str = "!!bool";
const INT: &str = "!!int";
const FLOAT: &str = "!!float";
const TIMESTAMP: &str = "!!timestamp";

/// `!!str` instead of `tag:yaml.org,2002:str`.
pub(super) fn short_tag(tag: &str) -> String {
    match tag.strip_prefix("tag:yaml.org,2002:") {
        Some(rest) => format!("!!{rest}"),
        None => tag.to_owned(),
    }
}

/// The tag and the value of a scalar that is written `tag text`; an empty tag lets the text decide.
pub(super) fn resolve(tag: &str, text: &str) -> Result<(&'static str, Value), String> {
    let string = || Value::string(text);
    match tag {
        "" => Ok(implicit(text, true)),
        STR => Ok((STR, string())),
        BOOL | INT | FLOAT | NULL | TIMESTAMP => match implicit(text, tag == TIMESTAMP) {
            (INT, Value::Number(number @ Number::Int(_))) if tag == FLOAT => Ok((FLOAT, Value::from(number.as_f64()))),
            (found, value) if found == tag => Ok((found, value)),
            (found, _) => Err(format!("not YAML: cannot read {found} `{}` as {tag}", super::super::json_codec::head(text))),
        },
        BINARY => Ok((BINARY, string())),
        _ => Ok(("", string())),
    }
}

fn implicit(text: &str, times: bool) -> (&'static str, Value) {
    let string = (STR, Value::string(text));
    let Some(first) = text.bytes().next() else { return (NULL, Value::Null) };
    if let Some(word) = word(text) {
        return word;
    }
    match first {
        b'.' => without_underscores(text).and_then(|text| go_float(&text)).map_or(string, |number| (FLOAT, Value::from(number))),
        b'+' | b'-' | b'0'..=b'9' => {
            let time = timestamp::parse(text).filter(|_| times).map(|time| (TIMESTAMP, Value::from(time)));
            time.or_else(|| number(&text.replace('_', ""))).unwrap_or(string)
        }
        _ => string,
    }
}

fn word(text: &str) -> Option<(&'static str, Value)> {
    Some(match text {
        "true" | "True" | "TRUE" => (BOOL, Value::Bool(true)),
        "false" | "False" | "FALSE" => (BOOL, Value::Bool(false)),
        "~" | "null" | "Null" | "NULL" => (NULL, Value::Null),
        ".nan" | ".NaN" | ".NAN" => (FLOAT, Value::from(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => (FLOAT, Value::from(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => (FLOAT, Value::from(f64::NEG_INFINITY)),
        "<<" => (MERGE, Value::from("<<")),
        _ => return None,
    })
}

fn number(text: &str) -> Option<(&'static str, Value)> {
    // What stands after these two prefixes, and no others, may have a sign.
    let signed = text.strip_prefix("0o").map(|digits| (8, digits)).or_else(|| Some((2, text.strip_prefix("0b")?)));
    if let Some(int) = signed.and_then(|(radix, digits)| i64::from_str_radix(digits, radix).ok()) {
        return Some((INT, Value::from(int)));
    }
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let signed = digits.len() < text.len();
    let radix = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => Some((16, &digits[2..])),
        [b'0', b'o' | b'O', ..] => Some((8, &digits[2..])),
        [b'0', b'b' | b'B', ..] => Some((2, &digits[2..])),
        [b'0', _, ..] => Some((8, &digits[1..])),
        _ => None,
    };
    let (radix, digits) = radix.unwrap_or((10, digits));
    // A further sign would be accepted by the standard library.
    let magnitude = if digits.starts_with('+') { None } else { u64::from_str_radix(digits, radix).ok() };
    if let Some(magnitude) = magnitude {
        let int = if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() };
        if let Some(int) = int {
            return Some((INT, Value::from(int)));
        }
        if !signed {
            return Some((INT, Value::from(magnitude)));
        }
    }
    plain_float(text).then(|| go_float(text)).flatten().map(|number| (FLOAT, Value::from(number)))
}

/// Digits with an optional point and exponent.
fn plain_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (unsigned, "0"),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let some = if whole.is_empty() { !fraction.is_empty() } else { true };
    some && digits(whole) && digits(fraction) && !exponent.is_empty() && digits(exponent)
}

/// Numbers beyond the range are no numbers.
fn go_float(text: &str) -> Option<f64> {
    plain_float(text).then(|| text.parse::<f64>().ok()).flatten().filter(|number| number.is_finite())
}
