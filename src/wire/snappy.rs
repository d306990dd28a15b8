//! Snappy blocks, with buffers that are kept.

use crate::proto::DecodeError;

/// Compresses into a buffer of its own.
#[derive(Debug)]
pub(crate) struct Compressor {
    encoder: snap::raw::Encoder,
    // Never shortened: filling it with zeros again would cost as much as the encoding.
    block: Vec<u8>,
}

impl Default for Compressor {
    fn default() -> Self {
        Self { encoder: snap::raw::Encoder::new(), block: Vec::new() }
    }
}

impl Compressor {
    /// The block of `raw`. A message above 4 GiB is not representable and gives `None`.
    pub(crate) fn compress(&mut self, raw: &[u8]) -> Option<&[u8]> {
        let most = snap::raw::max_compress_len(raw.len());
        if self.block.len() < most {
            self.block.resize(most, 0);
        }
        let written = self.encoder.compress(raw, &mut self.block).ok()?;
        Some(&self.block[..written])
    }

    /// Gives the memory back when it holds more than `most` bytes.
    pub(crate) fn shrink(&mut self, most: usize) {
        if self.block.len() > most {
            self.block = Vec::new();
        }
    }
}

/// The message in a block, unless it is larger than `most` bytes.
pub(crate) fn decompress(block: &[u8], most: usize) -> Result<Vec<u8>, DecodeError> {
    let length = snap::raw::decompress_len(block).map_err(|error| DecodeError::Snappy(error.to_string()))?;
    if length > most {
        return Err(DecodeError::TooLarge { length, most });
    }
    snap::raw::Decoder::new().decompress_vec(block).map_err(|error| DecodeError::Snappy(error.to_string()))
}
