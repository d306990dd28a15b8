//! Reading: records are handed out in order, acknowledged in any order, and handed out again when they were not.

use std::collections::BTreeMap;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::QueueGuard;
use crate::cursor::Position;
use crate::files::{File, Mode};
use crate::inner::{Flight, Inner, ReaderState, State};
use crate::options::ReaderOptions;
use crate::record::{Header, Place, Record, RecordId};
use crate::segment::{self, Found};
use crate::stats::{DropCount, DropEvent, reason};
use crate::writer::blocking;

/// Acknowledged records above the lowest unacknowledged one are sent again after a restart; this bounds how many.
const MAX_SPAN: usize = 1024;
/// After this many failures in a row the rest of a segment is given up.
const MAX_FAILURES: u32 = 6;
const FIRST_RETRY: Duration = Duration::from_millis(50);
/// Buffers kept for reuse, and the largest one that is kept.
const MAX_BUFFERS: usize = 4;
const MAX_BUFFER: usize = 1 << 20;

/// One endpoint's view of the queue. Clones share it: each record goes to one of them.
///
/// When the last clone is dropped, what is unacknowledged is handed out again to the next reader of the same name.
#[derive(Clone)]
pub struct Reader {
    shared: Arc<Shared>,
}

struct Shared {
    queue: Arc<QueueGuard>,
    name: String,
    options: ReaderOptions,
    changed: Arc<Notify>,
    /// Held by the one call of `next` that reads.
    turn: tokio::sync::Mutex<()>,
    buffers: Mutex<Vec<BytesMut>>,
}

enum Step {
    Closed,
    Wait,
    Read(ReadTask),
}

/// Everything needed to read one record.
struct ReadTask {
    inner: Arc<Inner>,
    place: Place,
    len: u64,
    /// The handle, when the segment is open already.
    file: Option<Arc<dyn File>>,
    /// The content is most likely in the page cache.
    cached: bool,
    /// The record was handed out before.
    again: Option<u64>,
    oldest_ms: i64,
    buf: BytesMut,
}

impl ReadTask {
    fn run(self) -> (Option<Arc<dyn File>>, io::Result<Found>) {
        let file = match self.file {
            Some(file) => file,
            None => match self.inner.options.files.open(&segment::path(&self.inner.dir, self.place.segment), Mode::Read) {
                Ok(file) => file,
                Err(e) => return (None, Err(e)),
            },
        };
        let found = segment::read_record(&*file, self.place, self.len, self.oldest_ms, self.buf);
        (Some(file), found)
    }
}

impl Reader {
    pub(crate) fn new(queue: Arc<QueueGuard>, name: &str, options: ReaderOptions, changed: Arc<Notify>) -> Reader {
        let turn = tokio::sync::Mutex::new(());
        let shared = Shared { queue, name: name.to_owned(), options, changed, turn, buffers: Mutex::default() };
        Reader { shared: Arc::new(shared) }
    }

    fn inner(&self) -> &Arc<Inner> {
        &self.shared.queue.inner
    }

    /// The name given when the reader was made.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The next record, as soon as there is one and fewer than `max_in_flight` are unacknowledged. `None` once the
    /// queue is closed or the reader was removed by `retain_readers`.
    ///
    /// Each record has to be settled by `ack`, `reject` or `retry`; one that is not stays in flight until the reader is
    /// dropped.
    ///
    /// May be dropped at any await: no record is lost or handed out twice by that.
    pub async fn next(&self) -> Option<Record> {
        let _turn = self.shared.turn.lock().await;
        let mut failures = 0;
        loop {
            let mut changed = pin!(self.shared.changed.notified());
            changed.as_mut().enable();
            let step = self.step();
            self.inner().report_drops();
            let task = match step {
                Step::Closed => return None,
                Step::Wait => {
                    changed.await;
                    continue;
                }
                Step::Read(task) => task,
            };
            let (place, len, again) = (task.place, task.len, task.again);
            let (file, found) = if task.cached { task.run() } else { blocking(move || task.run()).await };
            match found {
                Ok(found) => {
                    failures = 0;
                    if let Some(record) = self.commit(place, len, again, file, found) {
                        return Some(record);
                    }
                }
                Err(e) => {
                    failures += 1;
                    self.inner().note_error("read a segment", &e);
                    if failures < MAX_FAILURES && e.kind() != io::ErrorKind::NotFound {
                        tokio::time::sleep(FIRST_RETRY * (1 << failures)).await;
                        continue;
                    }
                    failures = 0;
                    self.give_up(place, len, again);
                }
            }
            self.inner().persist_cursor(&self.shared.name);
            self.inner().report_drops();
        }
    }

    /// The far end has the record, or it needs no sending: moves the cursor when no earlier record is open.
    ///
    /// The cursor file is written before this returns. Unknown ids are ignored.
    pub fn ack(&self, id: RecordId) {
        self.settle(id, None);
    }

    /// The far end will never take the record: counts it as dropped for this reason, and moves on.
    pub fn reject(&self, id: RecordId, reason: &'static str) {
        self.settle(id, Some(reason));
    }

    /// Hands the record out again, before all later ones.
    pub fn retry(&self, id: RecordId) {
        let mut state = self.inner().state.lock();
        if let Some(reader) = self.shared.own(&mut state.readers)
            && reader.in_flight.get(&id.0).is_some_and(|f| !f.acked)
        {
            reader.redeliver.insert(id.0);
            reader.changed.notify_waiters();
        }
    }

    /// Why a record should be given up instead of tried again: it has become too old, or its segment had to be dropped.
    /// Pass the answer to `reject`.
    pub fn overdue(&self, record: &Record) -> Option<&'static str> {
        if record.header.appended_ms < self.inner().oldest_allowed() {
            return Some(reason::TOO_OLD);
        }
        let state = self.inner().state.lock();
        let flight = state.readers.get(&self.shared.name)?.in_flight.get(&record.id.0)?;
        let oldest = state.segments.front()?.number;
        (flight.at.segment < oldest).then_some(reason::QUEUE_FULL)
    }

    /// Returns when everything appended so far is acknowledged, rejected or dropped, or the queue is closed.
    pub async fn drained(&self) {
        loop {
            let mut changed = pin!(self.shared.changed.notified());
            changed.as_mut().enable();
            {
                let mut state = self.inner().state.lock();
                if state.closed {
                    return;
                }
                let unread = state.next_unread(&self.shared.name).is_some();
                if !unread && self.shared.own(&mut state.readers).is_none_or(|r| r.unacked == 0) {
                    return;
                }
            }
            changed.await;
        }
    }

    /// Gives the buffer of a record back for reuse, if nobody else holds a part of it. Optional.
    pub fn recycle(&self, record: Record) {
        if let Ok(buf) = record.payload.try_into_mut()
            && buf.capacity() <= MAX_BUFFER
        {
            let mut buffers = self.shared.buffers.lock();
            if buffers.len() < MAX_BUFFERS {
                buffers.push(buf);
            }
        }
    }

    fn settle(&self, id: RecordId, rejected: Option<&'static str>) {
        let mut state = self.inner().state.lock();
        let State { readers, events, .. } = &mut *state;
        let Some(reader) = self.shared.own(readers) else { return };
        let Some(flight) = reader.in_flight.get(&id.0).filter(|f| !f.acked) else { return };
        let (items, first_ms) = (u64::from(flight.items), flight.first_ms);
        match rejected {
            Some(reason) => reader.count_drop(events, reason, DropCount { records: 1, items, oldest_ms: Some(first_ms) }),
            None => {
                reader.acked_records += 1;
                reader.acked_items += items;
            }
        }
        reader.settle(id.0);
        reader.changed.notify_waiters();
        drop(state);
        self.inner().persist_cursor(&self.shared.name);
        if rejected.is_some() {
            self.inner().report_drops();
        }
    }

    fn step(&self) -> Step {
        let name = &self.shared.name;
        let mut state = self.inner().state.lock();
        if state.closed {
            return Step::Closed;
        }
        let oldest = state.segments.front().map_or(u64::MAX, |s| s.number);
        let State { readers, events, .. } = &mut *state;
        let Some(reader) = self.shared.own(readers) else { return Step::Closed };
        let mut again = None;
        while let Some(sequence) = reader.redeliver.first().copied() {
            if !reader.drop_flight(events, sequence, reason::QUEUE_FULL, |at| at.segment < oldest) {
                again = reader.in_flight.get(&sequence).map(|flight| (sequence, flight.at));
                break;
            }
        }
        let place = match again {
            Some((_, at)) => {
                let len = state.segments.get(state.index_from(at.segment)).map_or(0, |s| s.len);
                Some((Place { segment: at.segment, offset: at.offset }, len))
            }
            None if reader.unacked >= self.shared.options.max_in_flight.max(1) => None,
            None if reader.in_flight.len() >= MAX_SPAN.max(self.shared.options.max_in_flight) => None,
            None => state.next_unread(name),
        };
        let Some((place, len)) = place else { return Step::Wait };
        let file = state.open_file(name, place.segment);
        let at = state.index_from(place.segment);
        let fresh = state.segments.get(at).is_some_and(|s| s.fresh_from <= place.offset);
        // What was written long ago may have left the page cache.
        let recent = at + 2 >= state.segments.len();
        Step::Read(ReadTask {
            inner: Arc::clone(self.inner()),
            place,
            len,
            cached: fresh && recent && file.is_some(),
            file,
            again: again.map(|(sequence, _)| sequence),
            oldest_ms: self.inner().oldest_allowed(),
            buf: self.shared.buffers.lock().pop().unwrap_or_default(),
        })
    }

    /// Moves on after reading; `None` when there is no record to hand out, or things have changed meanwhile.
    fn commit(&self, place: Place, len: u64, again: Option<u64>, file: Option<Arc<dyn File>>, found: Found) -> Option<Record> {
        let mut state = self.inner().state.lock();
        if state.closed {
            return None;
        }
        let end = state.active_end(place.segment);
        let State { readers, events, corrupt, corrupt_seen, .. } = &mut *state;
        let reader = self.shared.own(readers)?;
        if let Some(file) = file.filter(|_| end.is_none()) {
            reader.file = Some((place.segment, file));
        }
        if matches!(found, Found::Damaged(_) | Found::Garbage(_)) && *corrupt_seen < (place.segment, place.offset) {
            *corrupt_seen = (place.segment, place.offset);
            *corrupt += 1;
        }
        if let Some(sequence) = again {
            return reader.commit_again(events, sequence, found);
        }
        if (reader.read.segment, reader.read.offset) != (place.segment, place.offset) {
            return None;
        }
        match found {
            Found::Record(header, payload) => return Some(reader.hand_out(events, place, header, payload)),
            Found::Expired(header) => reader.drop_next(events, place, &header, reason::TOO_OLD),
            Found::Damaged(header) => reader.drop_next(events, place, &header, reason::CORRUPT),
            Found::Garbage(Some(next)) => {
                reader.read.offset = next;
                reader.gap_reason = Some(reason::CORRUPT);
            }
            Found::Garbage(None) => reader.skip_rest(events, len, end, reason::CORRUPT),
        }
        None
    }

    /// A segment cannot be read: goes on after what is known of it.
    fn give_up(&self, place: Place, len: u64, again: Option<u64>) {
        let mut state = self.inner().state.lock();
        let end = state.active_end(place.segment);
        let State { readers, events, .. } = &mut *state;
        let Some(reader) = self.shared.own(readers) else { return };
        if let Some(sequence) = again {
            reader.drop_flight(events, sequence, reason::MISSING, |_| true);
        } else if (reader.read.segment, reader.read.offset) == (place.segment, place.offset) {
            reader.skip_rest(events, len, end, reason::MISSING);
        }
    }
}

impl Shared {
    /// The state of this reader; `None` when it was removed, also if there is a new one of the same name.
    fn own<'a>(&self, readers: &'a mut BTreeMap<String, ReaderState>) -> Option<&'a mut ReaderState> {
        readers.get_mut(&self.name).filter(|r| Arc::ptr_eq(&r.changed, &self.changed))
    }
}

impl State {
    /// Where the active segment ends, and the numbers of the next record; `None` when the segment is another one.
    fn active_end(&self, number: u64) -> Option<Position> {
        let active = self.segments.back().filter(|s| s.number == number && self.active.is_some())?;
        let (sequence, items) = (self.next_sequence, self.next_items);
        Some(Position { segment: number, offset: active.len, sequence, items })
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let mut state = self.queue.inner.state.lock();
        if let Some(reader) = self.own(&mut state.readers) {
            reader.attached = false;
            reader.release_all();
            reader.file = None;
        }
    }
}

impl ReaderState {
    /// Drops the next unread record, whose header is known.
    pub fn drop_next(&mut self, events: &mut Vec<DropEvent>, place: Place, header: &Header, reason: &'static str) {
        let gap = self.gap_reason.unwrap_or(reason::MISSING);
        self.expect_next(events, header.sequence, header.items_before, gap, None);
        let oldest_ms = Some(header.first_ms);
        self.count_drop(events, reason, DropCount { records: 1, items: u64::from(header.items), oldest_ms });
        self.pass(place, header);
    }

    /// Drops a record that was handed out, if the condition on its place holds. Answers whether it is gone.
    pub fn drop_flight(
        &mut self,
        events: &mut Vec<DropEvent>,
        sequence: u64,
        reason: &'static str,
        condition: impl Fn(Position) -> bool,
    ) -> bool {
        let Some(flight) = self.in_flight.get(&sequence).filter(|f| !f.acked) else {
            self.redeliver.remove(&sequence);
            return true;
        };
        if !condition(flight.at) {
            return false;
        }
        let count = DropCount { records: 1, items: u64::from(flight.items), oldest_ms: Some(flight.first_ms) };
        self.count_drop(events, reason, count);
        self.settle(sequence);
        true
    }

    fn hand_out(&mut self, events: &mut Vec<DropEvent>, place: Place, header: Header, payload: BytesMut) -> Record {
        let gap = self.gap_reason.unwrap_or(reason::MISSING);
        self.expect_next(events, header.sequence, header.items_before, gap, None);
        let at = Position { segment: place.segment, offset: place.offset, sequence: header.sequence, items: header.items_before };
        let flight = Flight { at, items: header.items, first_ms: header.first_ms, acked: false };
        if self.in_flight.insert(header.sequence, flight).is_none_or(|old| old.acked) {
            self.unacked += 1;
        }
        self.pass(place, &header);
        Record { id: RecordId(header.sequence), header, payload: payload.freeze() }
    }

    fn commit_again(&mut self, events: &mut Vec<DropEvent>, sequence: u64, found: Found) -> Option<Record> {
        // It may have been acknowledged while it was read.
        if !self.redeliver.contains(&sequence) {
            return None;
        }
        let reason = match found {
            Found::Record(header, payload) if header.sequence == sequence => {
                self.redeliver.remove(&sequence);
                return Some(Record { id: RecordId(sequence), header, payload: payload.freeze() });
            }
            Found::Expired(_) => reason::TOO_OLD,
            _ => reason::CORRUPT,
        };
        self.drop_flight(events, sequence, reason, |_| true);
        None
    }

    /// Goes on at the end of what is known of a segment. In the active one it is known how much that loses.
    fn skip_rest(&mut self, events: &mut Vec<DropEvent>, len: u64, end: Option<Position>, reason: &'static str) {
        self.read.offset = len;
        match end.filter(|end| end.offset == len) {
            Some(end) => self.expect_next(events, end.sequence, end.items, reason, None),
            None => self.gap_reason = Some(reason),
        }
    }

    /// Moves behind the record at `place`.
    fn pass(&mut self, place: Place, header: &Header) {
        self.read = Position {
            segment: place.segment,
            offset: place.offset + header.total_len(),
            sequence: header.sequence + 1,
            items: header.items_before + u64::from(header.items),
        };
        self.gap_reason = None;
    }
}
