//! One `check` for all collectors: fixture files as text in, the page without help lines out.

use std::path::Path;

use expect_test::Expect;

use super::COLLECTORS;
use super::config::UnixConfig;
use super::context::Ctx;
use crate::base::Exposition;

/// Lays out `files` below a folder of its own (`proc/…`, `sys/…`, `udev/…`, anything else is the root), runs the collector and compares the page.
/// A path that ends in `/` makes a folder; a content that begins with `-> ` makes a link. An error is the last line.
#[track_caller]
pub(crate) fn check(collector: &str, files: &[(&str, &str)], configure: impl FnOnce(&mut UnixConfig), expected: &Expect) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let page = page(collector, files, configure, folder.path());
    expected.assert_eq(&page.replace(&folder.path().display().to_string(), "DIR"));
}

fn page(collector: &str, files: &[(&str, &str)], configure: impl FnOnce(&mut UnixConfig), root: &Path) -> String {
    for (path, content) in files {
        write(root, path, content).expect("a fixture can be written");
    }
    let path = |name: &str| root.join(name).display().to_string();
    let mut config = UnixConfig {
        procfs_path: path("proc"),
        sysfs_path: path("sys"),
        rootfs_path: root.display().to_string(),
        udev_data_path: path("udev"),
        ..UnixConfig::default()
    };
    configure(&mut config);
    let entry = COLLECTORS.iter().find(|entry| entry.name == collector).expect("the collector is in the table");
    let ctx = Ctx::new(&config.procfs_path, &config.sysfs_path, &config.rootfs_path, &config.udev_data_path);
    let mut out = Exposition::new();
    let made = match (entry.make)(&config) {
        Ok(made) => made,
        Err(error) => return format!("config error: {error}\n"),
    };
    assert_eq!(made.name(), collector);
    // The second scrape is compared: nothing may depend on being the first.
    let mut outcome = Ok(());
    for _ in 0..2 {
        out.clear();
        outcome = made.collect(&ctx, &mut out);
    }
    let mut page = String::new();
    out.render(&mut page);
    let mut text: String = page.lines().filter(|line| !line.starts_with("# HELP")).map(|line| format!("{line}\n")).collect();
    if let Err(error) = outcome {
        text.push_str(&format!("error: {error}\n"));
    }
    text
}

fn write(root: &Path, path: &str, content: &str) -> std::io::Result<()> {
    let target = root.join(path);
    if path.ends_with('/') {
        return std::fs::create_dir_all(target);
    }
    if let Some(parent) = target.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match content.strip_prefix("-> ") {
        Some(link) => std::os::unix::fs::symlink(link, target),
        None => std::fs::write(target, content),
    }
}
