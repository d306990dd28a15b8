//! Changes of label sets that were made before: from a set and some values to a set.

use data::{Labels, LabelsBuilder};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::borrow::Cow;
use std::hash::BuildHasher;

/// Entries remembered; all are forgotten when there would be more.
const MOST: usize = 8192;
/// Bytes of values remembered.
const MOST_BYTES: usize = 4 << 20;
const HASHER: FixedState = FixedState::with_seed(0x10c5);

/// Remembers what became of a label set under the values a stage saw.
#[derive(Default)]
pub(crate) struct Transitions {
    table: HashTable<Entry>,
    bytes: usize,
    values: Vec<u8>,
}

struct Entry {
    hash: u64,
    from: Labels,
    values: Box<[u8]>,
    to: Labels,
}

impl Transitions {
    /// Begins a change; the values it depends on follow.
    pub(crate) fn begin(&mut self) {
        self.values.clear();
    }

    /// A value that the change depends on, or that there is none.
    pub(crate) fn value(&mut self, value: Option<Cow<'_, [u8]>>) {
        let Some(value) = value else { return self.values.push(0xff) };
        let length = value.len();
        if length < 0xfe {
            self.values.push(length as u8);
        } else {
            self.values.push(0xfe);
            self.values.extend_from_slice(&length.to_le_bytes());
        }
        self.values.extend_from_slice(&value);
    }

    /// What becomes of `labels`: remembered, or made by `make`.
    pub(crate) fn apply(&mut self, labels: &mut Labels, make: impl FnOnce(&mut LabelsBuilder)) {
        let hash = HASHER.hash_one((labels.hash64(), &*self.values));
        let Self { table, values, .. } = self;
        if let Some(entry) = table.find(hash, |e| e.hash == hash && e.from == *labels && *e.values == **values) {
            if entry.to.address() != labels.address() {
                *labels = entry.to.clone();
            }
            return;
        }
        let mut builder = labels.to_builder();
        make(&mut builder);
        let made = builder.build();
        // The same set keeps its address, so that later steps find it.
        let to = if made == *labels { labels.clone() } else { made };
        self.remember(hash, labels.clone(), to.clone());
        *labels = to;
    }

    fn remember(&mut self, hash: u64, from: Labels, to: Labels) {
        if self.table.len() >= MOST || self.bytes > MOST_BYTES {
            self.table.clear();
            self.bytes = 0;
        }
        self.bytes += self.values.len();
        let entry = Entry { hash, from, values: self.values.as_slice().into(), to };
        self.table.insert_unique(hash, entry, |e| e.hash);
    }
}
