//! Remote write 1.0: `prometheus.WriteRequest` as a snappy block.

use crate::proto::{DecodeError, Reader, field_len, put_head, put_text, put_varint, text_len, varint_len};
use crate::snappy::{Compressor, decompress};
use data::{Exemplar, Labels, Metadata, MetricBatch, MetricType};
use std::sync::Arc;

/// The `Content-Type` of requests.
pub const CONTENT_TYPE: &str = "application/x-protobuf";
/// The `Content-Encoding` of requests.
pub const CONTENT_ENCODING: &str = "snappy";
/// The value of the header `X-Prometheus-Remote-Write-Version`.
pub const VERSION: &str = "0.1.0";

const SERIES: u8 = 0x0a;
const METADATA: u8 = 0x1a;
const SAMPLE: u8 = 0x12;
const EXEMPLAR: u8 = 0x1a;

/// What a request holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Samples.
    pub samples: usize,
    /// Exemplars.
    pub exemplars: usize,
    /// Entries of metadata.
    pub metadata: usize,
    /// The oldest and the newest time of samples, in milliseconds since 1970; `None` without samples.
    pub times: Option<(i64, i64)>,
}

impl Counts {
    /// Everything in the request.
    pub fn total(&self) -> usize {
        self.samples + self.exemplars + self.metadata
    }
}

/// A finished request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The body to post: a snappy block.
    pub body: &'a [u8],
    /// The length before compression, in bytes.
    pub raw_len: usize,
    /// What it holds.
    pub counts: Counts,
}

/// Builds requests, one after the other, in buffers that are kept.
#[derive(Debug, Default)]
pub struct Encoder {
    raw: Vec<u8>,
    counts: Counts,
    sample: SampleTail,
    compressor: Compressor,
}

impl Encoder {
    /// An encoder without content.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was pushed since the last request.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// True when nothing was pushed since the last request.
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The length of the request so far before compression, in bytes.
    pub fn raw_len(&self) -> usize {
        self.raw.len()
    }

    /// Adds one sample. Labels have to be sorted, which label sets are. `timestamp` in milliseconds since 1970.
    #[inline]
    pub fn push(&mut self, labels: &Labels, value: f64, timestamp: i64) {
        let start = self.open(labels);
        self.sample.write(&mut self.raw, value, timestamp);
        self.close(start);
        self.counts.samples += 1;
        self.counts.times = Some(match self.counts.times {
            Some((first, last)) => (first.min(timestamp), last.max(timestamp)),
            None => (timestamp, timestamp),
        });
    }

    /// Adds one exemplar, as a series of its own. Without a time of its own it takes `timestamp`.
    pub fn push_exemplar(&mut self, exemplar: &Exemplar, timestamp: i64) {
        let start = self.open(&exemplar.series);
        let timestamp = exemplar.timestamp.unwrap_or(timestamp);
        let labels: usize = exemplar.labels.pairs().iter().map(|pair| pair.encoded().len()).sum();
        let mut tail = [0; 32];
        let tail_len = put_value(&mut tail, exemplar.value, timestamp, 0x11, 0x18);
        put_head(&mut self.raw, EXEMPLAR, labels + tail_len);
        for pair in exemplar.labels.pairs() {
            self.raw.extend_from_slice(pair.encoded());
        }
        self.raw.extend_from_slice(&tail[..tail_len]);
        self.close(start);
        self.counts.exemplars += 1;
    }

    /// Adds metadata of one family.
    pub fn push_metadata(&mut self, metadata: &Metadata) {
        let (family, help, unit) = (metadata.family.as_bytes(), metadata.help.as_bytes(), metadata.unit.as_bytes());
        let kind = metadata.kind as u8;
        let kind_len = if kind == 0 { 0 } else { 2 };
        put_head(&mut self.raw, METADATA, kind_len + text_len(family) + text_len(help) + text_len(unit));
        if kind != 0 {
            self.raw.extend_from_slice(&[0x08, kind]);
        }
        put_text(&mut self.raw, 0x12, family);
        put_text(&mut self.raw, 0x22, help);
        put_text(&mut self.raw, 0x2a, unit);
        self.counts.metadata += 1;
    }

    /// The request of everything pushed since the last one, which starts the next one. Above 4 GiB it is not
    /// representable: `None`, and the content is lost.
    pub fn finish(&mut self) -> Option<Request<'_>> {
        let counts = std::mem::take(&mut self.counts);
        let raw_len = self.raw.len();
        let body = self.compressor.compress(&self.raw);
        self.raw.clear();
        Some(Request { body: body?, raw_len, counts })
    }

    /// Forgets everything pushed since the last request.
    pub fn clear(&mut self) {
        self.raw.clear();
        self.counts = Counts::default();
    }

    /// Gives memory back when a request was larger than `most` bytes before compression.
    pub fn shrink(&mut self, most: usize) {
        if self.raw.is_empty() && self.raw.capacity() > most {
            self.raw = Vec::new();
        }
        self.compressor.shrink(most + most / 4);
    }

    /// Starts a series: its labels, after room for tag and length.
    #[inline]
    fn open(&mut self, labels: &Labels) -> usize {
        let start = self.raw.len();
        // Two bytes of length fit series of 128 to 16,383 bytes, nearly all.
        self.raw.extend_from_slice(&[SERIES, 0, 0]);
        for pair in labels.pairs() {
            self.raw.extend_from_slice(pair.encoded());
        }
        start
    }

    /// Writes the length of the series that starts at `start`.
    #[inline]
    fn close(&mut self, start: usize) {
        let body = start + 3;
        let length = self.raw.len() - body;
        if (0x80..0x4000).contains(&length) {
            self.raw[start + 1] = length as u8 | 0x80;
            self.raw[start + 2] = (length >> 7) as u8;
        } else if length < 0x80 {
            self.raw[start + 1] = length as u8;
            self.raw.copy_within(body.., body - 1);
            self.raw.truncate(body - 1 + length);
        } else {
            self.close_other(start, length);
        }
    }

    #[cold]
    fn close_other(&mut self, start: usize, length: usize) {
        let mut varint = Vec::with_capacity(varint_len(length as u64));
        put_varint(&mut varint, length as u64);
        self.raw.splice(start + 1..start + 3, varint);
    }
}

/// The encoded end of a sample. Samples of one scrape have one time, so the bytes of the time are kept.
#[derive(Debug, Default)]
struct SampleTail {
    timestamp: i64,
    bytes: [u8; 11],
    len: u8,
}

impl SampleTail {
    #[inline]
    fn write(&mut self, out: &mut Vec<u8>, value: f64, timestamp: i64) {
        if timestamp != self.timestamp {
            self.timestamp = timestamp;
            self.len = put_time(&mut self.bytes, timestamp, 0x10) as u8;
        }
        let mut message = [0; 32];
        message[0] = SAMPLE;
        let mut end = 2;
        // Zero is not written, and as in the original that goes for -0 too.
        if value != 0.0 {
            message[2] = 0x09;
            message[3..11].copy_from_slice(&value.to_le_bytes());
            end = 11;
        }
        message[end..end + 11].copy_from_slice(&self.bytes);
        end += self.len as usize;
        message[1] = (end - 2) as u8;
        out.extend_from_slice(&message[..end]);
    }
}

/// Writes a value and a time with these tags, zeros left out; how many bytes it took.
fn put_value(out: &mut [u8; 32], value: f64, timestamp: i64, value_tag: u8, time_tag: u8) -> usize {
    let mut end = 0;
    if value != 0.0 {
        out[0] = value_tag;
        out[1..9].copy_from_slice(&value.to_le_bytes());
        end = 9;
    }
    let mut time = [0; 11];
    let len = put_time(&mut time, timestamp, time_tag);
    out[end..end + len].copy_from_slice(&time[..len]);
    end + len
}

fn put_time(out: &mut [u8; 11], timestamp: i64, tag: u8) -> usize {
    if timestamp == 0 {
        return 0;
    }
    out[0] = tag;
    let mut n = timestamp as u64;
    let mut end = 1;
    while n >= 0x80 {
        out[end] = n as u8 | 0x80;
        n >>= 7;
        end += 1;
    }
    out[end] = n as u8;
    end + 1
}

/// What a received request holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WriteRequest {
    /// Series in the order of the message.
    pub series: Vec<Series>,
    /// Metadata.
    pub metadata: Vec<Metadata>,
}

/// A received series.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its labels.
    pub labels: Labels,
    /// Values and times in milliseconds since 1970.
    pub samples: Vec<(f64, i64)>,
    /// Exemplars; all of them have a time.
    pub exemplars: Vec<Exemplar>,
    /// How many native histograms it has; they are not decoded.
    pub histograms: usize,
}

impl WriteRequest {
    /// The same as a batch.
    pub fn into_batch(self) -> MetricBatch {
        let mut batch = MetricBatch::default();
        let inner = batch.make_mut();
        inner.metadata = self.metadata;
        for Series { labels, samples, exemplars, .. } in self.series {
            inner.samples.extend(samples.into_iter().map(|(value, timestamp)| data::Sample { labels: labels.clone(), timestamp, value }));
            inner.exemplars.extend(exemplars);
        }
        batch
    }
}

/// Reads a request of at most `most` bytes before compression.
///
/// # Errors
/// When it is no snappy block, too large, or not a write request.
pub fn decode(body: &[u8], most: usize) -> Result<WriteRequest, DecodeError> {
    let message = decompress(body, most)?;
    let mut reader = Reader::new(&message);
    let mut request = WriteRequest::default();
    while let Some((number, field)) = reader.next()? {
        match number {
            1 => request.series.push(decode_series(reader.bytes(field)?)?),
            3 => request.metadata.push(decode_metadata(reader.bytes(field)?)?),
            _ => {}
        }
    }
    Ok(request)
}

fn decode_series(message: &[u8]) -> Result<Series, DecodeError> {
    let mut reader = Reader::new(message);
    let (mut pairs, mut samples, mut exemplars, mut histograms) = (Vec::new(), Vec::new(), Vec::new(), 0);
    while let Some((number, field)) = reader.next()? {
        match number {
            1 => pairs.push(decode_label(reader.bytes(field)?)?),
            2 => {
                let (_, value, timestamp) = decode_value(reader.bytes(field)?, 1)?;
                samples.push((value, timestamp));
            }
            3 => exemplars.push(decode_value(reader.bytes(field)?, 2)?),
            4 => histograms += 1,
            _ => {}
        }
    }
    let labels = Labels::from_pairs(pairs);
    let exemplars = exemplars.into_iter().map(|(pairs, value, timestamp)| {
        let series = labels.clone();
        Exemplar { series, labels: Labels::from_pairs(pairs), value, timestamp: Some(timestamp) }
    });
    let exemplars = exemplars.collect();
    Ok(Series { labels, samples, exemplars, histograms })
}

fn decode_label(message: &[u8]) -> Result<(&str, &str), DecodeError> {
    let mut reader = Reader::new(message);
    let mut pair = ("", "");
    while let Some((number, field)) = reader.next()? {
        match number {
            1 => pair.0 = reader.text(field)?,
            2 => pair.1 = reader.text(field)?,
            _ => {}
        }
    }
    Ok(pair)
}

type Value<'a> = (Vec<(&'a str, &'a str)>, f64, i64);

/// A sample, whose value is field 1, or an exemplar, whose value is field 2 after labels.
fn decode_value(message: &[u8], value_at: u64) -> Result<Value<'_>, DecodeError> {
    let mut reader = Reader::new(message);
    let mut result = (Vec::new(), 0.0, 0);
    while let Some((number, field)) = reader.next()? {
        match number {
            n if n == value_at => result.1 = reader.double(field)?,
            n if n == value_at + 1 => result.2 = reader.int(field)?,
            1 => result.0.push(decode_label(reader.bytes(field)?)?),
            _ => {}
        }
    }
    Ok(result)
}

fn decode_metadata(message: &[u8]) -> Result<Metadata, DecodeError> {
    let mut reader = Reader::new(message);
    let mut metadata = Metadata { family: Arc::from(""), kind: MetricType::Unknown, help: Arc::from(""), unit: Arc::from("") };
    while let Some((number, field)) = reader.next()? {
        match number {
            1 => metadata.kind = kind(reader.int(field)?),
            2 => metadata.family = reader.text(field)?.into(),
            4 => metadata.help = reader.text(field)?.into(),
            5 => metadata.unit = reader.text(field)?.into(),
            _ => {}
        }
    }
    Ok(metadata)
}

fn kind(number: i64) -> MetricType {
    match number {
        1 => MetricType::Counter,
        2 => MetricType::Gauge,
        3 => MetricType::Histogram,
        4 => MetricType::GaugeHistogram,
        5 => MetricType::Summary,
        6 => MetricType::Info,
        7 => MetricType::StateSet,
        _ => MetricType::Unknown,
    }
}

/// How many bytes one sample of this series takes in a request before compression.
pub fn sample_len(labels: &Labels) -> usize {
    const SAMPLE_LEN: usize = 18;
    field_len(labels.pairs().iter().map(|pair| pair.encoded().len()).sum::<usize>() + SAMPLE_LEN)
}

#[cfg(test)]
mod tests;
