//! How long the whole program takes for the small things that people wait for. Goal: 5 ms for the check of a usual file.

use std::process::Command;

fn main() {
    divan::main();
}

fn run(args: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_ferroalloy")).args(args).output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[divan::bench(args = ["quickstart", "docker-logs", "remote-write-auth"])]
fn validate(example: &str) {
    run(&["validate", &format!("{}/examples/{example}.alloy", env!("CARGO_MANIFEST_DIR"))]);
}

#[divan::bench]
fn fmt() {
    run(&["fmt", concat!(env!("CARGO_MANIFEST_DIR"), "/examples/docker-logs.alloy")]);
}

#[divan::bench]
fn eval() {
    run(&["eval", "1 + 1"]);
}
