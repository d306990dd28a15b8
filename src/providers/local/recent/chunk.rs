//! Compressed samples of one series: times as differences of differences, values as what changed in their bits, after
//! the scheme of Facebook's Gorilla.

use std::sync::Arc;

/// A chunk grows in steps of this many bytes: some dozen samples.
const STEP: usize = 32;

/// A chunk that is still written to.
#[derive(Debug, Default)]
pub(super) struct Open {
    bits: Vec<u8>,
    /// Bits of the last byte that are not used yet.
    spare: u8,
    /// How many samples there are.
    pub(super) count: u32,
    /// Time of the first sample, milliseconds since 1970.
    pub(super) first: i64,
    /// Time of the last sample.
    pub(super) last: i64,
    delta: i64,
    value: u64,
    leading: u8,
    trailing: u8,
}

/// A chunk that is full. Cloning is a reference count.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    bits: Arc<[u8]>,
    /// Time of the first sample, milliseconds since 1970.
    pub(super) first: i64,
    /// Time of the last sample.
    pub(super) last: i64,
    /// How many samples there are.
    pub(super) count: u32,
}

impl Open {
    /// Adds a sample. Times are expected to rise, but nothing breaks when they do not.
    pub(super) fn push(&mut self, time: i64, value: f64) {
        let bits = value.to_bits();
        if self.count == 0 {
            (self.first, self.delta) = (time, 0);
            // No window of changed bits yet: the first change opens one.
            (self.leading, self.trailing) = (u8::MAX, 0);
            self.write(bits, 64);
        } else {
            let delta = time.wrapping_sub(self.last);
            self.write_time(delta.wrapping_sub(self.delta));
            self.delta = delta;
            self.write_value(bits ^ self.value);
        }
        (self.last, self.value) = (time, bits);
        self.count += 1;
    }

    fn write_time(&mut self, change: i64) {
        match change {
            0 => self.write(0, 1),
            -32..=31 => self.write((0b10 << 6) | (change as u64 & 0x3f), 8),
            -1024..=1023 => self.write((0b110 << 11) | (change as u64 & 0x7ff), 14),
            -65_536..=65_535 => self.write((0b1110 << 17) | (change as u64 & 0x1_ffff), 21),
            _ => {
                self.write(0b1111, 4);
                self.write(change as u64, 64);
            }
        }
    }

    fn write_value(&mut self, changed: u64) {
        if changed == 0 {
            return self.write(0, 1);
        }
        let (leading, trailing) = (changed.leading_zeros().min(31) as u8, changed.trailing_zeros() as u8);
        let fits = self.leading != u8::MAX && leading >= self.leading && trailing >= self.trailing;
        if fits {
            self.write(0b10, 2);
        } else {
            (self.leading, self.trailing) = (leading, trailing);
            self.write((0b11 << 11) | (u64::from(leading) << 6) | u64::from(63 - leading - trailing), 13);
        }
        self.write(changed >> self.trailing, 64 - self.leading - self.trailing);
    }

    /// Appends the low `n` bits of `value`, `n` in 1..=64, highest first.
    fn write(&mut self, value: u64, n: u8) {
        let mut left = n;
        while left > 0 {
            if self.spare == 0 {
                if self.bits.len() == self.bits.capacity() {
                    self.bits.reserve_exact(STEP);
                }
                self.bits.push(0);
                self.spare = 8;
            }
            let take = left.min(self.spare);
            let part = (value >> (left - take)) & ((1 << take) - 1);
            if let Some(byte) = self.bits.last_mut() {
                *byte |= (part << (self.spare - take)) as u8;
            }
            self.spare -= take;
            left -= take;
        }
    }

    /// What has been written so far, as a copy.
    pub(super) fn chunk(&self) -> Chunk {
        Chunk { bits: Arc::from(self.bits.as_slice()), first: self.first, last: self.last, count: self.count }
    }

    /// Starts over; the memory is kept for the next chunk.
    pub(super) fn clear(&mut self) {
        self.bits.clear();
        (self.spare, self.count) = (0, 0);
    }

    /// Memory outside of the structure, in bytes.
    pub(super) fn heap(&self) -> usize {
        self.bits.capacity()
    }
}

impl Chunk {
    /// Memory outside of the structure, in bytes: the two counts of an `Arc` and the data.
    pub(super) fn heap(&self) -> usize {
        16 + self.bits.len()
    }

    /// The samples in the order they came.
    pub(super) fn samples(&self) -> Samples<'_> {
        Samples { bits: &self.bits, at: 0, left: self.count, count: 0, time: self.first, delta: 0, value: 0, leading: 0, trailing: 0 }
    }
}

/// Reads a chunk. Damaged data ends it early.
pub(super) struct Samples<'a> {
    bits: &'a [u8],
    at: usize,
    left: u32,
    count: u32,
    time: i64,
    delta: i64,
    value: u64,
    leading: u8,
    trailing: u8,
}

impl Samples<'_> {
    fn read(&mut self, n: u8) -> Option<u64> {
        let (mut out, mut left) = (0u64, n);
        while left > 0 {
            let byte = *self.bits.get(self.at / 8)?;
            let spare = 8 - (self.at % 8) as u8;
            let take = left.min(spare);
            let part = (u64::from(byte) >> (spare - take)) & ((1 << take) - 1);
            out = (out << take) | part;
            self.at += usize::from(take);
            left -= take;
        }
        Some(out)
    }

    /// The next `n` bits as a signed number.
    fn read_signed(&mut self, n: u8) -> Option<i64> {
        let shift = 64 - n;
        Some(((self.read(n)? << shift) as i64) >> shift)
    }

    fn read_time(&mut self) -> Option<i64> {
        for bits in [0, 6, 11, 17] {
            if self.read(1)? == 0 {
                return if bits == 0 { Some(0) } else { self.read_signed(bits) };
            }
        }
        self.read_signed(64)
    }

    fn read_value(&mut self) -> Option<u64> {
        if self.read(1)? == 0 {
            return Some(0);
        }
        if self.read(1)? == 1 {
            self.leading = self.read(5)? as u8;
            self.trailing = 63u8.checked_sub(self.leading)?.checked_sub(self.read(6)? as u8)?;
        }
        let width = 64u8.checked_sub(self.leading)?.checked_sub(self.trailing)?;
        Some(self.read(width)? << self.trailing)
    }

    fn step(&mut self) -> Option<(i64, f64)> {
        if self.count == 0 {
            self.value = self.read(64)?;
        } else {
            self.delta = self.delta.wrapping_add(self.read_time()?);
            self.time = self.time.wrapping_add(self.delta);
            self.value ^= self.read_value()?;
        }
        self.count += 1;
        Some((self.time, f64::from_bits(self.value)))
    }
}

impl Iterator for Samples<'_> {
    type Item = (i64, f64);

    fn next(&mut self) -> Option<(i64, f64)> {
        self.left = self.left.checked_sub(1)?;
        let next = self.step();
        if next.is_none() {
            self.left = 0;
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::Open;
    use data::STALE_NAN;

    fn check(samples: &[(i64, f64)]) -> f64 {
        let mut open = Open::default();
        for (time, value) in samples {
            open.push(*time, *value);
        }
        let chunk = open.chunk();
        let read: Vec<(i64, u64)> = chunk.samples().map(|(t, v)| (t, v.to_bits())).collect();
        let wanted: Vec<(i64, u64)> = samples.iter().map(|(t, v)| (*t, v.to_bits())).collect();
        assert_eq!(read, wanted);
        (chunk.heap() - 16) as f64 / samples.len() as f64
    }

    #[test]
    fn gives_back_every_bit() {
        check(&[(0, 0.0)]);
        check(&[(i64::MAX, f64::MAX), (i64::MIN, f64::MIN), (0, -0.0), (-1, f64::INFINITY), (5, STALE_NAN), (6, f64::NAN), (7, 1.0)]);
        let mut state = 1u64;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 8
        };
        for shift in 0..56 {
            let samples: Vec<_> = (0..200).map(|_| ((random() >> shift) as i64, f64::from_bits(random() << (shift % 9)))).collect();
            check(&samples);
        }
    }

    #[test]
    fn is_small_for_what_scrapes_bring() {
        let steady: Vec<_> = (0..45).map(|i| (1_700_000_000_000 + i * 5000, 1.0)).collect();
        let jitter: Vec<_> = (0..45).map(|i| (1_700_000_000_000 + i * 5000 + i % 3, 1_000_000.0 + (i * i) as f64)).collect();
        let seconds: Vec<_> = (0..45).map(|i| (1_700_000_000_000 + i * 5000, 1234.5 + (i * 37 % 100) as f64 / 100.0)).collect();
        assert!(check(&steady) < 0.7, "{}", check(&steady));
        assert!(check(&jitter) < 5.0, "{}", check(&jitter));
        assert!(check(&seconds) < 9.0, "{}", check(&seconds));
    }
}
