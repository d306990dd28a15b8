//! `ferroalloy`: a drop-in for existing `config.alloy` files.

/// All components of this build.
pub const FAMILIES: &[&[&component::Registration]] = &[exporters::FAMILY, loki::FAMILY, prom::FAMILY, providers::FAMILY];

fn main() -> std::process::ExitCode {
    cli::main(FAMILIES)
}
