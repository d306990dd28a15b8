//! The samples: series with their chunks, found by label set and by name, forgotten in the order they came.

use super::chunk::{Chunk, Open};
use super::held::Held;
use data::{Labels, Metadata, MetricType, Sample};
use hashbrown::HashTable;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// A chunk with this many samples is full.
const FULL: u32 = 120;
/// Metric families whose types are remembered.
const MOST_FAMILIES: usize = 20_000;
/// What an allocation costs beside its content.
const ALLOCATION: usize = 16;

/// Why a sample was not taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct OutOfOrder;

#[derive(Debug)]
struct Series {
    labels: Labels,
    open: Open,
    full: Vec<Chunk>,
    /// Place in the list of its name.
    place: u32,
}

impl Series {
    fn heap(&self) -> usize {
        size_of::<Self>() + ALLOCATION + self.open.heap() + self.full.capacity() * size_of::<Chunk>()
    }

    fn last(&self) -> Option<i64> {
        if self.open.count > 0 { Some(self.open.last) } else { self.full.last().map(|c| c.last) }
    }
}

/// All series.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    slots: Vec<Option<Box<Series>>>,
    free: Vec<u32>,
    by_labels: HashTable<u32>,
    names: HashMap<Arc<str>, Vec<u32>>,
    /// The series of each chunk in the order the chunks were begun. Chunks of one series are forgotten in this order
    /// and in no other way, so a number is enough to find the chunk meant.
    order: VecDeque<u32>,
    kinds: HashMap<Arc<str>, MetricType>,
    heap: usize,
    samples: usize,
}

/// A chosen series: labels and the chunks that may hold what was asked for.
pub(super) type Chosen = (Labels, Vec<Chunk>);

impl Metrics {
    /// Adds a sample; a chunk covers at most `span` milliseconds.
    pub(super) fn push(&mut self, sample: &Sample, span: i64, held: &mut Held) -> Result<(), OutOfOrder> {
        let hash = sample.labels.hash64();
        let slots = &self.slots;
        let found = self.by_labels.find(hash, |slot| at(slots, *slot).is_some_and(|s| s.labels == sample.labels)).copied();
        let slot = found.unwrap_or_else(|| self.add(&sample.labels, held));
        let Some(series) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) else { return Ok(()) };
        if series.last().is_some_and(|last| sample.timestamp <= last) {
            return Err(OutOfOrder);
        }
        let before = series.heap();
        let open = &mut series.open;
        if open.count >= FULL || (open.count > 0 && sample.timestamp.saturating_sub(open.first) >= span) {
            let chunk = open.chunk();
            self.heap += chunk.heap();
            open.clear();
            if series.full.len() == series.full.capacity() {
                series.full.reserve_exact(2);
            }
            series.full.push(chunk);
        }
        if series.open.count == 0 {
            self.order.push_back(slot);
        }
        series.open.push(sample.timestamp, sample.value);
        self.heap = self.heap + series.heap() - before;
        self.samples += 1;
        Ok(())
    }

    fn add(&mut self, labels: &Labels, held: &mut Held) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            (self.slots.len() - 1) as u32
        });
        let name = labels.get("__name__").unwrap_or_default();
        if !self.names.contains_key(name) {
            self.heap += ALLOCATION + name.len();
            self.names.insert(name.into(), Vec::new());
        }
        let mut place = 0;
        if let Some(list) = self.names.get_mut(name) {
            let before = list.capacity();
            place = list.len() as u32;
            list.push(slot);
            self.heap += 4 * (list.capacity() - before);
        }
        let series = Series { labels: labels.clone(), open: Open::default(), full: Vec::new(), place };
        self.heap += series.heap();
        held.hold(labels);
        self.slots[slot as usize] = Some(Box::new(series));
        let slots = &self.slots;
        self.by_labels.insert_unique(labels.hash64(), slot, |slot| at(slots, *slot).map_or(0, |s| s.labels.hash64()));
        slot
    }

    /// Forgets the chunk that was begun first and says how many samples it had; `None` when nothing is left.
    pub(super) fn pop(&mut self, held: &mut Held) -> Option<usize> {
        let slot = self.order.pop_front()?;
        if self.order.capacity() > 64 + 4 * self.order.len() {
            self.order.shrink_to(2 * self.order.len());
        }
        let series = self.slots.get_mut(slot as usize).and_then(Option::as_mut)?;
        let count = if series.full.is_empty() {
            let count = series.open.count;
            series.open.clear();
            count
        } else {
            let chunk = series.full.remove(0);
            self.heap -= chunk.heap();
            chunk.count
        };
        if series.full.is_empty() && series.open.count == 0 {
            self.remove(slot, held);
        }
        self.samples -= count as usize;
        Some(count as usize)
    }

    fn remove(&mut self, slot: u32, held: &mut Held) {
        let Some(series) = self.slots.get_mut(slot as usize).and_then(Option::take) else { return };
        self.heap -= series.heap();
        if let Ok(entry) = self.by_labels.find_entry(series.labels.hash64(), |s| *s == slot) {
            entry.remove();
        }
        self.free.push(slot);
        held.release(&series.labels);
        let name = series.labels.get("__name__").unwrap_or_default();
        let Some(list) = self.names.get_mut(name) else { return };
        list.swap_remove(series.place as usize);
        if let Some(moved) = list.get(series.place as usize).copied()
            && let Some(moved) = self.slots.get_mut(moved as usize).and_then(Option::as_mut)
        {
            moved.place = series.place;
        }
        if list.is_empty() {
            self.heap -= ALLOCATION + name.len() + 4 * list.capacity();
            self.names.remove(name);
        }
        if self.by_labels.is_empty() {
            self.give_back();
        }
    }

    /// Nothing is left: neither should be the tables.
    fn give_back(&mut self) {
        (self.slots, self.free, self.order) = Default::default();
        (self.by_labels, self.names) = Default::default();
    }

    /// Times of the first and the last sample of the chunk that was begun first.
    pub(super) fn oldest(&self) -> Option<(i64, i64)> {
        let series = at(&self.slots, *self.order.front()?)?;
        Some(series.full.first().map_or((series.open.first, series.open.last), |c| (c.first, c.last)))
    }

    /// Remembers the type of a family.
    pub(super) fn describe(&mut self, metadata: &Metadata) {
        if metadata.kind == MetricType::Unknown {
            return;
        }
        if let Some(kind) = self.kinds.get_mut(&metadata.family) {
            *kind = metadata.kind;
        } else if self.kinds.len() < MOST_FAMILIES {
            self.heap += ALLOCATION + metadata.family.len();
            self.kinds.insert(Arc::from(&*metadata.family), metadata.kind);
        }
    }

    /// The type of the family that `name` belongs to.
    pub(super) fn kind(&self, name: &str) -> MetricType {
        const SUFFIXES: [&str; 6] = ["_total", "_bucket", "_sum", "_count", "_created", "_info"];
        let family = || SUFFIXES.iter().filter_map(|suffix| name.strip_suffix(suffix)).find_map(|base| self.kinds.get(base));
        self.kinds.get(name).or_else(family).copied().unwrap_or_default()
    }

    /// Every metric name with its number of series and its type, in no order.
    pub(super) fn names(&self) -> Vec<(Arc<str>, usize, MetricType)> {
        self.names.iter().map(|(name, list)| (Arc::clone(name), list.len(), self.kind(name))).collect()
    }

    /// Series called `name` with these labels (a missing label counts as empty), at most `most`, and their chunks that
    /// reach to `since` or later.
    pub(super) fn choose(&self, name: &str, labels: &[(String, String)], since: i64, most: usize) -> Vec<Chosen> {
        let list = self.names.get(name).map_or(&[][..], Vec::as_slice);
        let series = list.iter().filter_map(|slot| at(&self.slots, *slot));
        let wanted = |s: &&Series| labels.iter().all(|(n, v)| s.labels.get(n).unwrap_or_default() == v);
        let alive = series.filter(|s| s.last().is_some_and(|last| last >= since));
        alive.filter(wanted).take(most).map(|s| (s.labels.clone(), chunks_since(s, since))).collect()
    }

    /// How many series there are.
    pub(super) fn series(&self) -> usize {
        self.by_labels.len()
    }

    /// How many samples there are.
    pub(super) fn samples(&self) -> usize {
        self.samples
    }

    /// Memory in bytes, label sets left out.
    pub(super) fn bytes(&self) -> usize {
        let maps = self.names.capacity() * (size_of::<(Arc<str>, Vec<u32>)>() + 2)
            + self.kinds.capacity() * (size_of::<(Arc<str>, MetricType)>() + 2);
        let lists = self.slots.capacity() * 8 + (self.free.capacity() + self.order.capacity()) * 4;
        self.heap + maps + lists + self.by_labels.allocation_size()
    }

    /// What the running count should be, counted again from nothing: memory and samples.
    #[cfg(test)]
    pub(super) fn recount(&self) -> (usize, usize) {
        let series = || self.slots.iter().flatten();
        let heap: usize = series().map(|s| s.heap() + s.full.iter().map(Chunk::heap).sum::<usize>()).sum();
        let names: usize = self.names.iter().map(|(name, list)| ALLOCATION + name.len() + 4 * list.capacity()).sum();
        let kinds: usize = self.kinds.keys().map(|name| ALLOCATION + name.len()).sum();
        let samples: usize = series().map(|s| s.open.count as usize + s.full.iter().map(|c| c.count as usize).sum::<usize>()).sum();
        (heap + names + kinds, samples)
    }

    /// The running count of memory, without tables.
    #[cfg(test)]
    pub(super) fn heap(&self) -> usize {
        self.heap
    }
}

fn at(slots: &[Option<Box<Series>>], slot: u32) -> Option<&Series> {
    slots.get(slot as usize).and_then(Option::as_deref)
}

fn chunks_since(series: &Series, since: i64) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = series.full.iter().filter(|c| c.last >= since).cloned().collect();
    if series.open.count > 0 {
        chunks.push(series.open.chunk());
    }
    chunks
}
