//! The copy on disk of what was imported last, for a start while the source is away.

use super::Contents;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The copy at `path`, when there is one that can be read.
pub(super) fn load(path: &Path) -> Option<Contents> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Writes the copy. Failing is no reason to stop: it is only logged.
pub(super) fn save(path: &Path, contents: &Contents) {
    if let Err(error) = try_save(path, contents) {
        tracing::warn!(path = %path.display(), "the copy of an imported module cannot be written: {error}");
    }
}

/// Readable by the owner only, since modules may hold secrets; exchanged as a whole.
fn try_save(path: &Path, contents: &Contents) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let fresh = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(serde_json::to_string(contents)?.as_bytes())?;
    std::fs::rename(fresh, path)
}
