//! What a target's last scrapes taught: final labels by the bytes of a series, the order to expect, and what was there
//! before.
//!
//! A scrape mostly brings the series of the last one in the same order. So the series expected next is compared with
//! the bytes at hand, and only a mismatch costs a hash lookup. All keys of a target lie in one buffer.

use data::Labels;
use foldhash::fast::FixedState;
use hashbrown::{HashSet, HashTable};
use std::hash::BuildHasher;

const HASHER: FixedState = FixedState::with_seed(0xca5e);
/// Bytes of forgotten keys that are not worth moving the others.
const SLACK: usize = 4096;

/// Names a series within one cache, until the end of the scrape.
pub(super) type Id = u32;

pub(super) struct Cache {
    keys: Vec<u8>,
    dead_bytes: usize,
    entries: Vec<Entry>,
    free: Vec<Id>,
    table: HashTable<Id>,
    /// The series of the last complete scrape, in order.
    expected: Vec<Id>,
    /// Those of this one.
    seen: Vec<Id>,
    next: usize,
    round: u32,
    /// Series that count for staleness: of the last scrape, of this one, of both.
    tracked_before: usize,
    tracked: usize,
    carried: usize,
    /// Series that were not known before this scrape.
    fresh: Vec<Id>,
    /// Series of a cache that was reset: stale unless this scrape brings them.
    orphans: Vec<Labels>,
    complete_len: usize,
}

struct Entry {
    /// `None` for an entry that can be used again.
    labels: Option<Labels>,
    at: u32,
    /// The length of the key, and in the lowest bits [`TRACKED`] and [`TRACKED_BEFORE`].
    len_and_marks: u32,
    /// The last scrape that it was in.
    seen: u32,
    place: u32,
}

/// There is one for each series.
const _: () = assert!(size_of::<Entry>() == 24);

/// Counts for staleness in the scrape `seen`.
const TRACKED: u32 = 1;
/// Counted in the scrape before that.
const TRACKED_BEFORE: u32 = 2;
const MARKS: u32 = TRACKED | TRACKED_BEFORE;

impl Entry {
    /// `None` when the key is too long.
    fn new(labels: Labels, at: u32, key: &[u8]) -> Option<Self> {
        let len = u32::try_from(key.len()).ok().filter(|len| *len <= u32::MAX >> 2)?;
        Some(Self { labels: Some(labels), at, len_and_marks: len << 2, seen: 0, place: 0 })
    }

    fn len(&self) -> usize {
        (self.len_and_marks >> 2) as usize
    }

    fn has(&self, mark: u32) -> bool {
        self.len_and_marks & mark != 0
    }

    /// It is in the scrape `round`, and not yet counted there.
    fn see(&mut self, round: u32) {
        let before = if self.is_tracked_in(round - 1) { TRACKED_BEFORE } else { 0 };
        self.len_and_marks = (self.len_and_marks & !MARKS) | before;
        self.seen = round;
    }

    /// True when it counted in the scrape `round`, the last one that it was in.
    fn is_tracked_in(&self, round: u32) -> bool {
        self.seen == round && self.has(TRACKED)
    }

    /// True when it counted in the scrape before `round` and does not in `round`.
    fn has_vanished(&self, round: u32) -> bool {
        self.is_tracked_in(round - 1) || (self.seen == round && self.len_and_marks & MARKS == TRACKED_BEFORE)
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            dead_bytes: 0,
            entries: Vec::new(),
            free: Vec::new(),
            table: HashTable::new(),
            expected: Vec::new(),
            seen: Vec::new(),
            next: 0,
            // Two rounds before the first are told from "never".
            round: 2,
            tracked_before: 0,
            tracked: 0,
            carried: 0,
            fresh: Vec::new(),
            orphans: Vec::new(),
            complete_len: 0,
        }
    }
}

/// Gives back room that is not needed soon.
fn trim<T>(list: &mut Vec<T>) {
    if list.capacity() > list.len() + list.len() / 4 {
        list.shrink_to(list.len() + list.len() / 8);
    }
}

fn key_of<'a>(keys: &'a [u8], entry: &Entry) -> &'a [u8] {
    &keys[entry.at as usize..][..entry.len()]
}

impl Cache {
    /// The series that should come next, and its key.
    #[inline]
    pub(super) fn expected(&self) -> Option<(Id, &[u8])> {
        let id = *self.expected.get(self.next)?;
        Some((id, key_of(&self.keys, &self.entries[id as usize])))
    }

    /// The series with this key.
    pub(super) fn find(&self, key: &[u8]) -> Option<Id> {
        let hash = HASHER.hash_one(key);
        self.table.find(hash, |id| key_of(&self.keys, &self.entries[*id as usize]) == key).copied()
    }

    /// Remembers a series that [`Self::find`] did not find. `None` when there is no room for its key.
    pub(super) fn insert(&mut self, key: &[u8], labels: Labels) -> Option<Id> {
        let at = u32::try_from(self.keys.len()).ok()?;
        u32::try_from(self.keys.len() + key.len()).ok()?;
        let entry = Entry::new(labels, at, key)?;
        self.keys.extend_from_slice(key);
        let id = match self.free.pop() {
            Some(id) => {
                self.entries[id as usize] = entry;
                id
            }
            None => {
                self.entries.push(entry);
                Id::try_from(self.entries.len() - 1).ok()?
            }
        };
        let Self { keys, entries, table, .. } = self;
        table.insert_unique(HASHER.hash_one(key), id, |id| HASHER.hash_one(key_of(keys, &entries[*id as usize])));
        self.fresh.push(id);
        Some(id)
    }

    /// The final labels.
    #[inline]
    pub(super) fn labels(&self, id: Id) -> &Labels {
        self.entries[id as usize].labels.as_ref().expect("ids are given for entries in use only")
    }

    /// Notes that `id` is in this scrape, and expects next what followed it in the last one. False when it is there
    /// for the second time.
    #[inline]
    pub(super) fn see(&mut self, id: Id) -> bool {
        let entry = &mut self.entries[id as usize];
        if entry.seen == self.round {
            return false;
        }
        entry.see(self.round);
        let place = entry.place as usize;
        if self.expected.get(self.next) == Some(&id) {
            self.next += 1;
        } else if self.expected.get(place) == Some(&id) {
            self.next = place + 1;
        }
        entry.place = self.seen.len() as u32;
        self.seen.push(id);
        true
    }

    /// Notes that `id`, which was [seen](Self::see), has to be marked as stale when it is not in the next scrape.
    #[inline]
    pub(super) fn track(&mut self, id: Id) {
        let entry = &mut self.entries[id as usize];
        if !entry.has(TRACKED) {
            self.carried += usize::from(entry.has(TRACKED_BEFORE));
            self.tracked += 1;
            entry.len_and_marks |= TRACKED;
        }
    }

    /// Calls `mark` for each series that has vanished since the last scrape.
    pub(super) fn stale(&mut self, mut mark: impl FnMut(&Labels)) {
        if self.carried == self.tracked_before && self.orphans.is_empty() {
            return;
        }
        // The same labels may be back under another spelling.
        let fresh = self.fresh.iter().map(|id| &self.entries[*id as usize]).filter(|entry| entry.is_tracked_in(self.round));
        let fresh: HashSet<&Labels, FixedState> = fresh.filter_map(|entry| entry.labels.as_ref()).collect();
        let vanished = self.entries.iter().filter(|entry| entry.has_vanished(self.round)).filter_map(|entry| entry.labels.as_ref());
        vanished.chain(&self.orphans).filter(|labels| !fresh.contains(labels)).for_each(&mut mark);
    }

    /// Ends the scrape. After a complete one what was not in it is forgotten. True when a flood of series of
    /// incomplete scrapes had to be forgotten.
    pub(super) fn end(&mut self, complete: bool) -> bool {
        let len = self.len();
        let flood = !complete && len > 2 * self.complete_len + 1000;
        if complete {
            if len != self.seen.len() {
                self.forget_unseen();
            }
            std::mem::swap(&mut self.expected, &mut self.seen);
            self.complete_len = self.len();
            self.compact();
        } else if flood {
            self.forget_unseen();
            let Self { expected, entries, .. } = self;
            expected.retain(|id| entries[*id as usize].labels.is_some());
        }
        self.seen.clear();
        self.fresh.clear();
        self.orphans = Vec::new();
        self.next = 0;
        self.tracked_before = self.tracked;
        (self.tracked, self.carried) = (0, 0);
        self.round = self.round.wrapping_add(1).max(2);
        flood
    }

    /// Forgets all final labels, as after a change of how they are made, but not what the last scrape brought.
    pub(super) fn reset(&mut self) {
        let before = self.round - 1;
        let mut orphans = std::mem::take(&mut self.orphans);
        orphans.extend(self.entries.drain(..).filter(|entry| entry.is_tracked_in(before)).filter_map(|entry| entry.labels));
        *self = Self { orphans, ..Self::default() };
    }

    /// How many series are remembered.
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    fn forget_unseen(&mut self) {
        let Self { keys, entries, table, round, .. } = self;
        for (id, entry) in entries.iter_mut().enumerate() {
            if entry.labels.is_none() || entry.seen == *round {
                continue;
            }
            entry.labels = None;
            entry.len_and_marks &= !MARKS;
            let hash = HASHER.hash_one(key_of(keys, entry));
            if let Ok(found) = table.find_entry(hash, |other| *other as usize == id) {
                found.remove();
            }
            self.free.push(id as Id);
            self.dead_bytes += entry.len();
        }
    }

    /// Moves keys and entries together, in the order of the scrape, when too much room is wasted.
    fn compact(&mut self) {
        let wasted = self.dead_bytes > SLACK && self.dead_bytes > self.keys.len() / 2;
        if !wasted {
            if !self.fresh.is_empty() {
                trim(&mut self.keys);
                trim(&mut self.entries);
                trim(&mut self.expected);
                trim(&mut self.seen);
            }
            return;
        }
        let mut keys = Vec::with_capacity(self.keys.len() - self.dead_bytes);
        let mut entries = Vec::with_capacity(self.expected.len());
        let mut table = HashTable::with_capacity(self.expected.len());
        for id in &mut self.expected {
            let old = &mut self.entries[*id as usize];
            let key = key_of(&self.keys, old);
            *id = entries.len() as Id;
            table.insert_unique(HASHER.hash_one(key), *id, |id: &Id| {
                let entry: &Entry = &entries[*id as usize];
                HASHER.hash_one(key_of(&keys, entry))
            });
            let at = keys.len() as u32;
            keys.extend_from_slice(key);
            entries.push(Entry { labels: old.labels.take(), at, place: *id, ..*old });
        }
        self.free = Vec::new();
        self.dead_bytes = 0;
        (self.keys, self.entries, self.table) = (keys, entries, table);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Labels {
        Labels::from_pairs([("n", text)])
    }

    /// One scrape of these keys: how many were new, and what went stale, sorted.
    fn scrape(cache: &mut Cache, keys: &[&str], complete: bool) -> (usize, Vec<String>) {
        for key in keys {
            let expected = cache.expected().filter(|(_, next)| *next == key.as_bytes()).map(|(id, _)| id);
            let id = expected.or_else(|| cache.find(key.as_bytes()));
            // What follows a slash tells spellings of one series apart.
            let name = key.split('/').next().unwrap_or_default();
            let id = id.unwrap_or_else(|| cache.insert(key.as_bytes(), labels(name)).expect("there is room"));
            assert_eq!(cache.labels(id).get("n"), Some(name));
            if cache.see(id) {
                cache.track(id);
            }
        }
        let (fresh, mut stale) = (cache.fresh.len(), Vec::new());
        cache.stale(|labels| stale.push(labels.get("n").unwrap_or_default().to_owned()));
        stale.sort();
        cache.end(complete);
        (fresh, stale)
    }

    #[test]
    fn vanished_series_are_stale_once() {
        let mut cache = Cache::default();
        assert_eq!(scrape(&mut cache, &["a", "b", "c"], true), (3, vec![]));
        assert_eq!(scrape(&mut cache, &["a", "c", "d"], true), (1, vec!["b".into()]));
        assert_eq!(scrape(&mut cache, &["d", "a", "c"], true), (0, vec![]));
        assert_eq!(scrape(&mut cache, &[], false), (0, vec!["a".into(), "c".into(), "d".into()]));
        assert_eq!(scrape(&mut cache, &["a", "d"], true), (0, vec![]), "known although the last scrape failed");
        assert_eq!(cache.len(), 2);
        assert_eq!(scrape(&mut cache, &["a/2", "d"], true), (1, vec![]), "another spelling of the same series");
    }

    #[test]
    fn churn_wastes_no_room() {
        let mut cache = Cache::default();
        for round in 0..200 {
            let keys: Vec<String> = (0..50).map(|i| format!("a_rather_long_name_of_a_series_{}", round * 25 + i)).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let (fresh, stale) = scrape(&mut cache, &keys, true);
            if round > 0 {
                assert_eq!((fresh, stale.len()), (25, 25), "round {round}");
            }
        }
        assert_eq!(cache.len(), 50);
        assert!(cache.entries.len() <= 300, "{}", cache.entries.len());
        assert!(cache.keys.len() <= 2 * 50 * 40 + 2 * SLACK, "{}", cache.keys.len());
    }

    #[test]
    fn failing_scrapes_with_ever_new_series_are_forgotten() {
        let mut cache = Cache::default();
        scrape(&mut cache, &["a", "b"], true);
        for round in 0..30 {
            let keys: Vec<String> = (0..100).map(|i| format!("{round}_{i}")).collect();
            scrape(&mut cache, &keys.iter().map(String::as_str).collect::<Vec<_>>(), false);
        }
        assert!(cache.len() <= 1200, "{}", cache.len());
        scrape(&mut cache, &["a", "b"], true);
        assert_eq!(cache.len(), 2);
    }

    #[test]
    fn after_a_reset_only_what_is_gone_is_stale() {
        let mut cache = Cache::default();
        scrape(&mut cache, &["a", "b"], true);
        cache.reset();
        assert_eq!(scrape(&mut cache, &["b", "c"], true), (2, vec!["a".into()]));
        assert_eq!(scrape(&mut cache, &["b", "c"], true), (0, vec![]));
    }
}
