//! `local.file` exports the content of a file and follows its changes.

use arc_swap::ArcSwap;
use component::{BuildError, Component, Detector, Gauge, Options, Registration, RunError, Shutdown, Stability, Watch};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration as StdDuration;
use tokio::sync::Notify;
use value::types::Duration;
use value::{Arguments, Exports, OptionalSecret, ValidateError};

pub(crate) static COMPONENT: Registration = Registration::of::<LocalFile>("local.file", Stability::GenerallyAvailable);

/// A writer that truncates and then writes is given this long before the file is read.
const SETTLE: StdDuration = StdDuration::from_millis(30);
/// Larger files are not configuration values.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Reads a file, exports its content and exports it again when it changes.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
struct Args {
    /// The file to read. It must exist when the component starts.
    #[alloy(attr)]
    filename: String,
    /// How changes are noticed: `fsnotify` is told by the system, `poll` looks at the file now and then. Use `poll`
    /// on network file systems.
    #[alloy(attr, optional)]
    detector: Detector,
    /// How often the file is looked at; with `fsnotify` only as a safety net. Must be above zero.
    #[alloy(attr, default = "1m")]
    poll_frequency: Duration,
    /// Hides the content from the UI, and lets it be used only where secrets are allowed.
    #[alloy(attr, default = false)]
    is_secret: bool,
}

impl Args {
    fn validate(&self) -> Result<(), ValidateError> {
        if self.poll_frequency.std().is_zero() {
            return Err(ValidateError::at("poll_frequency", "poll_frequency must be greater than 0"));
        }
        Ok(())
    }
}

/// What is in the file.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// The content as text.
    #[alloy(attr)]
    content: OptionalSecret,
}

struct LocalFile {
    args: ArcSwap<Args>,
    options: Options<Out>,
    accessed: Gauge,
    changed: Notify,
}

impl LocalFile {
    fn read(&self, args: &Args) -> Result<(), String> {
        match read_text(Path::new(&args.filename)) {
            Ok(text) => {
                self.accessed.set((self.options.clock().millis() / 1000) as f64);
                let content = if args.is_secret { OptionalSecret::secret(text) } else { OptionalSecret::plain(text) };
                self.options.export(Out { content });
                self.options.health.healthy("read file");
                Ok(())
            }
            Err(cause) => {
                let message = format!("failed to read file: {}: {cause}", args.filename);
                self.options.health.unhealthy(&message);
                Err(message)
            }
        }
    }
}

impl LocalFile {
    /// Reads after a change; a file that is gone leaves the last content exported.
    fn follow(&self, args: &Args) {
        if let Err(message) = self.read(args) {
            tracing::warn!(component_id = %self.options.id, "{message}");
        }
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = component::open_regular(path).map_err(|e| e.to_string())?;
    // Some files say nothing of their size.
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("it is larger than {} MiB", LARGEST / 1024 / 1024));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

impl Component for LocalFile {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        let accessed =
            options.metrics.gauge("local_file_timestamp_last_accessed_unix_seconds", "The last successful access in unix seconds");
        let file = Self { args: ArcSwap::from_pointee(args), options, accessed, changed: Notify::new() };
        file.read(&file.args.load()).map_err(|m| BuildError::of("filename", m).hint("check the path and its permissions"))?;
        Ok(file)
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        self.read(&args).map_err(|m| BuildError::of("filename", m).hint("check the path and its permissions"))?;
        self.args.store(Arc::new(args));
        self.changed.notify_one();
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        loop {
            let args = self.args.load_full();
            let watch = Watch::new(Path::new(&args.filename), "", args.detector, args.poll_frequency.std());
            let mut watch = watch.quiet(SETTLE);
            loop {
                // At first for what happened between the last read and the watch's first look.
                self.follow(&args);
                tokio::select! {
                    () = stop.wait() => return Ok(()),
                    () = self.changed.notified() => break,
                    () = watch.changed() => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::COMPONENT;
    use component::HealthState;
    use component::testing::Driver;
    use value::Value;

    fn content(driver: &Driver) -> Option<String> {
        match driver.export("content") {
            Value::Capsule(capsule) => capsule.text().map(str::to_owned),
            _ => None,
        }
    }

    #[tokio::test]
    async fn follows_rewrites_renames_and_disappearance() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("token");
        std::fs::write(&path, "one").expect("written");
        let text = format!("filename = {:?}\npoll_frequency = \"50ms\"", path.display().to_string());
        let driver = Driver::start(&COMPONENT, &text).expect("the file is there");
        assert_eq!(content(&driver).as_deref(), Some("one"));
        std::fs::write(&path, "two").expect("written");
        assert!(driver.wait_for(|d| content(d).as_deref() == Some("two")).await);
        let other = folder.path().join("other");
        std::fs::write(&other, "three").expect("written");
        std::fs::rename(&other, &path).expect("renamed");
        assert!(driver.wait_for(|d| content(d).as_deref() == Some("three")).await);
        std::fs::remove_file(&path).expect("removed");
        assert!(driver.wait_for(|d| d.health().is_some_and(|h| h.state == HealthState::Unhealthy)).await);
        assert_eq!(content(&driver).as_deref(), Some("three"), "the last content stays");
    }

    #[tokio::test]
    async fn a_missing_file_is_refused_by_name() {
        let error = Driver::start(&COMPONENT, r#"filename = "/nonexistent/x""#).err().expect("there is no such file");
        assert!(error.contains("/nonexistent/x"), "{error}");
    }

    /// Scenario: a pipe at the start, and one in place of the file. Guarantee: neither holds up anything; it is said what is
    /// wrong, and the last content stays.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_pipe_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, pipe) = (folder.path().join("token"), folder.path().join("pipe"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo starts").success());
        let text = |path: &std::path::Path| format!("filename = {:?}\npoll_frequency = \"50ms\"", path.display().to_string());
        let error = Driver::start(&COMPONENT, &text(&pipe)).err().expect("it is refused");
        assert!(error.contains("pipe: it is a pipe, not a file"), "{error}");
        std::fs::write(&path, "one").expect("written");
        let driver = Driver::start(&COMPONENT, &text(&path)).expect("the file is there");
        std::fs::rename(&pipe, &path).expect("renamed");
        let says = |d: &Driver| d.health().is_some_and(|h| h.state == HealthState::Unhealthy && h.message.contains("it is a pipe"));
        assert!(driver.wait_for(says).await);
        assert_eq!(content(&driver).as_deref(), Some("one"));
    }
}
