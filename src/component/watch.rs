//! Noticing that a file or a folder has changed: the system tells, and a look now and then is the safety net, because some
//! file systems tell nothing.
//!
//! The process has one watcher of the system for everything: Linux allows a user 128 of them by default, shared with
//! whatever else runs there.

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;
use tokio::time::timeout;
use value::TextEnum;

/// How often to look when the system does not tell.
const UNTOLD: Duration = Duration::from_secs(2);

/// Events come in crowds, also of what others do in the same folder: one look for those of this time.
const CROWD: Duration = Duration::from_millis(10);

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

/// What identifies a state: each file with its target, time and size.
type State = BTreeMap<PathBuf, (PathBuf, Option<SystemTime>, u64)>;

/// Watches a file, or the files of one kind in a folder: whatever is renamed over them and wherever links lead, as when
/// Kubernetes updates a ConfigMap by swapping one.
#[derive(Debug)]
pub struct Watch {
    path: PathBuf,
    extension: &'static str,
    last: State,
    told: Option<Told>,
    look: Duration,
    quiet: Duration,
}

impl Watch {
    /// Watches `path`, or the files in it whose names end in `extension`, from now on: what happens before
    /// [`Self::changed`] is called counts. Looks every `look`, and more often when the system should tell and cannot.
    pub fn new(path: &Path, extension: &'static str, detector: Detector, look: Duration) -> Self {
        let told = (detector == Detector::Fsnotify).then(|| {
            let mut told = Told::default();
            told.follow(path);
            told
        });
        Self { path: path.to_owned(), extension, last: state(path, extension), told, look, quiet: Duration::ZERO }
    }

    /// Waits until the files have not changed for so long: an editor writes, renames and touches.
    #[must_use]
    pub fn quiet(mut self, quiet: Duration) -> Self {
        self.quiet = quiet;
        self
    }

    /// Waits for a change. May be cancelled: no change is lost.
    pub async fn changed(&mut self) {
        loop {
            let mut now = state(&self.path, self.extension);
            if now == self.last {
                self.event().await;
                continue;
            }
            // The files tell whether they are still being written, not the events: in the folder around them others may be
            // at work all the time.
            while !self.quiet.is_zero() {
                tokio::time::sleep(self.quiet).await;
                let before = std::mem::replace(&mut now, state(&self.path, self.extension));
                if now == before {
                    break;
                }
            }
            self.last = now;
            if let Some(told) = &mut self.told {
                // A swapped link has brought new folders to watch.
                told.follow(&self.path);
            }
            return;
        }
    }

    async fn event(&self) {
        // No interval of zero: that would be no waiting at all.
        let look = self.look.max(Duration::from_millis(1));
        let Some(told) = &self.told else { return tokio::time::sleep(look).await };
        let look = if told.is_complete { look } else { look.min(UNTOLD) };
        if timeout(look, told.signal.notified()).await.is_ok() {
            tokio::time::sleep(CROWD).await;
        }
    }
}

fn state(path: &Path, extension: &str) -> State {
    let files: Vec<PathBuf> = match std::fs::read_dir(path) {
        Ok(entries) => entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| p.extension().is_some_and(|e| e == extension)).collect(),
        Err(_) => vec![path.to_owned()],
    };
    let state = |file: PathBuf| {
        let target = file.canonicalize().unwrap_or_else(|_| file.clone());
        let meta = std::fs::metadata(&file).ok();
        let time = meta.as_ref().and_then(|m| m.modified().ok());
        (file, (target, time, meta.map_or(0, |m| m.len())))
    };
    files.into_iter().map(state).collect()
}

/// What the system tells of some folders.
#[derive(Debug, Default)]
struct Told {
    signal: Arc<Notify>,
    folders: Vec<PathBuf>,
    /// False when there is a folder of which nothing is told.
    is_complete: bool,
}

impl Told {
    /// Follows the folders in which something can happen to `path`: its own, and those its links lead through.
    fn follow(&mut self, path: &Path) {
        let mut wanted = Vec::new();
        for path in [path.to_owned(), path.canonicalize().unwrap_or_else(|_| path.to_owned())] {
            let path = std::path::absolute(&path).unwrap_or(path);
            wanted.extend(path.parent().map(Path::to_owned));
            if path.is_dir() {
                wanted.push(path);
            }
        }
        wanted.sort();
        wanted.dedup();
        let mut system = SYSTEM.lock();
        self.folders.iter().filter(|folder| !wanted.contains(folder)).for_each(|folder| system.forget(folder, &self.signal));
        // Those that are followed already, too: a folder that was deleted and made again is another one.
        let untold = wanted.iter().filter(|folder| !system.follow(folder, &self.signal)).count();
        self.is_complete = untold == 0;
        self.folders = wanted;
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let mut system = SYSTEM.lock();
        self.folders.iter().for_each(|folder| system.forget(folder, &self.signal));
    }
}

/// Who wants to know of which folder.
static LISTENERS: Mutex<Option<HashMap<PathBuf, Vec<Weak<Notify>>>>> = Mutex::new(None);
static SYSTEM: Mutex<System> = Mutex::new(System { watcher: None, warned: false });

/// The watcher of the process. `LISTENERS` is never held while it is asked for something: its thread takes that, too.
struct System {
    watcher: Option<RecommendedWatcher>,
    warned: bool,
}

impl System {
    /// True when events of `folder` will be told to `signal`.
    fn follow(&mut self, folder: &Path, signal: &Arc<Notify>) -> bool {
        if self.watcher.is_none() {
            let made = notify::recommended_watcher(|event| tell(&event)).map_err(|error| self.warn(&error));
            self.watcher = made.ok();
        }
        let Some(watcher) = &mut self.watcher else { return false };
        {
            let mut listeners = LISTENERS.lock();
            let listeners = listeners.get_or_insert_default().entry(folder.to_owned()).or_default();
            if !listeners.iter().any(|listener| listener.as_ptr() == Arc::as_ptr(signal)) {
                listeners.push(Arc::downgrade(signal));
            }
        }
        match watcher.watch(folder, RecursiveMode::NonRecursive) {
            Ok(()) => true,
            // The folder may come later: it is looked for.
            Err(error) if matches!(&error.kind, notify::ErrorKind::PathNotFound) => false,
            Err(error) => {
                self.warn(&error);
                false
            }
        }
    }

    fn forget(&mut self, folder: &Path, signal: &Arc<Notify>) {
        let is_last = {
            let mut listeners = LISTENERS.lock();
            let Some(all) = listeners.as_mut() else { return };
            let Some(here) = all.get_mut(folder) else { return };
            here.retain(|listener| listener.as_ptr() != Arc::as_ptr(signal) && listener.strong_count() > 0);
            let is_last = here.is_empty();
            if is_last {
                all.remove(folder);
            }
            is_last
        };
        if let Some(watcher) = self.watcher.as_mut().filter(|_| is_last) {
            // A folder that is gone is not watched any more.
            let _gone = watcher.unwatch(folder);
        }
    }

    fn warn(&mut self, error: &notify::Error) {
        if !std::mem::replace(&mut self.warned, true) {
            tracing::warn!("the system does not tell of changes of files ({error}); they are looked at every {UNTOLD:?} instead");
        }
    }
}

/// Wakes those who follow a folder of the event.
fn tell(event: &notify::Result<notify::Event>) {
    let Ok(event) = event else { return };
    if event.kind.is_access() {
        return;
    }
    let listeners = LISTENERS.lock();
    let Some(listeners) = listeners.as_ref() else { return };
    let wake = |listeners: &Vec<Weak<Notify>>| listeners.iter().filter_map(Weak::upgrade).for_each(|signal| signal.notify_one());
    if event.need_rescan() {
        return listeners.values().for_each(wake);
    }
    for path in &event.paths {
        listeners.get(path).into_iter().chain(path.parent().and_then(|folder| listeners.get(folder))).for_each(wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    async fn notices(watch: &mut Watch) {
        timeout(Duration::from_secs(30), watch.changed()).await.expect("the change is noticed");
    }

    fn write(path: &Path, text: &str) {
        std::fs::write(path, text).expect("written");
    }

    #[tokio::test]
    async fn more_files_than_the_system_allows_watchers() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let files: Vec<PathBuf> = (0..300).map(|i| folder.path().join(format!("{}/file", i % 150))).collect();
        for file in &files {
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            write(file, "a");
        }
        let mut watches: Vec<Watch> = files.iter().map(|file| Watch::new(file, "", Detector::Fsnotify, LONG)).collect();
        assert!(watches.iter().all(|watch| watch.told.as_ref().is_some_and(|told| told.is_complete)));
        // Also what happens before anybody waits.
        files.iter().for_each(|file| write(file, "ab"));
        for watch in &mut watches {
            notices(watch).await;
        }
        let (rest, gone) = watches.split_at_mut(2);
        gone.iter_mut().for_each(|watch| watch.told = None);
        write(&files[0], "abc");
        notices(&mut rest[0]).await;
    }

    #[tokio::test]
    async fn renames_links_and_folders_made_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let at = |name: &str| folder.path().join(name);
        for (name, text) in [("v1", "a"), ("v2", "ab"), ("v3", "abc")] {
            std::fs::create_dir(at(name)).expect("made");
            write(&at(name).join("x.alloy"), text);
        }
        std::os::unix::fs::symlink("v1", at("data")).expect("linked");
        std::os::unix::fs::symlink("data/x.alloy", at("x.alloy")).expect("linked");
        let mut file = Watch::new(&at("x.alloy"), "alloy", Detector::Fsnotify, LONG);
        let mut all = Watch::new(folder.path(), "alloy", Detector::Fsnotify, LONG).quiet(Duration::from_millis(10));
        std::os::unix::fs::symlink("v2", at("new")).expect("linked");
        std::fs::rename(at("new"), at("data")).expect("renamed");
        notices(&mut file).await;
        notices(&mut all).await;
        // In the new place.
        write(&at("v2").join("x.alloy"), "abcd");
        notices(&mut file).await;
        // A folder that is deleted and made again, as by a deployment.
        let mut inside = Watch::new(&at("v3").join("x.alloy"), "alloy", Detector::Fsnotify, Duration::from_millis(50));
        std::fs::remove_dir_all(at("v3")).expect("removed");
        notices(&mut inside).await;
        std::fs::create_dir(at("v3")).expect("made");
        write(&at("v3").join("x.alloy"), "");
        notices(&mut inside).await;
        inside.look = LONG;
        write(&at("v3").join("x.alloy"), "abcde");
        notices(&mut inside).await;
    }

    #[tokio::test]
    async fn others_at_work_in_the_folder_around_delay_nothing() {
        let around = tempfile::tempdir().expect("a temporary folder");
        let folder = around.path().join("config");
        std::fs::create_dir(&folder).expect("made");
        let (noise, (done, is_done)) = (around.path().join("noise"), std::sync::mpsc::sync_channel::<()>(1));
        let others = std::thread::spawn(move || {
            while is_done.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                write(&noise, "");
            }
        });
        let mut watch = Watch::new(&folder, "alloy", Detector::Fsnotify, LONG).quiet(Duration::from_millis(200));
        write(&folder.join("x.alloy"), "a");
        notices(&mut watch).await;
        drop(done);
        others.join().expect("no panic");
    }

    #[tokio::test]
    async fn looking_needs_no_telling() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("file");
        let mut watch = Watch::new(&file, "", Detector::Poll, Duration::from_millis(5));
        assert!(timeout(Duration::from_millis(50), watch.changed()).await.is_err(), "nothing has happened");
        write(&file, "a");
        notices(&mut watch).await;
    }
}
