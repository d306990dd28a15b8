//! Files of secrets and certificates that are read again when they change.

use crate::error::lower;
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// How long the state of files is trusted before they are looked at again.
const TRUST: Duration = Duration::from_secs(2);

/// Nothing that belongs into such a file is larger, bundles of authorities included.
const MAX_BYTES: u64 = 16 << 20;

/// What tells a file from its next version.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stamp {
    modified: Option<SystemTime>,
    len: u64,
}

fn stamp(path: &Path) -> Option<Stamp> {
    let meta = std::fs::metadata(path).ok()?;
    Some(Stamp { modified: meta.modified().ok(), len: meta.len() })
}

/// Reads a file; the error names it. Blocks: never call it on a worker of the runtime.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let fail = |error: std::io::Error| format!("{} cannot be read: {}", path.display(), lower(&error.to_string()));
    let meta = std::fs::metadata(path).map_err(fail)?;
    if meta.len() > MAX_BYTES {
        return Err(format!("{} is larger than 16 MiB: is it the right file?", path.display()));
    }
    std::fs::read(path).map_err(fail)
}

type Load<T> = Box<dyn Fn() -> Result<T, String> + Send + Sync>;

/// Something made from files, made anew when one of them changes. Without files it is made once.
pub(crate) struct Watched<T> {
    paths: Vec<PathBuf>,
    load: Load<T>,
    state: Mutex<Option<State<T>>>,
}

struct State<T> {
    made: Arc<T>,
    stamps: Vec<Option<Stamp>>,
    checked: Instant,
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        Self { made: Arc::clone(&self.made), stamps: self.stamps.clone(), checked: self.checked }
    }
}

impl<T> std::fmt::Debug for Watched<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Watched({:?})", self.paths)
    }
}

impl<T: Send + Sync + 'static> Watched<T> {
    /// `load` may block. Empty paths are ignored.
    pub(crate) fn new<'a>(
        paths: impl IntoIterator<Item = &'a String>,
        load: impl Fn() -> Result<T, String> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let paths = paths.into_iter().filter(|path| !path.is_empty()).map(PathBuf::from).collect();
        Arc::new(Self { paths, load: Box::new(load), state: Mutex::new(None) })
    }

    /// What the files give now. Until they can be read there is an error; it names the file.
    pub(crate) async fn get(self: &Arc<Self>) -> Result<Arc<T>, String> {
        let known = self.state.lock().clone();
        if let Some(state) = &known
            && (self.paths.is_empty() || state.checked.elapsed() < TRUST)
        {
            return Ok(Arc::clone(&state.made));
        }
        let this = Arc::clone(self);
        let load = tokio::task::spawn_blocking(move || this.refresh(known));
        load.await.map_err(|_| "the program is stopping".to_owned())?
    }

    fn refresh(&self, known: Option<State<T>>) -> Result<Arc<T>, String> {
        // Before the files are read: a change in between is found the next time.
        let stamps: Vec<_> = self.paths.iter().map(|path| stamp(path)).collect();
        let made = match known {
            Some(state) if state.stamps == stamps && stamps.iter().all(Option::is_some) => state.made,
            _ => Arc::new((self.load)()?),
        };
        *self.state.lock() = Some(State { made: Arc::clone(&made), stamps, checked: Instant::now() });
        Ok(made)
    }
}

/// The secret in a file, without white space around it.
pub(crate) fn secret(path: &str) -> Arc<Watched<value::Secret>> {
    let file = PathBuf::from(path);
    Watched::new([&path.to_owned()], move || read(&file).map(|bytes| value::Secret::new(String::from_utf8_lossy(&bytes).trim())))
}
