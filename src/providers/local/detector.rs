//! Noticing that a file has changed: by the system's notifications with a slow look as a safety net, or by looking.

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;
use tokio::time::{Interval, MissedTickBehavior};
use value::TextEnum;

/// How changes are noticed.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
#[alloy(type = "filedetector.Detector")]
pub enum Detector {
    /// The system tells.
    #[default]
    Fsnotify,
    /// The file is looked at now and then.
    Poll,
}

/// What tells one state of a file from another.
type State = Option<(SystemTime, u64, PathBuf)>;

/// Watches one file, whatever is renamed over it and wherever its links lead.
pub struct Watch {
    path: PathBuf,
    last: State,
    told: Arc<Notify>,
    // Dropping the watcher ends the notifications.
    _watcher: Option<RecommendedWatcher>,
    tick: Interval,
}

impl Watch {
    /// Watches `path` from now on, looking at it every `frequency`.
    pub fn new(path: &Path, detector: Detector, frequency: Duration) -> Self {
        let told = Arc::new(Notify::new());
        let watcher = match detector {
            Detector::Fsnotify => watcher(path, &told),
            Detector::Poll => None,
        };
        let mut tick = tokio::time::interval(frequency.max(Duration::from_millis(1)));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { path: path.to_owned(), last: state(path), told, _watcher: watcher, tick }
    }

    /// Waits for a change.
    pub async fn changed(&mut self) {
        loop {
            tokio::select! {
                () = self.told.notified() => {}
                _ = self.tick.tick() => {}
            }
            let now = state(&self.path);
            if now != self.last {
                self.last = now;
                return;
            }
        }
    }
}

fn state(path: &Path) -> State {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len(), path.canonicalize().ok()?))
}

/// Watches the folder, because a file that is renamed over is another file.
fn watcher(path: &Path, told: &Arc<Notify>) -> Option<RecommendedWatcher> {
    let told = Arc::clone(told);
    let tell = move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|e| !e.kind.is_access()) {
            told.notify_one();
        }
    };
    let mut watcher = notify::recommended_watcher(tell).ok()?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    watcher.watch(folder, RecursiveMode::NonRecursive).ok()?;
    Some(watcher)
}
