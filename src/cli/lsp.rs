//! `ferroalloy lsp`

use crate::run_flags::StabilityFlag;
use clap::Args;
use std::io::{BufReader, Write};
use std::process::ExitCode;

/// Flags of `lsp`. The editor's `initializationOptions` may say otherwise.
#[derive(Args, Debug)]
#[command(after_help = "\
Settings of the editor (initializationOptions), which count more than flags:
  stabilityLevel        as --stability.level
  communityComponents   as --feature.community-components.enabled
  folder                \"auto\": a file may use what other .alloy files of its folder define (default)
                        \"file\": each file is a configuration by itself
                        \"folder\": the files of a folder are one configuration, as `run DIR` takes them")]
pub struct LspFlags {
    /// Least stable components that are allowed
    #[arg(long = "stability.level", value_name = "LEVEL", value_enum, default_value_t = StabilityFlag::GenerallyAvailable)]
    stability: StabilityFlag,
    /// Allow community components
    #[arg(long = "feature.community-components.enabled", default_value_t = false, num_args = 0..=1, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    community: bool,
    /// Accepted: standard input and output are the only way
    #[arg(long)]
    stdio: bool,
}

/// Serves one editor; exit code 0 when it said `shutdown` before `exit`, as the protocol wants it.
pub fn run(flags: &LspFlags, catalog: runtime::Catalog) -> ExitCode {
    let options = ::lsp::Options { stability: flags.stability.into(), community: flags.community, folder: ::lsp::FolderMode::Auto };
    match ::lsp::serve(catalog, options, BufReader::new(std::io::stdin()), std::io::stdout()) {
        Ok(::lsp::Ending::Clean) => ExitCode::SUCCESS,
        Ok(::lsp::Ending::Abrupt) => ExitCode::FAILURE,
        Err(error) => {
            // Nobody can be told that standard error is closed.
            let _closed = writeln!(std::io::stderr(), "ferroalloy lsp: {error}; it is started by an editor and speaks on standard input");
            ExitCode::FAILURE
        }
    }
}
