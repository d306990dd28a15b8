//! Rotated files beside a path: finding one again by its identity, and those that had the path's name for a moment.

use super::generation::Generation;
use super::identity::{FileId, modified};
use super::lines::Text;
use super::tail::Place;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// A rotated file.
struct Sibling {
    path: PathBuf,
    meta: Metadata,
}

/// The file of `place`, at the path or beside it. `None` when it is gone, or its beginning is another one.
pub(super) fn find(path: &Path, place: &Place, text: Text) -> Option<Generation> {
    let is_it = |candidate: &Path| {
        let found = Generation::open(candidate, text).ok()?;
        (found.id == place.id && found.size >= place.offset && place.fingerprint.len <= found.fingerprint.len).then_some(found)
    };
    let fits = |found: &Generation| found.begins_as(&place.fingerprint);
    if std::fs::metadata(path).is_ok_and(|meta| FileId::of(&meta) == place.id) {
        return is_it(path).filter(fits);
    }
    let sibling = around(path).into_iter().find(|s| FileId::of(&s.meta) == place.id)?;
    is_it(&sibling.path).filter(fits)
}

/// Files that had the name of `path` after `last` had it, oldest first: they were written after it. Those that are
/// `known` are left out.
pub(super) fn between(path: &Path, last: &Generation, known: impl Fn(FileId, &Path) -> bool, text: Text) -> Vec<Generation> {
    let Some(since) = last.modified() else { return Vec::new() };
    let mut siblings = around(path);
    siblings.retain(|s| !known(FileId::of(&s.meta), &s.path) && modified(&s.meta) >= since && s.path.extension().is_none_or(|e| e != "gz"));
    // Of two that were written at the same moment the one with the higher number is older.
    siblings.sort_by(|a, b| (modified(&a.meta), &b.path).cmp(&(modified(&b.meta), &a.path)));
    siblings.iter().filter_map(|s| Generation::open(&s.path, text).ok()).collect()
}

/// Files in the folder of `path` whose names are those of rotated files of it.
fn around(path: &Path) -> Vec<Sibling> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|n| n.to_str())) else { return Vec::new() };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let rotated = entries.filter_map(Result::ok).filter(|e| e.file_name().to_str().is_some_and(|n| is_rotated(name, n)));
    let sibling = |path: PathBuf| std::fs::symlink_metadata(&path).ok().filter(Metadata::is_file).map(|meta| Sibling { path, meta });
    rotated.filter_map(|entry| sibling(entry.path())).collect()
}

/// True when a file called `name` may become `other` by rotation: a number or a date is added at the end or before
/// the extension, or `.old`. Anything else may be another log.
fn is_rotated(name: &str, other: &str) -> bool {
    let other = other.strip_suffix(".gz").unwrap_or(other);
    let added = |text: &str| {
        let marked = text.starts_with(['.', '-', '_']);
        let dated = text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_digit() || b".-_T:Z+".contains(&b));
        marked && (dated || text == ".old")
    };
    if let Some(suffix) = other.strip_prefix(name) {
        return added(suffix);
    }
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let middle = other.strip_prefix(stem).and_then(|rest| rest.strip_suffix(extension)?.strip_suffix('.'));
    middle.is_some_and(added)
}

/// Paths of files that a rotation may have called `path`: those whose name it is with a number or a date added.
pub(super) fn originals(path: &str) -> Vec<String> {
    let (folder, name) = path.rfind(std::path::is_separator).map_or(("", path), |at| path.split_at(at + 1));
    let cuts = || name.char_indices().filter(|(at, c)| *at > 0 && matches!(c, '.' | '-' | '_')).map(|(at, _)| at);
    let extension = name.rfind('.').map_or("", |at| &name[at..]);
    let names = cuts().map(|at| name[..at].to_owned()).chain(cuts().map(|at| format!("{}{extension}", &name[..at])));
    names.filter(|original| is_rotated(original, name)).map(|original| format!("{folder}{original}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{is_rotated, originals};

    #[test]
    fn a_rotated_name_tells_the_original() {
        for (path, want) in [
            ("/a.b/app.log.1", &["/a.b/app.log"][..]),
            ("app.log-20261121", &["app.log"]),
            ("/a/app-2026-11-21.log", &["/a/app-2026-11.log", "/a/app-2026.log", "/a/app.log"]),
            ("/a/app.1.log", &["/a/app.log"]),
            ("/a-1/app.log", &[]),
            ("/a/app.log.err", &[]),
            ("", &[]),
        ] {
            let mut found = originals(path);
            found.sort_by_key(|found| std::cmp::Reverse(found.len()));
            assert_eq!(found, want, "{path}");
        }
    }

    #[test]
    fn only_numbers_and_dates_are_rotations() {
        for (other, want) in [
            ("app.log.1", true),
            ("app.log.12.gz", true),
            ("app.log-20261121", true),
            ("app.log.2026-11-21T10:00:00Z", true),
            ("app-2026-11-21T10-00-00.000.log", true),
            ("app.1.log", true),
            ("app.log.old", true),
            ("app.log", false),
            ("app.log.err", false),
            ("app.log2", false),
            ("app-error.log", false),
            ("app.log.bak", false),
            ("other.log.1", false),
        ] {
            assert_eq!(is_rotated("app.log", other), want, "{other}");
        }
    }
}
