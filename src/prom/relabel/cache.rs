//! What the rules made of label sets seen before.
//!
//! Batches of one target bring the same label sets in the same order, so each entry remembers which one came after it:
//! mostly an answer is one comparison of addresses, without a hash.

use data::Labels;
use hashbrown::HashTable;

/// How much is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// So many label sets; those not asked for of late make room.
    Count(usize),
    /// Label sets asked for within so many seconds.
    Seconds(u32),
}

pub(super) struct Cache {
    slots: Vec<Slot>,
    free: Vec<u32>,
    table: HashTable<u32>,
    /// The slot of the last question.
    last: usize,
    /// Where the search for a slot to give up goes on.
    hand: usize,
    limit: Limit,
    now: u32,
    /// The last answer that was not kept.
    passing: Option<Labels>,
}

/// A set that was not asked for within so many seconds is given up for a new one. Series are scraped more often.
const UNUSED_SECONDS: u32 = 300;
/// How many slots a newcomer looks at.
const LOOKS: usize = 8;

struct Slot {
    /// Holding it keeps its address from being given to another set.
    input: Option<Labels>,
    output: Option<Labels>,
    next: u32,
    used: u32,
}

impl Cache {
    pub(super) fn new(limit: Limit) -> Self {
        Self { slots: Vec::new(), free: Vec::new(), table: HashTable::new(), last: 0, hand: 0, limit, now: 1, passing: None }
    }

    /// How many label sets are remembered.
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// Sets the time in seconds, for limits by age.
    pub(super) fn set_now(&mut self, seconds: u32) {
        self.now = seconds.max(1);
    }

    /// What `compute` gave for `labels` the first time, `None` for dropped, and whether it was known.
    #[inline]
    pub(super) fn get(&mut self, labels: &Labels, compute: impl FnOnce(&Labels) -> Option<Labels>) -> (Option<&Labels>, bool) {
        let expected = self.slots.get(self.last).map_or(0, |slot| slot.next as usize);
        let hit = self.slots.get(expected).and_then(|slot| slot.input.as_ref()).is_some_and(|input| input.address() == labels.address());
        let (at, known) = if hit { (Some(expected), true) } else { self.look_up(labels, compute) };
        let Some(at) = at else { return (self.passing.as_ref(), false) };
        self.last = at;
        let slot = &mut self.slots[at];
        if slot.used != self.now {
            slot.used = self.now;
        }
        (slot.output.as_ref(), known)
    }

    /// The slot of `labels`, and whether it was there. Without a slot the answer is in `passing`.
    fn look_up(&mut self, labels: &Labels, compute: impl FnOnce(&Labels) -> Option<Labels>) -> (Option<usize>, bool) {
        let found = self.find(labels);
        let at = match found {
            Some(at) => at,
            None => {
                let output = compute(labels);
                match self.room() {
                    Some(room) => self.insert(room, labels.clone(), output),
                    None => {
                        self.passing = output;
                        return (None, false);
                    }
                }
            }
        };
        if let Some(last) = self.slots.get_mut(self.last) {
            last.next = at as u32;
        }
        (Some(at), found.is_some())
    }

    /// Forgets `labels`.
    pub(super) fn remove(&mut self, labels: &Labels) {
        if let Some(at) = self.find(labels) {
            self.give_up(at);
            self.free.push(at as u32);
        }
    }

    /// Forgets what has not been asked for within the limit by age: how many that were.
    pub(super) fn forget_old(&mut self) -> usize {
        let Limit::Seconds(most) = self.limit else { return 0 };
        let oldest = self.now.saturating_sub(most);
        let old: Vec<usize> = (0..self.slots.len()).filter(|at| self.slots[*at].input.is_some() && self.slots[*at].used < oldest).collect();
        for at in &old {
            self.give_up(*at);
            self.free.push(*at as u32);
        }
        if self.len() < self.slots.len() / 3 {
            self.shrink();
        }
        old.len()
    }

    fn find(&self, labels: &Labels) -> Option<usize> {
        let same = |at: &u32| self.slots[*at as usize].input.as_ref() == Some(labels);
        self.table.find(labels.hash64(), same).map(|at| *at as usize)
    }

    /// A slot for one more set; `None` when the cache is full of sets that are in use. Sets come round and round: to
    /// give one up for a newcomer would only make it the newcomer of the next round, and all others after it.
    fn room(&mut self) -> Option<usize> {
        let full = matches!(self.limit, Limit::Count(most) if self.len() >= most.max(1)) || self.slots.len() >= u32::MAX as usize;
        if full {
            return self.make_room();
        }
        Some(self.free.pop().map_or_else(
            || {
                self.slots.push(Slot { input: None, output: None, next: 0, used: 0 });
                self.slots.len() - 1
            },
            |at| at as usize,
        ))
    }

    fn insert(&mut self, at: usize, input: Labels, output: Option<Labels>) -> usize {
        let hash = input.hash64();
        // Batches without a predecessor start with whatever follows: guess that new sets go on as they came.
        self.slots[at] = Slot { input: Some(input), output, next: at as u32 + 1, used: self.now };
        let slots = &self.slots;
        self.table.insert_unique(hash, at as u32, |at| slots[*at as usize].input.as_ref().map_or(0, Labels::hash64));
        at
    }

    /// Gives up a slot that has not been used for long. Looks at a few only: the next newcomer looks at the next few.
    fn make_room(&mut self) -> Option<usize> {
        for _ in 0..LOOKS.min(self.slots.len()) {
            let at = self.hand;
            self.hand = (at + 1) % self.slots.len();
            let slot = &self.slots[at];
            if slot.input.is_some() && self.now.saturating_sub(slot.used) > UNUSED_SECONDS {
                self.give_up(at);
                return Some(at);
            }
        }
        None
    }

    fn give_up(&mut self, at: usize) {
        let slot = &mut self.slots[at];
        slot.output = None;
        if let Some(input) = slot.input.take()
            && let Ok(found) = self.table.find_entry(input.hash64(), |other| *other as usize == at)
        {
            found.remove();
        }
    }

    /// Moves the slots in use together and gives the rest back.
    fn shrink(&mut self) {
        let kept: Vec<Slot> = self.slots.drain(..).filter(|slot| slot.input.is_some()).collect();
        *self = Self { now: self.now, ..Self::new(self.limit) };
        for slot in kept {
            let Some(input) = slot.input else { continue };
            let Some(room) = self.room() else { return };
            let at = self.insert(room, input, slot.output);
            self.slots[at].used = slot.used;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(i: usize) -> Labels {
        Labels::from_pairs([("n", i.to_string())])
    }

    /// Asks for each: how many were known.
    fn ask(cache: &mut Cache, sets: &[Labels]) -> usize {
        let known = |set: &Labels| {
            let (output, known) = cache.get(set, |set| (set.get("n") != Some("3")).then(|| set.clone()));
            assert_eq!(output, (set.get("n") != Some("3")).then_some(set));
            known
        };
        sets.iter().map(known).filter(|known| *known).count()
    }

    #[test]
    fn answers_in_any_order_and_for_equal_sets() {
        let mut cache = Cache::new(Limit::Count(100));
        let mut sets: Vec<Labels> = (0..50).map(labels).collect();
        assert_eq!(ask(&mut cache, &sets), 0);
        assert_eq!(ask(&mut cache, &sets), 50);
        sets.reverse();
        assert_eq!(ask(&mut cache, &sets), 50);
        let equal: Vec<Labels> = (0..50).map(labels).collect();
        assert_eq!(ask(&mut cache, &equal), 50);
        cache.remove(&equal[7]);
        cache.remove(&equal[7]);
        assert_eq!((cache.len(), ask(&mut cache, &sets)), (49, 49));
    }

    #[test]
    fn a_full_cache_keeps_what_is_asked_for() {
        let mut cache = Cache::new(Limit::Count(100));
        let sets: Vec<Labels> = (0..110).map(labels).collect();
        ask(&mut cache, &sets);
        for second in 1..50 {
            cache.set_now(second);
            assert_eq!(ask(&mut cache, &sets), 100, "one time round costs what has no room, and not more");
        }
        assert!(cache.len() <= 100 && cache.slots.len() <= 100);
    }

    #[test]
    fn a_full_cache_makes_room_for_what_is_new() {
        let mut cache = Cache::new(Limit::Count(100));
        let old: Vec<Labels> = (0..100).map(labels).collect();
        let new: Vec<Labels> = (100..200).map(labels).collect();
        ask(&mut cache, &old);
        cache.set_now(2 * UNUSED_SECONDS);
        assert_eq!(ask(&mut cache, &new), 0);
        assert_eq!(ask(&mut cache, &new), 100);
        assert!(cache.len() <= 100 && cache.slots.len() <= 100);
    }

    #[test]
    fn old_ones_are_forgotten() {
        let mut cache = Cache::new(Limit::Seconds(60));
        let sets: Vec<Labels> = (0..1000).map(labels).collect();
        ask(&mut cache, &sets);
        cache.set_now(50);
        ask(&mut cache, &sets[..10]);
        assert_eq!(cache.forget_old(), 0);
        cache.set_now(100);
        assert_eq!(cache.forget_old(), 990);
        assert!(cache.slots.len() <= 10);
        assert_eq!(ask(&mut cache, &sets[..20]), 10);
    }
}
