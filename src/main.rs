//! `ferroalloy`: a drop-in for existing `config.alloy` files.

fn main() -> std::process::ExitCode {
    cli::main(&[exporters::FAMILY, providers::FAMILY])
}
