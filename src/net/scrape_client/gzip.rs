//! Unpacks gzip into a buffer that is kept, at a third of the cost of the usual decoders.

use libdeflate_sys as sys;
use std::ffi::c_void;
use std::ptr::NonNull;

/// No input unpacks to more than this many times its size.
const MOST_RATIO: usize = 1040;
/// Bytes of a member's trailer: checksum and size.
const TRAILER: usize = 8;

/// Why a page was not unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnpackError {
    Invalid,
    TooLarge,
}

/// A decoder with its tables, for one input at a time.
pub(super) struct Unpacker(NonNull<sys::libdeflate_decompressor>);

// SAFETY: the decoder is memory that only this value points to; nothing in it belongs to a thread.
unsafe impl Send for Unpacker {}

impl Drop for Unpacker {
    fn drop(&mut self) {
        // SAFETY: it came from the allocation in `new` and is freed once.
        unsafe { sys::libdeflate_free_decompressor(self.0.as_ptr()) }
    }
}

impl Unpacker {
    /// `None` when there is no memory.
    pub(super) fn new() -> Option<Self> {
        // SAFETY: allocates; no requirements.
        NonNull::new(unsafe { sys::libdeflate_alloc_decompressor() }).map(Self)
    }

    /// Replaces what is in `buf` with the unpacked members of `packed`; at most `limit` bytes.
    pub(super) fn unpack(&mut self, packed: &[u8], buf: &mut Vec<u8>, limit: usize) -> Result<(), UnpackError> {
        buf.clear();
        let mut rest = packed;
        loop {
            let read = self.member(rest, buf, limit)?;
            rest = rest.get(read..).ok_or(UnpackError::Invalid)?;
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    /// Appends one member; returns how long it was, packed.
    fn member(&mut self, packed: &[u8], buf: &mut Vec<u8>, limit: usize) -> Result<usize, UnpackError> {
        let most = limit.saturating_sub(buf.len());
        let mut wanted = size_said(packed).min(packed.len().saturating_mul(MOST_RATIO)).max(64);
        loop {
            buf.reserve(wanted.min(most));
            let spare = buf.spare_capacity_mut();
            let room = spare.len().min(most);
            let (mut read, mut written) = (0usize, 0usize);
            // SAFETY: the decoder is live and ours alone; input and output are valid for the lengths given and do not
            // overlap; at most `room` bytes are written.
            let result = unsafe {
                sys::libdeflate_gzip_decompress_ex(
                    self.0.as_ptr(),
                    packed.as_ptr().cast::<c_void>(),
                    packed.len(),
                    spare.as_mut_ptr().cast::<c_void>(),
                    room,
                    &raw mut read,
                    &raw mut written,
                )
            };
            match result {
                sys::libdeflate_result_LIBDEFLATE_SUCCESS => {
                    let len = buf.len() + written.min(room);
                    // SAFETY: the decoder wrote `written` bytes, no more than there was room for, behind the length.
                    unsafe { buf.set_len(len) };
                    return Ok(read);
                }
                sys::libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE if room == most => return Err(UnpackError::TooLarge),
                sys::libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE => wanted = room.saturating_mul(2).max(4096),
                _ => return Err(UnpackError::Invalid),
            }
        }
    }
}

/// The size that the trailer at the end says; a hint only.
fn size_said(packed: &[u8]) -> usize {
    let trailer = packed.len().checked_sub(TRAILER / 2).and_then(|at| packed.get(at..)).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
    trailer.map_or(0, |bytes| usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn pack(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).and_then(|()| encoder.finish()).expect("memory does not fail")
    }

    fn unpack(packed: &[u8], limit: usize) -> Result<Vec<u8>, UnpackError> {
        let mut buf = b"left over".to_vec();
        Unpacker::new().expect("memory").unpack(packed, &mut buf, limit).map(|()| buf)
    }

    #[test]
    fn members_of_any_number() {
        let long = "abc".repeat(100_000).into_bytes();
        for parts in [vec![&b"x"[..]], vec![b""], vec![&long], vec![b"x", &long, b"", b"yz"], vec![&long, &long], vec![&long, b"x"]] {
            let packed: Vec<u8> = parts.iter().flat_map(|part| pack(part)).collect();
            assert_eq!(unpack(&packed, usize::MAX), Ok(parts.concat()));
        }
    }

    #[test]
    fn limits() {
        let packed = [pack(&[7; 5000]), pack(&[8; 5000])].concat();
        assert_eq!(unpack(&packed, 10_000).map(|buf| buf.len()), Ok(10_000));
        for limit in [9_999, 5_000, 4_999, 1, 0] {
            assert_eq!(unpack(&packed, limit), Err(UnpackError::TooLarge), "{limit}");
        }
    }

    #[test]
    fn broken_input_is_refused() {
        let packed = pack(&[7; 5000]);
        let lying = [&packed[..packed.len() - 4], &[0xff; 4]].concat();
        let trailing = [&packed[..], b"garbage that is no member"].concat();
        for input in [&b""[..], b"not gzip", &packed[..packed.len() / 2], &packed[..packed.len() - 1], &lying, &trailing] {
            assert_eq!(unpack(input, usize::MAX), Err(UnpackError::Invalid));
        }
        for at in 0..packed.len() {
            let mut flipped = packed.clone();
            flipped[at] ^= 0x55;
            // Whatever it says, it ends and stays within bounds.
            let _ = unpack(&flipped, 100_000);
        }
    }
}
