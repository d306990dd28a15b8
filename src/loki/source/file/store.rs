//! What survives a restart: `positions.yml` in the original's format, and beside it which files the positions are of.

use super::identity::{FileId, Fingerprint};
use super::tail::Place;
use crate::source::positions::{Key, Positions, convert_legacy, replace_file};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

/// Positions and identities of all tails of a component.
pub(super) struct Store {
    /// The original's file.
    pub positions: Positions,
    file: PathBuf,
    places: Mutex<Places>,
}

#[derive(Default)]
struct Places {
    by_key: HashMap<Key, Vec<Place>>,
    dirty: bool,
}

/// The saved form.
#[derive(Default, Serialize, Deserialize)]
struct Saved {
    tails: Vec<SavedTail>,
}

#[derive(Serialize, Deserialize)]
struct SavedTail {
    path: String,
    labels: String,
    /// What `positions.yml` said when this was saved. When it says something else, somebody else has written it.
    position: String,
    /// Oldest first.
    files: Vec<SavedFile>,
}

#[derive(Serialize, Deserialize)]
struct SavedFile {
    device: u64,
    inode: u64,
    begins_len: usize,
    begins_hash: u64,
    offset: u64,
}

impl Store {
    /// Reads what is in `folder`, converting `legacy`, if any, first.
    ///
    /// # Errors
    /// When positions exist and cannot be read: starting without them would read everything again.
    pub fn open(folder: &Path, legacy: Option<&Path>) -> Result<Self, String> {
        let file = folder.join("positions.yml");
        if let Some(legacy) = legacy {
            convert_legacy(legacy, &file)?;
        }
        let positions = Positions::open(file)?;
        let file = folder.join("files.json");
        let by_key = read(&file, &positions);
        Ok(Self { positions, file, places: Mutex::new(Places { by_key, dirty: false }) })
    }

    /// Where reading of `key` stood, oldest file first; empty when it is not known.
    pub fn places(&self, key: &Key) -> Vec<Place> {
        self.places.lock().by_key.get(key).cloned().unwrap_or_default()
    }

    /// Remembers where reading of `key` stands.
    pub fn put(&self, key: &Key, offset: u64, places: Vec<Place>) {
        self.positions.put(key, offset.to_string());
        let mut all = self.places.lock();
        all.by_key.insert(key.clone(), places);
        all.dirty = true;
    }

    /// Forgets `key`.
    pub fn remove(&self, key: &Key) {
        self.positions.remove(key);
        let mut all = self.places.lock();
        all.dirty |= all.by_key.remove(key).is_some();
    }

    /// Forgets keys whose files are gone and that nobody reads.
    pub fn forget_gone(&self, is_read: impl Fn(&Key) -> bool) {
        for key in self.positions.files() {
            let gone = || std::fs::metadata(&key.path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
            if !is_read(&key) && gone() {
                self.remove(&key);
            }
        }
    }

    /// Writes both files when something changed.
    ///
    /// # Errors
    /// When they cannot be written; the next call tries again.
    pub fn save(&self) -> Result<(), String> {
        // A crash between the two leaves identities that are newer than positions, which are then not believed.
        let text = {
            let mut places = self.places.lock();
            if std::mem::take(&mut places.dirty) { Some(self.render(&places.by_key)) } else { None }
        };
        if let Some(text) = text
            && let Err(error) = replace_file(&self.file, &text)
        {
            self.places.lock().dirty = true;
            return Err(format!(
                "{} cannot be written: {error}; rotated files may not be found again after a restart",
                self.file.display()
            ));
        }
        self.positions.save()
    }

    fn render(&self, by_key: &HashMap<Key, Vec<Place>>) -> Vec<u8> {
        let file = |place: &Place| SavedFile {
            device: place.id.device,
            inode: place.id.inode,
            begins_len: place.fingerprint.len,
            begins_hash: place.fingerprint.hash,
            offset: place.offset,
        };
        let tail = |(key, places): (&Key, &Vec<Place>)| SavedTail {
            path: key.path.clone(),
            labels: key.labels.clone(),
            position: self.positions.get(key).unwrap_or_default(),
            files: places.iter().map(file).collect(),
        };
        let mut tails: Vec<SavedTail> = by_key.iter().map(tail).collect();
        tails.sort_by(|a, b| (&a.path, &a.labels).cmp(&(&b.path, &b.labels)));
        serde_json::to_vec(&Saved { tails }).unwrap_or_default()
    }
}

/// The identities that belong to `positions`. They only refine positions: without them reading goes on as well.
fn read(file: &Path, positions: &Positions) -> HashMap<Key, Vec<Place>> {
    let saved = match std::fs::read(file).map(|text| serde_json::from_slice::<Saved>(&text)) {
        Ok(Ok(saved)) => saved,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Saved::default(),
        Ok(Err(error)) => {
            tracing::warn!(file = %file.display(), %error, "the identities of files are malformed and are not used");
            Saved::default()
        }
        Err(error) => {
            tracing::warn!(file = %file.display(), %error, "the identities of files cannot be read and are not used");
            Saved::default()
        }
    };
    let place = |file: SavedFile| Place {
        id: FileId { device: file.device, inode: file.inode },
        fingerprint: Fingerprint { len: file.begins_len, hash: file.begins_hash },
        offset: file.offset,
    };
    let known = saved.tails.into_iter().map(|tail| (Key::new(tail.path, tail.labels), tail.position, tail.files));
    let believed = known.filter(|(key, position, _)| positions.get(key).as_deref() == Some(position));
    believed.map(|(key, _, files)| (key, files.into_iter().map(place).collect())).collect()
}
