//! Segment files: their names, their header, the walk over their records, and reading one record out of them.

use std::io;
use std::path::{Path, PathBuf};

use bytes::BytesMut;

use crate::files::{File, read_full};
use crate::record::{HEADER_LEN, Header, Place, find_magic, payload_checksum, u32_at, u64_at};

/// First bytes of every segment; the last one is the version of the format.
const MAGIC: [u8; 8] = *b"FQSEGM\0\x01";
/// Length of a segment's header in bytes.
pub(crate) const SEGMENT_HEADER: u64 = 48;
/// Read at once while walking or searching.
const WINDOW: usize = 4096;
const SEARCH_WINDOW: usize = 64 * 1024;

/// What the header of a segment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// Sequence of the first record.
    pub sequence: u64,
    /// Items in all records before this segment.
    pub items: u64,
    /// When the segment was created, Unix milliseconds: no record of an earlier segment is younger.
    pub created_ms: i64,
}

/// What is known of one segment.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub number: u64,
    /// Bytes that hold whole records, header included.
    pub len: u64,
    /// Bytes of the file beyond `len`: what a failed write has left and could not be cut off.
    pub slack: u64,
    /// `None` when the header is damaged.
    pub base: Option<Base>,
    /// What lies behind this was written by this process.
    pub fresh_from: u64,
}

/// Path of a segment.
pub(crate) fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:020}.seg"))
}

/// The number in a segment's file name.
pub(crate) fn parse_name(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".seg")?;
    if digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

pub(crate) fn encode_header(number: u64, base: Base) -> [u8; SEGMENT_HEADER as usize] {
    let mut out = [0; SEGMENT_HEADER as usize];
    out[0..8].copy_from_slice(&MAGIC);
    out[16..24].copy_from_slice(&number.to_le_bytes());
    out[24..32].copy_from_slice(&base.sequence.to_le_bytes());
    out[32..40].copy_from_slice(&base.items.to_le_bytes());
    out[40..48].copy_from_slice(&base.created_ms.to_le_bytes());
    let crc = crc32fast::hash(&out[16..]);
    out[8..12].copy_from_slice(&crc.to_le_bytes());
    out
}

/// Reads the header of a segment; `None` when it is damaged.
pub(crate) fn read_base(file: &dyn File, number: u64) -> io::Result<Option<Base>> {
    let mut bytes = [0; SEGMENT_HEADER as usize];
    let n = read_full(file, &mut bytes, 0)?;
    let whole = n == bytes.len() && bytes[0..8] == MAGIC && u32_at(&bytes, 8) == crc32fast::hash(&bytes[16..]);
    if !whole || u64_at(&bytes, 16) != number {
        return Ok(None);
    }
    Ok(Some(Base { sequence: u64_at(&bytes, 24), items: u64_at(&bytes, 32), created_ms: u64_at(&bytes, 40).cast_signed() }))
}

/// Where the records of a segment end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tail {
    /// End of the last whole record.
    pub end: u64,
    /// Sequence and items after the last whole record; `None` when there is none.
    pub next: Option<(u64, u64)>,
}

/// Walks over the headers to the last whole record, over damaged places too. Bodies are not read.
pub(crate) fn walk(file: &dyn File, number: u64, len: u64) -> io::Result<Tail> {
    let mut tail = Tail { end: SEGMENT_HEADER.min(len), next: None };
    let mut at = SEGMENT_HEADER;
    let mut window = vec![0; WINDOW];
    let (mut start, mut filled) = (0, 0);
    while at + HEADER_LEN as u64 <= len {
        if at < start || at + HEADER_LEN as u64 > start + filled as u64 {
            start = at;
            filled = read_full(file, &mut window, at)?;
        }
        let skip = usize::try_from(at - start).unwrap_or(usize::MAX);
        let header = window[..filled].get(skip..).and_then(|b| Header::decode(b, Place { segment: number, offset: at }));
        match header {
            Some(h) if at + h.total_len() <= len => {
                at += h.total_len();
                tail = Tail { end: at, next: Some((h.sequence + 1, h.items_before + u64::from(h.items))) };
            }
            _ => match search(file, number, at + 1, len)? {
                Some(found) => at = found,
                None => break,
            },
        }
    }
    Ok(tail)
}

/// Finds the first whole record that starts at or after `from` and ends by `len`.
pub(crate) fn search(file: &dyn File, number: u64, from: u64, len: u64) -> io::Result<Option<u64>> {
    let mut window = vec![0; SEARCH_WINDOW];
    let mut start = from;
    while start + HEADER_LEN as u64 <= len {
        let filled = read_full(file, &mut window, start)?;
        let mut skip = 0;
        while let Some(found) = find_magic(&window[skip..filled]) {
            let offset = start + (skip + found) as u64;
            let mut header = [0; HEADER_LEN];
            read_full(file, &mut header, offset)?;
            if let Some(h) = Header::decode(&header, Place { segment: number, offset })
                && offset + h.total_len() <= len
            {
                return Ok(Some(offset));
            }
            skip += found + 1;
        }
        if filled < window.len() {
            break;
        }
        // The magic bytes may lie across two windows.
        start += (filled - 3) as u64;
    }
    Ok(None)
}

/// What stands at a place of a segment.
#[derive(Debug)]
pub(crate) enum Found {
    /// A whole record.
    Record(Header, BytesMut),
    /// A record that is older than `oldest_ms`; its body was not read.
    Expired(Header),
    /// A record whose body is damaged; the header says what is lost.
    Damaged(Header),
    /// No record. The next one, if there is any, starts at the offset; otherwise the rest of the segment is lost.
    Garbage(Option<u64>),
}

/// Reads only the header of the record at `place`.
pub(crate) fn read_header(file: &dyn File, place: Place, len: u64) -> io::Result<Option<Header>> {
    let mut bytes = [0; HEADER_LEN];
    let n = read_full(file, &mut bytes, place.offset)?;
    let header = Header::decode(&bytes[..n], place);
    Ok(header.filter(|h| place.offset.checked_add(h.total_len()).is_some_and(|end| end <= len)))
}

/// Reads the record at `place` of a segment with `len` bytes, into `buf`.
pub(crate) fn read_record(file: &dyn File, place: Place, len: u64, oldest_ms: i64, mut buf: BytesMut) -> io::Result<Found> {
    let Some(header) = read_header(file, place, len)? else {
        return Ok(Found::Garbage(search(file, place.segment, place.offset + 1, len)?));
    };
    if header.appended_ms < oldest_ms {
        return Ok(Found::Expired(header));
    }
    let want = usize::try_from(header.payload_len()).unwrap_or(usize::MAX);
    // A buffer that was used before keeps its length, so only the part beyond it is filled with zeros.
    buf.resize(want, 0);
    let n = read_full(file, &mut buf, place.offset + HEADER_LEN as u64)?;
    let (meta, body) = buf.split_at(usize::from(header.meta_len));
    if n < want || payload_checksum(meta, body) != header.payload_crc {
        return Ok(Found::Damaged(header));
    }
    Ok(Found::Record(header, buf))
}
