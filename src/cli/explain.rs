//! `ferroalloy explain`: what a code of a diagnostic means.

use clap::Args;
use std::io::Write;
use std::process::ExitCode;

/// Flags of `explain`.
#[derive(Args, Debug)]
pub struct ExplainFlags {
    /// A code such as `config/cycle`; all codes are listed when it is left out
    code: Option<String>,
}

/// Codes of the command line's own findings.
const OWN: &[(&str, &str)] = &[
    ("cli/unformatted", "`fmt --test` found a file that `fmt` would change. Nothing else is wrong with it."),
    (
        "cli/unsafe-layout",
        "Formatted as the original formats it, the file would say something else, so it was left alone. That happens to tabs and to blanks \
at line ends inside of raw strings, to comments inside of calls, to calls without arguments over two lines, and to escapes in quoted \
keys. Without `-w` the result is printed all the same.",
    ),
];

/// Every code with its explanation, in order.
pub fn codes() -> Vec<(&'static str, &'static str)> {
    let mut codes = runtime::codes::all();
    codes.extend(OWN);
    codes.sort_unstable();
    codes
}

/// Prints the explanation of one code, or the list of all.
pub fn run(flags: &ExplainFlags) -> ExitCode {
    let codes = codes();
    let text = match &flags.code {
        None => codes.iter().map(|(code, text)| format!("{code}: {}\n", first_sentence(text))).collect(),
        Some(code) => match codes.iter().find(|(known, _)| known == code) {
            Some((_, text)) => format!("{code}\n\n{text}\n"),
            None => {
                let hint = syntax::suggest(code, codes.iter().map(|(known, _)| *known)).map(|c| format!("; did you mean `{c}`?"));
                eprintln!("there is no code `{code}`{}", hint.unwrap_or_else(|| "; `ferroalloy explain` lists all".into()));
                return ExitCode::FAILURE;
            }
        },
    };
    // Nobody can be told that standard output is closed.
    let _closed = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn first_sentence(text: &str) -> &str {
    text.split_inclusive(". ").next().unwrap_or(text).lines().next().unwrap_or_default().trim_end()
}
