//! How far the lines of each container were delivered: to the nanosecond, with the number of lines at that time, so
//! that a restart neither loses nor repeats one. Beside it `positions.yml`, which knows seconds only.

use crate::source::positions::{Key, Positions, replace_file};
use docker::{Message, Output};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// How long the cursor of a container that is gone is kept, in seconds.
const KEPT: i64 = 7 * 86_400;
/// Lines of the two outputs may be logged in another order than that of their times: how far back to look for them,
/// in seconds.
const SLACK: i64 = 30;
const NANOS: i64 = 1_000_000_000;

/// A place in one output of a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The time of the last line that was delivered, in nanoseconds since 1970; 0 before the first.
    pub time: i64,
    /// How many lines of this time were delivered.
    pub lines: u64,
}

/// Where reading of a container stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Cursor {
    stdout: Place,
    stderr: Place,
    /// The labels under which `positions.yml` has it.
    labels: String,
    /// When the container was last a target, in seconds since 1970.
    seen: i64,
}

impl Cursor {
    fn place(&mut self, output: Output) -> &mut Place {
        match output {
            Output::Stdout => &mut self.stdout,
            Output::Stderr => &mut self.stderr,
        }
    }

    /// From when on the daemon is asked for lines, in seconds since 1970.
    pub fn since(&self) -> i64 {
        (self.last() / NANOS - SLACK).max(0)
    }

    /// The time of the newest line that was delivered, in nanoseconds.
    pub fn last(&self) -> i64 {
        self.stdout.time.max(self.stderr.time)
    }

    /// These lines are delivered.
    pub fn advance(&mut self, messages: &[Message]) {
        for message in messages {
            let Some(time) = message.timestamp else { continue };
            let place = self.place(message.output);
            if time > place.time {
                *place = Place { time, lines: 1 };
            } else if time == place.time {
                place.lines += 1;
            }
        }
    }
}

/// Leaves out lines that were delivered before: what the daemon sends begins earlier than the cursor.
pub(super) struct Sieve {
    /// For each output the place up to which lines are known, until the first new one.
    known: [Option<Place>; 2],
}

impl Sieve {
    /// Leaves out what is before `cursor`.
    pub fn new(cursor: &Cursor) -> Self {
        Self { known: [Some(cursor.stdout), Some(cursor.stderr)] }
    }

    /// True when the line was not delivered yet. Lines must come in the order of the daemon.
    pub fn is_new(&mut self, message: &Message) -> bool {
        let known = &mut self.known[message.output as usize];
        let (Some(place), Some(time)) = (known.as_mut(), message.timestamp) else { return true };
        if time < place.time || (time == place.time && place.lines > 0) {
            place.lines -= u64::from(time == place.time);
            return false;
        }
        // From here on everything is new, whatever the clock does.
        *known = None;
        true
    }
}

/// The cursors of all containers.
pub(super) struct Cursors {
    positions: Positions,
    file: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    by_container: HashMap<String, Cursor>,
    dirty: bool,
}

fn key(container: &str, labels: &str) -> Key {
    Key::new(format!("cursor-{container}"), labels)
}

impl Cursors {
    /// Reads what is in `folder`.
    ///
    /// # Errors
    /// When positions exist and cannot be read.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let positions = Positions::open(folder.join("positions.yml"))?;
        let file = folder.join("cursors.json");
        let mut by_container: HashMap<String, Cursor> = match std::fs::read(&file) {
            Ok(text) => serde_json::from_slice(&text).unwrap_or_else(|error| {
                tracing::warn!(file = %file.display(), %error, "the cursors are malformed; seconds are used instead");
                HashMap::new()
            }),
            Err(_) => HashMap::new(),
        };
        // Where the seconds differ, another program has read on in between.
        by_container.retain(|id, cursor| positions.get(&key(id, &cursor.labels)) == Some((cursor.last() / NANOS).to_string()));
        Ok(Self { positions, file, inner: Mutex::new(Inner { by_container, dirty: false }) })
    }

    /// The cursor of a container, from seconds when nothing better is known.
    pub fn get(&self, container: &str) -> Cursor {
        if let Some(cursor) = self.inner.lock().by_container.get(container) {
            return cursor.clone();
        }
        let path = format!("cursor-{container}");
        let known = self.positions.all().into_iter().find(|(key, _)| key.path == path);
        let Some((key, seconds)) = known else { return Cursor::default() };
        let place = Place { time: seconds.parse::<i64>().unwrap_or(0).saturating_mul(NANOS), lines: 0 };
        Cursor { stdout: place, stderr: place, labels: key.labels, seen: 0 }
    }

    /// Stores a cursor. `labels` are those of the target, under which `positions.yml` has it; `now` in seconds.
    pub fn put(&self, container: &str, labels: &str, mut cursor: Cursor, now: i64) {
        if cursor.labels != labels {
            self.positions.remove(&key(container, &cursor.labels));
            labels.clone_into(&mut cursor.labels);
        }
        cursor.seen = now;
        self.positions.put(&key(container, labels), (cursor.last() / NANOS).to_string());
        let mut inner = self.inner.lock();
        inner.by_container.insert(container.to_owned(), cursor);
        inner.dirty = true;
    }

    /// These containers exist at `now`, in seconds. Forgets those that are gone for long.
    pub fn seen<'a>(&self, containers: impl Iterator<Item = &'a str>, now: i64) {
        let mut inner = self.inner.lock();
        for container in containers {
            if let Some(cursor) = inner.by_container.get_mut(container) {
                cursor.seen = now;
            }
        }
        let before = inner.by_container.len();
        inner.by_container.retain(|id, cursor| {
            let keep = now - cursor.seen < KEPT;
            if !keep {
                self.positions.remove(&key(id, &cursor.labels));
            }
            keep
        });
        inner.dirty |= inner.by_container.len() != before;
    }

    /// Writes both files when something changed.
    ///
    /// # Errors
    /// When they cannot be written; the next call tries again.
    pub fn save(&self) -> Result<(), String> {
        let text = {
            let mut inner = self.inner.lock();
            std::mem::take(&mut inner.dirty).then(|| serde_json::to_vec(&inner.by_container).unwrap_or_default())
        };
        if let Some(text) = text
            && let Err(error) = replace_file(&self.file, &text)
        {
            self.inner.lock().dirty = true;
            return Err(format!("{} cannot be written: {error}; after a restart lines may be read twice", self.file.display()));
        }
        self.positions.save()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn message(output: Output, time: i64) -> Message {
        Message { output, timestamp: Some(time), line: Bytes::new() }
    }

    /// Reads `log` in two goes, the second beginning where the first stopped; gives the number of lines of each.
    fn two_goes(log: &[Message], first: usize) -> (usize, Vec<Message>) {
        let mut cursor = Cursor::default();
        cursor.advance(&log[..first]);
        let mut sieve = Sieve::new(&cursor);
        (first, log.iter().filter(|m| sieve.is_new(m)).cloned().collect())
    }

    #[test]
    fn nothing_is_lost_or_repeated_at_equal_times() {
        let (out, err) = (Output::Stdout, Output::Stderr);
        // Two outputs whose times overlap, with equal times within one.
        let log: Vec<Message> =
            [(out, 5), (out, 7), (err, 6), (out, 7), (err, 6), (out, 7), (err, 9), (out, 8)].map(|(o, t)| message(o, t)).to_vec();
        for stop in 0..=log.len() {
            let (_, rest) = two_goes(&log, stop);
            assert_eq!(rest, &log[stop..], "stopped after {stop}");
        }
    }

    #[test]
    fn survives_a_restart_and_the_end_of_a_container() {
        let folder = tempfile::tempdir().expect("a folder");
        let cursors = Cursors::open(folder.path()).expect("nothing there");
        let mut cursor = cursors.get("abc");
        cursor.advance(&[message(Output::Stdout, 90 * NANOS + 5), message(Output::Stdout, 90 * NANOS + 5)]);
        cursors.put("abc", "{a=\"b\"}", cursor, 1000);
        cursors.save().expect("writable");
        let text = std::fs::read_to_string(folder.path().join("positions.yml")).expect("written");
        assert_eq!(text, "positions:\n  ? path: cursor-abc\n    labels: '{a=\"b\"}'\n  : \"90\"\n");
        let again = Cursors::open(folder.path()).expect("readable");
        let cursor = again.get("abc");
        assert_eq!((cursor.stdout, cursor.since()), (Place { time: 90 * NANOS + 5, lines: 2 }, 60));
        again.seen(std::iter::empty(), 1000 + KEPT - 1);
        assert_eq!(again.get("abc"), cursor);
        again.seen(std::iter::empty(), 1000 + KEPT);
        assert_eq!(again.get("abc"), Cursor::default());
        // Another program went on from there.
        std::fs::write(folder.path().join("positions.yml"), text.replace("90", "95")).expect("written");
        let taken_over = Cursors::open(folder.path()).expect("readable").get("abc");
        assert_eq!(taken_over.stdout, Place { time: 95 * NANOS, lines: 0 });
    }
}
