//! The log lines: blocks of many lines, written raw and compressed later, forgotten in the order they came.

use super::held::Held;
use data::{Entry, Labels};
use hashbrown::HashTable;
use std::collections::VecDeque;
use std::sync::Arc;

/// A block is full at this size, in bytes before compression.
const FULL: usize = 64 * 1024;
/// The first block starts with this much.
const FIRST: usize = 1024;
/// What an allocation costs beside its content; an `Arc` has two counts more.
const ALLOCATION: usize = 16;

/// Lines of some streams. They are numbered through all blocks, so that a reader can go on where it stopped.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Number of the first line.
    pub(super) first: u64,
    /// How many lines there are.
    pub(super) count: u32,
    /// The smallest time of a line, nanoseconds since 1970.
    pub(super) min: i64,
    /// The largest time of a line.
    pub(super) max: i64,
    /// When the first line came, milliseconds since 1970.
    begun: i64,
    /// When the last line came.
    arrived: i64,
    /// The data is compressed.
    packed: bool,
    data: Box<[u8]>,
    streams: Box<[Labels]>,
}

impl Block {
    fn heap(&self) -> usize {
        2 * ALLOCATION + ALLOCATION + size_of::<Self>() + self.data.len() + self.streams.len() * size_of::<Labels>()
    }

    /// The labels of each stream; lines name them by number.
    pub(super) fn streams(&self) -> &[Labels] {
        &self.streams
    }

    /// The block compressed, unless that makes it larger.
    fn pack(&self) -> Option<Self> {
        let data = snap::raw::Encoder::new().compress_vec(&self.data).ok()?;
        let packed = Self { packed: true, data: data.into_boxed_slice(), streams: self.streams.clone(), ..*self };
        (packed.data.len() < self.data.len()).then_some(packed)
    }

    /// Calls `each` with every line in the order they came.
    pub(super) fn read(&self, mut each: impl FnMut(&Line<'_>)) {
        let unpacked = if self.packed { snap::raw::Decoder::new().decompress_vec(&self.data).ok() } else { None };
        let mut rest = unpacked.as_deref().unwrap_or(&self.data);
        let mut time = 0;
        for i in 0..u64::from(self.count) {
            let Some(mut line) = Line::read(&mut rest, &mut time) else { return };
            line.number = self.first + i;
            each(&line);
        }
    }
}

/// One line, borrowed from its block.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// Its number.
    pub(super) number: u64,
    /// Nanoseconds since 1970.
    pub(super) time: i64,
    /// Its stream in the block.
    pub(super) stream: usize,
    /// The line.
    pub(super) text: &'a [u8],
    metadata: &'a [u8],
}

impl<'a> Line<'a> {
    fn read(rest: &mut &'a [u8], time: &mut i64) -> Option<Self> {
        let stream = read_number(rest)? as usize;
        let change = read_number(rest)?;
        *time = time.wrapping_add(((change >> 1) as i64) ^ -((change & 1) as i64));
        let metadata = read_bytes(rest)?;
        Some(Self { number: 0, time: *time, stream, text: read_bytes(rest)?, metadata })
    }

    /// Names and values of structured metadata.
    pub(super) fn metadata(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = self.metadata;
        std::iter::from_fn(move || {
            let name = std::str::from_utf8(read_bytes(&mut rest)?).ok()?;
            Some((name, std::str::from_utf8(read_bytes(&mut rest)?).ok()?))
        })
    }
}

fn write_number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn read_number(rest: &mut &[u8]) -> Option<u64> {
    let mut n = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        n |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(n);
        }
    }
    None
}

fn read_bytes<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(read_number(rest)?).ok()?;
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(bytes)
}

/// The block that is written to.
#[derive(Debug, Default)]
struct Open {
    data: Vec<u8>,
    streams: Vec<Labels>,
    by_labels: HashTable<u32>,
    count: u32,
    min: i64,
    max: i64,
    last: i64,
    begun: i64,
    arrived: i64,
}

impl Open {
    fn heap(&self) -> usize {
        self.data.capacity() + self.streams.capacity() * size_of::<Labels>() + self.by_labels.allocation_size()
    }

    fn stream(&mut self, labels: &Labels, held: &mut Held) -> u32 {
        let streams = &self.streams;
        let same = |at: &u32| streams.get(*at as usize) == Some(labels);
        if let Some(found) = self.by_labels.find(labels.hash64(), same) {
            return *found;
        }
        let at = self.streams.len() as u32;
        held.hold(labels);
        self.streams.push(labels.clone());
        let streams = &self.streams;
        self.by_labels.insert_unique(labels.hash64(), at, |at| streams.get(*at as usize).map_or(0, Labels::hash64));
        at
    }

    fn push(&mut self, stream: u32, time: i64, entry: &Entry, now: i64) {
        if self.count == 0 {
            self.data.reserve(FIRST);
            (self.min, self.max, self.last, self.begun) = (time, time, 0, now);
        }
        write_number(&mut self.data, u64::from(stream));
        let change = time.wrapping_sub(self.last);
        write_number(&mut self.data, ((change << 1) ^ (change >> 63)) as u64);
        let mut metadata = Vec::new();
        for (name, value) in entry.metadata.iter().flat_map(|m| m.iter()) {
            write_bytes(&mut metadata, name.as_bytes());
            write_bytes(&mut metadata, value.as_bytes());
        }
        write_bytes(&mut self.data, &metadata);
        write_bytes(&mut self.data, &entry.line);
        (self.min, self.max) = (self.min.min(time), self.max.max(time));
        (self.last, self.arrived) = (time, now);
        self.count += 1;
    }

    fn block(&self, first: u64, data: Box<[u8]>, streams: Box<[Labels]>) -> Block {
        Block {
            first,
            count: self.count,
            min: self.min,
            max: self.max,
            begun: self.begun,
            arrived: self.arrived,
            packed: false,
            data,
            streams,
        }
    }
}

/// All lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    blocks: VecDeque<Arc<Block>>,
    open: Open,
    /// Number of the open block's first line.
    first: u64,
    /// Lines from here on are in blocks that nobody has tried to compress.
    unpacked: u64,
    given: i64,
    shown: i64,
    heap: usize,
    count: usize,
}

impl Lines {
    /// Adds a line that came at `now`, in milliseconds since 1970. True when a block is waiting to be compressed.
    pub(super) fn push(&mut self, labels: &Labels, entry: &Entry, now: i64, held: &mut Held) -> bool {
        // Lines of one read often have one time. A page of lines ends at a time, so each needs one of its own.
        self.shown = if entry.timestamp == self.given { self.shown.saturating_add(1) } else { entry.timestamp };
        self.given = entry.timestamp;
        let before = self.open.heap();
        let stream = self.open.stream(labels, held);
        self.open.push(stream, self.shown, entry, now);
        self.heap = self.heap + self.open.heap() - before;
        self.count += 1;
        self.open.data.len() >= FULL && self.seal()
    }

    /// Ends the open block; true when there was one.
    pub(super) fn seal(&mut self) -> bool {
        if self.open.count == 0 {
            return false;
        }
        let mut open = std::mem::take(&mut self.open);
        self.heap -= open.heap();
        let (data, streams) = (std::mem::take(&mut open.data), std::mem::take(&mut open.streams));
        let block = open.block(self.first, data.into_boxed_slice(), streams.into_boxed_slice());
        self.first += u64::from(block.count);
        self.heap += block.heap();
        self.blocks.push_back(Arc::new(block));
        true
    }

    /// When the open block was begun, in milliseconds since 1970.
    pub(super) fn open_since(&self) -> Option<i64> {
        (self.open.count > 0).then_some(self.open.begun)
    }

    /// The oldest block that nobody has tried to compress.
    pub(super) fn next_to_pack(&self) -> Option<Arc<Block>> {
        let at = self.blocks.partition_point(|b| b.first < self.unpacked);
        self.blocks.get(at).cloned()
    }

    /// Puts `packed` in the place of `raw`, if that is still there.
    pub(super) fn put_packed(&mut self, raw: &Block, packed: Option<Block>) {
        self.unpacked = self.unpacked.max(raw.first + u64::from(raw.count));
        let at = self.blocks.partition_point(|b| b.first < raw.first);
        let Some(block) = self.blocks.get_mut(at).filter(|b| b.first == raw.first) else { return };
        if let Some(packed) = packed {
            self.heap = self.heap + packed.heap() - block.heap();
            *block = Arc::new(packed);
        }
    }

    /// Forgets the oldest block and says how many lines it had; `None` when nothing is left.
    pub(super) fn pop(&mut self, held: &mut Held) -> Option<usize> {
        if self.blocks.is_empty() {
            self.seal();
        }
        let block = self.blocks.pop_front()?;
        self.heap -= block.heap();
        self.count -= block.count as usize;
        for labels in &block.streams {
            held.release(labels);
        }
        if self.blocks.capacity() > 16 + 4 * self.blocks.len() {
            self.blocks.shrink_to(2 * self.blocks.len());
        }
        Some(block.count as usize)
    }

    /// When the oldest block was begun and when its last line came, in milliseconds since 1970.
    pub(super) fn oldest(&self) -> Option<(i64, i64)> {
        let open = || (self.open.count > 0).then_some((self.open.begun, self.open.arrived));
        self.blocks.front().map(|b| (b.begun, b.arrived)).or_else(open)
    }

    /// The blocks that hold lines numbered `number` and up, oldest first; the open one as a copy.
    pub(super) fn since(&self, number: u64) -> Vec<Arc<Block>> {
        let from = self.blocks.partition_point(|b| b.first + u64::from(b.count) <= number);
        let mut blocks: Vec<_> = self.blocks.iter().skip(from).cloned().collect();
        if self.open.count > 0 && self.next() > number {
            blocks.push(Arc::new(self.open.block(self.first, self.open.data.as_slice().into(), self.open.streams.as_slice().into())));
        }
        blocks
    }

    /// The number of the next line to come.
    pub(super) fn next(&self) -> u64 {
        self.first + u64::from(self.open.count)
    }

    /// How many lines there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Memory in bytes, label sets left out.
    pub(super) fn bytes(&self) -> usize {
        self.heap + self.blocks.capacity() * size_of::<Arc<Block>>()
    }

    /// What the running count should be, counted again from nothing: memory and lines.
    #[cfg(test)]
    pub(super) fn recount(&self) -> (usize, usize) {
        let heap: usize = self.blocks.iter().map(|b| b.heap()).sum();
        let lines: usize = self.blocks.iter().map(|b| b.count as usize).sum();
        (heap + self.open.heap(), lines + self.open.count as usize)
    }

    /// The running count of memory, without tables.
    #[cfg(test)]
    pub(super) fn heap(&self) -> usize {
        self.heap
    }
}

/// `raw` compressed, unless that makes it larger.
pub(super) fn pack(raw: &Block) -> Option<Block> {
    raw.pack()
}
