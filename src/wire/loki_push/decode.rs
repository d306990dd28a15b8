//! Requests received as protobuf.

use super::labels::{LabelsError, parse_labels};
use crate::proto::{DecodeError, Field, Reader};
use crate::snappy::decompress;
use bytes::Bytes;
use data::{Entry, Labels, Stream};
use std::sync::Arc;

/// What a request brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pushed {
    /// Streams whose labels were understood, in the order of the request.
    pub streams: Vec<Stream>,
    /// Why the last of the other streams was not: the others are taken, but the answer is an error.
    pub refused: Option<LabelsError>,
}

impl Pushed {
    pub(super) fn add(&mut self, labels: Result<Labels, LabelsError>, entries: Vec<Entry>) {
        match labels {
            Ok(labels) => self.streams.push(Stream { labels, entries }),
            Err(error) => self.refused = Some(error),
        }
    }
}

/// Reads a snappy block of at most `most` bytes before compression. Lines are slices of one buffer.
///
/// # Errors
/// When it is no snappy block, too large, or not a push request.
pub fn decode(body: &[u8], most: usize) -> Result<Pushed, DecodeError> {
    let message = Bytes::from(decompress(body, most)?);
    let mut reader = Reader::new(&message);
    let mut pushed = Pushed::default();
    while let Some((number, field)) = reader.next()? {
        if number == 1 {
            stream(reader.bytes(field)?, &message, &mut pushed)?;
        }
    }
    Ok(pushed)
}

fn stream(bytes: &[u8], message: &Bytes, pushed: &mut Pushed) -> Result<(), DecodeError> {
    let mut reader = Reader::new(bytes);
    let (mut labels, mut entries) = ("", Vec::new());
    while let Some((number, field)) = reader.next()? {
        match number {
            1 => labels = reader.text(field)?,
            2 => entries.push(entry(reader.bytes(field)?, message)?),
            _ => {}
        }
    }
    pushed.add(parse_labels(labels), entries);
    Ok(())
}

fn entry(bytes: &[u8], message: &Bytes) -> Result<Entry, DecodeError> {
    let mut reader = Reader::new(bytes);
    let mut entry = Entry::new(0, Bytes::new());
    let mut metadata = Vec::new();
    while let Some((number, field)) = reader.next()? {
        match number {
            1 => entry.timestamp = timestamp(reader.bytes(field)?)?,
            2 => entry.line = line(reader.bytes(field)?, message),
            3 => metadata.push(pair(reader.bytes(field)?)?),
            _ => {}
        }
    }
    entry.metadata = (!metadata.is_empty()).then(|| Arc::new(metadata));
    Ok(entry)
}

/// Lines are UTF-8 from here on.
fn line(bytes: &[u8], message: &Bytes) -> Bytes {
    match String::from_utf8_lossy(bytes) {
        std::borrow::Cow::Borrowed(_) => message.slice_ref(bytes),
        std::borrow::Cow::Owned(text) => Bytes::from(text),
    }
}

fn timestamp(bytes: &[u8]) -> Result<i64, DecodeError> {
    let mut reader = Reader::new(bytes);
    let (mut seconds, mut nanos) = (0i64, 0i64);
    while let Some((number, field)) = reader.next()? {
        match number {
            1 => seconds = reader.int(field)?,
            2 => nanos = reader.int(field)?,
            _ => {}
        }
    }
    Ok(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

fn pair(bytes: &[u8]) -> Result<(Arc<str>, Arc<str>), DecodeError> {
    let mut reader = Reader::new(bytes);
    let mut pair: (Arc<str>, Arc<str>) = (Arc::from(""), Arc::from(""));
    while let Some((number, field)) = reader.next()? {
        match (number, field) {
            (1, Field::Bytes(_)) => pair.0 = reader.text(field)?.into(),
            (2, Field::Bytes(_)) => pair.1 = reader.text(field)?.into(),
            _ => {}
        }
    }
    Ok(pair)
}
