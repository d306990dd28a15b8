//! Formatting keeps what a file says, and settles.
#![no_main]

#[path = "../checks.rs"]
#[allow(dead_code, reason = "each target has one check")]
mod checks;
#[path = "../../../src/main.rs"]
#[allow(dead_code, reason = "only the table of components is used")]
mod program;

libfuzzer_sys::fuzz_target!(|text: &str| checks::fmt(text));
