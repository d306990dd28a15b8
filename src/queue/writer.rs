//! Appending: one `writev` for each record, new segments, and what happens when the disk refuses.

use std::io::{self, IoSlice};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::OwnedMutexGuard;

use crate::files::{File, Mode, append_full};
use crate::inner::Inner;
use crate::limits::Room;
use crate::options::{AppendError, Sync};
use crate::record::{HEADER_LEN, Header, NewRecord, Place, payload_checksum};
use crate::segment::{self, Base, SEGMENT_HEADER, Segment};

const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(5);

/// The active segment, as the writer sees it.
pub(crate) struct Writer {
    /// `None` until the first segment of this process is opened or created.
    pub file: Option<Arc<dyn File>>,
    pub number: u64,
    /// Bytes of whole records, segment header included.
    pub len: u64,
    /// The file may be longer than `len`: an attempt to write failed halfway.
    pub torn: bool,
}

impl Writer {
    /// Cuts off what a failed attempt has left.
    fn repair(&mut self) -> io::Result<()> {
        if let Some(file) = &self.file
            && self.torn
        {
            file.truncate(self.len)?;
            self.torn = false;
        }
        Ok(())
    }

    fn write(&mut self, header: &Header, record: &NewRecord<'_>) -> io::Result<()> {
        self.repair()?;
        let Some(file) = &self.file else { return Err(io::ErrorKind::NotFound.into()) };
        let head = header.encode(Place { segment: self.number, offset: self.len });
        self.torn = true;
        let written = append_full(&**file, &mut [IoSlice::new(&head), IoSlice::new(record.meta), IoSlice::new(record.body)]);
        if let Err(e) = written {
            // Whether or not this works, the next attempt begins with a repair or a new segment.
            let _ = self.repair();
            return Err(e);
        }
        self.torn = false;
        self.len += header.total_len();
        Ok(())
    }
}

impl Inner {
    pub async fn append(self: &Arc<Self>, record: NewRecord<'_>) -> Result<(), AppendError> {
        let size = (HEADER_LEN + record.meta.len() + record.body.len()) as u64;
        let max = self.options.max_bytes - 2 * SEGMENT_HEADER;
        let (Ok(body_len), Ok(meta_len)) = (u32::try_from(record.body.len()), u16::try_from(record.meta.len())) else {
            return Err(AppendError::TooLarge { size, max: max.min(u64::from(u32::MAX)) });
        };
        if size > max {
            return Err(AppendError::TooLarge { size, max });
        }
        let mut header = Header {
            body_len,
            payload_crc: payload_checksum(record.meta, record.body),
            meta_len,
            shard: record.shard,
            kind: record.kind,
            items: record.items,
            first_ms: record.first_ms,
            last_ms: record.last_ms,
            ..Header::default()
        };
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        let mut delay = FIRST_RETRY;
        loop {
            writer = self.make_room(writer, size).await?;
            {
                let state = self.state.lock();
                header.sequence = state.next_sequence;
                header.items_before = state.next_items;
            }
            header.appended_ms = self.now_ms();
            match writer.write(&header, &record) {
                Ok(()) => break,
                Err(e) => self.note_error("append to a segment", &e),
            }
            self.wait_for_space(delay).await?;
            delay = (delay * 2).min(LAST_RETRY);
        }
        let file = writer.file.clone();
        self.publish(&writer, &header);
        drop(writer);
        match file {
            Some(file) if self.options.sync == Sync::Always => {
                let inner = Arc::clone(self);
                blocking(move || inner.sync_appended(&*file)).await.map_err(AppendError::Sync)
            }
            _ => Ok(()),
        }
    }

    /// Rotates and frees until a record of `size` bytes fits into the active segment.
    pub async fn make_room(
        self: &Arc<Self>,
        mut writer: OwnedMutexGuard<Writer>,
        size: u64,
    ) -> Result<OwnedMutexGuard<Writer>, AppendError> {
        let mut delay = FIRST_RETRY;
        loop {
            let mut space = pin!(self.space.notified());
            space.as_mut().enable();
            let room = self.room(&writer, size)?;
            let done = match room {
                Room::Ready => return Ok(writer),
                Room::Wait => {
                    // A reader's acknowledgement or the age limit frees space; both notify.
                    let _waiting = Waiting::begin(self);
                    space.await;
                    continue;
                }
                Room::Rotate => {
                    let inner = Arc::clone(self);
                    let (guard, done) = blocking(move || {
                        let done = inner.rotate(&mut writer);
                        (writer, done)
                    })
                    .await;
                    writer = guard;
                    done.map_err(|e| ("create a segment", e))
                }
                Room::Remove => self.in_background(Inner::remove_doomed).await,
                Room::DropOldest => {
                    self.in_background(|inner| {
                        inner.drop_front();
                        Ok(())
                    })
                    .await
                }
            };
            if let Err((action, e)) = done {
                self.note_error(action, &e);
                self.wait_for_space(delay).await?;
                delay = (delay * 2).min(LAST_RETRY);
            }
        }
    }

    async fn in_background<T: Send + 'static>(self: &Arc<Self>, job: impl FnOnce(&Inner) -> T + Send + 'static) -> T {
        let inner = Arc::clone(self);
        blocking(move || job(&inner)).await
    }

    /// Waits until something was freed, at most for `delay`.
    async fn wait_for_space(&self, delay: Duration) -> Result<(), AppendError> {
        let mut space = pin!(self.space.notified());
        space.as_mut().enable();
        if self.state.lock().closed {
            return Err(AppendError::Closed);
        }
        let _waiting = Waiting::begin(self);
        let _ = tokio::time::timeout(delay, space).await;
        Ok(())
    }

    /// Makes a written record visible to readers.
    fn publish(&self, writer: &Writer, header: &Header) {
        let mut state = self.state.lock();
        state.next_sequence += 1;
        state.next_items += u64::from(header.items);
        state.appended_records += 1;
        state.appended_items += u64::from(header.items);
        state.appended_bytes += header.total_len();
        state.bytes += header.total_len();
        if let Some(active) = state.segments.back_mut() {
            active.len = writer.len;
        }
        state.last_error = None;
        state.last_append = Some(Instant::now());
        if !state.active_unsynced
            && let (Some(file), Sync::Every(_)) = (&writer.file, self.options.sync)
        {
            state.unsynced.push(Arc::clone(file));
            state.active_unsynced = true;
        }
        let mut wake = self.schedule_sync(&mut state);
        if state.expire_due.is_none()
            && let Some(age) = self.options.max_age
        {
            let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
            state.expire_due = Some(header.appended_ms.saturating_add(age));
            wake = true;
        }
        state.notify_readers();
        drop(state);
        if wake {
            self.wake.notify_one();
        }
    }

    /// Begins a new segment. The old one stays as it is.
    pub fn rotate(&self, writer: &mut Writer) -> io::Result<()> {
        let (number, base) = {
            let state = self.state.lock();
            if state.closed {
                return Err(io::Error::other("the queue is closed"));
            }
            let base = Base { sequence: state.next_sequence, items: state.next_items, created_ms: self.now_ms() };
            (writer.number + 1, base)
        };
        let files = &self.options.files;
        let path = segment::path(&self.dir, number);
        let created = match files.open(&path, Mode::CreateAppend) {
            // Left by an attempt whose removal failed too.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                files.remove(&path)?;
                files.open(&path, Mode::CreateAppend)
            }
            other => other,
        };
        let file = created?;
        if let Err(e) = append_full(&*file, &mut [IoSlice::new(&segment::encode_header(number, base))]) {
            let _ = files.remove(&path);
            return Err(e);
        }
        let slack = match &writer.file {
            Some(old) if writer.torn => old.size().map_or(0, |size| size.saturating_sub(writer.len)),
            _ => 0,
        };
        *writer = Writer { file: Some(Arc::clone(&file)), number, len: SEGMENT_HEADER, torn: false };
        let mut state = self.state.lock();
        state.bytes += slack;
        if let Some(old) = state.segments.back_mut() {
            old.slack += slack;
        }
        state.segments.push_back(Segment { number, len: SEGMENT_HEADER, slack: 0, base: Some(base), fresh_from: 0 });
        state.bytes += SEGMENT_HEADER;
        state.active = Some(file);
        state.active_unsynced = false;
        state.dir_unsynced = true;
        let removable = state.doom_passed();
        drop(state);
        if removable {
            self.wake.notify_one();
        }
        Ok(())
    }
}

/// Shows in the figures that an append waits. Only one can: it holds the writer.
struct Waiting<'a>(&'a Inner);

impl<'a> Waiting<'a> {
    fn begin(inner: &'a Inner) -> Waiting<'a> {
        inner.state.lock().append_waiting = true;
        Waiting(inner)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state.lock().append_waiting = false;
    }
}

/// Runs file operations that may take long outside of the asynchronous threads. The job goes on if the caller is dropped.
pub(crate) async fn blocking<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(job).await {
        Ok(value) => value,
        Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
        // The runtime is shutting down and will never poll this again.
        Err(_) => std::future::pending().await,
    }
}
