//! What writer, readers and background work share: the list of segments, the readers' positions and the account of drops.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::cursor::{CursorFile, Position, UNKNOWN};
use crate::files::{DirLock, File};
use crate::options::Options;
use crate::segment::{SEGMENT_HEADER, Segment};
use crate::stats::{DropCount, DropEvent, DropLog, ReaderStats, Stats};
use crate::writer::Writer;

/// After a failure in the background, the next attempt waits this long.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);

pub(crate) struct Inner {
    pub dir: PathBuf,
    pub options: Options,
    pub state: Mutex<State>,
    pub writer: Arc<tokio::sync::Mutex<Writer>>,
    /// Wakes appends that wait for space.
    pub space: Notify,
    /// Wakes the background work.
    pub wake: Arc<Notify>,
    pub drop_log: Mutex<DropLog>,
    pub lock: Mutex<Option<Box<dyn DirLock>>>,
}

#[derive(Default)]
pub(crate) struct State {
    pub closed: bool,
    /// Oldest first; the last one is the active one once the writer has a file.
    pub segments: VecDeque<Segment>,
    /// The file of the active segment.
    pub active: Option<Arc<dyn File>>,
    /// Segments that nobody needs any more: number and length.
    pub doomed: Vec<(u64, u64)>,
    /// Segments are being removed right now.
    pub removing: usize,
    /// Bytes of all segments, with those doomed and not yet removed.
    pub bytes: u64,
    pub next_sequence: u64,
    pub next_items: u64,
    pub readers: BTreeMap<String, ReaderState>,
    /// Drops not yet reported.
    pub events: Vec<DropEvent>,
    /// Drops in a queue without readers.
    pub drops: BTreeMap<&'static str, DropCount>,
    /// Files with content that is not on the device.
    pub unsynced: Vec<Arc<dyn File>>,
    /// The active file is among `unsynced`.
    pub active_unsynced: bool,
    /// Names were added to or removed from the directory since the last sync.
    pub dir_unsynced: bool,
    pub sync_due: Option<Instant>,
    /// When the next record may become too old, Unix milliseconds.
    pub expire_due: Option<i64>,
    pub retry_due: Option<Instant>,
    /// When to look whether the active segment can be emptied.
    pub trim_due: Option<Instant>,
    /// Numbers were lost after the last record: a new segment has to say with which one it goes on.
    pub numbers_lost: bool,
    pub last_append: Option<Instant>,
    /// Where the last damage was found: two readers pass the same place, and it is counted once.
    pub corrupt_seen: (u64, u64),
    pub corrupt: u64,
    pub torn: u64,
    pub io_errors: u64,
    pub last_error: Option<String>,
    pub append_waiting: bool,
    pub appended_records: u64,
    pub appended_items: u64,
    pub appended_bytes: u64,
}

/// A record handed out.
pub(crate) struct Flight {
    pub at: Position,
    pub items: u32,
    pub first_ms: i64,
    pub acked: bool,
}

pub(crate) struct ReaderState {
    pub name: String,
    /// The next record to be read.
    pub read: Position,
    /// Records at or above the cursor that were handed out, by sequence.
    pub in_flight: BTreeMap<u64, Flight>,
    /// How many of them are not acknowledged.
    pub unacked: usize,
    /// Those among them that are to be handed out again.
    pub redeliver: BTreeSet<u64>,
    pub cursor: Arc<Mutex<CursorFile>>,
    /// The position in the cursor file, as far as is known.
    pub persisted: Option<Position>,
    /// Writing the cursor file failed: `persisted` is only what should be in it.
    pub cursor_failed: bool,
    pub cursor_unsynced: bool,
    /// Wakes `next`.
    pub changed: Arc<Notify>,
    /// There is a `Reader` with this name.
    pub attached: bool,
    /// The open file of the segment being read, when it is not the active one.
    pub file: Option<(u64, Arc<dyn File>)>,
    /// Why the next gap in the running numbers exists, when that is known.
    pub gap_reason: Option<&'static str>,
    pub drops: BTreeMap<&'static str, DropCount>,
    pub acked_records: u64,
    pub acked_items: u64,
}

impl ReaderState {
    pub fn new(name: &str, read: Position, cursor: CursorFile, persisted: Option<Position>) -> ReaderState {
        ReaderState {
            name: name.to_owned(),
            read,
            in_flight: BTreeMap::new(),
            unacked: 0,
            redeliver: BTreeSet::new(),
            cursor: Arc::new(Mutex::new(cursor)),
            persisted,
            cursor_failed: false,
            cursor_unsynced: false,
            changed: Arc::new(Notify::new()),
            attached: false,
            file: None,
            gap_reason: None,
            drops: BTreeMap::new(),
            acked_records: 0,
            acked_items: 0,
        }
    }

    /// Where this reader goes on after a restart: before the lowest record that is not acknowledged.
    pub fn cursor_position(&self) -> Position {
        self.in_flight.values().find(|f| !f.acked).map_or(self.read, |f| f.at)
    }

    pub fn count_drop(&mut self, events: &mut Vec<DropEvent>, reason: &'static str, count: DropCount) {
        if count.records > 0 {
            self.drops.entry(reason).or_default().add(count);
            events.push(DropEvent { reader: self.name.clone(), reason, count });
        }
    }

    /// Goes on reading at the start of a segment, and counts what lies between as dropped.
    pub fn skip_to(&mut self, events: &mut Vec<DropEvent>, segment: &Segment, reason: &'static str, oldest_ms: Option<i64>) {
        self.read.segment = segment.number;
        self.read.offset = SEGMENT_HEADER;
        match segment.base {
            Some(base) => self.expect_next(events, base.sequence, base.items, reason, oldest_ms),
            None => self.gap_reason = Some(reason),
        }
    }

    /// The next record has this number: counts those which are missing before it.
    pub fn expect_next(&mut self, events: &mut Vec<DropEvent>, sequence: u64, items: u64, reason: &'static str, oldest_ms: Option<i64>) {
        if self.read.sequence != UNKNOWN {
            let records = sequence.saturating_sub(self.read.sequence);
            let items = items.saturating_sub(self.read.items);
            self.count_drop(events, reason, DropCount { records, items, oldest_ms });
            if sequence < self.read.sequence {
                return;
            }
        }
        self.read.sequence = sequence;
        self.read.items = items;
        self.gap_reason = None;
    }

    /// Forgets a record that was handed out: acknowledged, or counted elsewhere.
    pub fn settle(&mut self, sequence: u64) {
        if let Some(flight) = self.in_flight.get_mut(&sequence)
            && !flight.acked
        {
            flight.acked = true;
            self.unacked -= 1;
            self.redeliver.remove(&sequence);
        }
        while let Some(first) = self.in_flight.first_entry() {
            if !first.get().acked {
                break;
            }
            first.remove();
        }
    }

    /// Hands out again what was handed out and not acknowledged.
    pub fn release_all(&mut self) {
        let open = self.in_flight.iter().filter(|(_, f)| !f.acked).map(|(sequence, _)| *sequence);
        self.redeliver.extend(open);
    }

    fn stats(&self, state: &State) -> ReaderStats {
        let open = || self.in_flight.values().filter(|f| !f.acked);
        let unread = |next: u64, read: u64| if self.read.sequence == UNKNOWN { 0 } else { next.saturating_sub(read) };
        let items_in_flight: u64 = open().map(|f| u64::from(f.items)).sum();
        ReaderStats {
            name: self.name.clone(),
            pending_records: unread(state.next_sequence, self.read.sequence) + self.unacked as u64,
            pending_items: unread(state.next_items, self.read.items) + items_in_flight,
            pending_bytes: state.bytes_after(self.cursor_position()),
            in_flight: self.unacked,
            acked_records: self.acked_records,
            acked_items: self.acked_items,
            oldest_ms: open().map(|f| f.first_ms).next(),
            drops: self.drops.clone(),
        }
    }
}

impl State {
    /// Index of the first segment with this or a higher number.
    pub fn index_from(&self, number: u64) -> usize {
        self.segments.partition_point(|s| s.number < number)
    }

    /// Bytes of records after a position.
    pub fn bytes_after(&self, at: Position) -> u64 {
        let after = self.segments.iter().skip(self.index_from(at.segment));
        let bytes = |s: &Segment| if s.number == at.segment { at.offset.max(SEGMENT_HEADER) } else { SEGMENT_HEADER };
        after.map(|s| s.len.saturating_sub(bytes(s))).sum()
    }

    /// Whether there are readers and none of them has anything left.
    pub fn all_caught_up(&self) -> bool {
        !self.readers.is_empty() && self.readers.values().all(|r| r.persisted.is_some_and(|p| self.bytes_after(p) == 0))
    }

    /// Marks for removal the oldest segments that every reader has passed, as far as their cursor files say so.
    /// Answers whether there are any.
    pub fn doom_passed(&mut self) -> bool {
        while self.segments.len() > 1 && !self.readers.is_empty() {
            let front = &self.segments[0];
            let passed = |p: Position| p.segment > front.number || (p.segment == front.number && p.offset >= front.len);
            if !self.readers.values().all(|r| r.persisted.is_some_and(passed)) {
                break;
            }
            self.doom_front();
        }
        !self.doomed.is_empty()
    }

    /// Marks the oldest segment for removal. There must be one.
    pub fn doom_front(&mut self) {
        if let Some(front) = self.segments.pop_front() {
            self.doomed.push((front.number, front.len + front.slack));
        }
    }

    pub fn notify_readers(&self) {
        self.readers.values().for_each(|r| r.changed.notify_waiters());
    }
}

impl Inner {
    pub fn now_ms(&self) -> i64 {
        (self.options.clock)()
    }

    /// Records appended before this are too old.
    pub fn oldest_allowed(&self) -> i64 {
        let age = self.options.max_age.and_then(|age| i64::try_from(age.as_millis()).ok());
        age.map_or(i64::MIN, |age| self.now_ms().saturating_sub(age))
    }

    /// Counts and logs a failed operation on a file.
    pub fn note_error(&self, action: &str, error: &io::Error) {
        let text = format!("{action}: {error}");
        let mut state = self.state.lock();
        state.io_errors += 1;
        let repeated = state.last_error.as_ref() == Some(&text);
        state.last_error = Some(text);
        drop(state);
        if !repeated {
            tracing::error!(queue = %self.dir.display(), %error, "cannot {action}; it is tried again");
        }
    }

    /// Background work failed and is to be tried again.
    pub fn retry_later(&self) {
        self.state.lock().retry_due = Some(Instant::now() + RETRY_AFTER);
        self.wake.notify_one();
    }

    /// Writes the cursor of a reader if it has moved.
    pub fn persist_cursor(&self, name: &str) {
        let (cursor, position) = {
            let state = self.state.lock();
            let Some(reader) = state.readers.get(name) else { return };
            let position = reader.cursor_position();
            if state.closed || (reader.persisted == Some(position) && !reader.cursor_failed) {
                return;
            }
            (Arc::clone(&reader.cursor), position)
        };
        let written = cursor.lock().write(&*self.options.files, position);
        if let Err(e) = &written {
            self.note_error("write a cursor", e);
            self.retry_later();
        }
        let mut state = self.state.lock();
        let Some(reader) = state.readers.get_mut(name).filter(|r| Arc::ptr_eq(&r.cursor, &cursor)) else { return };
        // A failure does not hold segments back: the disk may be full, and removing them is what helps. If the process
        // dies now, records that are still there are sent again.
        if reader.persisted.is_none_or(|p| p.place() <= position.place()) {
            reader.persisted = Some(position);
        }
        reader.cursor_failed = written.is_err();
        reader.cursor_unsynced |= written.is_ok();
        let removable = state.doom_passed();
        let sync = self.schedule_sync(&mut state);
        let wake = self.schedule_trim(&mut state) || sync || removable;
        // Even without a segment to remove: when all is acknowledged, the active one can be left.
        let waiting = state.append_waiting;
        drop(state);
        if waiting {
            self.space.notify_waiters();
        }
        if wake {
            self.wake.notify_one();
        }
    }

    /// Writes the cursor of a reader that begins. A new cursor is made durable, for it says where the reader began.
    pub fn begin_cursor(&self, name: &str) {
        let new = self.state.lock().readers.get(name).is_some_and(|r| r.persisted.is_none());
        self.persist_cursor(name);
        if new && self.options.sync != crate::options::Sync::Never {
            self.state.lock().dir_unsynced = true;
            if let Err(e) = self.sync_cursors().and_then(|()| self.sync_names()) {
                self.note_error("sync a cursor", &e);
            }
        }
    }

    /// Writes all cursors that have moved.
    pub fn persist_cursors(&self) {
        let names: Vec<String> = self.state.lock().readers.keys().cloned().collect();
        names.iter().for_each(|name| self.persist_cursor(name));
    }

    /// Plans the next sync; answers whether the background work has to be told.
    pub fn schedule_sync(&self, state: &mut State) -> bool {
        if let crate::options::Sync::Every(interval) = self.options.sync
            && state.sync_due.is_none()
        {
            state.sync_due = Some(Instant::now() + interval);
            return true;
        }
        false
    }

    pub fn stats(&self) -> Stats {
        let peeks = self.peek_unread();
        self.report_drops();
        let state = self.state.lock();
        let mut readers: Vec<ReaderStats> = state.readers.values().map(|r| r.stats(&state)).collect();
        for reader in &mut readers {
            let unread = peeks.get(&reader.name).copied();
            reader.oldest_ms = reader.oldest_ms.or(unread);
        }
        Stats {
            bytes: state.bytes,
            max_bytes: self.options.max_bytes,
            segments: state.segments.len(),
            appended_records: state.appended_records,
            appended_items: state.appended_items,
            appended_bytes: state.appended_bytes,
            append_waiting: state.append_waiting,
            readers,
            drops: state.drops.clone(),
            corrupt: state.corrupt,
            torn: state.torn,
            io_errors: state.io_errors,
            last_error: state.last_error.clone(),
        }
    }
}
