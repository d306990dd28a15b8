//! Label sets: interned name-value pairs behind one reference count.
//!
//! A pair exists once in the process and carries the bytes that remote write 1.0 wants for it, so encoding a series is
//! copying its pairs. A label set is a sorted slice of pairs with its hash; cloning it is a reference count.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use parking_lot::Mutex;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock};
use triomphe::ThinArc;

const SHARDS: usize = 16;
const HASHER: FixedState = FixedState::with_seed(0x5eed);

/// One label: a name and a value, interned.
#[derive(Clone)]
pub struct Pair(Arc<PairInner>);

struct PairInner {
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
        let pair = Self(Arc::new(PairInner::encode(hash, name, value)));
        shard.table.insert_unique(hash, pair.clone(), |p| p.0.hash);
        pair
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.text(self.0.name_at, self.0.name_end)
    }

    /// The value.
    pub fn value(&self) -> &str {
        self.text(self.0.value_at, self.0.encoded.len() as u32)
    }

    /// The pair as remote write 1.0's `repeated Label labels = 1` inside a time series: tag, length and body.
    pub fn encoded(&self) -> &[u8] {
        &self.0.encoded
    }

    /// True when both are the same interned pair, which is to say equal.
    pub fn is(&self, other: &Pair) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (self.0.hash == other.0.hash && self.0.encoded == other.0.encoded)
    }

    fn text(&self, start: u32, end: u32) -> &str {
        // SAFETY: `encode` copied whole `str`s to exactly these ranges and nothing changes the bytes afterwards.
        unsafe { std::str::from_utf8_unchecked(&self.0.encoded[start as usize..end as usize]) }
    }
}

impl PairInner {
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
        Self { hash, name_at, name_end, value_at, encoded: encoded.into_boxed_slice() }
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

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}
impl Eq for Pair {}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={:?}", self.name(), self.value())
    }
}

/// A part of the table of all pairs.
#[derive(Default)]
struct Shard {
    table: HashTable<Pair>,
    swept_at: usize,
}

static INTERNER: LazyLock<[Mutex<Shard>; SHARDS]> = LazyLock::new(Default::default);

impl Shard {
    /// Forgets pairs nobody else holds, each time the table has doubled. New holders appear only through this
    /// shard's lock or by cloning one that is held already, so a count of one seen here stays one.
    fn sweep_if_grown(&mut self) {
        if self.table.len() < 64 + 2 * self.swept_at {
            return;
        }
        self.table.retain(|pair| Arc::strong_count(&pair.0) > 1);
        self.swept_at = self.table.len();
        self.table.shrink_to(2 * self.swept_at, |pair| pair.0.hash);
    }
}

/// A set of labels sorted by name, each name once. Cloning is a reference count; equal sets compare by hash first.
///
/// One allocation of 24 bytes and 8 more a label: there are as many of them as there are series.
#[derive(Clone)]
pub struct Labels(ThinArc<u64, Pair>);

impl Labels {
    /// The set without labels.
    pub fn empty() -> Self {
        static EMPTY: LazyLock<Labels> = LazyLock::new(|| Labels::from_sorted(Vec::new()));
        EMPTY.clone()
    }

    /// The set of these pairs; of several with one name the last wins. Empty values stay.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut builder = LabelsBuilder::default();
        for (name, value) in pairs {
            builder.set(name.as_ref(), value.as_ref());
        }
        builder.build()
    }

    fn from_sorted(pairs: Vec<Pair>) -> Self {
        let mut hasher = HASHER.build_hasher();
        for pair in &pairs {
            hasher.write_u64(pair.0.hash);
        }
        Self(ThinArc::from_header_and_iter(hasher.finish(), pairs.into_iter()))
    }

    /// Hash of the content; the same in every run of the same build.
    pub fn hash64(&self) -> u64 {
        self.0.header.header
    }

    /// The labels, sorted by name.
    pub fn pairs(&self) -> &[Pair] {
        &self.0.slice
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.slice.iter().map(|p| (p.name(), p.value()))
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.0.slice.binary_search_by(|p| p.name().cmp(name)).ok()?;
        Some(self.0.slice[at].value())
    }

    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.0.slice.len()
    }

    /// True without labels.
    pub fn is_empty(&self) -> bool {
        self.0.slice.is_empty()
    }

    /// An address that is the same for clones of one set and differs between sets alive at the same time: a cache
    /// key, valid only while the cache holds a clone.
    pub fn address(&self) -> usize {
        self.0.as_ptr() as usize
    }

    /// A builder that starts with these labels.
    pub fn to_builder(&self) -> LabelsBuilder {
        LabelsBuilder { pairs: self.0.slice.to_vec() }
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        self.address() == other.address() || (self.hash64() == other.hash64() && self.0.slice == other.0.slice)
    }
}
impl Eq for Labels {}

impl Hash for Labels {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash64());
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Labels {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.iter().cmp(other.iter())
    }
}

/// `{a="1", b="2"}`, as Prometheus and Loki write label sets.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, (name, value)) in self.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{name}=\"")?;
            write_quoted(f, value)?;
            f.write_str("\"")?;
        }
        f.write_str("}")
    }
}

/// Writes what stands between the quotes of a Go-quoted string.
fn write_quoted(f: &mut impl fmt::Write, text: &str) -> fmt::Result {
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            c if (c as u32) < 0x20 || c as u32 == 0x7f => write!(f, "\\x{:02x}", c as u32)?,
            c => f.write_char(c)?,
        }
    }
    Ok(())
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Changes a label set.
#[derive(Clone, Debug, Default)]
pub struct LabelsBuilder {
    pairs: Vec<Pair>,
}

impl LabelsBuilder {
    fn find(&self, name: &str) -> Result<usize, usize> {
        self.pairs.binary_search_by(|p| p.name().cmp(name))
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name).ok().map(|at| self.pairs[at].value())
    }

    /// Sets `name` to `value`, even when it is empty.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        match self.find(name) {
            Ok(at) => self.pairs[at] = Pair::new(name, value),
            Err(at) => self.pairs.insert(at, Pair::new(name, value)),
        }
        self
    }

    /// Sets `pair`.
    pub fn set_pair(&mut self, pair: &Pair) -> &mut Self {
        match self.find(pair.name()) {
            Ok(at) => self.pairs[at] = pair.clone(),
            Err(at) => self.pairs.insert(at, pair.clone()),
        }
        self
    }

    /// Removes `name`.
    pub fn del(&mut self, name: &str) -> &mut Self {
        if let Ok(at) = self.find(name) {
            self.pairs.remove(at);
        }
        self
    }

    /// Keeps only the labels for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &str) -> bool) -> &mut Self {
        self.pairs.retain(|p| keep(p.name(), p.value()));
        self
    }

    /// The labels, sorted by name.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|p| (p.name(), p.value()))
    }

    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// True without labels.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Forgets all labels.
    pub fn clear(&mut self) {
        self.pairs.clear();
    }

    /// The finished set.
    pub fn build(self) -> Labels {
        Labels::from_sorted(self.pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_sorted_and_equal_by_content() {
        let a = Labels::from_pairs([("z", "1"), ("a", "x\"y\n"), ("z", "2")]);
        let b = Labels::from_pairs([("a", "x\"y\n"), ("z", "2")]);
        assert_eq!(a, b);
        assert_eq!(a.hash64(), b.hash64());
        assert_eq!(a.to_string(), r#"{a="x\"y\n", z="2"}"#);
        assert_eq!(a.get("z"), Some("2"));
        assert_eq!(a.get("y"), None);
    }

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
        assert!(kept.is(&Pair::new("kept", "kept")));
    }
}
