//! `ferroalloy validate`

use crate::report::{self, Format};
use crate::run_flags::StabilityFlag;
use clap::Args;
use component::Services;
use runtime::{Catalog, Controller, Environment, findings};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use syntax::diag::{Severity, any_errors};

/// Flags of `validate`.
#[derive(Args, Debug)]
pub struct ValidateFlags {
    /// A configuration file, or a folder with .alloy files
    path: PathBuf,
    /// Least stable components that are allowed
    #[arg(long = "stability.level", value_name = "LEVEL", value_enum, default_value_t = StabilityFlag::GenerallyAvailable)]
    stability: StabilityFlag,
    /// Allow community components
    #[arg(long = "feature.community-components.enabled", default_value_t = false, num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    community: bool,
    /// Format of the configuration; only `alloy` is read
    #[arg(long = "config.format", value_name = "FORMAT", default_value = "alloy")]
    config_format: String,
    /// Accepted; applies to converted configurations
    #[arg(long = "config.bypass-conversion-errors", num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    bypass_conversion_errors: Option<bool>,
    /// Accepted; applies to converted configurations
    #[arg(long = "config.extra-args", value_name = "ARGS")]
    extra_args: Option<String>,
    /// How findings are printed
    #[arg(long = "format", value_enum, default_value_t = Format::Pretty, help_heading = "Extensions")]
    format: Format,
    /// Treat warnings as errors
    #[arg(long = "strict", help_heading = "Extensions")]
    strict: bool,
}

/// Checks without running: exit code 1 when `run` would refuse the configuration.
pub fn run(flags: &ValidateFlags, catalog: Catalog) -> ExitCode {
    let mut services = Services::new("data-alloy");
    services.stability = flags.stability.into();
    let mut environment = Environment::new(catalog, Arc::new(services));
    environment.community = flags.community;
    let mut sources = runtime::sources::read(&flags.path);
    let checked = Controller::new(Arc::new(environment)).check(&sources.files);
    sources.diagnostics = findings::combine(&sources.files, sources.diagnostics, checked);
    report::print(&sources.diagnostics, flags.format);
    let warned = sources.diagnostics.iter().any(|d| d.severity == Severity::Warning);
    if any_errors(&sources.diagnostics) || (flags.strict && warned) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
