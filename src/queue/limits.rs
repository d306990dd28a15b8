//! The limits in bytes and age: what has to go, and the exact count of what that loses.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use crate::files::{File, Mode};
use crate::inner::{Inner, State};
use crate::options::{AppendError, WhenFull};
use crate::record::{Header, Place};
use crate::segment::{self, SEGMENT_HEADER};
use crate::stats::{DropCount, DropEvent, reason};
use crate::writer::Writer;

/// What has to be done before a record can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Nothing.
    Ready,
    /// A new segment has to be begun.
    Rotate,
    /// Segments that nobody needs have to be removed.
    Remove,
    /// The oldest segment has to be dropped.
    DropOldest,
    /// Only waiting helps.
    Wait,
}

impl Inner {
    /// What has to be done before a record of `size` bytes can be written to the active segment.
    pub fn room(&self, writer: &Writer, size: u64) -> Result<Room, AppendError> {
        let state = self.state.lock();
        if state.closed {
            return Err(AppendError::Closed);
        }
        let empty = writer.file.is_none() || writer.len == SEGMENT_HEADER;
        let rotate = writer.file.is_none() || writer.torn || (!empty && writer.len + size > self.options.segment_limit());
        // One segment header is kept in reserve, so that a new segment can be begun before the oldest is removed.
        if state.bytes + size + SEGMENT_HEADER <= self.options.max_bytes {
            return Ok(if rotate { Room::Rotate } else { Room::Ready });
        }
        let only_active = writer.file.is_some() && state.segments.len() == 1;
        Ok(if !state.doomed.is_empty() {
            Room::Remove
        } else if state.removing > 0 || state.segments.is_empty() {
            Room::Wait
        } else if only_active && !empty && (self.drops_oldest() || state.all_caught_up()) {
            Room::Rotate
        } else if self.drops_oldest() && !only_active {
            Room::DropOldest
        } else {
            Room::Wait
        })
    }

    pub fn drops_oldest(&self) -> bool {
        self.options.when_full == WhenFull::DropOldest
    }

    /// Drops the oldest segment and counts what its readers lose. The active segment is never dropped.
    pub fn drop_front(&self) {
        let Some(number) = self.state.lock().segments.front().map(|s| s.number) else { return };
        let oldest = self.peek_unread();
        let mut state = self.state.lock();
        if state.segments.front().is_none_or(|s| s.number != number) {
            return;
        }
        if state.segments.len() == 1 {
            if state.active.is_some() {
                return;
            }
            // Left by an earlier process, and this one has not begun a segment yet.
            let end = segment::Base { sequence: state.next_sequence, items: state.next_items, created_ms: 0 };
            let next = segment::Segment { number: number + 1, len: SEGMENT_HEADER, slack: 0, base: Some(end), fresh_from: 0 };
            state.drop_front_for(&next, &oldest, reason::QUEUE_FULL);
        } else {
            let next = state.segments[1].clone();
            state.drop_front_for(&next, &oldest, reason::QUEUE_FULL);
        }
        drop(state);
        self.persist_cursors();
        self.report_drops();
    }

    /// Moves every reader past records that are too old, and plans when to look again.
    pub fn expire(&self) {
        if self.options.max_age.is_none() {
            return;
        }
        let limit = self.oldest_allowed();
        let names: Vec<String> = self.state.lock().readers.keys().cloned().collect();
        let mut next_ms = i64::MAX;
        for name in &names {
            while let Some((place, header)) = self.peek_reader(name) {
                if header.appended_ms >= limit {
                    next_ms = next_ms.min(header.appended_ms);
                    break;
                }
                self.skip_expired(name, place, &header, limit);
            }
        }
        let mut state = self.state.lock();
        if state.readers.is_empty() {
            next_ms = next_ms.min(state.expire_without_readers(limit));
        }
        let age = self.now_ms().saturating_sub(limit);
        state.expire_due = (next_ms != i64::MAX).then(|| next_ms.saturating_add(age).saturating_add(1));
        drop(state);
        self.persist_cursors();
        self.report_drops();
    }

    /// Moves a reader past a record that is too old, or past its whole segment when all of it is.
    fn skip_expired(&self, name: &str, place: Place, header: &Header, limit: i64) {
        let mut state = self.state.lock();
        let State { segments, readers, events, .. } = &mut *state;
        let Some(reader) = readers.get_mut(name) else { return };
        if (reader.read.segment, reader.read.offset) != (place.segment, place.offset) {
            return;
        }
        let at = segments.partition_point(|s| s.number <= place.segment);
        match segments.get(at).filter(|next| next.base.is_some_and(|base| base.created_ms < limit)) {
            Some(next) => reader.skip_to(events, next, reason::TOO_OLD, Some(header.first_ms)),
            None => reader.drop_next(events, place, header, reason::TOO_OLD),
        }
    }

    /// The time of the oldest unread item of every reader that has one.
    pub fn peek_unread(&self) -> BTreeMap<String, i64> {
        let names: Vec<String> = self.state.lock().readers.keys().cloned().collect();
        let peek = |name: String| self.peek_reader(&name).map(|(_, header)| (name, header.first_ms));
        names.into_iter().filter_map(peek).collect()
    }

    /// The header of the next unread record of a reader.
    fn peek_reader(&self, name: &str) -> Option<(Place, Header)> {
        let (place, len, file) = {
            let mut state = self.state.lock();
            let (place, len) = state.next_unread(name)?;
            (place, len, state.open_file(name, place.segment))
        };
        let file = match file {
            Some(file) => file,
            None => self.options.files.open(&segment::path(&self.dir, place.segment), Mode::Read).ok()?,
        };
        let header = segment::read_header(&*file, place, len).ok()??;
        Some((place, header))
    }

    /// Removes the files of doomed segments. Cursors are made durable first: otherwise a power loss could bring back
    /// a cursor from before a segment that is gone, which would look like a loss.
    pub fn remove_doomed(&self) -> Result<(), (&'static str, io::Error)> {
        let doomed = {
            let mut state = self.state.lock();
            state.removing += 1;
            std::mem::take(&mut state.doomed)
        };
        let mut failed = None;
        if !doomed.is_empty() && self.options.sync != crate::options::Sync::Never {
            failed = self.sync_cursors().err().map(|e| ("sync a cursor", e));
        }
        for (number, len) in doomed {
            let removed = match failed.is_some() {
                true => Ok(false),
                false => match self.options.files.remove(&segment::path(&self.dir, number)) {
                    Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
                    _ => Ok(true),
                },
            };
            let mut state = self.state.lock();
            match removed {
                Ok(true) => {
                    state.bytes = state.bytes.saturating_sub(len);
                    state.dir_unsynced = true;
                }
                Ok(false) => state.doomed.push((number, len)),
                Err(e) => {
                    state.doomed.push((number, len));
                    failed = Some(("remove a segment", e));
                }
            }
        }
        self.state.lock().removing -= 1;
        self.space.notify_waiters();
        failed.map_or(Ok(()), Err)
    }
}

impl State {
    /// The handle of a segment that is open already.
    pub fn open_file(&self, reader: &str, number: u64) -> Option<Arc<dyn File>> {
        if self.segments.back().is_some_and(|s| s.number == number) && self.active.is_some() {
            return self.active.clone();
        }
        let (open, file) = self.readers.get(reader)?.file.as_ref()?;
        (*open == number).then(|| Arc::clone(file))
    }

    /// The place of the next unread record of a reader, and the length of its segment. Moves the reader on to the next
    /// segment where one ends.
    pub fn next_unread(&mut self, name: &str) -> Option<(Place, u64)> {
        let State { segments, readers, events, .. } = self;
        let reader = readers.get_mut(name)?;
        loop {
            let at = segments.partition_point(|s| s.number < reader.read.segment);
            let segment = segments.get(at)?;
            if segment.number > reader.read.segment {
                let reason = reader.gap_reason.unwrap_or(reason::MISSING);
                reader.skip_to(events, segment, reason, None);
            }
            reader.read.offset = reader.read.offset.max(SEGMENT_HEADER);
            if reader.read.offset < segment.len {
                return Some((Place { segment: segment.number, offset: reader.read.offset }, segment.len));
            }
            let next = segments.get(at + 1)?;
            let reason = reader.gap_reason.unwrap_or(reason::MISSING);
            reader.skip_to(events, next, reason, None);
        }
    }

    /// Dooms the oldest segment; readers go on at `next`.
    fn drop_front_for(&mut self, next: &segment::Segment, oldest: &BTreeMap<String, i64>, reason: &'static str) {
        let Some(front) = self.segments.front().cloned() else { return };
        for reader in self.readers.values_mut() {
            let lost: Vec<u64> = reader.redeliver.iter().copied().collect();
            for sequence in lost {
                reader.drop_flight(&mut self.events, sequence, reason, |at| at.segment <= front.number);
            }
            if reader.read.segment <= front.number {
                let oldest_ms = oldest.get(&reader.name).copied();
                reader.skip_to(&mut self.events, next, reason, oldest_ms);
            }
            if reader.file.as_ref().is_some_and(|(number, _)| *number == front.number) {
                reader.file = None;
            }
        }
        if self.readers.is_empty()
            && let (Some(a), Some(b)) = (front.base, next.base)
        {
            let count =
                DropCount { records: b.sequence.saturating_sub(a.sequence), items: b.items.saturating_sub(a.items), oldest_ms: None };
            self.drops.entry(reason).or_default().add(count);
            self.events.push(DropEvent { reader: String::new(), reason, count });
        }
        self.doom_front();
    }

    /// Drops segments of a queue without readers of which all records are too old; answers when the next one was begun.
    fn expire_without_readers(&mut self, limit: i64) -> i64 {
        while let Some(next) = self.segments.get(1).cloned() {
            match next.base {
                Some(base) if base.created_ms < limit => self.drop_front_for(&next, &BTreeMap::new(), reason::TOO_OLD),
                Some(base) => return base.created_ms,
                None => break,
            }
        }
        i64::MAX
    }
}
