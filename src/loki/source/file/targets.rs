//! From targets to files.

use super::args::Args;
use crate::source::positions::Key;
use component::glob::Glob;
use data::{Labels, Target};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The files that are to be read.
#[derive(Default)]
pub(super) struct Wanted {
    /// The key of each with the labels of its lines.
    pub files: HashMap<Key, Labels>,
    /// What is wrong with some of the targets.
    pub errors: Vec<String>,
}

/// Finds the files of all targets.
pub(super) fn resolve(args: &Args) -> Wanted {
    let mut wanted = Wanted::default();
    for target in &args.targets {
        if let Err(error) = add(target, args, &mut wanted) {
            wanted.errors.push(error);
        }
    }
    wanted
}

fn add(target: &Target, args: &Args, wanted: &mut Wanted) -> Result<(), String> {
    let path = target.get("__path__").unwrap_or_default();
    if path.is_empty() {
        return Err("a target has no `__path__`: name the file to read".to_owned());
    }
    let labels = Labels::from_pairs(target.public());
    let paths = if args.file_match.enabled { matching(path, target, args)? } else { vec![PathBuf::from(path)] };
    for path in paths {
        let path = path.to_string_lossy();
        let mut with_name = labels.to_builder();
        with_name.set("filename", &path);
        wanted.files.insert(Key::new(path.clone(), labels.to_string()), with_name.build());
    }
    Ok(())
}

/// Existing files that fit the pattern.
fn matching(pattern: &str, target: &Target, args: &Args) -> Result<Vec<PathBuf>, String> {
    let bad = |pattern: &str, cause: String| format!("the pattern {pattern:?} cannot be used: {cause}; check its brackets and braces");
    let glob = Glob::new(pattern).map_err(|cause| bad(pattern, cause))?;
    let exclude = target.get("__path_exclude__").unwrap_or_default();
    let excluded = if exclude.is_empty() { None } else { Some(Glob::new(exclude).map_err(|cause| bad(exclude, cause))?) };
    let found = glob.find().into_iter().filter(|path| !excluded.as_ref().is_some_and(|e| e.matches(path)));
    Ok(found.filter(|path| is_recent_file(path, args)).map(|path| std::path::absolute(&path).unwrap_or(path)).collect())
}

fn is_recent_file(path: &Path, args: &Args) -> bool {
    let Ok(meta) = std::fs::metadata(path) else { return false };
    let limit = args.file_match.ignore_older_than.std();
    #[allow(clippy::disallowed_methods, reason = "the age of a file is told by the clock that stamped it")]
    let age = meta.modified().ok().and_then(|t| SystemTime::now().duration_since(t).ok()).unwrap_or_default();
    !meta.is_dir() && (limit.is_zero() || age <= limit)
}
