//! Every code that a diagnostic bears is explained by `ferroalloy explain`.

use crate::{assert_none, files_below, root, shown};
use regex::Regex;
use std::collections::BTreeSet;
use std::process::Command;

#[test]
fn every_code_in_the_sources_has_an_explanation() {
    let output = Command::new(env!("CARGO_BIN_EXE_ferroalloy")).arg("explain").output().expect("the program starts");
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let explained: BTreeSet<&str> = listed.lines().filter_map(|line| line.split_once(": ")).map(|(code, _)| code).collect();
    assert!(explained.len() > 40, "too few codes are listed: {listed}");
    let code = Regex::new(r#""((?:cli|component|config|decode|eval|foreach|module|run|syntax)/[a-z]+(?:-[a-z]+)*)""#)
        .expect("the pattern is right");
    let mut silent = Vec::new();
    for file in files_below(&root().join("src"), &[".rs"]) {
        let name = shown(&file);
        if name.contains("/tests") || name.ends_with("codes.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a source is text");
        let used = code.captures_iter(&text).filter_map(|c| c.get(1)).map(|m| m.as_str());
        silent.extend(used.filter(|code| !explained.contains(code)).map(|code| format!("{name}: {code}")));
    }
    assert_none("codes without an explanation", &silent);
}
