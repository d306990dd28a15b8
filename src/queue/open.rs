//! Opening a directory: what an earlier process has left is taken over, whatever state it is in.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::cursor::{self, CursorFile, Position, UNKNOWN};
use crate::files::{File, Files, Mode};
use crate::inner::{Inner, ReaderState, State};
use crate::options::{OpenError, Options};
use crate::segment::{self, SEGMENT_HEADER, Segment};
use crate::stats::DropLog;
use crate::writer::Writer;

const LOCK: &str = "lock";
const SMALLEST: u64 = 4096;

impl Inner {
    /// Opens or creates the queue in `dir`. Damage is noted, never an error.
    pub fn open(dir: &Path, options: Options) -> Result<Inner, OpenError> {
        let error = |action| move |source| OpenError::Io { dir: dir.to_owned(), action, source };
        if options.max_bytes < SMALLEST {
            return Err(OpenError::TooSmall { dir: dir.to_owned(), max_bytes: options.max_bytes });
        }
        let files = Arc::clone(&options.files);
        files.create_dir_all(dir).map_err(error("cannot be created"))?;
        let lock = files.lock(&dir.join(LOCK)).map_err(|e| match e.kind() {
            io::ErrorKind::WouldBlock => OpenError::Locked { dir: dir.to_owned() },
            _ => error("cannot be locked")(e),
        })?;
        let names = files.list(dir).map_err(error("cannot be listed"))?;
        let mut found = Found { dir, files: &*files, state: State::default(), errors: Vec::new() };
        let writer = found.take_over(&names);
        let Found { mut state, errors, .. } = found;
        state.trim_due = Some(Instant::now() + Duration::from_secs(10));
        if options.max_age.is_some() {
            // The first look at the ages happens right away, in the background.
            state.expire_due = Some(i64::MIN);
        }
        let inner = Inner {
            dir: dir.to_owned(),
            options,
            state: Mutex::new(state),
            writer: Arc::new(tokio::sync::Mutex::new(writer)),
            space: Notify::new(),
            wake: Arc::new(Notify::new()),
            drop_log: Mutex::new(DropLog::default()),
            lock: Mutex::new(Some(lock)),
        };
        for (action, e) in errors {
            inner.note_error(action, &e);
        }
        Ok(inner)
    }
}

/// What is found in the directory.
struct Found<'a> {
    dir: &'a Path,
    files: &'a dyn Files,
    state: State,
    errors: Vec<(&'static str, io::Error)>,
}

impl Found<'_> {
    fn take_over(&mut self, names: &[(String, u64)]) -> Writer {
        let cursors = self.cursors(names);
        self.segments(names);
        let positions = cursors.values().filter_map(|(_, position)| *position);
        let known = positions.filter(|p| p.sequence != UNKNOWN).collect::<Vec<_>>();
        // After a power loss a cursor may be ahead of the segments. Numbers are never given twice.
        let highest = known.iter().map(|p| p.segment).max().unwrap_or(0);
        self.state.next_sequence = known.iter().map(|p| p.sequence).max().unwrap_or(0);
        self.state.next_items = known.iter().map(|p| p.items).max().unwrap_or(0);
        let writer = self.tail(highest);
        for (name, (cursor, position)) in cursors {
            let reader = self.reader(&name, cursor, position);
            self.state.readers.insert(name, reader);
        }
        self.state.bytes = self.state.segments.iter().map(|s| s.len + s.slack).sum();
        writer
    }

    fn note<T>(&mut self, action: &'static str, result: io::Result<T>) -> Option<T> {
        result.map_err(|e| self.errors.push((action, e))).ok()
    }

    fn cursors(&mut self, names: &[(String, u64)]) -> BTreeMap<String, (CursorFile, Option<Position>)> {
        let mut cursors = BTreeMap::new();
        for (file_name, _) in names {
            if file_name.ends_with(".tmp") {
                let _ = self.files.remove(&self.dir.join(file_name));
            } else if let Some(reader) = cursor::reader_name(file_name) {
                let loaded = CursorFile::load(self.files, self.dir, file_name);
                let loaded = self.note("read a cursor", loaded);
                let (cursor, position) = loaded.unwrap_or_else(|| (CursorFile::new(self.dir, file_name), None));
                if position.is_none() {
                    self.state.corrupt += 1;
                }
                cursors.insert(reader, (cursor, position));
            }
        }
        cursors
    }

    fn segments(&mut self, names: &[(String, u64)]) {
        let mut found: Vec<(u64, u64)> = names.iter().filter_map(|(name, len)| Some((segment::parse_name(name)?, *len))).collect();
        found.sort_unstable();
        for (number, len) in found {
            let path = segment::path(self.dir, number);
            if len < SEGMENT_HEADER {
                // The process stopped while it began this segment: there is nothing in it.
                let removed = self.files.remove(&path);
                if self.note("remove an unfinished segment", removed).is_some() {
                    continue;
                }
            }
            let base = self.files.open(&path, Mode::Read).and_then(|file| segment::read_base(&*file, number));
            let base = self.note("read a segment", base).flatten();
            self.state.segments.push_back(Segment { number, len, slack: 0, base, fresh_from: u64::MAX });
        }
    }

    /// Finds the end of the last segment, and prepares to append there.
    fn tail(&mut self, highest: u64) -> Writer {
        let mut writer = Writer { file: None, number: highest, len: 0, torn: false };
        let Some(last) = self.state.segments.back().cloned() else { return writer };
        let path = segment::path(self.dir, last.number);
        let file = self.files.open(&path, Mode::Append);
        let file = self.note("open the last segment", file);
        let mut next = None;
        if let Some(file) = &file {
            let walked = segment::walk(&**file, last.number, last.len);
            if let Some(tail) = self.note("read the last segment", walked) {
                next = tail.next;
                if last.number >= highest && last.base.is_some() {
                    self.state.torn += u64::from(tail.end < last.len);
                    writer = self.append_to(last.number, Arc::clone(file), tail.end, last.len);
                }
            }
        }
        writer.number = writer.number.max(last.number);
        let next = next.or(last.base.map(|b| (b.sequence, b.items))).or_else(|| self.end_before(last.number));
        let (sequence, items) = next.unwrap_or_default();
        self.state.numbers_lost = sequence < self.state.next_sequence;
        self.state.next_sequence = self.state.next_sequence.max(sequence);
        self.state.next_items = self.state.next_items.max(items);
        writer
    }

    /// Appends go to this segment, after an unfinished record was cut off.
    fn append_to(&mut self, number: u64, file: Arc<dyn File>, end: u64, len: u64) -> Writer {
        let cut = if end < len { file.truncate(end) } else { Ok(()) };
        let torn = self.note("cut off an unfinished record", cut).is_none();
        if let Some(last) = self.state.segments.back_mut() {
            last.len = end;
            last.slack = if torn { len - end } else { 0 };
            last.fresh_from = end;
        }
        self.state.active = Some(Arc::clone(&file));
        Writer { file: Some(file), number, len: end, torn }
    }

    /// The running numbers at the end of the segments before `number`, when its own header is damaged.
    fn end_before(&self, number: u64) -> Option<(u64, u64)> {
        self.state.segments.iter().rev().skip_while(|s| s.number >= number).find_map(|s| {
            let file = self.files.open(&segment::path(self.dir, s.number), Mode::Read).ok()?;
            let tail = segment::walk(&*file, s.number, s.len).ok()?;
            tail.next.or(s.base.map(|b| (b.sequence, b.items)))
        })
    }

    fn reader(&self, name: &str, mut cursor: CursorFile, position: Option<Position>) -> ReaderState {
        let start = self.start();
        let Some(position) = position else { return ReaderState::new(name, start, cursor, None) };
        let end = self.state.segments.back().map(|s| (s.number, s.len));
        if end.is_some_and(|end| position.place() > end) {
            cursor.forget();
            let (segment, offset) = end.unwrap_or_default();
            let read = Position { segment, offset, ..position };
            return ReaderState::new(name, read, cursor, None);
        }
        ReaderState::new(name, position, cursor, Some(position))
    }

    fn start(&self) -> Position {
        start_of(&self.state)
    }
}

/// The place of the oldest record.
pub(crate) fn start_of(state: &State) -> Position {
    match state.segments.front() {
        Some(Segment { number, base: Some(base), .. }) => {
            Position { segment: *number, offset: SEGMENT_HEADER, sequence: base.sequence, items: base.items }
        }
        Some(Segment { number, .. }) => Position { segment: *number, offset: SEGMENT_HEADER, sequence: UNKNOWN, items: 0 },
        None => end_of(state),
    }
}

/// The place after the newest record.
pub(crate) fn end_of(state: &State) -> Position {
    let (segment, offset) = state.segments.back().map_or((0, 0), |s| (s.number, s.len));
    Position { segment, offset, sequence: state.next_sequence, items: state.next_items }
}
