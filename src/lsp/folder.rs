//! The other `.alloy` files of a document's folder: as the editor has them, or as they lie on disk.

use crate::document::{Document, uri_of};
use crate::lines::{Encoding, Lines};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Folders with more files than this are no configuration; the rest is left out.
const MOST_FILES: usize = 256;
/// The files that are looked at have at most this many bytes together.
const MOST_BYTES: u64 = 32 << 20;

/// Files read before. A file that has the size and the time it had then is not read again.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    read: Mutex<HashMap<PathBuf, Known>>,
}

#[derive(Debug)]
struct Known {
    size: u64,
    changed: Option<SystemTime>,
    document: Arc<Document>,
}

/// The documents that editors have open, by path.
pub(crate) type Open = BTreeMap<PathBuf, Arc<Document>>;

impl Folder {
    /// The other files of the folder of `document`, by name.
    pub fn neighbours(&self, document: &Document, open: &Open, encoding: Encoding) -> Vec<Arc<Document>> {
        let Some((own, folder)) = document.path.as_deref().and_then(|path| Some((path, path.parent()?))) else { return Vec::new() };
        let is_other = |path: &Path| path.parent() == Some(folder) && path != own && path.extension().is_some_and(|e| e == "alloy");
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let on_disk = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
        let mut paths: Vec<PathBuf> = on_disk.chain(open.keys().cloned()).filter(|path| is_other(path)).collect();
        paths.sort();
        paths.dedup();
        paths.truncate(MOST_FILES);
        let mut read = self.read.lock();
        forget(&mut read);
        let mut room = MOST_BYTES;
        let known = paths.into_iter().filter_map(|path| match open.get(&path) {
            Some(document) => Some(Arc::clone(document)),
            None => on_disk_now(&mut read, path, &mut room, encoding),
        });
        known.collect()
    }

    /// A single file, if it is there.
    pub fn file(&self, path: &Path, open: &Open, encoding: Encoding) -> Option<Arc<Document>> {
        let mut read = self.read.lock();
        forget(&mut read);
        let mut room = MOST_BYTES;
        open.get(path).map(Arc::clone).or_else(|| on_disk_now(&mut read, path.to_owned(), &mut room, encoding))
    }
}

/// What was read long ago is read again when it is needed.
fn forget(read: &mut HashMap<PathBuf, Known>) {
    if read.len() > 2 * MOST_FILES {
        read.clear();
    }
}

fn on_disk_now(read: &mut HashMap<PathBuf, Known>, path: PathBuf, room: &mut u64, encoding: Encoding) -> Option<Arc<Document>> {
    let metadata = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
    let (size, changed) = (metadata.len(), metadata.modified().ok());
    *room = room.checked_sub(size)?;
    if let Some(known) = read.get(&path).filter(|known| known.size == size && known.changed == changed) {
        return Some(Arc::clone(&known.document));
    }
    let text = runtime::sources::read_text(&path).ok()?;
    let lines = Lines::new(&text, encoding);
    let document = Document::new(&uri_of(&path)?, 0, text, lines);
    read.insert(path, Known { size, changed, document: Arc::clone(&document) });
    Some(document)
}
