//! Requests to send.

use super::labels::stream_labels;
use crate::proto::{field_len, put_head, put_text, put_varint, text_len, varint_len};
use crate::snappy::Compressor;
use data::{Entry, Labels};
use hashbrown::HashMap;

const STREAM: u8 = 0x0a;
const ENTRY: u8 = 0x12;
const NANOS: i64 = 1_000_000_000;

/// What a request holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines.
    pub entries: usize,
    /// Bytes of the lines and of their structured metadata.
    pub bytes: usize,
    /// The oldest and the newest time, in nanoseconds since 1970; `None` without lines.
    pub times: Option<(i64, i64)>,
}

/// A finished request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The body to post: a snappy block.
    pub body: &'a [u8],
    /// The length before compression, in bytes.
    pub raw_len: usize,
    /// How many streams it holds.
    pub streams: usize,
    /// What else it holds.
    pub counts: Counts,
}

/// Groups lines by stream and builds requests, one after the other, in buffers that are kept.
#[derive(Debug, Default)]
pub struct Encoder {
    streams: Vec<Stream>,
    used: usize,
    by_address: HashMap<usize, usize, foldhash::fast::FixedState>,
    by_text: HashMap<Box<str>, usize, foldhash::fast::FixedState>,
    last: Option<(Labels, usize)>,
    counts: Counts,
    encoded: usize,
    raw: Vec<u8>,
    compressor: Compressor,
}

#[derive(Debug, Default)]
struct Stream {
    /// Clones of the label sets that name it, which keeps their addresses theirs.
    held: Vec<Labels>,
    text: Box<str>,
    entries: Vec<u8>,
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
        self.counts.entries == 0
    }

    /// The length of the lines so far before compression, in bytes, without the streams' labels.
    pub fn raw_len(&self) -> usize {
        self.encoded
    }

    /// How many streams there are.
    pub fn streams(&self) -> usize {
        self.used
    }

    /// True when the next line of this stream would be the first one.
    pub fn is_new_stream(&self, labels: &Labels) -> bool {
        !self.by_address.contains_key(&labels.address()) && !self.by_text.contains_key(stream_labels(labels).as_str())
    }

    /// Adds a line to its stream. Lines of one stream keep their order.
    #[inline]
    pub fn push(&mut self, labels: &Labels, entry: &Entry) {
        let stream = self.stream(labels);
        let entries = &mut self.streams[stream].entries;
        let before = entries.len();
        put_entry(entries, entry);
        self.encoded += entries.len() - before;
        self.counts.entries += 1;
        self.counts.bytes += entry.line.len() + metadata_bytes(entry);
        let time = entry.timestamp;
        self.counts.times = Some(self.counts.times.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
    }

    /// The request of everything pushed since the last one, which starts the next one. Above 4 GiB it is not
    /// representable: `None`, and the content is lost.
    pub fn finish(&mut self) -> Option<Request<'_>> {
        self.raw.clear();
        for stream in &self.streams[..self.used] {
            put_head(&mut self.raw, STREAM, text_len(stream.text.as_bytes()) + stream.entries.len());
            put_text(&mut self.raw, 0x0a, stream.text.as_bytes());
            self.raw.extend_from_slice(&stream.entries);
        }
        let (streams, counts, raw_len) = (self.used, self.counts, self.raw.len());
        self.clear();
        let body = self.compressor.compress(&self.raw)?;
        Some(Request { body, raw_len, streams, counts })
    }

    /// Forgets everything pushed since the last request.
    pub fn clear(&mut self) {
        for stream in &mut self.streams[..self.used] {
            stream.entries.clear();
            stream.held.clear();
        }
        self.by_address.clear();
        self.by_text.clear();
        self.last = None;
        self.encoded = 0;
        self.used = 0;
        self.counts = Counts::default();
    }

    /// Gives memory back when a request was larger than `most` bytes before compression.
    pub fn shrink(&mut self, most: usize) {
        if self.is_empty() && self.raw.capacity() > most {
            self.raw = Vec::new();
            self.streams = Vec::new();
        }
        self.compressor.shrink(most + most / 4);
    }

    #[inline]
    fn stream(&mut self, labels: &Labels) -> usize {
        match &self.last {
            Some((last, stream)) if last.address() == labels.address() => *stream,
            _ => self.find_stream(labels),
        }
    }

    fn find_stream(&mut self, labels: &Labels) -> usize {
        let stream = match self.by_address.get(&labels.address()) {
            Some(stream) => *stream,
            None => self.add_stream(labels),
        };
        self.last = Some((labels.clone(), stream));
        stream
    }

    fn add_stream(&mut self, labels: &Labels) -> usize {
        let text = stream_labels(labels).into_boxed_str();
        let stream = match self.by_text.get(&text) {
            Some(stream) => *stream,
            None => {
                let stream = self.used;
                if stream == self.streams.len() {
                    self.streams.push(Stream::default());
                }
                self.used += 1;
                self.streams[stream].text = text.clone();
                self.by_text.insert(text, stream);
                stream
            }
        };
        self.streams[stream].held.push(labels.clone());
        self.by_address.insert(labels.address(), stream);
        stream
    }
}

/// How many bytes a line takes in a request before compression.
pub fn entry_len(entry: &Entry) -> usize {
    field_len(body_len(entry, time_len(entry.timestamp)))
}

fn body_len(entry: &Entry, time: usize) -> usize {
    let metadata = entry.metadata.iter().flat_map(|m| m.iter());
    field_len(time) + text_len(&entry.line) + metadata.map(|(name, value)| field_len(pair_len(name, value))).sum::<usize>()
}

fn pair_len(name: &str, value: &str) -> usize {
    text_len(name.as_bytes()) + text_len(value.as_bytes())
}

fn metadata_bytes(entry: &Entry) -> usize {
    entry.metadata.as_ref().map_or(0, |metadata| metadata.iter().map(|(name, value)| name.len() + value.len()).sum())
}

fn time_len(timestamp: i64) -> usize {
    let (seconds, nanos) = (timestamp.div_euclid(NANOS), timestamp.rem_euclid(NANOS));
    let len = |n: i64| if n == 0 { 0 } else { 1 + varint_len(n as u64) };
    len(seconds) + len(nanos)
}

#[inline]
fn put_entry(out: &mut Vec<u8>, entry: &Entry) {
    let time = time_len(entry.timestamp);
    let body = body_len(entry, time);
    out.reserve(body + 12);
    put_head(out, ENTRY, body);
    put_head(out, 0x0a, time);
    put_int(out, 0x08, entry.timestamp.div_euclid(NANOS));
    put_int(out, 0x10, entry.timestamp.rem_euclid(NANOS));
    put_text(out, 0x12, &entry.line);
    for (name, value) in entry.metadata.iter().flat_map(|m| m.iter()) {
        put_head(out, 0x1a, pair_len(name, value));
        put_text(out, 0x0a, name.as_bytes());
        put_text(out, 0x12, value.as_bytes());
    }
}

fn put_int(out: &mut Vec<u8>, tag: u8, value: i64) {
    if value != 0 {
        out.push(tag);
        put_varint(out, value as u64);
    }
}
