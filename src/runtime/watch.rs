//! Watching the configuration for changes: editors that rename over the file, folders, and the symlink swaps by
//! which Kubernetes updates a ConfigMap.

use component::Shutdown;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;

/// Several events that belong to one save count as one.
const QUIET: Duration = Duration::from_millis(200);
/// Even without an event the files are looked at this often: some file systems tell nothing.
const LOOK: Duration = Duration::from_secs(30);

/// What identifies the state of a configuration: each file with its target, time and size.
type Fingerprint = BTreeMap<PathBuf, (PathBuf, Option<SystemTime>, u64)>;

/// Calls `changed` each time the configuration at `path` has changed and then been quiet, until `stop`.
pub async fn watch(path: PathBuf, stop: Shutdown, mut changed: impl FnMut()) {
    let signal = Arc::new(Notify::new());
    let mut watcher = Watching::new(Arc::clone(&signal));
    watcher.follow(&path);
    let mut last = fingerprint(&path);
    loop {
        let event = tokio::time::timeout(LOOK, signal.notified());
        if stop.or(event).await.is_none() {
            return;
        }
        // Wait until nothing has happened for a while: an editor writes, renames and touches.
        while let Some(Ok(())) = stop.or(tokio::time::timeout(QUIET, signal.notified())).await {}
        if stop.is_stopping() {
            return;
        }
        let now = fingerprint(&path);
        if now != last {
            last = now;
            // A swapped symlink has brought new folders to watch.
            watcher.follow(&path);
            changed();
        }
    }
}

struct Watching {
    watcher: Option<RecommendedWatcher>,
    folders: Vec<PathBuf>,
}

impl Watching {
    fn new(signal: Arc<Notify>) -> Self {
        let tell = move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|e| !e.kind.is_access()) {
                signal.notify_one();
            }
        };
        let watcher = notify::recommended_watcher(tell);
        if let Err(error) = &watcher {
            tracing::warn!("the configuration cannot be watched ({error}); it is looked at every {LOOK:?} instead");
        }
        Self { watcher: watcher.ok(), folders: Vec::new() }
    }

    /// Watches the folders in which something can happen to `path`: its own, and those its links lead through.
    fn follow(&mut self, path: &Path) {
        let Some(watcher) = &mut self.watcher else { return };
        let mut wanted = Vec::new();
        for path in [path.to_owned(), path.canonicalize().unwrap_or_else(|_| path.to_owned())] {
            if path.is_dir() {
                wanted.push(path.clone());
            }
            match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => wanted.push(parent.to_owned()),
                _ => wanted.push(PathBuf::from(".")),
            }
        }
        for folder in &self.folders {
            // A folder that is gone needs no unwatching.
            let _gone = watcher.unwatch(folder);
        }
        wanted.sort();
        wanted.dedup();
        wanted.retain(|folder| watcher.watch(folder, RecursiveMode::NonRecursive).is_ok());
        self.folders = wanted;
    }
}

fn fingerprint(path: &Path) -> Fingerprint {
    let files: Vec<PathBuf> = match std::fs::read_dir(path) {
        Ok(entries) => entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| p.extension().is_some_and(|e| e == "alloy")).collect(),
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
