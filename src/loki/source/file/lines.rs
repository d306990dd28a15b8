//! From bytes to lines: cutting at line ends, decoding, and entries that are slices of one buffer.

use bytes::Bytes;
use data::Entry;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use memchr::{memchr, memrchr};

/// A line that is longer is cut into pieces of this size, so that no file takes more memory.
pub(super) const LONGEST_LINE: usize = 1 << 20;

/// How the text of a file is encoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Text {
    /// Bytes are taken as they are.
    Utf8,
    /// ISO 8859-1 proper: encoding_rs takes the label for windows-1252.
    Latin1,
    /// Two bytes each, the more significant one first.
    Utf16Be,
    /// Two bytes each, the less significant one first.
    Utf16Le,
    /// Another one in which the line feed is the byte 10.
    Other(&'static Encoding),
}

impl Text {
    /// The encoding of an IANA name; the empty name means UTF-8.
    ///
    /// # Errors
    /// When there is no such encoding.
    pub fn by_name(name: &str) -> Result<Self, String> {
        let lower = name.trim().to_ascii_lowercase();
        Ok(match lower.as_str() {
            "" | "utf-8" | "utf8" | "csutf8" | "us-ascii" | "ascii" => Self::Utf8,
            // Without a byte order mark the more significant byte comes first, as the standard says.
            "utf-16" | "csutf16" | "utf-16be" | "csutf16be" => Self::Utf16Be,
            "utf-16le" | "csutf16le" => Self::Utf16Le,
            "iso-8859-1" | "iso_8859-1" | "iso_8859-1:1987" | "latin1" | "l1" | "iso-ir-100" | "ibm819" | "cp819" | "csisolatin1" => {
                Self::Latin1
            }
            other => match Encoding::for_label(other.as_bytes()) {
                Some(encoding) => Self::Other(encoding),
                None => {
                    return Err(format!("`encoding` = {name:?} is not known; write an IANA name such as \"UTF-16LE\" or \"ISO-8859-1\""));
                }
            },
        })
    }

    /// What a byte order mark at the beginning says: its length and the encoding, which wins over the configured one.
    pub fn by_mark(self, start: &[u8]) -> (u64, Self) {
        match start {
            [0xef, 0xbb, 0xbf, ..] => (3, Self::Utf8),
            [0xfe, 0xff, ..] => (2, Self::Utf16Be),
            [0xff, 0xfe, ..] => (2, Self::Utf16Le),
            _ => (0, self),
        }
    }

    /// The length of the part of `bytes` that consists of whole lines. `bytes` start at the start of a line.
    pub fn whole_lines(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Utf16Be => last_unit(bytes, [0, b'\n']),
            Self::Utf16Le => last_unit(bytes, [b'\n', 0]),
            _ => memrchr(b'\n', bytes).map(|at| at + 1),
        }
    }

    /// How many of `bytes` may be cut off as a piece of a line that is too long: not inside a character.
    pub fn piece(self, bytes: &[u8]) -> usize {
        match self {
            Self::Utf16Be | Self::Utf16Le => bytes.len() & !1,
            Self::Utf8 => utf8_piece(bytes),
            _ => bytes.len(),
        }
    }

    /// The text as UTF-8. What is no text becomes U+FFFD; what is UTF-8 already is not copied.
    pub fn decode(self, bytes: Bytes) -> Bytes {
        let decoded = match self {
            Self::Utf8 => return utf8(bytes),
            Self::Latin1 => encoding_rs::mem::decode_latin1(&bytes).into_owned(),
            Self::Utf16Be => UTF_16BE.decode_without_bom_handling(&bytes).0.into_owned(),
            Self::Utf16Le => UTF_16LE.decode_without_bom_handling(&bytes).0.into_owned(),
            Self::Other(encoding) => encoding.decode_without_bom_handling(&bytes).0.into_owned(),
        };
        Bytes::from(decoded)
    }
}

fn utf8(bytes: Bytes) -> Bytes {
    if std::str::from_utf8(&bytes).is_ok() {
        return bytes;
    }
    Bytes::from(String::from_utf8_lossy(&bytes).into_owned())
}

fn utf8_piece(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let at = bytes.len() - back;
        let need = match bytes[at] {
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xff => 4,
            0x80..=0xbf => continue,
            _ => 1,
        };
        return if need > back && at > 0 { at } else { bytes.len() };
    }
    bytes.len()
}

fn last_unit(bytes: &[u8], unit: [u8; 2]) -> Option<usize> {
    let (units, _) = bytes.as_chunks::<2>();
    units.iter().rposition(|u| *u == unit).map(|at| (at + 1) * 2)
}

/// The lines of a decoded chunk, without their line ends; a rest without a line end is the last line. Entries are
/// slices of the chunk: nothing is allocated but `entries` itself.
pub(super) fn cut(chunk: &Bytes, timestamp: i64, entries: &mut Vec<Entry>) {
    let mut start = 0;
    while start < chunk.len() {
        let rest = &chunk[start..];
        let (len, next) = memchr(b'\n', rest).map_or((rest.len(), rest.len()), |at| (at, at + 1));
        let end = if rest[..len].ends_with(b"\r") { len - 1 } else { len };
        entries.push(Entry { timestamp, line: chunk.slice(start..start + end), metadata: None });
        start += next;
    }
}

/// How many lines [`cut`] makes of a decoded chunk.
pub(super) fn count(chunk: &[u8]) -> u64 {
    let ends = memchr::memchr_iter(b'\n', chunk).count() as u64;
    ends + u64::from(chunk.last().is_some_and(|last| *last != b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: Text, bytes: &[u8]) -> Vec<String> {
        let whole = text.whole_lines(bytes).unwrap_or(0);
        let mut entries = Vec::new();
        cut(&text.decode(Bytes::copy_from_slice(&bytes[..whole])), 1, &mut entries);
        entries.iter().map(|e| String::from_utf8(e.line.to_vec()).expect("lines are UTF-8")).collect()
    }

    #[test]
    fn cuts_and_decodes() {
        let utf16 = |text: &str, be: bool| {
            text.encode_utf16().flat_map(|u| if be { u.to_be_bytes() } else { u.to_le_bytes() }).collect::<Vec<u8>>()
        };
        for (text, bytes, want) in [
            (Text::Utf8, b"a\r\n\nb\xff\nrest".to_vec(), vec!["a", "", "b\u{fffd}"]),
            // U+0A00 and U+000A next to each other hold misaligned line feeds.
            (Text::Utf16Le, utf16("x\u{a00}y\r\nz\nrest", false), vec!["x\u{a00}y", "z"]),
            (Text::Utf16Be, utf16("ä\u{10a}b\nrest", true), vec!["ä\u{10a}b"]),
            (Text::Latin1, b"\xe4\x80\n".to_vec(), vec!["ä\u{80}"]),
            (Text::by_name("windows-1252").expect("known"), b"\x80\n".to_vec(), vec!["€"]),
            (Text::by_name("shift_jis").expect("known"), b"\x83\x65\n".to_vec(), vec!["テ"]),
        ] {
            assert_eq!(lines(text, &bytes), want, "{text:?}");
        }
        assert!(Text::by_name("klingon").is_err());
        assert_eq!(Text::by_name("UTF-16"), Ok(Text::Utf16Be));
    }

    #[test]
    fn pieces_end_at_characters() {
        for (bytes, want) in [
            ("abc".as_bytes(), 3),
            ("ab€".as_bytes(), 5),
            (&"ab€".as_bytes()[..4], 2),
            (&"ab€".as_bytes()[..3], 2),
            (b"\xbf\xbf\xbf\xbf", 4),
        ] {
            assert_eq!(Text::Utf8.piece(bytes), want, "{bytes:?}");
        }
    }
}
