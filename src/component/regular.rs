//! Opening files that others have named: what is no file must not hold up a thread.

use std::fs::{File, FileType, OpenOptions};
use std::io;
use std::path::Path;

/// Opens the regular file at `path` to read. Never waits, as an open of a pipe does until somebody writes to it.
///
/// The null device is taken for the empty file that it stands for.
///
/// # Errors
/// When it cannot be opened, or is something else: a folder, a pipe, a socket, a device.
pub fn open_regular(path: &Path) -> io::Result<File> {
    // Opening something else can have effects of its own: nothing is opened before it is known to be a file.
    refuse(path, std::fs::metadata(path)?.file_type())?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    // Another may lie there by now.
    refuse(path, file.metadata()?.file_type())?;
    Ok(file)
}

fn refuse(path: &Path, kind: FileType) -> io::Result<()> {
    if kind.is_file() || path.canonicalize().is_ok_and(|path| path == Path::new("/dev/null")) {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {}, not a file", name_of(kind))))
}

fn name_of(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    if kind.is_dir() { "a folder" } else { "something else" }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_opened() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (file, pipe, link, socket) =
            (folder.path().join("file"), folder.path().join("pipe"), folder.path().join("link"), folder.path().join("socket"));
        std::fs::write(&file, "text").expect("written");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo starts");
        assert!(made.success());
        std::os::unix::fs::symlink(&pipe, &link).expect("linked");
        let _socket = std::os::unix::net::UnixListener::bind(&socket).expect("bound");
        let said = |path: &Path| open_regular(path).err().map(|error| error.to_string());
        assert_eq!(said(&file), None);
        assert_eq!(said(Path::new("/dev/null")), None);
        assert_eq!(said(&pipe).as_deref(), Some("it is a pipe, not a file"));
        assert_eq!(said(&link).as_deref(), Some("it is a pipe, not a file"));
        assert_eq!(said(&socket).as_deref(), Some("it is a socket, not a file"));
        assert_eq!(said(Path::new("/dev/zero")).as_deref(), Some("it is a device, not a file"));
        assert_eq!(said(folder.path()).as_deref(), Some("it is a folder, not a file"));
        assert_eq!(open_regular(&folder.path().join("none")).map_err(|e| e.kind()).err(), Some(io::ErrorKind::NotFound));
    }
}
