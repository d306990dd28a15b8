//! Memory of the label sets that are held. Sets and pairs are shared, so each is counted once.

use data::Labels;
use std::collections::HashMap;

/// An `Arc` of a label set: two counts, the hash and the slice.
const SET: usize = 16 + 8 + 16;
/// An interned pair: two counts, hash, places, the boxed text, and its entry in the table of all pairs.
const PAIR: usize = 16 + 8 + 16 + 16 + 9;
/// An entry of a map from address to count, with its share of free places.
const ENTRY: usize = 20;

/// Counts who is held how often, by address.
#[derive(Debug, Default)]
pub(super) struct Held {
    sets: HashMap<usize, u32>,
    pairs: HashMap<usize, u32>,
    bytes: usize,
}

impl Held {
    /// One more holder of `labels`.
    pub(super) fn hold(&mut self, labels: &Labels) {
        let count = self.sets.entry(labels.address()).or_insert(0);
        *count += 1;
        if *count > 1 {
            return;
        }
        self.bytes += SET + ENTRY + 8 * labels.len();
        for pair in labels.pairs() {
            let count = self.pairs.entry(pair.encoded().as_ptr() as usize).or_insert(0);
            *count += 1;
            if *count == 1 {
                self.bytes += PAIR + ENTRY + pair.encoded().len();
            }
        }
    }

    /// One holder less.
    pub(super) fn release(&mut self, labels: &Labels) {
        if !remove_one(&mut self.sets, labels.address()) {
            return;
        }
        self.bytes = self.bytes.saturating_sub(SET + ENTRY + 8 * labels.len());
        for pair in labels.pairs() {
            if remove_one(&mut self.pairs, pair.encoded().as_ptr() as usize) {
                self.bytes = self.bytes.saturating_sub(PAIR + ENTRY + pair.encoded().len());
            }
        }
    }

    /// Memory of everything held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// True when this was the last one.
fn remove_one(counts: &mut HashMap<usize, u32>, address: usize) -> bool {
    let Some(count) = counts.get_mut(&address) else { return false };
    *count -= 1;
    if *count > 0 {
        return false;
    }
    counts.remove(&address);
    // Room for twice as many: what is freed must not stay behind as empty table.
    if counts.capacity() > 64 + 4 * counts.len() {
        counts.shrink_to(2 * counts.len());
    }
    true
}
