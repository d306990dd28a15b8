//! One label: a name and a value, interned.
//!
//! A pair exists once in the process and carries the bytes that remote write 1.0 wants for it, so encoding a series is
//! copying its pairs. What others hold is a number of four bytes: there are ten or twenty for each series.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use parking_lot::Mutex;
use std::alloc::{Layout, alloc_zeroed, handle_alloc_error};
use std::fmt;
use std::hash::BuildHasher;
use std::ptr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

const SHARDS: usize = 16;
const HASHER: FixedState = FixedState::with_seed(0x5eed);

/// How many pairs a segment has room for, as a power of two. A segment's memory is taken when it is first written to.
const SEGMENT_BITS: u32 = 16;
const SEGMENT: usize = 1 << SEGMENT_BITS;
const SEGMENTS: usize = 1 << (u32::BITS - SEGMENT_BITS);

/// Where pairs are found by number. A place is written when its pair is made, and emptied when nobody holds it.
static PLACES: [AtomicPtr<Segment>; SEGMENTS] = [const { AtomicPtr::new(ptr::null_mut()) }; SEGMENTS];
type Segment = [AtomicPtr<Inner>; SEGMENT];

static INTERNER: LazyLock<[Mutex<Shard>; SHARDS]> = LazyLock::new(Default::default);
/// The first number that was never given to a pair.
static NEXT: Mutex<u32> = Mutex::new(0);

/// One label: a name and a value, interned. Cloning counts a reference.
pub struct Pair(u32);

struct Inner {
    /// Holders, the table of all pairs among them. Nothing is freed when it falls: a sweep of the table does that.
    holders: AtomicUsize,
    hash: u64,
    name_at: u32,
    name_end: u32,
    value_at: u32,
    encoded: Box<[u8]>,
}

impl Pair {
    /// The pair of `name` and `value`; the same two texts give the same pair for as long as somebody holds it.
    pub fn new(name: &str, value: &str) -> Self {
        let hash = HASHER.hash_one((name, value));
        let mut shard = INTERNER[(hash >> 32) as usize % SHARDS].lock();
        if let Some(found) = shard.table.find(hash, |p| p.name() == name && p.value() == value) {
            return found.clone();
        }
        shard.sweep_if_grown();
        let number = shard.free.pop().unwrap_or_else(next_number);
        place(number).store(Box::into_raw(Box::new(Inner::encode(hash, name, value))), Ordering::Release);
        shard.table.insert_unique(hash, Self(number), |p| p.inner().hash);
        Self(number)
    }

    /// The name.
    pub fn name(&self) -> &str {
        let inner = self.inner();
        inner.text(inner.name_at, inner.name_end)
    }

    /// The value.
    pub fn value(&self) -> &str {
        let inner = self.inner();
        inner.text(inner.value_at, inner.encoded.len() as u32)
    }

    /// The pair as remote write 1.0's `repeated Label labels = 1` inside a time series: tag, length and body.
    pub fn encoded(&self) -> &[u8] {
        &self.inner().encoded
    }

    /// A hash of name and value; the same in every run of the same build.
    pub fn hash64(&self) -> u64 {
        self.inner().hash
    }

    fn inner(&self) -> &Inner {
        // SAFETY: the place of this number was written before this `Pair` was made, and is emptied only by a sweep
        // that finds the table as the only holder, which it is not for as long as this `Pair` lives.
        unsafe { &*place(self.0).load(Ordering::Acquire) }
    }
}

impl Clone for Pair {
    fn clone(&self) -> Self {
        // A new holder comes from an old one, so nobody can be waiting for the count to fall to one in between.
        self.inner().holders.fetch_add(1, Ordering::Relaxed);
        Self(self.0)
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.inner().holders.fetch_sub(1, Ordering::Release);
    }
}

impl PartialEq for Pair {
    /// Equal pairs have the same number: both holders keep the one pair of their texts from being made anew.
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl Eq for Pair {}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={:?}", self.name(), self.value())
    }
}

/// The place of a number that was given out.
fn place(number: u32) -> &'static AtomicPtr<Inner> {
    let segment = PLACES[(number >> SEGMENT_BITS) as usize].load(Ordering::Acquire);
    // SAFETY: numbers are given out after their segment was stored, and segments are never freed.
    unsafe { &(&*segment)[number as usize % SEGMENT] }
}

/// A number that was never given out, with a place for it. There is memory for far fewer pairs than numbers.
fn next_number() -> u32 {
    let mut next = NEXT.lock();
    let number = *next;
    *next = number.checked_add(1).expect("four billion pairs take more memory than there is");
    let segment = &PLACES[(number >> SEGMENT_BITS) as usize];
    if segment.load(Ordering::Relaxed).is_null() {
        segment.store(new_segment(), Ordering::Release);
    }
    number
}

/// A segment of empty places. Zeroed by the allocator, which takes it from memory that nobody has written to.
fn new_segment() -> *mut Segment {
    let layout = Layout::new::<Segment>();
    // SAFETY: a segment has a size above zero, and all zero bytes are null pointers, which is what empty places are.
    let segment = unsafe { alloc_zeroed(layout) };
    if segment.is_null() {
        handle_alloc_error(layout);
    }
    segment.cast()
}

impl Inner {
    fn encode(hash: u64, name: &str, value: &str) -> Self {
        let inner = 1 + varint_len(name.len()) + name.len() + 1 + varint_len(value.len()) + value.len();
        let mut encoded = Vec::with_capacity(1 + varint_len(inner) + inner);
        encoded.push(0x0a);
        push_varint(&mut encoded, inner);
        encoded.push(0x0a);
        push_varint(&mut encoded, name.len());
        let name_at = encoded.len() as u32;
        encoded.extend_from_slice(name.as_bytes());
        let name_end = encoded.len() as u32;
        encoded.push(0x12);
        push_varint(&mut encoded, value.len());
        let value_at = encoded.len() as u32;
        encoded.extend_from_slice(value.as_bytes());
        // Two holders: the table, and who asked for it.
        Self { holders: AtomicUsize::new(2), hash, name_at, name_end, value_at, encoded: encoded.into_boxed_slice() }
    }

    fn text(&self, start: u32, end: u32) -> &str {
        // SAFETY: `encode` copied whole `str`s to exactly these ranges and nothing changes the bytes afterwards.
        unsafe { std::str::from_utf8_unchecked(&self.encoded[start as usize..end as usize]) }
    }
}

fn varint_len(n: usize) -> usize {
    (70 - (n as u64 | 1).leading_zeros() as usize) / 7
}

fn push_varint(out: &mut Vec<u8>, mut n: usize) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// A part of the table of all pairs.
#[derive(Default)]
struct Shard {
    table: HashTable<Pair>,
    swept_at: usize,
    /// Numbers whose places are empty.
    free: Vec<u32>,
}

impl Shard {
    /// Forgets pairs nobody else holds, each time the table has doubled. New holders appear only through this
    /// shard's lock or by cloning one that is held already, so a count of one seen here stays one.
    fn sweep_if_grown(&mut self) {
        if self.table.len() < 64 + 2 * self.swept_at {
            return;
        }
        let free_before = self.free.len();
        let Self { table, free, .. } = self;
        table.retain(|pair| {
            // Acquire: what the last holders did with the pair is done before it is freed.
            let held = pair.inner().holders.load(Ordering::Acquire) > 1;
            if !held {
                free.push(pair.0);
            }
            held
        });
        for number in &self.free[free_before..] {
            let inner = place(*number).swap(ptr::null_mut(), Ordering::Relaxed);
            // SAFETY: `new` made it by `Box::into_raw`, and its last holder, the table, has just let go of it.
            drop(unsafe { Box::from_raw(inner) });
        }
        self.swept_at = self.table.len();
        self.table.shrink_to(2 * self.swept_at, |pair| pair.inner().hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_encoded_as_remote_write_wants_it() {
        assert_eq!(Pair::new("ab", "c").encoded(), b"\x0a\x07\x0a\x02ab\x12\x01c");
        let long = "v".repeat(300);
        let pair = Pair::new("n", &long);
        assert_eq!(pair.value(), long);
        assert_eq!(&pair.encoded()[..3], b"\x0a\xb2\x02");
    }

    #[test]
    fn pairs_nobody_holds_are_forgotten() {
        let kept = Pair::new("kept", "kept");
        for i in 0..100_000 {
            Pair::new("churn", &i.to_string());
        }
        let alive: usize = INTERNER.iter().map(|s| s.lock().table.len()).sum();
        assert!(alive < 10_000, "{alive} pairs alive");
        assert_eq!(kept, Pair::new("kept", "kept"));
    }

    #[test]
    fn numbers_are_used_again_and_never_mixed_up() {
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                std::thread::spawn(move || {
                    let mut held = Vec::new();
                    for i in 0..20_000_u32 {
                        let value = (i.wrapping_mul(2_654_435_761) % 5000 + thread).to_string();
                        let pair = Pair::new("reused", &value);
                        assert_eq!((pair.name(), pair.value()), ("reused", value.as_str()));
                        held.push((pair, value));
                        if held.len() > 100 {
                            let (old, value) = held.swap_remove(i as usize % 100);
                            assert_eq!(old.value(), value);
                            assert_eq!(old, old.clone());
                        }
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().expect("no thread fails"));
    }
}
