//! `filesystem`: size, free space and file nodes of every mount.

mod statfs;

use std::collections::BTreeSet;

use regex::Regex;

use super::Collector;
use super::config::{ConfigError, UnixConfig, pattern};
use super::context::{CollectError, Collected, Ctx, Text};
use crate::base::Exposition;
use statfs::{Answer, Statfs, Usage};

struct Filesystem {
    mount_points: Regex,
    types: Regex,
    statfs: Statfs,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    let options = &config.filesystem;
    Ok(Box::new(Filesystem {
        mount_points: pattern("filesystem.mount_points_exclude", &options.mount_points_exclude)?,
        types: pattern("filesystem.fs_types_exclude", &options.fs_types_exclude)?,
        statfs: Statfs::new(options.mount_timeout.std()),
    }))
}

/// A line of the mount table.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mount {
    /// What is mounted.
    pub(super) device: String,
    /// Where, as the host sees it.
    pub(super) point: String,
    /// Type of the file system.
    pub(super) fstype: String,
    /// Mounted without the right to write.
    pub(super) read_only: bool,
}

impl Collector for Filesystem {
    fn name(&self) -> &'static str {
        "filesystem"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let mut mounts = mounts(ctx)?;
        mounts.retain(|mount| !self.mount_points.is_match(&mount.point) && !self.types.is_match(&mount.fstype));
        let paths = mounts.iter().map(|mount| format!("{}{}", ctx.root, mount.point)).collect();
        let answers = self.statfs.ask(paths);
        let mut seen = BTreeSet::new();
        for (mount, answer) in mounts.iter().zip(answers) {
            if seen.insert((&mount.device, &mount.point, &mount.fstype)) {
                add(out, mount, answer);
            }
        }
        Ok(())
    }
}

fn add(out: &mut Exposition, mount: &Mount, answer: Answer) {
    let labels = [("device", mount.device.as_str()), ("fstype", &mount.fstype), ("mountpoint", &mount.point)];
    let failed = f64::from(u8::from(answer.is_none()));
    out.gauge("node_filesystem_device_error", "Whether the mount failed to answer.", &labels, failed);
    let Some(Usage { size, free, available, files, files_free }) = answer else { return };
    let figures = [
        ("node_filesystem_size_bytes", "Size of the file system, in bytes.", size),
        ("node_filesystem_free_bytes", "Free space, in bytes.", free),
        ("node_filesystem_avail_bytes", "Free space that not only root may use, in bytes.", available),
        ("node_filesystem_files", "File nodes there can be.", files),
        ("node_filesystem_files_free", "File nodes that are free.", files_free),
        ("node_filesystem_readonly", "Whether the mount forbids writing.", f64::from(u8::from(mount.read_only))),
    ];
    for (name, help, value) in figures {
        out.gauge(name, help, &labels, value);
    }
}

/// The mount table as process 1 sees it, which in a container is the host's.
pub(super) fn mounts(ctx: &Ctx) -> Collected<Vec<Mount>> {
    let text: Text<'_> = match ctx.proc("1/mounts") {
        // `hidepid` hides process 1 from others.
        Err(error) if error.is_missing() => ctx.proc("mounts")?,
        other => other?,
    };
    text.lines().map(|line| mount(line, &ctx.root)).collect()
}

fn mount(line: &str, root: &str) -> Collected<Mount> {
    let mut fields = line.split_whitespace();
    let (Some(device), Some(point), Some(fstype), Some(options)) = (fields.next(), fields.next(), fields.next(), fields.next()) else {
        return Err(CollectError::parse("mounts", format!("no four fields in `{line}`")));
    };
    let point = point.replace("\\040", " ").replace("\\011", "\t");
    let point = match point.strip_prefix(root) {
        Some("") => "/".to_owned(),
        Some(rest) => rest.to_owned(),
        None => point,
    };
    let read_only = options.split(',').any(|option| option == "ro");
    Ok(Mount { device: device.to_owned(), point, fstype: fstype.to_owned(), read_only })
}

#[cfg(test)]
mod tests {
    use super::mount;
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn lines_of_the_mount_table() {
        let cases = [
            ("/dev/sda1 / ext4 rw,relatime 0 0", "", ("/", false)),
            ("/dev/sdb /mnt/my\\040disk xfs ro,nosuid 0 0", "", ("/mnt/my disk", true)),
            ("/dev/sda1 /host ext4 rw 0 0", "/host", ("/", false)),
            ("/dev/sda1 /host/home ext4 rw,errors=remount-ro 0 0", "/host", ("/home", false)),
        ];
        for (line, root, expected) in cases {
            let found = mount(line, root).expect("the line has four fields");
            assert_eq!((found.point.as_str(), found.read_only), expected, "{line}");
        }
        assert!(mount("tmpfs /run", "").is_err());
    }

    #[test]
    fn mounts_that_fail_or_are_excluded() {
        let text = "/dev/sda1 /nowhere ext4 rw 0 0\n/dev/sda1 /nowhere ext4 rw 0 0\nproc /proc proc rw 0 0\ntmpfs /dev/shm tmpfs rw 0 0\n";
        check(
            "filesystem",
            &[("proc/1/mounts", text)],
            |_| {},
            &expect![[r#"
            # TYPE node_filesystem_device_error gauge
            node_filesystem_device_error{device="/dev/sda1",fstype="ext4",mountpoint="/nowhere"} 1
        "#]],
        );
        check(
            "filesystem",
            &[("proc/mounts", "tmpfs\n")],
            |_| {},
            &expect!["error: unexpected content in mounts: no four fields in `tmpfs`\n"],
        );
    }

    #[test]
    fn a_mount_that_answers_has_all_figures() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::write(folder.path().join("mounts"), "/dev/sda1 / ext4 ro 0 0\n").expect("a fixture can be written");
        let config = crate::unix::config::UnixConfig {
            procfs_path: folder.path().display().to_string(),
            set_collectors: vec!["filesystem".into()],
            ..Default::default()
        };
        let exporter = crate::unix::UnixExporter::new(&config).expect("the configuration is valid");
        let mut out = crate::base::Exposition::new();
        exporter.collect(&mut out);
        let mut page = String::new();
        out.render(&mut page);
        let names: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("node_filesystem_")?.split('{').next()).collect();
        assert_eq!(names, ["avail_bytes", "device_error", "files", "files_free", "free_bytes", "readonly", "size_bytes"], "{page}");
        assert!(page.contains("readonly{device=\"/dev/sda1\",fstype=\"ext4\",mountpoint=\"/\"} 1\n"), "{page}");
    }
}
