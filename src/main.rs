//! `ferroalloy`: a drop-in for existing `config.alloy` files.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
