//! The reference pages are those that the program itself writes.

use crate::{assert_none, files_below, root};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

fn pages(folder: &Path) -> BTreeMap<String, String> {
    let name = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    files_below(folder, &[".md"]).iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap_or_default())).collect()
}

#[test]
fn reference_pages_are_current() {
    let committed = root().join("docs/components");
    let fresh = tempfile::tempdir().expect("there is a folder for temporary files");
    let folder = if std::env::var_os("UPDATE").is_some() { committed.as_path() } else { fresh.path() };
    let status =
        Command::new(env!("CARGO_BIN_EXE_ferroalloy")).args(["schema", "--markdown"]).arg(folder).status().expect("the program starts");
    assert!(status.success(), "the pages could not be written");
    let (want, have) = (pages(folder), pages(&committed));
    let stale = want.iter().filter(|(name, text)| have.get(*name) != Some(*text)).map(|(name, _)| name.clone());
    let gone = have.keys().filter(|name| !want.contains_key(*name)).cloned();
    let stale: Vec<String> =
        stale.chain(gone).map(|name| format!("docs/components/{name}: run `ferroalloy schema --markdown docs/components`")).collect();
    assert_none("pages that are not current", &stale);
}
