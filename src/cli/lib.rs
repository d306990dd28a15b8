//! The command line: one file for each command.

mod eval;
mod explain;
mod fmt;
mod logging;
mod lsp;
mod report;
mod run;
mod run_flags;
mod schema;
mod validate;

use clap::{Parser, Subcommand};
use component::Registration;
use std::process::ExitCode;

/// The version shown by `--version` and by the UI.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Collects metrics and logs as a config.alloy file says, and sends them on.
#[derive(Parser)]
#[command(name = "ferroalloy", version = VERSION, disable_version_flag = true, max_term_width = 120)]
struct Cli {
    /// Print the version
    #[arg(short = 'v', long, action = clap::ArgAction::Version)]
    version: Option<bool>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a configuration file, or all .alloy files of a folder.
    Run(Box<run_flags::RunFlags>),
    /// Formats configuration files.
    #[command(alias = "format")]
    Fmt(fmt::FmtFlags),
    /// Checks a configuration without running it.
    Validate(validate::ValidateFlags),
    /// Evaluates an expression of the configuration language.
    Eval(eval::EvalFlags),
    /// Shows what components and configuration blocks take and give.
    Schema(schema::SchemaFlags),
    /// Says what the code of a diagnostic means.
    Explain(explain::ExplainFlags),
    /// Serves an editor: diagnostics, completion, documentation, navigation, formatting (Language Server Protocol).
    Lsp(lsp::LspFlags),
}

/// Everything after the components are known: reads the command line and does what it says.
pub fn main(families: &[&'static [&'static Registration]]) -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come as errors, too; a closed terminal is nothing to report.
            let _closed = error.print();
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    let catalog = runtime::Catalog::new(families);
    match cli.command {
        Command::Run(flags) => run::run(*flags, catalog),
        Command::Fmt(flags) => fmt::run(&flags),
        Command::Validate(flags) => validate::run(&flags, catalog),
        Command::Eval(flags) => eval::run(&flags),
        Command::Schema(flags) => schema::run(&flags, &catalog),
        Command::Explain(flags) => explain::run(&flags),
        Command::Lsp(flags) => lsp::run(&flags, catalog),
    }
}
