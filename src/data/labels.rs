//! Label sets: interned name-value pairs behind one reference count.
//!
//! A label set is a sorted slice of pairs with its hash; cloning it is a reference count.

use crate::pair::Pair;
use foldhash::fast::FixedState;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::LazyLock;
use triomphe::ThinArc;

const HASHER: FixedState = FixedState::with_seed(0x5eed);

/// A set of labels sorted by name, each name once. Cloning is a reference count; equal sets compare by hash first.
///
/// One allocation of 24 bytes and 4 more a label: there are as many of them as there are series.
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
            hasher.write_u64(pair.hash64());
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
}
