//! Waiting for files to change: one look at all of them per period, and one thread of looks per device, so that a
//! device that hangs holds up only its own files.

use super::tail::Seen;
use component::Shutdown;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Looks at files that nobody reads at the moment.
pub(super) struct Watcher {
    devices: Mutex<HashMap<u64, Weak<Device>>>,
    stop: Shutdown,
}

/// The files of one device.
struct Device {
    files: Mutex<Vec<Weak<Watched>>>,
    /// Told when a file is added, so that the first look is not late.
    added: Notify,
}

/// A file that is looked at for as long as this lives.
pub(super) struct Watched {
    path: PathBuf,
    state: Mutex<State>,
    changed: Notify,
    min: Duration,
    max: Duration,
    // Keeps the looks of the device going.
    _device: Arc<Device>,
}

struct State {
    /// What its reader has seen; `None` while it reads.
    seen: Option<Seen>,
    due: Instant,
    pause: Duration,
}

impl Watcher {
    /// A watcher that works until `stop`.
    pub fn new(stop: Shutdown) -> Self {
        Self { devices: Mutex::default(), stop }
    }

    /// Watches `path` on `device`, looking at it every `min` at first and every `max` when it stays as it is.
    pub fn watch(&self, path: &Path, device: u64, min: Duration, max: Duration) -> Arc<Watched> {
        let min = min.max(Duration::from_millis(1));
        let device = self.device(device);
        let state = State { seen: None, due: Instant::now(), pause: min };
        let watched = Arc::new(Watched {
            path: path.to_owned(),
            state: Mutex::new(state),
            changed: Notify::new(),
            min,
            max: max.max(min),
            _device: Arc::clone(&device),
        });
        device.files.lock().push(Arc::downgrade(&watched));
        device.added.notify_one();
        watched
    }

    fn device(&self, number: u64) -> Arc<Device> {
        let mut devices = self.devices.lock();
        if let Some(device) = devices.get(&number).and_then(Weak::upgrade) {
            return device;
        }
        let device = Arc::new(Device { files: Mutex::default(), added: Notify::new() });
        devices.retain(|_, device| device.strong_count() > 0);
        devices.insert(number, Arc::downgrade(&device));
        tokio::spawn(looks(Arc::downgrade(&device), self.stop.clone()));
        device
    }
}

impl Watched {
    /// Waits until the path is not as it was `seen`.
    pub async fn changed(&self, seen: Seen) {
        {
            let mut state = self.state.lock();
            *state = State { seen: Some(seen), due: Instant::now() + self.min, pause: self.min };
        }
        self.changed.notified().await;
    }

    /// Looks when it is time to; tells the reader when something changed.
    fn look(&self, now: Instant) {
        let Some(seen) = ({
            let state = self.state.lock();
            state.seen.filter(|_| state.due <= now)
        }) else {
            return;
        };
        // What cannot be looked at is for the reader to report.
        let changed = Seen::look(&self.path).map_or(true, |is| is != seen);
        let mut state = self.state.lock();
        state.due = now + state.pause;
        state.pause = (state.pause * 2).min(self.max);
        if changed && state.seen.take().is_some() {
            self.changed.notify_one();
        }
    }

    fn due(&self) -> Option<Instant> {
        let state = self.state.lock();
        state.seen.map(|_| state.due)
    }
}

/// Looks at the files of a device until nobody watches any.
async fn looks(device: Weak<Device>, stop: Shutdown) {
    /// How long to sleep when every file is being read.
    const NOBODY_WAITS: Duration = Duration::from_millis(250);
    loop {
        let Some(live) = device.upgrade() else { return };
        let look = tokio::task::spawn_blocking(move || {
            let files: Vec<_> = {
                let mut files = live.files.lock();
                files.retain(|file| file.strong_count() > 0);
                files.iter().filter_map(Weak::upgrade).collect()
            };
            let now = Instant::now();
            files.iter().for_each(|file| file.look(now));
            files.iter().filter_map(|file| file.due()).min()
        });
        let Ok(due) = look.await else { return };
        let until = due.unwrap_or_else(|| Instant::now() + NOBODY_WAITS);
        // Looks are gathered: no two rounds within a few milliseconds.
        let until = until.max(Instant::now() + Duration::from_millis(5));
        if stop.or(tokio::time::sleep_until(until.into())).await.is_none() {
            return;
        }
    }
}
