//! The copy on disk of what was imported last, for a start while the source is away.

use super::Contents;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// What is on disk.
#[derive(Serialize, Deserialize)]
struct Copy {
    /// Where it came from, as a digest: an address may hold credentials.
    origin: String,
    contents: Contents,
}

/// The copy at `path` of what came from `origin`, when there is one that can be read.
pub(super) fn load(path: &Path, origin: &str) -> Option<Contents> {
    let copy: Copy = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    (copy.origin == digest(origin)).then_some(copy.contents)
}

/// Writes the copy. Failing is no reason to stop: it is only logged.
pub(super) fn save(path: &Path, origin: &str, contents: &Contents) {
    if let Err(error) = try_save(path, origin, contents) {
        tracing::warn!(path = %path.display(), "the copy of an imported module cannot be written: {error}");
    }
}

/// Readable by the owner only, since modules may hold secrets; exchanged as a whole, so that a crash leaves the old copy or
/// the new one.
fn try_save(path: &Path, origin: &str, contents: &Contents) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let fresh = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    let copy = Copy { origin: digest(origin), contents: contents.clone() };
    file.write_all(serde_json::to_string(&copy)?.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(fresh, path)?;
    File::open(folder)?.sync_all()
}

fn digest(origin: &str) -> String {
    Sha256::digest(origin.as_bytes()).iter().fold(String::new(), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_for_its_origin_and_survives_half_a_write() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("import.http.lib").join("last_good.json");
        let contents = Contents::of("declare \"m\" { }");
        assert_eq!(load(&path, "a"), None);
        save(&path, "a", &contents);
        assert_eq!(load(&path, "a"), Some(contents.clone()));
        assert_eq!(load(&path, "b"), None);
        std::fs::write(path.with_extension("new"), "{\"origin\"").expect("written");
        assert_eq!(load(&path, "a"), Some(contents));
        std::fs::write(&path, "{\"origin\"").expect("written");
        assert_eq!(load(&path, "a"), None);
    }
}
