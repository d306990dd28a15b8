//! Remembering what becomes of a label set, by its address: relabelling and external labels cost once per series.

use crate::labels::Labels;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Results by label set. An entry holds its label set, so that the address stays taken.
pub struct LabelCache {
    entries: HashMap<usize, Entry, FixedState>,
    most: usize,
    round: u32,
}

struct Entry {
    input: Labels,
    output: Option<Labels>,
    used: u32,
}

impl LabelCache {
    /// Remembers about `most` label sets; beyond that those that have not been asked for of late are forgotten.
    pub fn new(most: usize) -> Self {
        Self { entries: HashMap::with_hasher(FixedState::default()), most: most.max(1), round: 0 }
    }

    /// What `compute` gave for `labels` the first time. `None` stands for dropped.
    pub fn get(&mut self, labels: &Labels, compute: impl FnOnce(&Labels) -> Option<Labels>) -> Option<Labels> {
        if let Some(entry) = self.entries.get_mut(&labels.address()) {
            entry.used = self.round;
            return entry.output.clone();
        }
        if self.entries.len() >= self.most {
            self.forget();
        }
        let output = compute(labels);
        let entry = Entry { input: labels.clone(), output: output.clone(), used: self.round };
        debug_assert_eq!(entry.input.address(), labels.address());
        self.entries.insert(labels.address(), entry);
        output
    }

    /// Forgets everything, as after a change of rules.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// How many label sets are remembered.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when none is.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets what was not asked for since the last time; when that is little, everything.
    fn forget(&mut self) {
        let round = self.round;
        self.entries.retain(|_, entry| entry.used == round);
        self.round = self.round.wrapping_add(1);
        if self.entries.len() > self.most / 2 {
            self.entries.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computes_once_and_stays_small() {
        let mut cache = LabelCache::new(10);
        let kept = Labels::from_pairs([("a", "kept")]);
        let mut computed = 0;
        for i in 0..1000 {
            cache.get(&Labels::from_pairs([("a", i.to_string())]), |l| Some(l.clone()));
            cache.get(&kept, |_| {
                computed += 1;
                None
            });
            assert!(cache.len() <= 10);
        }
        assert!(computed < 500, "{computed}");
    }
}
