//! The background work of a queue: forcing data to the device, removing what nobody needs, and the limit of age.
//! It sleeps for as long as there is nothing to do.

use std::io;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedMutexGuard};

use crate::files::File;
use crate::inner::{Inner, RETRY_AFTER, State};
use crate::segment::SEGMENT_HEADER;
use crate::writer::{Writer, blocking};

/// A queue that was emptied this long ago gives back the space of its last segment.
const TRIM_AFTER: Duration = Duration::from_secs(10);
/// Less than this is not worth a new segment.
const TRIM_BYTES: u64 = 64 * 1024;

/// Runs until the queue is closed or dropped.
pub(crate) async fn run(queue: Weak<Inner>, wake: Arc<Notify>) {
    loop {
        let Some(inner) = queue.upgrade() else { return };
        if inner.state.lock().closed {
            return;
        }
        inner.work().await;
        let due = inner.next_due();
        drop(inner);
        match due {
            Some(due) => {
                let _ = tokio::time::timeout_at(due.into(), wake.notified()).await;
            }
            None => wake.notified().await,
        }
    }
}

impl Inner {
    /// Does all that is due.
    pub async fn work(self: &Arc<Self>) {
        if self.drops_oldest() && self.state.lock().bytes > self.options.max_bytes {
            let writer = Arc::clone(&self.writer).lock_owned().await;
            // An error means that the queue is closed.
            let _ = self.make_room(writer, 0).await;
        }
        if std::mem::take(&mut self.state.lock().numbers_lost) {
            let writer = Arc::clone(&self.writer).lock_owned().await;
            let inner = Arc::clone(self);
            blocking(move || inner.begin_after_loss(writer)).await;
        }
        let now = Instant::now();
        let (trim, background) = {
            let mut state = self.state.lock();
            let trim = state.trim_due.is_some_and(|due| due <= now) && self.trim_now(&mut state, now);
            (trim, trim || self.due(&state, now))
        };
        let writer = if trim { Arc::clone(&self.writer).try_lock_owned().ok() } else { None };
        if background {
            let inner = Arc::clone(self);
            blocking(move || {
                inner.work_blocking(now);
                if let Some(mut writer) = writer
                    && inner.state.lock().all_caught_up()
                {
                    let trimmed = inner.rotate(&mut writer).map_err(|e| ("create a segment", e));
                    if let Err((action, e)) = trimmed.and_then(|()| inner.remove_doomed()) {
                        inner.note_error(action, &e);
                    }
                }
            })
            .await;
        }
        self.report_drops();
    }

    /// Begins a segment after records that were lost with the power, so that readers count them without waiting for
    /// the next append.
    fn begin_after_loss(&self, mut writer: OwnedMutexGuard<Writer>) {
        let room = self.state.lock().bytes + 2 * SEGMENT_HEADER <= self.options.max_bytes;
        if room && let Err(e) = self.rotate(&mut writer) {
            self.note_error("create a segment", &e);
        }
    }

    fn due(&self, state: &State, now: Instant) -> bool {
        let timers = [state.sync_due, state.retry_due].into_iter().flatten().any(|due| due <= now);
        let expire = state.expire_due.is_some_and(|due| due <= self.now_ms());
        timers || expire || (!state.doomed.is_empty() && state.retry_due.is_none())
    }

    fn work_blocking(&self, now: Instant) {
        let (expire, retry, sync) = {
            let state = self.state.lock();
            let due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
            (state.expire_due.is_some_and(|due| due <= self.now_ms()), due(state.retry_due), due(state.sync_due))
        };
        if expire {
            self.expire();
        }
        if retry {
            self.state.lock().retry_due = None;
            self.persist_cursors();
        }
        if sync && let Err(e) = self.sync_files() {
            self.note_error("sync the queue", &e);
            self.state.lock().sync_due = Some(now + RETRY_AFTER);
        }
        if let Err((action, e)) = self.remove_doomed() {
            self.note_error(action, &e);
            self.retry_later();
        }
    }

    /// When there is something to do next, if anything.
    fn next_due(&self) -> Option<Instant> {
        let log = self.drop_log.lock().due();
        let state = self.state.lock();
        let doomed = (!state.doomed.is_empty() && state.retry_due.is_none()).then(Instant::now);
        let expire = state.expire_due.map(|due| {
            let wait = u64::try_from(due.saturating_sub(self.now_ms())).unwrap_or(0);
            // Looked at once an hour at least, because the wall clock may be set.
            Instant::now() + Duration::from_millis(wait).min(Duration::from_secs(3600))
        });
        [state.sync_due, state.retry_due, state.trim_due, expire, log, doomed].into_iter().flatten().min()
    }

    /// Plans to empty the active segment; answers whether the background work has to be told.
    pub fn schedule_trim(&self, state: &mut State) -> bool {
        let wanted = state.trim_due.is_none()
            && state.active.is_some()
            && state.segments.back().is_some_and(|s| s.len >= SEGMENT_HEADER + TRIM_BYTES)
            && state.all_caught_up();
        if wanted {
            state.trim_due = Some(Instant::now() + TRIM_AFTER);
        }
        wanted
    }

    /// Whether the active segment is to be emptied now. Plans again when there were appends since.
    fn trim_now(&self, state: &mut State, now: Instant) -> bool {
        state.trim_due = None;
        if !self.schedule_trim(state) {
            return false;
        }
        let due = state.last_append.map_or(now, |last| last + TRIM_AFTER);
        state.trim_due = (due > now).then_some(due);
        due <= now
    }

    /// Forces everything to the device that is not there yet. Segments of which everything is acknowledged are left out.
    pub fn sync_files(&self) -> io::Result<()> {
        let files = {
            let mut state = self.state.lock();
            state.sync_due = None;
            state.active_unsynced = false;
            let files = std::mem::take(&mut state.unsynced);
            let needed = !state.all_caught_up();
            if needed { files } else { Vec::new() }
        };
        if let Err(e) = files.iter().try_for_each(|file| file.sync()) {
            self.state.lock().unsynced.extend(files);
            return Err(e);
        }
        self.sync_names()?;
        self.sync_cursors()
    }

    /// Forces a segment that was just written to the device, with its name if that is new.
    pub fn sync_appended(&self, segment: &dyn File) -> io::Result<()> {
        let synced = segment.sync().and_then(|()| self.sync_names());
        if let Err(e) = &synced {
            self.note_error("sync the queue", e);
        }
        synced
    }

    /// Forces the names in the directory to the device, if any is new.
    pub fn sync_names(&self) -> io::Result<()> {
        if !self.state.lock().dir_unsynced {
            return Ok(());
        }
        self.options.files.sync_dir(&self.dir)?;
        // Only now: a call that finds this unset may rely on it.
        self.state.lock().dir_unsynced = false;
        Ok(())
    }

    /// Forces the cursor files to the device.
    pub fn sync_cursors(&self) -> io::Result<()> {
        let cursors: Vec<_> = {
            let mut state = self.state.lock();
            let unsynced = state.readers.values_mut().filter(|r| r.cursor_unsynced);
            let taken = unsynced.map(|r| {
                r.cursor_unsynced = false;
                (r.name.clone(), Arc::clone(&r.cursor))
            });
            taken.collect()
        };
        let mut result = Ok(());
        for (name, cursor) in cursors {
            let file: Option<Arc<dyn File>> = cursor.lock().file();
            if let Some(Err(e)) = file.map(|file| file.sync()) {
                if let Some(reader) = self.state.lock().readers.get_mut(&name) {
                    reader.cursor_unsynced = true;
                }
                result = Err(e);
            }
        }
        result
    }
}
