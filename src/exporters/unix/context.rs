//! What a collector reads with: the roots of the file systems, pooled buffers, and bounded reads.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read as _};
use std::ops::Deref;
use std::path::Path;

/// No file a collector reads is larger; what lies beyond is cut off. The socket tables of a busy machine have some ten megabytes.
const MAX_FILE: u64 = 32 << 20;
/// Buffers kept for the next read, and the size above which one is given back to the system instead.
const POOLED: usize = 8;
const POOLED_BYTES: usize = 256 << 10;

/// Why a collector has nothing, or not everything, to say.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The machine does not have what the collector reads. Not worth a warning.
    #[error("no data: {0}")]
    NoData(String),
    /// A file could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file holds something that the collector does not understand.
    #[error("unexpected content in {path}: {reason}")]
    Parse {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl CollectError {
    /// A parse error of `path`.
    pub fn parse(path: impl Into<String>, reason: impl Into<String>) -> Self {
        CollectError::Parse { path: path.into(), reason: reason.into() }
    }

    /// True when a file or folder is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, CollectError::Read { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    /// True when the system forbids the read.
    pub fn is_forbidden(&self) -> bool {
        matches!(self, CollectError::Read { source, .. } if source.kind() == io::ErrorKind::PermissionDenied)
    }

    /// The number of the system's error, if it was one.
    pub fn os_code(&self) -> Option<i32> {
        match self {
            CollectError::Read { source, .. } => source.raw_os_error(),
            _ => None,
        }
    }

    /// Turns a missing file into "no data", for what only some machines have.
    pub fn missing_is_no_data(self) -> Self {
        if self.is_missing() { CollectError::NoData(self.to_string()) } else { self }
    }
}

/// The result of a collector and of most of its helpers.
pub type Collected<T = ()> = Result<T, CollectError>;

/// The roots of the file systems and the buffers of one exporter.
#[derive(Debug)]
pub struct Ctx {
    /// Where procfs is mounted, without a trailing slash.
    pub proc: String,
    /// Where sysfs is mounted, without a trailing slash.
    pub sys: String,
    /// The root of the host's file system: empty for `/`.
    pub root: String,
    /// The folder of udev's database.
    pub udev: String,
    pool: RefCell<Vec<String>>,
}

impl Ctx {
    /// A context over these roots. A trailing slash is dropped.
    pub fn new(proc: &str, sys: &str, root: &str, udev: &str) -> Self {
        let clean = |path: &str| path.trim_end_matches('/').to_owned();
        Ctx { proc: clean(proc), sys: clean(sys), root: clean(root), udev: clean(udev), pool: RefCell::default() }
    }

    /// Reads a file below procfs.
    pub fn proc(&self, relative: &str) -> Collected<Text<'_>> {
        self.join(&self.proc, relative)
    }

    /// Reads a file below sysfs.
    pub fn sys(&self, relative: &str) -> Collected<Text<'_>> {
        self.join(&self.sys, relative)
    }

    /// Reads the file `relative` below the folder `base`.
    pub fn join(&self, base: &str, relative: &str) -> Collected<Text<'_>> {
        let mut path = self.take();
        path.push_str(base);
        path.push('/');
        path.push_str(relative);
        let read = self.read(&path);
        self.give(path);
        read
    }

    /// Reads a whole file, at most 32 MiB of it. Bytes that are no UTF-8 become the replacement character.
    pub fn read(&self, path: &str) -> Collected<Text<'_>> {
        let mut bytes = self.take().into_bytes();
        let outcome = File::open(path).and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes));
        if let Err(source) = outcome {
            bytes.clear();
            self.give(String::from_utf8(bytes).unwrap_or_default());
            return Err(CollectError::Read { path: path.to_owned(), source });
        }
        let buffer = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Ok(Text { ctx: self, buffer })
    }

    /// Reads a file that holds one unsigned number.
    pub fn number(&self, base: &str, relative: &str) -> Collected<u64> {
        let text = self.join(base, relative)?;
        text.trim().parse().map_err(|_| CollectError::parse(format!("{base}/{relative}"), format!("`{}` is no number", text.trim())))
    }

    /// Reads a file that holds one value and gives it trimmed, or nothing when it is absent or cannot be read.
    pub fn value(&self, base: &str, relative: &str) -> Option<String> {
        self.join(base, relative).ok().map(|text| text.trim().to_owned())
    }

    /// Reads an attribute of sysfs, trimmed. Nothing when the kernel has none, or none in the device's present state.
    pub fn attribute(&self, base: &str, relative: &str) -> Collected<Option<String>> {
        match self.join(base, relative) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.is_missing() || error.is_forbidden() => Ok(None),
            Err(error) if matches!(error.os_code(), Some(libc::EINVAL | libc::EOPNOTSUPP | libc::ENODEV)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The names in a folder, sorted.
    pub fn names(&self, folder: &str) -> Collected<Vec<String>> {
        let failed = |source| CollectError::Read { path: folder.to_owned(), source };
        let mut names = Vec::new();
        for entry in Path::new(folder).read_dir().map_err(failed)? {
            if let Ok(name) = entry.map_err(failed)?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// The names in a folder that are `prefix` and a number, in the order of the numbers. An absent folder has none.
    pub fn numbered(&self, folder: &str, prefix: &str) -> Vec<(u64, String)> {
        let mut found: Vec<(u64, String)> = self
            .names(folder)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|name| Some((name.strip_prefix(prefix)?.parse().ok()?, name)))
            .collect();
        found.sort();
        found
    }

    fn take(&self) -> String {
        self.pool.borrow_mut().pop().unwrap_or_default()
    }

    fn give(&self, mut buffer: String) {
        let mut pool = self.pool.borrow_mut();
        if buffer.capacity() <= POOLED_BYTES && pool.len() < POOLED {
            buffer.clear();
            pool.push(buffer);
        }
    }
}

/// The content of a file; its buffer goes back to the pool when it is dropped.
#[derive(Debug)]
pub struct Text<'a> {
    ctx: &'a Ctx,
    buffer: String,
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.buffer
    }
}

impl Drop for Text<'_> {
    fn drop(&mut self) {
        self.ctx.give(std::mem::take(&mut self.buffer));
    }
}

/// Bytes of a memory page, for figures that the kernel gives in pages.
pub fn page_size() -> f64 {
    // SAFETY: the call reads a constant of the system and touches no memory of ours.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    size as f64
}

/// Turns a text into a part of a metric name: everything that is neither letter nor digit becomes one `_`, with the underscores around it.
pub fn metric_name(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|character: char| !character.is_ascii_alphanumeric()) {
        let tail = &rest[start..];
        let end = tail.find(|character: char| character.is_ascii_alphanumeric()).unwrap_or(tail.len());
        name.push_str(&rest[..start]);
        // A run of underscores alone is a valid part of a name.
        name.push_str(if tail[..end].bytes().all(|byte| byte == b'_') { &tail[..end] } else { "_" });
        rest = &tail[end..];
    }
    name.push_str(rest);
    name
}

/// Parses a field as a number; `what` names the file in the error.
pub fn parse_float(field: &str, what: &str) -> Collected<f64> {
    field.parse().map_err(|_| CollectError::parse(what, format!("`{field}` is no number")))
}

/// Parses a hexadecimal field; `what` names the file in the error.
pub fn parse_hex(field: &str, what: &str) -> Collected<u64> {
    u64::from_str_radix(field, 16).map_err(|_| CollectError::parse(what, format!("`{field}` is no hexadecimal number")))
}

/// Parses a whole number as the kernel writes it: decimal, hexadecimal after `0x`, octal after `0`.
pub fn parse_integer(field: &str) -> Option<i64> {
    let (sign, digits) = match field.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, field),
    };
    let value = match (digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")), digits.strip_prefix('0')) {
        (Some(hex), _) => i64::from_str_radix(hex, 16),
        (None, Some(octal)) if !octal.is_empty() => i64::from_str_radix(octal, 8),
        _ => digits.parse(),
    };
    value.ok().map(|value| sign * value)
}

/// Parses an unsigned number as [`parse_integer`] does, up to the largest of 64 bits.
pub fn parse_unsigned(field: &str) -> Option<u64> {
    match field.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => field.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers() {
        let cases = [
            ("12", Some(12)),
            ("-1", Some(-1)),
            ("0x1f", Some(31)),
            ("010", Some(8)),
            ("0", Some(0)),
            ("", None),
            ("x", None),
            ("9223372036854775808", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_integer(text), expected, "{text}");
        }
    }

    #[test]
    fn buffers_are_used_again_and_broken_text_is_mended() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::write(folder.path().join("a"), b"one\xff").expect("a fixture can be written");
        let ctx = Ctx::new(&folder.path().display().to_string(), "/", "/", "/");
        for _ in 0..3 {
            assert_eq!(&*ctx.proc("a").expect("the file is there"), "one\u{fffd}");
            assert!(ctx.proc("b").expect_err("there is no such file").is_missing());
        }
        assert!((1..=3).contains(&ctx.pool.borrow().len()));
        assert_eq!(ctx.root, "");
    }
}
