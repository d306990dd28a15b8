//! Which file a file is, whatever it is called: device and inode, and a fingerprint of how it begins.

use std::fs::{File, Metadata};
use std::io;
use std::time::SystemTime;

/// How many bytes at most a fingerprint covers.
const FINGERPRINT: usize = 1024;

/// Device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct FileId {
    /// The device.
    pub device: u64,
    /// The inode on it.
    pub inode: u64,
}

impl FileId {
    /// The identity of what `meta` describes.
    #[cfg(unix)]
    pub fn of(meta: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self { device: meta.dev(), inode: meta.ino() }
    }

    /// The time of creation, which outlives renames.
    #[cfg(not(unix))]
    pub fn of(meta: &Metadata) -> Self {
        let created = meta.created().ok().and_then(|t| t.duration_since(SystemTime::UNIX_EPOCH).ok()).unwrap_or_default();
        Self { device: 0, inode: created.as_nanos() as u64 }
    }
}

/// The time of the last change, or the beginning of time.
pub(super) fn modified(meta: &Metadata) -> SystemTime {
    meta.modified().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// A hash of the first bytes of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// How many bytes it covers; 0 for an empty file.
    pub len: usize,
    /// FNV-1a of them: it is saved, so it has to be the same in every version.
    pub hash: u64,
}

impl Fingerprint {
    /// The fingerprint of these first bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let bytes = &bytes[..bytes.len().min(FINGERPRINT)];
        let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
        Self { len: bytes.len(), hash }
    }

    /// The fingerprint of a file's first bytes, at most `len` of them.
    pub fn read(file: &File, len: usize) -> io::Result<Self> {
        let mut bytes = [0; FINGERPRINT];
        let got = read_full(file, &mut bytes[..len.min(FINGERPRINT)], 0)?;
        Ok(Self::of(&bytes[..got]))
    }

    /// The longest fingerprint of a file.
    pub fn longest(file: &File) -> io::Result<Self> {
        Self::read(file, FINGERPRINT)
    }

    /// True when `file` begins as the file of this fingerprint did. An empty file begins like every other.
    pub fn fits(&self, file: &File) -> io::Result<bool> {
        Ok(self.len == 0 || Self::read(file, self.len)? == *self)
    }

    /// True when a file of `size` bytes could have a longer fingerprint that is worth reading.
    pub fn is_outgrown(&self, size: u64) -> bool {
        let next = [64, 128, 256, 512, FINGERPRINT].into_iter().rfind(|step| size >= *step as u64);
        next.is_some_and(|step| self.len < step)
    }
}

/// Reads at `offset` until `buffer` is full or the file ends; gives the number of bytes.
pub(super) fn read_full(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match read_at(file, &mut buffer[got..], offset + got as u64) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

/// One read at `offset`, without moving the handle's place.
pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_at(file, buffer, offset);
    #[cfg(windows)]
    return std::os::windows::fs::FileExt::seek_read(file, buffer, offset);
}

/// Opens a file to read; on Windows without hindering its removal or renaming.
pub(super) fn open(path: &std::path::Path) -> io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true);
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 1 | 2 | 4);
    #[cfg(unix)]
    // A pipe without a writer would block the open for ever.
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    options.open(path)
}
