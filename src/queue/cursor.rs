//! Cursor files: where a reader goes on after a restart.
//!
//! A cursor file holds two slots of [`SLOT`] bytes which are written in turn, so a torn write leaves the slot before it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::files::{File, Files, Mode, read_full, write_full_at};
use crate::record::{u32_at, u64_at};

const MAGIC: [u8; 4] = *b"FQC\x01";
const PREFIX: &str = "cursor-";
const USED: usize = 56;
/// One sector, which devices write whole.
const SLOT: usize = 512;
/// File names are at most 255 bytes; this leaves room for prefix and suffix.
const MAX_NAME: usize = 200;

/// A place between two records, and how many records and items lie before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub segment: u64,
    pub offset: u64,
    /// Sequence of the next record; [`UNKNOWN`] when the records before this place cannot be counted.
    pub sequence: u64,
    pub items: u64,
}

/// See [`Position::sequence`].
pub(crate) const UNKNOWN: u64 = u64::MAX;

impl Position {
    /// Order of places in the queue.
    pub fn place(self) -> (u64, u64) {
        (self.segment, self.offset)
    }
}

/// The file name of a reader's cursor; `None` when the name is empty or too long.
pub(crate) fn file_name(reader: &str) -> Option<String> {
    let mut out = String::from(PREFIX);
    for byte in reader.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02x}"));
        }
    }
    (!reader.is_empty() && out.len() <= PREFIX.len() + MAX_NAME).then_some(out)
}

/// The reader whose cursor has this file name.
pub(crate) fn reader_name(file: &str) -> Option<String> {
    let mut bytes = file.strip_prefix(PREFIX)?.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            out.push(byte);
        }
    }
    let name = String::from_utf8(out).ok()?;
    (file_name(&name).as_deref() == Some(file)).then_some(name)
}

/// Writes the cursor of one reader.
pub(crate) struct CursorFile {
    path: PathBuf,
    /// Opened, or created, by the first write.
    file: Option<Arc<dyn File>>,
    exists: bool,
    generation: u64,
    written: Option<Position>,
    removed: bool,
}

impl CursorFile {
    /// The cursor file of a reader, not touched before the first write.
    pub fn new(dir: &Path, file_name: &str) -> CursorFile {
        CursorFile { path: dir.join(file_name), file: None, exists: false, generation: 0, written: None, removed: false }
    }

    /// Reads a cursor file. `None` for the position means that both slots are damaged.
    pub fn load(files: &dyn Files, dir: &Path, file_name: &str) -> io::Result<(CursorFile, Option<Position>)> {
        let mut cursor = CursorFile::new(dir, file_name);
        let file = files.open(&cursor.path, Mode::Update)?;
        let mut bytes = vec![0; 2 * SLOT];
        let n = read_full(&*file, &mut bytes, 0)?;
        let newest = bytes[..n].chunks(SLOT).filter_map(decode).max_by_key(|(generation, _)| *generation);
        cursor.exists = true;
        cursor.file = Some(file);
        cursor.generation = newest.map_or(0, |(generation, _)| generation);
        cursor.written = newest.map(|(_, position)| position);
        let position = cursor.written;
        Ok((cursor, position))
    }

    /// Makes `position` the place to go on from, unless a later one was written already.
    pub fn write(&mut self, files: &dyn Files, position: Position) -> io::Result<()> {
        if self.removed || self.written.is_some_and(|w| w == position || w.place() > position.place()) {
            return Ok(());
        }
        let generation = self.generation + 1;
        let slot = encode(generation, position);
        match (&self.file, self.exists) {
            (Some(file), _) => write_full_at(&**file, &slot, slot_offset(generation))?,
            (None, _) => self.file = Some(self.create(files, &slot, generation)?),
        }
        self.exists = true;
        self.generation = generation;
        self.written = Some(position);
        Ok(())
    }

    /// The position that was read is of no use: the next one is written whatever it is.
    pub fn forget(&mut self) {
        self.written = None;
    }

    /// The open file, to be synced.
    pub fn file(&self) -> Option<Arc<dyn File>> {
        self.file.clone()
    }

    /// Removes the file; later writes do nothing.
    pub fn remove(&mut self, files: &dyn Files) -> io::Result<()> {
        self.file = None;
        self.removed = true;
        match files.remove(&self.path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }

    fn create(&self, files: &dyn Files, slot: &[u8; SLOT], generation: u64) -> io::Result<Arc<dyn File>> {
        let temp = self.path.with_extension("tmp");
        let file = files.open(&temp, Mode::Create)?;
        // Both slots are written now, so that later writes need no new block on a full disk.
        let mut both = [0; 2 * SLOT];
        let at = usize::from(slot_offset(generation) != 0) * SLOT;
        both[at..at + SLOT].copy_from_slice(slot);
        write_full_at(&*file, &both, 0)?;
        files.rename(&temp, &self.path)?;
        Ok(file)
    }
}

fn slot_offset(generation: u64) -> u64 {
    (generation % 2) * SLOT as u64
}

fn encode(generation: u64, position: Position) -> [u8; SLOT] {
    let mut out = [0; SLOT];
    out[0..4].copy_from_slice(&MAGIC);
    for (i, value) in [generation, position.segment, position.offset, position.sequence, position.items].into_iter().enumerate() {
        out[8 + i * 8..16 + i * 8].copy_from_slice(&value.to_le_bytes());
    }
    let crc = crc32fast::hash(&out[8..USED]);
    out[4..8].copy_from_slice(&crc.to_le_bytes());
    out
}

fn decode(slot: &[u8]) -> Option<(u64, Position)> {
    if slot.len() < USED || slot[0..4] != MAGIC || u32_at(slot, 4) != crc32fast::hash(&slot[8..USED]) {
        return None;
    }
    let position = Position { segment: u64_at(slot, 16), offset: u64_at(slot, 24), sequence: u64_at(slot, 32), items: u64_at(slot, 40) };
    Some((u64_at(slot, 8), position))
}
