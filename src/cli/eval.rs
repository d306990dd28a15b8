//! `ferroalloy eval`

use crate::report::{self, Format};
use clap::Args;
use std::io::Write;
use std::process::ExitCode;
use syntax::Source;

/// Flags of `eval`.
#[derive(Args, Debug)]
pub struct EvalFlags {
    /// An expression, such as `string.format("%d %%", 5)`
    #[arg(required_unless_present = "jsonl")]
    expression: Option<String>,
    /// Read lines {"expr": …, "vars": …} and write {"json": …, "text": …} or {"error": …} for each
    #[arg(long = "jsonl", conflicts_with = "expression")]
    jsonl: bool,
}

/// Prints the value of the expression in configuration syntax.
pub fn run(flags: &EvalFlags) -> ExitCode {
    if flags.jsonl {
        let (input, output) = (std::io::stdin().lock(), std::io::BufWriter::new(std::io::stdout().lock()));
        return if value::eval::run_jsonl(input, output).is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let source = Source::new("expression", flags.expression.clone().unwrap_or_default());
    let (expr, mut diagnostics) = syntax::parse_expression(&source);
    let value = expr.and_then(|expr| match value::eval::evaluate(&expr, &source, &value::scope::Empty) {
        Ok(value) => Some(value),
        Err(error) => {
            diagnostics.extend(error.diagnostic());
            None
        }
    });
    report::print(&diagnostics, Format::Pretty);
    let Some(value) = value else { return ExitCode::FAILURE };
    // A closed pipe is the reader's choice.
    let _closed = writeln!(std::io::stdout(), "{}", value::print::to_text(&value));
    ExitCode::SUCCESS
}
