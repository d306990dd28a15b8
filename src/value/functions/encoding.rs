//! `encoding`: base64, JSON, YAML and percent encoding.

use super::args::{arity, octets, text, whole};
use super::json_codec::{self, Dialect};
use super::{Entry, entry, yaml};
use crate::bytes;
use crate::value_model::{CallError, Value};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

pub(super) const FUNCTIONS: &[Entry] = &[
    entry("encoding.from_URLbase64", "encoding.from_URLbase64(text)", from_url_base64),
    entry("encoding.from_base64", "encoding.from_base64(text)", from_base64),
    entry("encoding.from_json", "encoding.from_json(text)", from_json),
    entry("encoding.from_yaml", "encoding.from_yaml(text)", from_yaml),
    entry("encoding.to_URLbase64", "encoding.to_URLbase64(text)", to_url_base64),
    entry("encoding.to_base64", "encoding.to_base64(text)", to_base64),
    entry("encoding.to_json", "encoding.to_json(object)", to_json),
    entry("encoding.url_decode", "encoding.url_decode(text)", url_decode),
    entry("encoding.url_encode", "encoding.url_encode(text)", url_encode),
];

/// Padding is required; bits that no byte needs may be set.
const PADDED: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireCanonical).with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, PADDED);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, PADDED);

fn from_base64(args: &[Value]) -> Result<Value, CallError> {
    decode(args, &STANDARD)
}

fn from_url_base64(args: &[Value]) -> Result<Value, CallError> {
    decode(args, &URL_SAFE)
}

/// Line breaks are skipped.
fn decode(args: &[Value], engine: &GeneralPurpose) -> Result<Value, CallError> {
    arity(args, 1)?;
    let encoded = text(args, 0)?.replace(['\r', '\n'], "");
    match engine.decode(encoded) {
        Ok(decoded) => Ok(bytes::from_bytes(&decoded)),
        Err(error) => Err(whole(format!("not base64: {}", error.to_string().to_lowercase().trim_end_matches('.')))),
    }
}

fn to_base64(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 1)?;
    Ok(Value::from(STANDARD.encode(octets(args, 0)?)))
}

fn to_url_base64(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 1)?;
    Ok(Value::from(URL_SAFE.encode(octets(args, 0)?)))
}

fn from_json(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 1)?;
    json_codec::parse(&text(args, 0)?, Dialect::Standard).map_err(whole)
}

fn from_yaml(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 1)?;
    match String::from_utf8(octets(args, 0)?) {
        Ok(text) => yaml::parse(&text).map_err(whole),
        Err(_) => Err(whole("not YAML: it is not UTF-8")),
    }
}

fn to_json(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 1)?;
    match &args[0] {
        object @ Value::Object(_) => json_codec::encode(object).map(Value::from).map_err(whole),
        other => Err(super::args::mismatch(0, "an object", other)),
    }
}

/// As in a query: spaces become `+`.
fn url_encode(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 1)?;
    let mut out = String::new();
    for byte in octets(args, 0)? {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(Value::from(out))
}

fn url_decode(args: &[Value]) -> Result<Value, CallError> {
    arity(args, 1)?;
    let encoded = text(args, 0)?;
    let mut out = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |i: usize| tail.get(i).and_then(|b| char::from(*b).to_digit(16));
        rest = tail;
        match (first, digit(0), digit(1)) {
            (b'+', ..) => out.push(b' '),
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                rest = &tail[2..];
            }
            (b'%', ..) => return Err(whole("a `%` must be followed by two hexadecimal digits")),
            (byte, ..) => out.push(*byte),
        }
    }
    Ok(Value::from(String::from_utf8_lossy(&out).into_owned()))
}
