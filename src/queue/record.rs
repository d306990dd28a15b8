//! A record: a fixed header that checks itself, a small opaque `meta` and the opaque body.

use bytes::Bytes;

/// First bytes of every record; the last one is the version of the format.
const MAGIC: [u8; 4] = *b"FQR\x01";
/// Length of a record's header in bytes.
pub(crate) const HEADER_LEN: usize = 72;

/// What is appended. The queue looks at none of it, except the counts and times it reports.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewRecord<'a> {
    /// Which of the parallel senders this record belongs to.
    pub shard: u16,
    /// Free for the caller, for example the kind of request.
    pub kind: u8,
    /// How many samples, log entries or spans the body holds; drops are reported in these.
    pub items: u32,
    /// Time of the oldest item, Unix milliseconds.
    pub first_ms: i64,
    /// Time of the newest item, Unix milliseconds.
    pub last_ms: i64,
    /// Small opaque attributes, for example tenant and content type. At most 65535 bytes.
    pub meta: &'a [u8],
    /// The body, ready to send.
    pub body: &'a [u8],
}

/// Identifies a record within one queue. Later records have greater ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub(crate) u64);

impl RecordId {
    /// The running number of the record, counted since the queue was created.
    pub fn sequence(self) -> u64 {
        self.0
    }
}

/// A record handed out by a reader. Cloning does not copy the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub(crate) id: RecordId,
    pub(crate) header: Header,
    /// Meta and body, one after the other.
    pub(crate) payload: Bytes,
}

impl Record {
    /// Pass this to `ack`, `reject` or `retry`.
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// Which of the parallel senders this record belongs to.
    pub fn shard(&self) -> u16 {
        self.header.shard
    }

    /// The caller's kind.
    pub fn kind(&self) -> u8 {
        self.header.kind
    }

    /// How many samples, log entries or spans the body holds.
    pub fn items(&self) -> u32 {
        self.header.items
    }

    /// Time of the oldest item, Unix milliseconds.
    pub fn first_ms(&self) -> i64 {
        self.header.first_ms
    }

    /// Time of the newest item, Unix milliseconds.
    pub fn last_ms(&self) -> i64 {
        self.header.last_ms
    }

    /// When the record was appended, Unix milliseconds.
    pub fn appended_ms(&self) -> i64 {
        self.header.appended_ms
    }

    /// The opaque attributes.
    pub fn meta(&self) -> &[u8] {
        &self.payload[..usize::from(self.header.meta_len)]
    }

    /// The body, without a copy.
    pub fn body(&self) -> Bytes {
        self.payload.slice(usize::from(self.header.meta_len)..)
    }
}

/// The header of a record as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub body_len: u32,
    /// Checksum of meta and body.
    pub payload_crc: u32,
    pub meta_len: u16,
    pub shard: u16,
    pub kind: u8,
    /// Running number of the record in this queue: a gap tells how many records are missing.
    pub sequence: u64,
    /// Items in all earlier records: a gap tells how many items are missing.
    pub items_before: u64,
    pub items: u32,
    pub first_ms: i64,
    pub last_ms: i64,
    pub appended_ms: i64,
}

/// Where a record starts. It is part of the checksum, so that a copy of a record inside a body is never taken for one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub segment: u64,
    pub offset: u64,
}

impl Header {
    /// Bytes of meta and body.
    pub fn payload_len(&self) -> u64 {
        u64::from(self.body_len) + u64::from(self.meta_len)
    }

    /// Bytes of the whole record in the file.
    pub fn total_len(&self) -> u64 {
        HEADER_LEN as u64 + self.payload_len()
    }

    /// Bytes for a record that starts at `place`.
    pub fn encode(&self, place: Place) -> [u8; HEADER_LEN] {
        let mut out = [0; HEADER_LEN];
        out[0..4].copy_from_slice(&MAGIC);
        out[8..12].copy_from_slice(&self.body_len.to_le_bytes());
        out[12..16].copy_from_slice(&self.payload_crc.to_le_bytes());
        out[16..18].copy_from_slice(&self.meta_len.to_le_bytes());
        out[18..20].copy_from_slice(&self.shard.to_le_bytes());
        out[20] = self.kind;
        out[24..32].copy_from_slice(&self.sequence.to_le_bytes());
        out[32..40].copy_from_slice(&self.items_before.to_le_bytes());
        out[40..44].copy_from_slice(&self.items.to_le_bytes());
        out[48..56].copy_from_slice(&self.first_ms.to_le_bytes());
        out[56..64].copy_from_slice(&self.last_ms.to_le_bytes());
        out[64..72].copy_from_slice(&self.appended_ms.to_le_bytes());
        let crc = checksum(&out, place);
        out[4..8].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// Reads a header; `None` when these bytes are not one that was written at `place`.
    pub fn decode(bytes: &[u8], place: Place) -> Option<Header> {
        let bytes: &[u8; HEADER_LEN] = bytes.get(..HEADER_LEN)?.try_into().ok()?;
        if bytes[0..4] != MAGIC || u32_at(bytes, 4) != checksum(bytes, place) {
            return None;
        }
        Some(Header {
            body_len: u32_at(bytes, 8),
            payload_crc: u32_at(bytes, 12),
            meta_len: u16::from_le_bytes([bytes[16], bytes[17]]),
            shard: u16::from_le_bytes([bytes[18], bytes[19]]),
            kind: bytes[20],
            sequence: u64_at(bytes, 24),
            items_before: u64_at(bytes, 32),
            items: u32_at(bytes, 40),
            first_ms: u64_at(bytes, 48).cast_signed(),
            last_ms: u64_at(bytes, 56).cast_signed(),
            appended_ms: u64_at(bytes, 64).cast_signed(),
        })
    }
}

/// Where the first possible record header starts in `window`, found by its magic bytes.
pub(crate) fn find_magic(window: &[u8]) -> Option<usize> {
    window.windows(MAGIC.len()).position(|w| w == MAGIC)
}

fn checksum(header: &[u8; HEADER_LEN], place: Place) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&place.segment.to_le_bytes());
    hasher.update(&place.offset.to_le_bytes());
    hasher.update(&header[8..]);
    hasher.finalize()
}

pub(crate) fn payload_checksum(meta: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(meta);
    hasher.update(body);
    hasher.finalize()
}

/// The caller has checked that four bytes are there.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut raw = [0; 4];
    raw.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(raw)
}

/// The caller has checked that eight bytes are there.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut raw = [0; 8];
    raw.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(raw)
}
