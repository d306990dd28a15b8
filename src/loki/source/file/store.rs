//! What survives a restart: `positions.yml` in the original's format, and beside it which files the positions are of.

use super::generation::Generation;
use super::identity::{FileId, Fingerprint};
use super::siblings;
use super::tail::Place;
use crate::source::positions::{Key, Positions, convert_legacy, replace_file};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};

/// How many files that nobody follows any more are remembered, so that they are not read again under another name.
const MOST_RELEASED: usize = 1024;

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
    /// Whose place a file is in.
    owners: HashMap<FileId, Key>,
    /// Keys that a tail reads.
    active: HashSet<Key>,
    /// How far a file was read that was emptied then: a copy that somebody made of it first may be found later.
    emptied: HashMap<Key, Place>,
    /// Files read to their ends under a name they have lost, newest last, with the labels of their lines.
    released: VecDeque<(String, Place)>,
    dirty: bool,
}

impl Places {
    fn set(&mut self, key: &Key, places: Vec<Place>) {
        let ids = |places: &[Place]| places.iter().map(|place| place.id).collect::<Vec<_>>();
        let same = self.by_key.get(key).is_some_and(|known| known.len() == places.len() && ids(known) == ids(&places));
        if !same {
            self.disown(key);
            self.owners.extend(places.iter().map(|place| (place.id, key.clone())));
        }
        self.by_key.insert(key.clone(), places);
        self.dirty = true;
    }

    fn disown(&mut self, key: &Key) {
        for place in self.by_key.get(key).into_iter().flatten() {
            if self.owners.get(&place.id) == Some(key) {
                self.owners.remove(&place.id);
            }
        }
    }
}

/// Whether a file is another tail's business.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Claim {
    /// No other tail has seen it.
    Free,
    /// It was rotated away from a path whose tail still follows it.
    Busy,
    /// Another tail has read it to here, and let go of it.
    ReadTo(u64),
}

/// What other tails of the component have to do with the files of one of them. Only tails whose lines get the same
/// labels count: different labels are different streams, and each wants all lines.
pub(super) struct Claims<'a> {
    pub store: &'a Store,
    pub key: &'a Key,
}

impl Claims<'_> {
    /// Whether the file that has the path of this tail now was another one's before.
    pub fn of(&self, file: &Generation) -> Claim {
        let fits = |place: &Place| place.offset <= file.size && file.begins_as(&place.fingerprint);
        let (owner, released) = {
            let all = self.store.places.lock();
            let is_other = |owner: &&Key| owner.labels == self.key.labels && owner.path != self.key.path;
            let owner = all.owners.get(&file.id).filter(is_other).and_then(|owner| {
                let place = all.by_key.get(owner)?.iter().find(|place| place.id == file.id)?;
                Some((owner.path.clone(), *place, all.active.contains(owner)))
            });
            let mut released = all.released.iter().rev();
            let released = released.find(|(labels, place)| *labels == self.key.labels && place.id == file.id).map(|(_, place)| *place);
            (owner, released)
        };
        if let Some((path, place, active)) = owner
            && fits(&place)
        {
            // Two names of one file, as links give it, are two targets.
            let still_there = std::fs::metadata(path).is_ok_and(|meta| FileId::of(&meta) == file.id);
            return match (still_there, active) {
                (true, _) => Claim::Free,
                (false, true) => Claim::Busy,
                (false, false) => Claim::ReadTo(place.offset),
            };
        }
        released.filter(fits).map_or(Claim::Free, |place| Claim::ReadTo(place.offset))
    }

    /// Where another tail stands, or stood before its file was emptied, in the file that `file` is a copy of. Reads all that is
    /// compared.
    pub fn copied(&self, file: &Generation) -> Option<Place> {
        let originals = siblings::originals(&self.key.path).into_iter().map(|path| Key::new(path, self.key.labels.clone()));
        let mut places: Vec<Place> = {
            let all = self.store.places.lock();
            originals
                .flat_map(|key| all.by_key.get(&key).into_iter().flatten().chain(all.emptied.get(&key)).copied().collect::<Vec<_>>())
                .collect()
        };
        places.retain(|place| place.id != file.id);
        places.sort_by_key(|place| std::cmp::Reverse(place.offset));
        places.into_iter().find(|place| file.has_all_before(place))
    }

    /// True when another tail reads what is at `path`.
    pub fn has_tail(&self, path: &Path) -> bool {
        let Some(path) = path.to_str() else { return false };
        path != self.key.path && self.store.places.lock().active.contains(&Key::new(path, self.key.labels.clone()))
    }
}

/// The saved form.
#[derive(Default, Serialize, Deserialize)]
struct Saved {
    tails: Vec<SavedTail>,
    #[serde(default)]
    released: Vec<SavedRelease>,
}

#[derive(Serialize, Deserialize)]
struct SavedRelease {
    labels: String,
    file: SavedFile,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sum: Option<u32>,
}

impl SavedFile {
    fn of(place: &Place) -> Self {
        Self {
            device: place.id.device,
            inode: place.id.inode,
            begins_len: place.fingerprint.len,
            begins_hash: place.fingerprint.hash,
            offset: place.offset,
            sum: place.sum,
        }
    }

    fn place(self) -> Place {
        Place {
            id: FileId { device: self.device, inode: self.inode },
            fingerprint: Fingerprint { len: self.begins_len, hash: self.begins_hash },
            offset: self.offset,
            sum: self.sum,
        }
    }
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
        let places = read(&file, &positions);
        Ok(Self { positions, file, places: Mutex::new(places) })
    }

    /// Where reading of `key` stood, oldest file first; empty when it is not known.
    pub fn places(&self, key: &Key) -> Vec<Place> {
        self.places.lock().by_key.get(key).cloned().unwrap_or_default()
    }

    /// Remembers where reading of `key` stands.
    pub fn put(&self, key: &Key, offset: u64, places: Vec<Place>) {
        self.positions.put(key, offset.to_string());
        self.places.lock().set(key, places);
    }

    /// A tail reads `key` from now on, or no longer.
    pub fn set_active(&self, key: &Key, active: bool) {
        let mut all = self.places.lock();
        if active {
            all.active.insert(key.clone());
        } else {
            all.active.remove(key);
        }
    }

    /// The tail of `key` lets go of a file that has lost its name and is read to its end.
    pub fn release(&self, key: &Key, place: Place) {
        let mut all = self.places.lock();
        if all.released.len() >= MOST_RELEASED {
            all.released.pop_front();
        }
        all.released.push_back((key.labels.clone(), place));
        all.dirty = true;
    }

    /// The file of `key` was emptied, and had been read to `place`.
    pub fn emptied(&self, key: &Key, place: Place) {
        self.places.lock().emptied.insert(key.clone(), place);
    }

    /// Forgets `key`.
    pub fn remove(&self, key: &Key) {
        self.positions.remove(key);
        let mut all = self.places.lock();
        all.disown(key);
        all.emptied.remove(key);
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
            if std::mem::take(&mut places.dirty) { Some(self.render(&places)) } else { None }
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

    fn render(&self, all: &Places) -> Vec<u8> {
        let tail = |(key, places): (&Key, &Vec<Place>)| SavedTail {
            path: key.path.clone(),
            labels: key.labels.clone(),
            position: self.positions.get(key).unwrap_or_default(),
            files: places.iter().map(SavedFile::of).collect(),
        };
        let mut tails: Vec<SavedTail> = all.by_key.iter().map(tail).collect();
        tails.sort_by(|a, b| (&a.path, &a.labels).cmp(&(&b.path, &b.labels)));
        let released = all.released.iter().map(|(labels, place)| SavedRelease { labels: labels.clone(), file: SavedFile::of(place) });
        serde_json::to_vec(&Saved { tails, released: released.collect() }).unwrap_or_default()
    }
}

/// The identities that belong to `positions`. They only refine positions: without them reading goes on as well.
fn read(file: &Path, positions: &Positions) -> Places {
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
    let released = saved.released.into_iter().map(|release| (release.labels, release.file.place())).collect();
    let mut all = Places { released, ..Places::default() };
    for SavedTail { path, labels, position, files } in saved.tails {
        let key = Key::new(path, labels);
        if positions.get(&key).as_deref() == Some(&position) {
            all.set(&key, files.into_iter().map(SavedFile::place).collect());
        }
    }
    all.dirty = false;
    all
}
