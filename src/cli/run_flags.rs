//! Flags of `run`: those of the original, all accepted, and a few of our own.

use clap::{Args, ValueEnum};
use component::Stability;
use std::path::PathBuf;
use std::time::Duration;

const ACCEPTED: &str = "Accepted, without effect here";

/// Least stable components that are allowed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum StabilityFlag {
    /// Everything.
    Experimental,
    /// What may still change.
    PublicPreview,
    /// What is settled.
    GenerallyAvailable,
}

impl From<StabilityFlag> for Stability {
    fn from(flag: StabilityFlag) -> Self {
        match flag {
            StabilityFlag::Experimental => Self::Experimental,
            StabilityFlag::PublicPreview => Self::PublicPreview,
            StabilityFlag::GenerallyAvailable => Self::GenerallyAvailable,
        }
    }
}

/// What happens to a reload some of whose components do not take their new arguments.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum ReloadPolicy {
    /// The rest is reloaded; the failed ones go on with their last good arguments.
    Partial,
    /// Nothing is changed.
    Atomic,
}

/// Flags of `run`.
#[derive(Args, Debug)]
pub struct RunFlags {
    /// A configuration file, or a folder with .alloy files
    pub path: PathBuf,

    /// Folder for positions, queues and other state
    #[arg(long = "storage.path", value_name = "DIR", default_value = "data-alloy/")]
    pub storage_path: PathBuf,
    /// Address of the HTTP server and the UI
    #[arg(long = "server.http.listen-addr", value_name = "ADDR", default_value = "127.0.0.1:12345")]
    pub listen_address: String,
    /// Address under which components reach each other without a socket
    #[arg(long = "server.http.memory-addr", value_name = "ADDR", default_value = "alloy.internal:12345")]
    pub memory_address: String,
    /// Path under which the UI is served
    #[arg(long = "server.http.ui-path-prefix", value_name = "PATH", default_value = "/")]
    pub ui_path_prefix: String,
    /// Least stable components that are allowed
    #[arg(long = "stability.level", value_name = "LEVEL", value_enum, default_value_t = StabilityFlag::GenerallyAvailable)]
    pub stability: StabilityFlag,
    /// Allow community components
    #[arg(long = "feature.community-components.enabled", default_value_t = false, num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub community: bool,

    /// Reload when the configuration changes on disk
    #[arg(long = "config.watch", default_value_t = true, num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set, help_heading = "Extensions")]
    pub watch: bool,
    /// What a reload does when some components do not take their new arguments
    #[arg(long = "reload.policy", value_enum, default_value_t = ReloadPolicy::Partial, help_heading = "Extensions")]
    pub reload_policy: ReloadPolicy,
    /// Time in which everything has to stop
    #[arg(long = "shutdown.timeout", value_name = "DURATION", value_parser = duration, default_value = "25s", help_heading = "Extensions")]
    pub shutdown_timeout: Duration,

    /// Flags of the original that mean nothing here.
    #[command(flatten)]
    pub accepted: AcceptedFlags,
}

/// Flags of the original without effect.
#[derive(Args, Debug)]
#[command(next_help_heading = ACCEPTED)]
pub struct AcceptedFlags {
    /// Format of the configuration; only `alloy` is read
    #[arg(long = "config.format", value_name = "FORMAT", default_value = "alloy")]
    pub config_format: String,
    /// Applies to converted configurations
    #[arg(long = "config.bypass-conversion-errors", num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub bypass_conversion_errors: Option<bool>,
    /// Applies to converted configurations
    #[arg(long = "config.extra-args", value_name = "ARGS")]
    pub extra_args: Option<String>,
    /// Nothing is ever reported
    #[arg(long = "disable-reporting", num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub disable_reporting: Option<bool>,
    #[arg(long = "feature.component-shutdown-deadline", value_name = "DURATION", value_parser = duration, default_value = "10m0s")]
    pub component_shutdown_deadline: Duration,
    #[arg(long = "feature.prometheus.direct-fanout.enabled", num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub direct_fanout: Option<bool>,
    #[arg(long = "server.http.disable-support-bundle", num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub disable_support_bundle: Option<bool>,
    #[arg(long = "server.http.enable-graphql", num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub enable_graphql: Option<bool>,
    #[arg(long = "server.http.enable-graphql-playground", num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub enable_graphql_playground: Option<bool>,
    #[arg(long = "server.http.enable-pprof", default_value_t = true, num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub enable_pprof: bool,
    #[arg(long = "cluster.enabled", num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub cluster_enabled: Option<bool>,
    #[arg(long = "cluster.node-name", value_name = "NAME")]
    pub cluster_node_name: Option<String>,
    #[arg(long = "cluster.advertise-address", value_name = "ADDR")]
    pub cluster_advertise_address: Option<String>,
    #[arg(long = "cluster.advertise-interfaces", value_name = "NAMES", value_delimiter = ',', default_values = ["eth0", "en0"])]
    pub cluster_advertise_interfaces: Vec<String>,
    #[arg(long = "cluster.join-addresses", value_name = "ADDRS")]
    pub cluster_join_addresses: Option<String>,
    #[arg(long = "cluster.discover-peers", value_name = "CONFIG")]
    pub cluster_discover_peers: Option<String>,
    #[arg(long = "cluster.rejoin-interval", value_name = "DURATION", value_parser = duration, default_value = "1m0s")]
    pub cluster_rejoin_interval: Duration,
    #[arg(long = "cluster.max-join-peers", value_name = "N", default_value_t = 5)]
    pub cluster_max_join_peers: i64,
    #[arg(long = "cluster.name", value_name = "NAME")]
    pub cluster_name: Option<String>,
    #[arg(long = "cluster.enable-tls", num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub cluster_enable_tls: Option<bool>,
    #[arg(long = "cluster.tls-ca-path", value_name = "PATH")]
    pub cluster_tls_ca_path: Option<String>,
    #[arg(long = "cluster.tls-cert-path", value_name = "PATH")]
    pub cluster_tls_cert_path: Option<String>,
    #[arg(long = "cluster.tls-key-path", value_name = "PATH")]
    pub cluster_tls_key_path: Option<String>,
    #[arg(long = "cluster.tls-server-name", value_name = "NAME")]
    pub cluster_tls_server_name: Option<String>,
    #[arg(long = "cluster.wait-for-size", value_name = "N")]
    pub cluster_wait_for_size: Option<i64>,
    #[arg(long = "cluster.wait-timeout", value_name = "DURATION", value_parser = duration)]
    pub cluster_wait_timeout: Option<Duration>,
}

/// A duration as configurations write it.
fn duration(text: &str) -> Result<Duration, String> {
    let parsed: Result<value::types::Duration, _> = text.parse();
    parsed.map(|d| d.std()).map_err(|_| format!("`{text}` is no duration; write one like 30s or 1m30s"))
}
