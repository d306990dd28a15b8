//! What the program offers to every component.

use crate::clock::Clock;
use crate::http::Mounts;
use crate::metrics::Registry;
use crate::registration::Stability;
use crate::tap::Taps;
use std::path::PathBuf;
use std::sync::Arc;

/// Shared by all components of a process.
pub struct Services {
    /// Where components keep files: `--storage.path`.
    pub storage_path: PathBuf,
    /// The address under which components reach each other's pages without a socket: `--server.http.memory-addr`.
    pub memory_address: String,
    /// The address the server listens on: `--server.http.listen-addr`.
    pub listen_address: String,
    /// This host's name, the `instance` of exporters.
    pub hostname: String,
    /// The least stable components that are allowed.
    pub stability: Stability,
    /// Pages of components.
    pub mounts: Mounts,
    /// Metrics of the program.
    pub metrics: Arc<Registry>,
    /// Live debugging.
    pub taps: Taps,
    /// The time.
    pub clock: Clock,
}

impl Services {
    /// Services with the defaults of the command line and files under `storage_path`.
    pub fn new(storage_path: impl Into<PathBuf>) -> Self {
        Self {
            storage_path: storage_path.into(),
            memory_address: "alloy.internal:12345".into(),
            listen_address: "127.0.0.1:12345".into(),
            hostname: hostname(),
            stability: Stability::GenerallyAvailable,
            mounts: Mounts::default(),
            metrics: Arc::default(),
            taps: Taps::default(),
            clock: Clock::default(),
        }
    }
}

/// The kernel's host name, or `$HOSTNAME`, or `localhost`.
fn hostname() -> String {
    let from_kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = from_kernel.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "localhost".into() } else { name.into() }
}
