//! Merging request bodies that are snappy blocks of protobuf messages whose fields all may repeat.

use bytes::{Bytes, BytesMut};

/// Length of the uncompressed message, and where the elements begin. `None` when `block` is no snappy block.
pub(crate) fn preamble(block: &[u8]) -> Option<(usize, usize)> {
    let mut length = 0_usize;
    for (at, byte) in block.iter().take(5).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return (u32::try_from(length).is_ok()).then_some((length, at + 1));
        }
    }
    None
}

/// One block that uncompresses to what `blocks` uncompress to, one after the other. Copies inside a block reach back
/// only within it, so the elements stay valid wherever they stand.
pub(crate) fn blocks(blocks: &[Bytes]) -> Option<Bytes> {
    if let [only] = blocks {
        return Some(only.clone());
    }
    let mut length = 0;
    for block in blocks {
        length += preamble(block)?.0;
    }
    let mut left = u32::try_from(length).ok()?;
    let mut merged = BytesMut::with_capacity(5 + blocks.iter().map(Bytes::len).sum::<usize>());
    while left >= 0x80 {
        merged.extend_from_slice(&[left as u8 | 0x80]);
        left >>= 7;
    }
    merged.extend_from_slice(&[left as u8]);
    for block in blocks {
        merged.extend_from_slice(&block[preamble(block)?.1..]);
    }
    Some(merged.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merged_block_uncompresses_to_all_parts() {
        let parts = ["one one one one one one one ".repeat(300), String::new(), "two".to_owned(), "one one one ".repeat(9)];
        let compress = |p: &String| Bytes::from(snap::raw::Encoder::new().compress_vec(p.as_bytes()).expect("small"));
        let merged = blocks(&parts.iter().map(compress).collect::<Vec<_>>()).expect("all are blocks");
        assert_eq!(preamble(&merged).expect("a block").0, parts.concat().len());
        let text = snap::raw::Decoder::new().decompress_vec(&merged).expect("valid");
        assert_eq!(String::from_utf8(text).expect("text"), parts.concat());
    }

    #[test]
    fn what_is_no_block_is_not_merged() {
        let bad = Bytes::from_static(&[0xff; 8]);
        assert_eq!(blocks(&[bad.clone(), bad]), None);
    }
}
