//! `ferroalloy`: a drop-in for existing `config.alloy` files.

fn main() -> std::process::ExitCode {
    cli::main(&[exporters::FAMILY, loki::FAMILY, prom::FAMILY, providers::FAMILY])
}
