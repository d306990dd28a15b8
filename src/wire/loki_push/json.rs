//! Requests received as JSON: `{"streams": [{"stream": {…}, "values": [["<ns>", "line", {…}]]}]}`, and the older form
//! `{"streams": [{"labels": "{…}", "entries": [{"ts": "2024-…", "line": "…"}]}]}`.

use super::decode::Pushed;
use super::labels::{LabelsError, check_labels, parse_labels};
use crate::proto::DecodeError;
use bytes::Bytes;
use data::{Entry, Labels};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow, default)]
    streams: Option<Vec<Stream<'a>>>,
}

#[derive(Deserialize)]
struct Stream<'a> {
    #[serde(borrow, default)]
    stream: Option<BTreeMap<Cow<'a, str>, &'a RawValue>>,
    #[serde(borrow, default)]
    values: Option<Vec<Option<Values<'a>>>>,
    #[serde(borrow, default)]
    labels: Option<Cow<'a, str>>,
    #[serde(default)]
    entries: Vec<OldEntry>,
}

#[derive(Deserialize)]
struct OldEntry {
    ts: String,
    line: String,
}

/// Time in nanoseconds, line, structured metadata; anything after them is ignored.
struct Values<'a>(Text<'a>, Text<'a>, Option<Vec<(Arc<str>, Arc<str>)>>);

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Reads a JSON body.
///
/// # Errors
/// When it is not JSON, or not of this form.
pub fn decode_json(body: &[u8]) -> Result<Pushed, DecodeError> {
    let wrong = |error: serde_json::Error| DecodeError::Json(error.to_string());
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(DecodeError::Json("expected an object".to_owned()));
    }
    // A stream decoder: what follows the object is not looked at, as in the original.
    let mut bodies = serde_json::Deserializer::from_slice(body).into_iter::<Request<'_>>();
    let request = bodies.next().transpose().map_err(wrong)?.ok_or_else(|| DecodeError::Json("it is empty".to_owned()))?;
    let mut pushed = Pushed::default();
    for stream in request.streams.unwrap_or_default() {
        let labels = match (&stream.stream, &stream.labels) {
            (Some(labels), _) => object_labels(labels).map_err(wrong)?,
            (None, labels) => parse_labels(labels.as_deref().unwrap_or("")),
        };
        let mut entries = Vec::new();
        for values in stream.values.unwrap_or_default().into_iter().flatten() {
            entries.push(entry(values)?);
        }
        for old in stream.entries {
            let timestamp = rfc3339(&old.ts).ok_or_else(|| DecodeError::Json(format!("{:?} is not a time", old.ts)))?;
            entries.push(Entry::new(timestamp, old.line));
        }
        pushed.add(labels, entries);
    }
    Ok(pushed)
}

/// Labels of an object. Values that are no text count as they are written.
fn object_labels(labels: &BTreeMap<Cow<'_, str>, &RawValue>) -> Result<Result<Labels, LabelsError>, serde_json::Error> {
    let mut pairs = Vec::with_capacity(labels.len());
    for (name, value) in labels {
        let raw = value.get();
        let value = if raw.starts_with('"') { serde_json::from_str::<String>(raw)? } else { raw.to_owned() };
        pairs.push((name.as_ref(), value));
    }
    Ok(check_labels(&pairs))
}

fn entry(values: Values<'_>) -> Result<Entry, DecodeError> {
    let Values(time, line, metadata) = values;
    let timestamp = time.0.parse().map_err(|_| DecodeError::Json(format!("{:?} is not a time in nanoseconds", time.0)))?;
    let metadata = metadata.filter(|pairs| !pairs.is_empty()).map(Arc::new);
    Ok(Entry { timestamp, line: Bytes::from(line.0.into_owned()), metadata })
}

impl<'de: 'a, 'a> Deserialize<'de> for Values<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> serde::de::Visitor<'de> for Visitor<'a> {
            type Value = Values<'a>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a time in nanoseconds, a line, and structured metadata")
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let missing = |n| <A::Error as serde::de::Error>::invalid_length(n, &self);
                let time = seq.next_element()?.ok_or_else(|| missing(0))?;
                let line = seq.next_element()?.ok_or_else(|| missing(1))?;
                let metadata = seq.next_element::<Metadata>()?.map(|metadata| metadata.0);
                while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                Ok(Values(time, line, metadata))
            }
        }
        deserializer.deserialize_seq(Visitor(std::marker::PhantomData))
    }
}

/// Names and values in the order they are written.
struct Metadata(Vec<(Arc<str>, Arc<str>)>);

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Metadata;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of texts")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, String>()? {
                    pairs.push((Arc::from(name), Arc::from(value)));
                }
                Ok(Metadata(pairs))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// Nanoseconds since 1970 of `2024-05-01T10:20:30.123456789Z` or with an offset such as `+02:00`.
fn rfc3339(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i64>().ok()).flatten()
    };
    let bytes = text.as_bytes();
    let separators = [(4, b"-"), (7, b"-"), (10, b"Tt"), (13, b":"), (16, b":")] as [(usize, &[u8]); 5];
    if !separators.iter().all(|(at, any)| bytes.get(*at).is_some_and(|b| any.contains(b))) {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let mut rest = &text[19..];
    let mut nanos = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
        if end == 0 {
            return None;
        }
        let digits: String = fraction[..end].chars().chain("000000000".chars()).take(9).collect();
        nanos = digits.parse().ok()?;
        rest = &fraction[end..];
    }
    let offset = offset(rest)?;
    let valid = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    valid.then(|| seconds.checked_mul(1_000_000_000)?.checked_add(nanos)).flatten()
}

/// Seconds east of Greenwich of `Z` or `+02:00`.
fn offset(text: &str) -> Option<i64> {
    if text == "Z" || text == "z" {
        return Some(0);
    }
    let sign = match text.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let two = |t: &str| (t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse::<i64>().ok()).flatten();
    Some(sign * (two(hours)? * 3600 + two(minutes)? * 60))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that start in March: the leap day is their last day.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, want) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T23:59:59.5Z", Some(951_868_799_500_000_000)),
            ("2024-05-01T10:20:30.123456789+02:00", Some(1_714_551_630_123_456_789)),
            ("2024-13-01T10:20:30Z", None),
            ("2024-05-01 10:20:30Z", None),
            ("2024-05-01T10:20:30", None),
            ("2024-05-01T10:20:30.Z", None),
            ("é024-05-01T10:20:30Z", None),
            ("", None),
        ] {
            assert_eq!(rfc3339(text), want, "{text}");
        }
    }
}
