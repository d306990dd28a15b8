//! The files behind one path over time: rotation, truncation, re-creation. Nothing is skipped: a file that lost its
//! name is read to its end before its successor.

use super::generation::{Chunk, Generation};
use super::identity::{FileId, modified};
use super::lines::Text;
use super::siblings;
use super::store::{Claim, Claims};
use bytes::BytesMut;
use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How long a rotated file may stand still before its successor is read.
const GRACE: Duration = Duration::from_secs(1);
/// How long a rotated file is kept open after that, for writers that never close it.
const LINGER: Duration = Duration::from_secs(60);
/// How often a file that is kept open is looked at.
const LINGER_LOOK: Duration = Duration::from_secs(1);
/// How many such files are kept open.
const MOST_LINGERING: usize = 8;

/// What was at the path when it was last looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Seen {
    /// The file, or `None` when there is none.
    pub id: Option<FileId>,
    /// Its size.
    pub size: u64,
    /// When it was changed.
    pub modified: Option<SystemTime>,
}

impl Seen {
    /// Looks at `path`.
    ///
    /// # Errors
    /// When it cannot be looked at for other reasons than that it does not exist.
    pub fn look(path: &Path) -> io::Result<Self> {
        match std::fs::metadata(path) {
            Ok(meta) => Ok(Self { id: Some(FileId::of(&meta)), size: meta.len(), modified: Some(modified(&meta)) }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }
}

/// What to do next.
pub(super) enum Step {
    /// Deliver these lines, then commit them.
    Chunk(Chunk),
    /// Wait until the path changes, or until the time given.
    Wait(Option<Instant>),
    /// Everything is read and nothing more will come.
    End,
}

/// Where reading stands: a file and an offset in it, and whether it had lost its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    /// The file.
    pub id: FileId,
    /// How it begins.
    pub fingerprint: super::identity::Fingerprint,
    /// Everything before is delivered.
    pub offset: u64,
    /// The checksum of everything before, when all of that was read.
    pub sum: Option<u32>,
}

/// The files behind one path.
pub(super) struct Tail {
    path: PathBuf,
    text: Text,
    /// Oldest first; all but the last have lost the name.
    generations: VecDeque<Generation>,
    /// Read to their ends, and kept in case somebody still writes to them.
    lingering: Vec<(Generation, Instant)>,
    /// When the last but one lost its name.
    superseded: Instant,
    seen: Seen,
    buffer: BytesMut,
    /// Bytes that were never read because a file had to be closed.
    pub lost: u64,
    /// The file at the path is one that another tail still follows.
    waits: bool,
    /// Which files are open has changed.
    changed: bool,
    /// Files that were let go of.
    released: Vec<Place>,
    /// Where files were read to that were emptied then.
    emptied: Vec<Place>,
}

impl Tail {
    /// A tail of `path`, with nothing open yet.
    pub fn new(path: PathBuf, text: Text) -> Self {
        Self {
            path,
            text,
            generations: VecDeque::new(),
            lingering: Vec::new(),
            superseded: Instant::now(),
            seen: Seen::default(),
            buffer: BytesMut::new(),
            lost: 0,
            waits: false,
            changed: false,
            released: Vec::new(),
            emptied: Vec::new(),
        }
    }

    /// What is at the path now; `None` when there is nothing.
    ///
    /// # Errors
    /// When it cannot be opened or read.
    pub fn open(&mut self) -> io::Result<Option<Generation>> {
        self.seen = Seen::look(&self.path)?;
        match Generation::open(&self.path, self.text) {
            Ok(first) => Ok(Some(first)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Begins with `first`, at an offset or behind its last line end.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn start(&mut self, mut first: Generation, offset: Start) -> io::Result<()> {
        match offset {
            Start::At(offset) if offset <= first.size => first.seek(offset)?,
            // The file is shorter than what was read of it: it is another one.
            Start::At(_) => {}
            Start::End => first.seek_end()?,
        }
        // A start in the middle is remembered at once: the next start must not begin somewhere else.
        self.changed = offset != Start::At(0);
        self.generations.push_back(first);
        Ok(())
    }

    /// Opens the files named by `places` before the one at the path, oldest first, wherever they are now.
    pub fn resume(&mut self, places: &[Place], claims: &Claims<'_>) -> io::Result<bool> {
        let mut newest = None;
        for place in places {
            let Some(mut found) = siblings::find(&self.path, place, self.text) else { continue };
            found.seek_to(place)?;
            newest = Some(found.id);
            self.generations.push_back(found);
        }
        let Some(newest) = newest else { return Ok(false) };
        if Seen::look(&self.path)?.id != Some(newest) {
            self.supersede(claims)?;
        }
        Ok(true)
    }

    /// True when a file was opened.
    pub fn is_open(&self) -> bool {
        !self.generations.is_empty()
    }

    /// What was at the path when the last step began.
    pub fn seen(&self) -> Seen {
        self.seen
    }

    /// Where reading stands, oldest file first.
    pub fn places(&self) -> Vec<Place> {
        let lingering = self.lingering.iter().map(|(generation, _)| generation);
        lingering.chain(&self.generations).map(Generation::place).collect()
    }

    /// Offset and size of the file at the path.
    pub fn current(&self) -> (u64, u64) {
        self.generations.back().map_or((0, 0), |g| (g.offset, g.size))
    }

    /// True once after other files were opened or closed: [`Tail::places`] has changed.
    pub fn take_change(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Files that were let go of since the last call.
    pub fn take_released(&mut self) -> Vec<Place> {
        std::mem::take(&mut self.released)
    }

    /// Where files had been read to that were emptied since the last call.
    pub fn take_emptied(&mut self) -> Vec<Place> {
        std::mem::take(&mut self.emptied)
    }

    /// The next step. With `ending` nothing is waited for: what is there is read to its end.
    ///
    /// # Errors
    /// When a file cannot be read; the next call tries again.
    pub fn next(&mut self, ending: bool, claims: &Claims<'_>) -> io::Result<Step> {
        self.seen = Seen::look(&self.path)?;
        if self.seen.id.is_some() && self.seen.id != self.generations.back().map(|g| g.id) {
            self.supersede(claims)?;
        }
        if let Some(chunk) = self.late_lines()? {
            return Ok(Step::Chunk(chunk));
        }
        loop {
            let rotated = self.generations.len() > 1;
            let Some(oldest) = self.generations.front_mut() else {
                return Ok(if ending { Step::End } else { Step::Wait(None) });
            };
            self.emptied.extend(oldest.look()?);
            if oldest.offset == 0
                && oldest.unread() > 0
                && let Some(place) = claims.copied(oldest)
            {
                oldest.seek_to(&place)?;
                self.changed = true;
            }
            if let Some(chunk) = oldest.read(&mut self.buffer, false)? {
                return Ok(Step::Chunk(chunk));
            }
            // Idle files hold no buffer.
            self.buffer = BytesMut::new();
            let quiet_at = self.superseded.max(oldest.grown) + GRACE;
            if rotated && !ending && Instant::now() < quiet_at {
                return Ok(Step::Wait(Some(quiet_at)));
            }
            if (rotated || (ending && self.seen.id.is_none()))
                && let Some(chunk) = oldest.read(&mut self.buffer, true)?
            {
                return Ok(Step::Chunk(chunk));
            }
            if !rotated {
                let look = (self.waits || !self.lingering.is_empty()).then(|| Instant::now() + LINGER_LOOK);
                return Ok(if ending { Step::End } else { Step::Wait(look) });
            }
            self.retire();
        }
    }

    /// The lines of `chunk` are delivered.
    pub fn commit(&mut self, chunk: &Chunk) {
        let lingering = self.lingering.iter_mut().map(|(generation, _)| generation);
        if let Some(generation) = lingering.chain(&mut self.generations).find(|g| g.id == chunk.from) {
            generation.offset = chunk.end;
            generation.sum = chunk.sum;
        }
    }

    /// Another file has taken the path: opens it, and those that had the name in between.
    fn supersede(&mut self, claims: &Claims<'_>) -> io::Result<()> {
        self.waits = false;
        let mut newest = match Generation::open(&self.path, self.text) {
            Ok(newest) => newest,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let claim = claims.of(&newest);
        match claim {
            // Now, because what it is a copy of may be emptied once more before it is its turn.
            Claim::Free => {
                if let Some(place) = claims.copied(&newest) {
                    newest.seek_to(&place)?;
                }
            }
            Claim::Busy => {
                self.waits = true;
                return Ok(());
            }
            Claim::ReadTo(offset) => newest.seek(offset)?,
        }
        self.superseded = Instant::now();
        self.changed = true;
        let Some(last) = self.generations.back() else {
            self.generations.push_back(newest);
            return Ok(());
        };
        if last.id == newest.id {
            return Ok(());
        }
        if claim == Claim::Free && newest.offset == 0 && last.continues_in(&newest)? {
            let offset = last.offset.min(newest.size);
            newest.seek(offset)?;
            self.generations.pop_back();
        } else {
            let own = |id: FileId| self.lingering.iter().map(|(g, _)| g).chain(&self.generations).any(|g| g.id == id);
            let known = |id: FileId, path: &Path| id == newest.id || own(id) || claims.has_tail(path);
            let mut between = siblings::between(&self.path, last, known, self.text);
            between.retain(|file| !last.was_copied_to(file));
            self.generations.extend(between);
        }
        self.generations.push_back(newest);
        Ok(())
    }

    /// Lines that somebody wrote to a file after its successor was begun.
    fn late_lines(&mut self) -> io::Result<Option<Chunk>> {
        let now = Instant::now();
        while let Some(at) = self.lingering.iter().position(|(_, until)| now >= *until) {
            self.let_go(at);
        }
        // What somebody wrote over a rotated file, as a copy of its successor, is no late line.
        let kept = self.lingering.len();
        self.lingering.retain(|(generation, _)| !generation.is_overwritten());
        self.changed |= self.lingering.len() != kept;
        for (generation, _) in &mut self.lingering {
            generation.look()?;
            if let Some(chunk) = generation.read(&mut self.buffer, false)? {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }

    /// The oldest file is read to its end.
    fn retire(&mut self) {
        if let Some(oldest) = self.generations.pop_front() {
            self.lingering.push((oldest, Instant::now() + LINGER));
        }
        if self.lingering.len() > MOST_LINGERING {
            self.let_go(0);
        }
    }

    /// Closes a file that was kept open.
    fn let_go(&mut self, at: usize) {
        let (file, _) = self.lingering.remove(at);
        self.lost += file.unread();
        self.changed = true;
        self.released.push(file.place());
    }
}

/// Where a tail starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Start {
    /// At this offset.
    At(u64),
    /// Behind the last line end.
    End,
}
