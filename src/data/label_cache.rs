//! Remembering what becomes of a label set, by its address: relabelling and external labels cost once per series.

use crate::labels::Labels;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Results by label set.
pub struct LabelCache {
    entries: HashMap<usize, Entry, FixedState>,
    most: usize,
    /// A round ends when as many label sets were new as there is room for.
    round: u32,
    new_in_round: usize,
}

struct Entry {
    /// Holding it keeps its address from being given to another set.
    _input: Labels,
    output: Option<Labels>,
    used: u32,
}

impl LabelCache {
    /// Remembers at most `most` label sets. Those that were not asked for of late make room for new ones, but no others
    /// do: sets come round and round, and one forgotten for a new one would only be the new one of the next time round.
    pub fn new(most: usize) -> Self {
        Self { entries: HashMap::with_hasher(FixedState::default()), most: most.max(1), round: 0, new_in_round: 0 }
    }

    /// What `compute` gave for `labels` the first time. `None` stands for dropped.
    pub fn get(&mut self, labels: &Labels, compute: impl FnOnce(&Labels) -> Option<Labels>) -> Option<Labels> {
        if let Some(entry) = self.entries.get_mut(&labels.address()) {
            entry.used = self.round;
            return entry.output.clone();
        }
        if self.new_in_round == self.most {
            self.next_round();
        }
        self.new_in_round += 1;
        let output = compute(labels);
        if self.entries.len() < self.most {
            self.entries.insert(labels.address(), Entry { _input: labels.clone(), output: output.clone(), used: self.round });
        }
        output
    }

    /// Forgets what was not asked for in the round that ends.
    fn next_round(&mut self) {
        self.entries.retain(|_, entry| entry.used == self.round);
        self.round = self.round.wrapping_add(1);
        self.new_in_round = 0;
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
            assert!(cache.entries.len() <= 10);
        }
        assert_eq!(computed, 1);
    }

    #[test]
    fn what_has_no_room_costs_itself_and_no_others() {
        let mut cache = LabelCache::new(100);
        let sets: Vec<Labels> = (0..110).map(|i| Labels::from_pairs([("a", i.to_string())])).collect();
        let mut ask = |sets: &[Labels]| {
            let mut computed = 0;
            for set in sets {
                cache.get(set, |l| {
                    computed += 1;
                    Some(l.clone())
                });
            }
            computed
        };
        ask(&sets);
        for _ in 0..100 {
            assert_eq!(ask(&sets), 10);
        }
        let others: Vec<Labels> = (0..100).map(|i| Labels::from_pairs([("b", i.to_string())])).collect();
        (0..3).for_each(|_| _ = ask(&others));
        assert_eq!(ask(&others), 0, "what is not asked for makes room");
    }
}
