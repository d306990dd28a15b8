//! Asks a mounted Btrfs file system about its devices.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;

/// A device of a file system.
#[derive(Debug, PartialEq)]
pub(super) struct Device {
    pub(super) path: String,
    pub(super) uuid: String,
    pub(super) used: u64,
    pub(super) total: u64,
    /// Errors of writing, reading, flushing, checksums and generations.
    pub(super) errors: [u64; 5],
}

const FS_INFO: libc::c_ulong = 0x8400_941f;
const DEV_INFO: libc::c_ulong = 0xd000_941e;
const GET_DEV_STATS: libc::c_ulong = 0xc408_9434;

/// Largest number of devices that is looked for.
const MAX_DEVICES: u64 = 4096;

#[repr(C)]
struct FsInfo {
    max_id: u64,
    devices: u64,
    fsid: [u8; 16],
    rest: [u8; 992],
}

#[repr(C)]
struct DevInfo {
    id: u64,
    uuid: [u8; 16],
    used: u64,
    total: u64,
    unused: [u64; 379],
    path: [u8; 1024],
}

#[repr(C)]
struct DevStats {
    id: u64,
    items: u64,
    flags: u64,
    values: [u64; 5],
    unused: [u64; 121],
}

/// The id of the file system mounted at `path`, without dashes, and its devices.
pub(super) fn devices(path: &str) -> io::Result<(String, Vec<Device>)> {
    let file = File::open(path)?;
    let info: FsInfo = ask(&file, FS_INFO, |_| {})?;
    let mut found = Vec::new();
    // Ids have gaps where devices were removed.
    for id in 0..=info.max_id.min(MAX_DEVICES) {
        let device: DevInfo = match ask(&file, DEV_INFO, |device: &mut DevInfo| device.id = id) {
            Err(error) if error.raw_os_error() == Some(libc::ENODEV) => continue,
            other => other?,
        };
        let stats: DevStats = ask(&file, GET_DEV_STATS, |stats: &mut DevStats| (stats.id, stats.items) = (id, 5))?;
        let name = device.path.split(|byte| *byte == 0).next().unwrap_or_default();
        let path = String::from_utf8_lossy(name).into_owned();
        found.push(Device { path, uuid: hex(&device.uuid), used: device.used, total: device.total, errors: stats.values });
        if found.len() as u64 == info.devices {
            break;
        }
    }
    Ok((hex(&info.fsid), found))
}

/// Structs of numbers that the kernel reads and fills.
trait Filled {}
impl Filled for FsInfo {}
impl Filled for DevInfo {}
impl Filled for DevStats {}

fn ask<T: Filled>(file: &File, request: libc::c_ulong, prepare: impl FnOnce(&mut T)) -> io::Result<T> {
    // SAFETY: the types that are `Filled` hold only numbers, for which all-zero bytes are valid.
    let mut value: T = unsafe { std::mem::zeroed() };
    prepare(&mut value);
    // SAFETY: the descriptor is open, and `value` has the size that is part of the request's number.
    let result = unsafe { libc::ioctl(file.as_raw_fd(), request as _, &raw mut value) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(value) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structs_have_the_sizes_in_the_requests() {
        // Bits 16 to 29 of a request are the size of its struct.
        let size = |request: libc::c_ulong| (request >> 16 & 0x3fff) as usize;
        assert_eq!(size_of::<FsInfo>(), size(FS_INFO));
        assert_eq!(size_of::<DevInfo>(), size(DEV_INFO));
        assert_eq!(size_of::<DevStats>(), size(GET_DEV_STATS));
        assert_eq!(hex(&[0, 0xab]), "00ab");
    }

    #[test]
    fn another_file_system_refuses() {
        assert!(devices("/proc").is_err());
    }
}
