//! `local.file_match` finds files by pattern and exports one target for each.

use arc_swap::ArcSwap;
use component::glob::Glob;
use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use data::target::Target;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::Notify;
use value::types::Duration;
use value::{Arguments, Exports, ValidateError};

pub(crate) static COMPONENT: Registration = Registration::of::<FileMatch>("local.file_match", Stability::GenerallyAvailable);

/// Looks for files by pattern, again and again.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
struct Args {
    /// Targets whose `__path__` is a pattern, and whose `__path_exclude__`, if any, is a pattern of files to leave out.
    #[alloy(attr)]
    path_targets: Vec<Target>,
    /// How often to look. Must be above zero.
    #[alloy(attr, default = "10s")]
    sync_period: Duration,
    /// Leaves out files that have not been written for longer than this; zero leaves out none.
    #[alloy(attr, default = "0s")]
    ignore_older_than: Duration,
}

impl Args {
    fn validate(&self) -> Result<(), ValidateError> {
        if self.sync_period.std().is_zero() {
            return Err(ValidateError::at("sync_period", "sync_period must be greater than 0"));
        }
        Ok(())
    }
}

/// The files that were found.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// One target for each file: the labels of the pattern's target, `__path__` being the file's absolute path.
    #[alloy(attr)]
    targets: Vec<Target>,
}

struct FileMatch {
    args: ArcSwap<Args>,
    options: Options<Out>,
    changed: Notify,
}

impl FileMatch {
    fn find(&self, args: &Args) -> Vec<Target> {
        let mut found = Vec::new();
        let mut bad = None;
        for target in &args.path_targets {
            match find_one(target, args) {
                Ok(targets) => found.extend(targets),
                Err(error) => bad = Some(error),
            }
        }
        match bad {
            Some(error) => self.options.health.unhealthy(error),
            None => self.options.health.healthy(format!("{} files found", found.len())),
        }
        found
    }
}

fn find_one(target: &Target, args: &Args) -> Result<Vec<Target>, String> {
    let pattern = |label: &str| target.get(label).unwrap_or_default().to_owned();
    let bad = |pattern: &str, cause: String| format!("the pattern {pattern:?} cannot be used: {cause}; check its brackets and braces");
    let (include, exclude) = (pattern("__path__"), pattern("__path_exclude__"));
    let glob = Glob::new(&include).map_err(|e| bad(&include, e))?;
    let excluded = if exclude.is_empty() { None } else { Some(Glob::new(&exclude).map_err(|e| bad(&exclude, e))?) };
    let wanted = |path: &PathBuf| !excluded.as_ref().is_some_and(|e| e.matches(path)) && is_recent_file(path, args);
    let with_path = |path: PathBuf| {
        let absolute = std::path::absolute(&path).unwrap_or(path);
        let mut builder = target.to_builder();
        builder.set("__path__", &absolute.to_string_lossy()).retain(|_, value| !value.is_empty());
        Target::new(builder.build())
    };
    Ok(glob.find().into_iter().filter(wanted).map(with_path).collect())
}

fn is_recent_file(path: &Path, args: &Args) -> bool {
    let Ok(meta) = std::fs::metadata(path) else { return false };
    let limit = args.ignore_older_than.std();
    #[allow(clippy::disallowed_methods, reason = "the age of a file is told by the clock that stamped it")]
    let age = meta.modified().ok().and_then(|t| SystemTime::now().duration_since(t).ok()).unwrap_or_default();
    !meta.is_dir() && (limit.is_zero() || age <= limit)
}

impl Component for FileMatch {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        options.export(Out { targets: Vec::new() });
        Ok(Self { args: ArcSwap::from_pointee(args), options, changed: Notify::new() })
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        self.args.store(Arc::new(args));
        self.changed.notify_one();
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        loop {
            let args = self.args.load_full();
            // Walking folders blocks: not on the threads that carry data.
            let targets = tokio::task::block_in_place(|| self.find(&args));
            self.options.export(Out { targets });
            tokio::select! {
                () = stop.wait() => return Ok(()),
                () = self.changed.notified() => {}
                () = tokio::time::sleep(args.sync_period.std()) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::COMPONENT;
    use component::testing::Driver;
    use value::print::to_text;

    #[tokio::test(flavor = "multi_thread")]
    async fn finds_new_files_and_leaves_out_others() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().display();
        std::fs::write(folder.path().join("a.log"), "x").expect("written");
        std::fs::write(folder.path().join("skip.log"), "x").expect("written");
        let text = format!(
            r#"path_targets = [{{"__path__" = "{root}/*.log", "__path_exclude__" = "{root}/skip*", "job" = "j"}}]
               sync_period = "20ms""#
        );
        let driver = Driver::start(&COMPONENT, &text).expect("a good pattern");
        let targets = |d: &Driver| to_text(&d.export("targets"));
        assert!(driver.wait_for(|d| targets(d).contains("a.log")).await);
        std::fs::write(folder.path().join("b.log"), "x").expect("written");
        assert!(driver.wait_for(|d| targets(d).contains("b.log")).await);
        assert!(!targets(&driver).contains("skip.log"));
        assert!(targets(&driver).contains("job"));
    }
}
