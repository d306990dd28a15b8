//! A file system in memory that tears writes, fills up, fails, and can stop the world at any operation.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::files::{DirLock, File, Files, Mode};

/// Kinds of operations that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// [`File::append`].
    Append,
    /// [`File::read_at`].
    ReadAt,
    /// [`File::write_at`].
    WriteAt,
    /// [`File::truncate`].
    Truncate,
    /// [`File::sync`] and [`Files::sync_dir`].
    Sync,
    /// [`Files::open`].
    Open,
    /// [`Files::rename`].
    Rename,
    /// [`Files::remove`].
    Remove,
}

/// Clones share the same files.
#[derive(Clone, Default)]
pub struct FaultyFs {
    world: Arc<Mutex<World>>,
    crashed: Arc<Notify>,
}

#[derive(Default)]
struct World {
    names: BTreeMap<PathBuf, usize>,
    /// The names as they are after a power loss.
    durable_names: BTreeMap<PathBuf, usize>,
    contents: Vec<Content>,
    locks: BTreeSet<PathBuf>,
    /// Operations that change something, so far.
    changes: u64,
    crash_at: Option<u64>,
    crashed: bool,
    capacity: Option<u64>,
    short_writes: bool,
    failing: Option<(Op, io::ErrorKind, usize)>,
    counts: Vec<(Op, u64)>,
}

#[derive(Clone, Default)]
struct Content {
    data: Vec<u8>,
    /// What is there after a power loss at the least.
    synced: Vec<u8>,
}

struct Handle {
    fs: FaultyFs,
    id: usize,
}

struct Lock {
    fs: FaultyFs,
    path: PathBuf,
}

impl DirLock for Lock {}

impl Drop for Lock {
    fn drop(&mut self) {
        self.fs.world.lock().locks.remove(&self.path);
    }
}

impl World {
    fn used(&self) -> u64 {
        self.names.values().map(|id| self.contents[*id].data.len() as u64).sum()
    }

    /// Decides whether an operation happens; `Ok(false)` means that the world stops halfway through it.
    fn begin(&mut self, op: Op) -> io::Result<bool> {
        if self.crashed {
            return Err(io::Error::other("the process is dead"));
        }
        match self.counts.iter_mut().find(|(of, _)| *of == op) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((op, 1)),
        }
        if let Some((failing, kind, times)) = &mut self.failing
            && *failing == op
            && *times > 0
        {
            *times -= 1;
            return Err((*kind).into());
        }
        if op == Op::ReadAt {
            return Ok(true);
        }
        self.changes += 1;
        if self.crash_at == Some(self.changes) {
            self.crashed = true;
            return Ok(false);
        }
        Ok(true)
    }
}

fn dead() -> io::Error {
    io::Error::other("the process died here")
}

impl FaultyFs {
    /// An empty file system without faults.
    pub fn new() -> FaultyFs {
        FaultyFs::default()
    }

    /// The world stops in the middle of the operation with this number, counted from 1; reads are not counted.
    pub fn crash_at(&self, change: u64) {
        self.world.lock().crash_at = Some(change);
    }

    /// The world stops now.
    pub fn crash_now(&self) {
        self.world.lock().crashed = true;
        self.crashed.notify_waiters();
    }

    /// Returns when the world has stopped.
    pub async fn crashed(&self) {
        loop {
            let notified = self.crashed.notified();
            if self.world.lock().crashed {
                return;
            }
            notified.await;
        }
    }

    /// Whether the world has stopped.
    pub fn is_crashed(&self) -> bool {
        self.world.lock().crashed
    }

    /// Operations so far that change something.
    pub fn changes(&self) -> u64 {
        self.world.lock().changes
    }

    /// How often an operation was called.
    pub fn count(&self, op: Op) -> u64 {
        self.world.lock().counts.iter().find(|(of, _)| *of == op).map_or(0, |(_, count)| *count)
    }

    /// The files as the next process finds them when this one was killed: all that was written is there.
    pub fn reboot(&self) -> FaultyFs {
        let world = self.world.lock();
        FaultyFs::with(world.names.clone(), world.contents.clone())
    }

    /// The files after a power loss. What was not forced to the device may be there in part, chosen by `seed`.
    pub fn power_loss(&self, seed: u64) -> FaultyFs {
        let world = self.world.lock();
        let mut random = seed;
        let contents = world.contents.iter().map(|content| content.after_power_loss(&mut random)).collect();
        FaultyFs::with(world.durable_names.clone(), contents)
    }

    fn with(names: BTreeMap<PathBuf, usize>, contents: Vec<Content>) -> FaultyFs {
        let contents = contents.into_iter().map(|c| Content { synced: c.data.clone(), data: c.data }).collect();
        let world = World { durable_names: names.clone(), names, contents, ..World::default() };
        FaultyFs { world: Arc::new(Mutex::new(world)), crashed: Arc::default() }
    }

    /// The disk has room for so many bytes.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.world.lock().capacity = bytes;
    }

    /// Writes take at most seven bytes at once.
    pub fn set_short_writes(&self, short: bool) {
        self.world.lock().short_writes = short;
    }

    /// The next `times` operations of this kind fail.
    pub fn fail(&self, op: Op, kind: io::ErrorKind, times: usize) {
        self.world.lock().failing = Some((op, kind, times));
    }

    /// Paths of all files.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.world.lock().names.keys().cloned().collect()
    }

    /// Bytes of all files with names that end so.
    pub fn bytes_of(&self, suffix: &str) -> u64 {
        let world = self.world.lock();
        let files = world.names.iter().filter(|(path, _)| path.to_string_lossy().ends_with(suffix));
        files.map(|(_, id)| world.contents[*id].data.len() as u64).sum()
    }

    /// Changes the content of a file behind everyone's back. Nothing happens when there is no such file.
    pub fn edit(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut world = self.world.lock();
        if let Some(id) = world.names.get(path).copied() {
            change(&mut world.contents[id].data);
        }
    }

    fn change<T>(&self, op: Op, change: impl FnOnce(&mut World, bool) -> io::Result<T>) -> io::Result<T> {
        let mut world = self.world.lock();
        let whole = world.begin(op)?;
        let result = change(&mut world, whole);
        drop(world);
        if whole {
            return result;
        }
        self.crashed.notify_waiters();
        Err(dead())
    }

    fn write(&self, op: Op, id: usize, bytes: &[u8], offset: Option<u64>) -> io::Result<usize> {
        self.change(op, |world, whole| {
            let limit = match (whole, world.short_writes) {
                (false, _) => bytes.len() / 2,
                (true, true) => bytes.len().min(7),
                (true, false) => bytes.len(),
            };
            let len = world.contents[id].data.len();
            let at = offset.and_then(|o| usize::try_from(o).ok()).unwrap_or(len);
            let grow = (at + limit).saturating_sub(len);
            let free = world.capacity.map_or(u64::MAX, |capacity| capacity.saturating_sub(world.used()));
            let missing = grow.saturating_sub(usize::try_from(free).unwrap_or(usize::MAX));
            let take = limit - missing.min(limit);
            if take == 0 && !bytes.is_empty() && whole {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let data = &mut world.contents[id].data;
            if data.len() < at + take {
                data.resize(at + take, 0);
            }
            data[at..at + take].copy_from_slice(&bytes[..take]);
            Ok(take)
        })
    }
}

impl Content {
    fn after_power_loss(&self, random: &mut u64) -> Content {
        let mut next = || {
            // Knuth's linear congruential generator: any spread is good enough here.
            *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(*random >> 33).unwrap_or(0)
        };
        let mut data = self.synced.clone();
        if self.data.len() > self.synced.len() {
            let kept = next() % (self.data.len() - self.synced.len() + 1);
            data.extend_from_slice(&self.data[self.synced.len()..self.synced.len() + kept]);
            if next() % 4 == 0 {
                // The length of the file was written, its last block was not.
                let zeros = data.len() - next() % (kept + 1);
                data[zeros..].fill(0);
            }
        }
        let common = data.len().min(self.data.len());
        for start in (0..common).step_by(512) {
            let end = (start + 512).min(common);
            if data[start..end] != self.data[start..end] && start < self.synced.len() && next() % 2 == 0 {
                data[start..end].copy_from_slice(&self.data[start..end]);
            }
        }
        Content { synced: data.clone(), data }
    }
}

impl File for Handle {
    fn append(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let bytes: Vec<u8> = parts.iter().flat_map(|part| part.iter().copied()).collect();
        self.fs.write(Op::Append, self.id, &bytes, None)
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut world = self.fs.world.lock();
        world.begin(Op::ReadAt)?;
        let data = &world.contents[self.id].data;
        let at = usize::try_from(offset).unwrap_or(usize::MAX).min(data.len());
        let n = buf.len().min(data.len() - at);
        buf[..n].copy_from_slice(&data[at..at + n]);
        Ok(n)
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<usize> {
        self.fs.write(Op::WriteAt, self.id, buf, Some(offset))
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.fs.change(Op::Truncate, |world, whole| {
            if whole {
                world.contents[self.id].data.truncate(usize::try_from(len).unwrap_or(usize::MAX));
            }
            Ok(())
        })
    }

    fn sync(&self) -> io::Result<()> {
        self.fs.change(Op::Sync, |world, whole| {
            if whole {
                let content = &mut world.contents[self.id];
                content.synced = content.data.clone();
            }
            Ok(())
        })
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.fs.world.lock().contents[self.id].data.len() as u64)
    }
}

impl Files for FaultyFs {
    fn create_dir_all(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<(String, u64)>> {
        let world = self.world.lock();
        let inside = world.names.iter().filter(|(path, _)| path.parent() == Some(dir));
        let entry = |(path, id): (&PathBuf, &usize)| Some((path.file_name()?.to_str()?.to_owned(), world.contents[*id].data.len() as u64));
        Ok(inside.filter_map(entry).collect())
    }

    fn open(&self, path: &Path, mode: Mode) -> io::Result<Arc<dyn File>> {
        let creates = matches!(mode, Mode::Create | Mode::CreateAppend);
        if !creates {
            let mut world = self.world.lock();
            // Opening what exists changes nothing, and is not a place to stop at.
            if world.crash_at == Some(world.changes + 1) {
                world.changes += 1;
                world.crash_at = world.crash_at.map(|at| at + 1);
            }
        }
        let id = self.change(Op::Open, |world, whole| {
            let found = world.names.get(path).copied();
            match (found, mode) {
                (Some(_), Mode::CreateAppend) => Err(io::ErrorKind::AlreadyExists.into()),
                (Some(id), Mode::Create) => {
                    world.contents[id].data.clear();
                    Ok(id)
                }
                (Some(id), _) => Ok(id),
                (None, Mode::Create | Mode::CreateAppend) => {
                    let id = world.contents.len();
                    if whole {
                        world.contents.push(Content::default());
                        world.names.insert(path.to_owned(), id);
                    }
                    Ok(id)
                }
                (None, _) => Err(io::ErrorKind::NotFound.into()),
            }
        })?;
        Ok(Arc::new(Handle { fs: self.clone(), id }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(Op::Rename, |world, whole| {
            if whole {
                let id = world.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
                world.names.insert(to.to_owned(), id);
            }
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.change(Op::Remove, |world, whole| {
            if whole {
                world.names.remove(path).ok_or(io::ErrorKind::NotFound)?;
            }
            Ok(())
        })
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        self.change(Op::Sync, |world, whole| {
            if whole {
                world.durable_names = world.names.clone();
            }
            Ok(())
        })
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn DirLock>> {
        if !self.world.lock().locks.insert(path.to_owned()) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(Box::new(Lock { fs: self.clone(), path: path.to_owned() }))
    }
}
