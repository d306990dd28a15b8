//! Modules from files and folders.

use super::Contents;
use super::args::{FileArgs, pause};
use crate::sources;
use component::{Detector, Shutdown};
use futures_util::future::join;
use std::path::{Component, Path, PathBuf};

/// The texts of a file, or of the `.alloy` files directly in a folder.
///
/// # Errors
/// What cannot be read, and why.
pub(super) fn read(filename: &str) -> Result<Contents, String> {
    let path = Path::new(filename);
    let is_folder = std::fs::metadata(path).is_ok_and(|meta| meta.is_dir());
    let paths = if is_folder { alloy_files(path)? } else { vec![path.to_owned()] };
    let text = |path: &std::path::PathBuf| sources::read_regular(path).map_err(|diagnostic| diagnostic.message);
    let texts = paths.iter().map(|path| Ok((path.display().to_string(), text(path)?))).collect::<Result<_, String>>()?;
    Ok(Contents { texts, folder: None })
}

pub(super) fn alloy_files(folder: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("the folder {} cannot be read: {error}", folder.display()))?;
    let paths = entries.filter_map(|entry| entry.ok().map(|e| e.path()));
    Ok(paths.filter(|p| p.extension().is_some_and(|e| e == "alloy") && p.is_file()).collect())
}

/// The folder itself, or that of the file.
pub(super) fn folder_of(filename: &str) -> String {
    let path = Path::new(filename);
    if path.is_dir() {
        return filename.to_owned();
    }
    match path.parent() {
        Some(parent) => clean(parent),
        None => clean(path),
    }
}

/// The same path without `.`, and without `..` where a name stands before it, as the original writes it.
fn clean(path: &Path) -> String {
    let mut kept: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match (part, kept.last()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => _ = kept.pop(),
            _ => kept.push(part),
        }
    }
    let kept: PathBuf = kept.iter().collect();
    if kept.as_os_str().is_empty() { ".".to_owned() } else { kept.display().to_string() }
}

/// Calls `refresh` at once, and each time the file may have changed, until `stop`.
pub(super) async fn follow(args: &FileArgs, stop: &Shutdown, refresh: impl Fn()) {
    let path = args.path();
    let watch = (args.detector == Detector::Fsnotify).then(|| sources::watch(&path));
    // What happened since it was read last was not watched.
    refresh();
    let poll = async {
        while stop.or(tokio::time::sleep(pause(args.poll_frequency))).await.is_some() {
            refresh();
        }
    };
    let told = async {
        let Some(mut watch) = watch else { return };
        while stop.or(watch.changed()).await.is_some() {
            refresh();
        }
    };
    join(poll, told).await;
}

#[cfg(test)]
mod tests {
    use super::folder_of;

    #[test]
    fn folders_are_written_in_one_way() {
        let cases = [
            ("m.alloy", "."),
            ("./m.alloy", "."),
            ("sub/m.alloy", "sub"),
            ("./nowhere/../sub//./m.alloy", "sub"),
            ("../m.alloy", ".."),
            ("../../a/../m.alloy", "../.."),
            ("/m.alloy", "/"),
            ("/../nowhere//m.alloy", "/nowhere"),
        ];
        for (file, want) in cases {
            assert_eq!(folder_of(file), want, "{file}");
        }
    }
}
