//! One file that carries, or carried, the name of a target: an open handle, and how far it was delivered.

use super::identity::{FileId, Fingerprint, open, read_full};
use super::lines::{LONGEST_LINE, Text};
use super::tail::Place;
use bytes::{Bytes, BytesMut};
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Instant, SystemTime};

/// How much is read at once.
const CHUNK: usize = 256 * 1024;
/// The least that is read at once.
const SMALL: usize = 8 * 1024;
/// How much of two files is compared to see whether one continues the other.
const COMPARED: u64 = 4096;

/// Whole lines of one generation, decoded.
pub(super) struct Chunk {
    /// The lines.
    pub text: Bytes,
    /// The file they come from.
    pub from: FileId,
    /// The offset behind them.
    pub end: u64,
    /// The checksum of the file up to there, if it is known.
    pub sum: Option<u32>,
    /// The chunk is a piece of a line that is too long.
    pub piece: bool,
}

/// A file, open.
pub(super) struct Generation {
    file: File,
    /// Which file it is.
    pub id: FileId,
    /// How it begins.
    pub fingerprint: Fingerprint,
    /// Everything before is delivered.
    pub offset: u64,
    /// The checksum of everything before `offset`, when all of that was read.
    pub sum: Option<u32>,
    /// Its size when it was last looked at.
    pub size: u64,
    /// When it was last seen to grow.
    pub grown: Instant,
    text: Text,
    /// Bytes behind `offset` that are known to hold no line end.
    unfinished: u64,
    /// How it began before it was emptied and written anew.
    former: Option<Fingerprint>,
}

impl Generation {
    /// Opens what is at `path`.
    ///
    /// # Errors
    /// When it cannot be opened, or is not something with a size.
    pub fn open(path: &Path, text: Text) -> io::Result<Self> {
        let file = open(path)?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(io::Error::other(if meta.is_dir() { "it is a folder" } else { "it is not a regular file" }));
        }
        let fingerprint = Fingerprint::longest(&file)?;
        Ok(Self {
            id: FileId::of(&meta),
            fingerprint,
            offset: 0,
            sum: Some(0),
            size: meta.len(),
            grown: Instant::now(),
            text,
            unfinished: 0,
            former: None,
            file,
        })
    }

    /// Goes on at `offset`, behind the byte order mark at least.
    pub fn seek(&mut self, offset: u64) -> io::Result<()> {
        let mut start = [0; 4];
        let got = read_full(&self.file, &mut start, 0)?;
        let (mark, text) = self.text.by_mark(&start[..got]);
        self.text = text;
        self.offset = offset.max(mark);
        self.sum = (self.offset == 0).then_some(0);
        self.unfinished = 0;
        Ok(())
    }

    /// Goes on behind the last line end.
    pub fn seek_end(&mut self) -> io::Result<()> {
        self.seek(0)?;
        // One more than a chunk: an even start may lie one byte before it.
        let mut buffer = vec![0; CHUNK + 1];
        let mut end = self.size;
        while end > self.offset {
            // An even start keeps units of two bytes whole.
            let start = end.saturating_sub(CHUNK as u64).max(self.offset) & !1;
            let got = read_full(&self.file, &mut buffer[..(end - start) as usize], start)?;
            if let Some(at) = self.text.whole_lines(&buffer[..got]) {
                self.offset = self.offset.max(start + at as u64);
                return Ok(());
            }
            end = if start < end { start } else { self.offset };
        }
        Ok(())
    }

    /// Goes on at `place`, whose file had everything before that this one has.
    pub fn seek_to(&mut self, place: &Place) -> io::Result<()> {
        self.seek(place.offset)?;
        self.sum = place.sum;
        Ok(())
    }

    /// True when it begins with all that was read before `place`, byte for byte as far as lengths and checksums tell.
    pub fn has_all_before(&self, place: &Place) -> bool {
        let Some(sum) = place.sum.filter(|_| place.offset > 0 && place.offset <= self.size) else { return false };
        place.fingerprint.len > 0 && self.begins_as(&place.fingerprint) && self.sum_to(place.offset).is_ok_and(|mine| mine == sum)
    }

    fn sum_to(&self, end: u64) -> io::Result<u32> {
        let (mut buffer, mut hasher, mut at) = (vec![0; CHUNK], crc32fast::Hasher::new(), 0);
        while at < end {
            let want = (end - at).min(CHUNK as u64) as usize;
            if read_full(&self.file, &mut buffer[..want], at)? < want {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            hasher.update(&buffer[..want]);
            at += want as u64;
        }
        Ok(hasher.finalize())
    }

    /// Looks at size and beginning. A file that was emptied and written anew is read from its start again; where it was read to
    /// before is given then.
    pub fn look(&mut self) -> io::Result<Option<Place>> {
        let before = self.place();
        let mut emptied = None;
        let size = self.file.metadata()?.len();
        let fits = self.fingerprint.fits(&self.file)?;
        if !fits || size < self.offset {
            // One that begins as before was only shortened: what is left of it has been read.
            let shortened = fits && self.fingerprint.len > 0 && size > 0;
            emptied = (!shortened).then_some(before);
            self.former = if shortened { self.former } else { Some(self.fingerprint) };
            self.seek(if shortened { size } else { 0 })?;
            self.fingerprint = Fingerprint::longest(&self.file)?;
        } else if self.fingerprint.is_outgrown(size) {
            self.fingerprint = Fingerprint::longest(&self.file)?;
        }
        if size != self.size {
            self.size = size;
            self.grown = Instant::now();
        }
        Ok(emptied)
    }

    /// True when it holds something else than what was read of it.
    pub fn is_overwritten(&self) -> bool {
        self.file.metadata().is_ok_and(|meta| meta.len() < self.offset) || !self.begins_as(&self.fingerprint)
    }

    /// True when `copy` begins as this file did before it was emptied: somebody copied it first.
    pub fn was_copied_to(&self, copy: &Self) -> bool {
        self.former.is_some_and(|former| former.len > 0 && copy.begins_as(&former))
    }

    /// True when it begins with the bytes of this fingerprint.
    pub fn begins_as(&self, fingerprint: &Fingerprint) -> bool {
        fingerprint.fits(&self.file).unwrap_or(false)
    }

    /// When it was last changed.
    pub fn modified(&self) -> Option<SystemTime> {
        self.file.metadata().and_then(|meta| meta.modified()).ok()
    }

    /// Which file it is, and how far it was delivered.
    pub fn place(&self) -> Place {
        Place { id: self.id, fingerprint: self.fingerprint, offset: self.offset, sum: self.sum }
    }

    /// Bytes that were not delivered.
    pub fn unread(&self) -> u64 {
        self.size.saturating_sub(self.offset)
    }

    /// The next whole lines; `None` at the end. With `last` an unfinished line counts as whole.
    pub fn read(&mut self, buffer: &mut BytesMut, last: bool) -> io::Result<Option<Chunk>> {
        if self.unread() <= if last { 0 } else { self.unfinished } {
            return Ok(None);
        }
        let mut want = (self.unread() as usize).clamp(SMALL, CHUNK);
        loop {
            let got = fill(&self.file, buffer, want, self.offset)?;
            if self.offset == 0 {
                let (mark, text) = self.text.by_mark(buffer);
                self.text = text;
                if mark > 0 {
                    self.offset = mark;
                    self.sum = None;
                    continue;
                }
            }
            if let Some(whole) = self.text.whole_lines(buffer) {
                return Ok(Some(self.chunk(buffer, whole, false)));
            }
            if got >= LONGEST_LINE {
                let piece = self.text.piece(buffer);
                return Ok(Some(self.chunk(buffer, piece, true)));
            }
            if got < want {
                if last && got > 0 {
                    return Ok(Some(self.chunk(buffer, got, false)));
                }
                self.unfinished = got as u64;
                return Ok(None);
            }
            want = LONGEST_LINE;
        }
    }

    fn chunk(&mut self, buffer: &mut BytesMut, len: usize, piece: bool) -> Chunk {
        let raw = buffer.split_to(len).freeze();
        self.unfinished = 0;
        let sum = self.sum.map(|sum| {
            let mut hasher = crc32fast::Hasher::new_with_initial(sum);
            hasher.update(&raw);
            hasher.finalize()
        });
        Chunk { text: self.text.decode(raw), from: self.id, end: self.offset + len as u64, sum, piece }
    }

    /// True when `newer` is this file written anew with the same content, as editors do: reading goes on in it.
    pub fn continues_in(&self, newer: &Self) -> io::Result<bool> {
        let end = self.offset.min(newer.size);
        if end == 0 || self.fingerprint.len == 0 || !self.fingerprint.fits(&newer.file)? {
            return Ok(false);
        }
        let start = end.saturating_sub(COMPARED);
        let (mut old, mut new) = (vec![0; (end - start) as usize], vec![0; (end - start) as usize]);
        let (old_len, new_len) = (read_full(&self.file, &mut old, start)?, read_full(&newer.file, &mut new, start)?);
        Ok(old_len == new_len && old == new)
    }
}

/// Fills `buffer` with up to `want` bytes from `offset`, using its memory again when nobody holds a slice of it.
fn fill(file: &File, buffer: &mut BytesMut, want: usize, offset: u64) -> io::Result<usize> {
    buffer.clear();
    buffer.reserve(want);
    while buffer.len() < want {
        let missing = want - buffer.len();
        match read_into(file, buffer, missing, offset + buffer.len() as u64) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(buffer.len())
}

/// One read behind the content of `buffer`, which has room for `most` bytes.
#[cfg(unix)]
fn read_into(file: &File, buffer: &mut BytesMut, most: usize, offset: u64) -> io::Result<usize> {
    use std::os::fd::AsRawFd;
    let offset = libc::off_t::try_from(offset).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let spare = buffer.spare_capacity_mut();
    let most = most.min(spare.len());
    // SAFETY: the kernel writes at most `most` bytes to memory that `spare` borrows for writing.
    let got = unsafe { libc::pread(file.as_raw_fd(), spare.as_mut_ptr().cast(), most, offset) };
    let got = usize::try_from(got).map_err(|_| io::Error::last_os_error())?;
    // SAFETY: the kernel has written the first `got` bytes behind the content.
    unsafe { buffer.set_len(buffer.len() + got) };
    Ok(got)
}

#[cfg(not(unix))]
fn read_into(file: &File, buffer: &mut BytesMut, most: usize, offset: u64) -> io::Result<usize> {
    let start = buffer.len();
    buffer.resize(start + most, 0);
    let got = super::identity::read_at(file, &mut buffer[start..], offset);
    buffer.truncate(start + *got.as_ref().unwrap_or(&0));
    got
}
