//! What people are told when they write what people write. Each file of `diag/` holds a configuration, a line of `=`, and
//! what the command below it says. `UPDATE=1` writes what is said now; read it before it is committed. `ONLY=part` runs the
//! files with that part in their names.

use crate::{assert_none, files_below, root, shown};
use std::process::Command;

const RULE: &str = "\n========\n";
const COMMAND: &str = "$ ferroalloy validate config.alloy";

/// The command with its output, as a terminal would show it.
fn transcript(config: &str, command: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("config.alloy"), config).expect("the configuration is written");
    let arguments: Vec<&str> = command.split(' ').skip(2).collect();
    let mut program = Command::new(env!("CARGO_BIN_EXE_ferroalloy"));
    let output = program.args(arguments).current_dir(folder.path()).output().expect("the program starts");
    let said = [output.stdout, output.stderr].concat();
    let status = output.status.code().unwrap_or(-1);
    format!("{command}\n{}exit {status}\n", String::from_utf8_lossy(&said))
}

#[test]
fn what_is_said_is_what_was_read_and_found_good() {
    let update = std::env::var_os("UPDATE").is_some();
    let only = std::env::var("ONLY").unwrap_or_default();
    let files = files_below(&root().join("conformance/diag"), &[".diag"]);
    assert!(files.len() > 60, "only {} cases are there", files.len());
    let mut differences = Vec::new();
    for file in files.iter().filter(|file| shown(file).contains(&only)) {
        let text = std::fs::read_to_string(file).expect("a case is text");
        let (config, wanted) = text.rsplit_once(RULE).unwrap_or((&text, ""));
        let command = wanted.lines().next().filter(|line| line.starts_with("$ ferroalloy ")).unwrap_or(COMMAND);
        let said = transcript(config, command);
        if said == wanted {
            continue;
        }
        if update {
            std::fs::write(file, format!("{config}{RULE}{said}")).expect("the case is written");
        } else {
            differences.push(format!("{}\n--- wanted\n{wanted}--- said\n{said}", shown(file)));
        }
    }
    assert_none("other words than expected; UPDATE=1 writes them", &differences);
}

/// Scenario: every case, in the forms for machines. Guarantee: the same findings with the same exit code in each form, and
/// JSON that holds what readers of SARIF 2.1.0 rely on.
#[test]
fn machines_are_told_the_same() {
    let mut wrong = Vec::new();
    for file in files_below(&root().join("conformance/diag"), &[".diag"]) {
        let text = std::fs::read_to_string(&file).expect("a case is text");
        let (config, wanted) = text.rsplit_once(RULE).unwrap_or((&text, ""));
        let command = wanted.lines().next().unwrap_or(COMMAND);
        let say = |format: &str| transcript(config, &command.replacen("validate", &format!("validate --format={format}"), 1));
        let (short, json, sarif) = (say("short"), say("json"), say("sarif"));
        let exit = |said: &str| said.trim_end().rsplit('\n').next().unwrap_or_default().to_owned();
        let name = shown(&file);
        if [&short, &json, &sarif].iter().any(|said| exit(said) != exit(wanted)) {
            wrong.push(format!("{name}: exit codes differ"));
        }
        let findings: Vec<serde_json::Value> = serde_json::from_str(body(&json)).unwrap_or_default();
        let lines = short
            .lines()
            .filter(|line| [": error[", ": warning[", ": note["].iter().any(|word| line.contains(word)) || line.starts_with("error["));
        if lines.count() != findings.len() {
            wrong.push(format!("{name}: the short form and JSON hold different findings"));
        }
        let log: serde_json::Value = serde_json::from_str(body(&sarif)).unwrap_or_default();
        wrong.extend(sarif_mistakes(&log, findings.len()).into_iter().map(|mistake| format!("{name}: SARIF: {mistake}")));
    }
    assert_none("forms that disagree", &wrong);
}

/// The output between the command and the exit code.
fn body(transcript: &str) -> &str {
    let rest = transcript.split_once('\n').map_or("", |(_, rest)| rest);
    rest.rsplit_once("exit ").map_or(rest, |(body, _)| body)
}

/// What SARIF 2.1.0 requires of a log, as far as this program uses it.
fn sarif_mistakes(log: &serde_json::Value, findings: usize) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            mistakes.push(what.to_owned());
        }
    };
    must(log["version"] == "2.1.0", "version");
    must(log["$schema"].as_str().is_some_and(|uri| uri.contains("sarif-2.1.0")), "$schema");
    let runs = log["runs"].as_array().map_or(&[][..], Vec::as_slice);
    must(runs.len() == 1, "one run");
    for run in runs {
        let driver = &run["tool"]["driver"];
        must(driver["name"].is_string(), "tool.driver.name");
        must(run["columnKind"] == "unicodeCodePoints", "columnKind");
        let rules: Vec<&str> = driver["rules"].as_array().into_iter().flatten().filter_map(|rule| rule["id"].as_str()).collect();
        let explained = |rule: &serde_json::Value| rule["fullDescription"]["text"].as_str().is_some_and(|text| !text.is_empty());
        must(driver["rules"].as_array().into_iter().flatten().all(explained), "a rule without a description");
        let results = run["results"].as_array().map_or(&[][..], Vec::as_slice);
        must(results.len() == findings, "a result for each finding");
        for result in results {
            must(result["ruleId"].as_str().is_some_and(|id| rules.contains(&id)), "ruleId names a rule");
            must(result["ruleIndex"].as_u64().is_none_or(|at| rules.get(at as usize).copied() == result["ruleId"].as_str()), "ruleIndex");
            must(matches!(result["level"].as_str(), Some("error" | "warning" | "note")), "level");
            must(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()), "message.text");
            for place in
                [&result["locations"], &result["relatedLocations"]].into_iter().flat_map(|list| list.as_array().into_iter().flatten())
            {
                let physical = &place["physicalLocation"];
                must(physical["artifactLocation"]["uri"].as_str().is_some_and(|uri| !uri.contains([' ', '\\'])), "artifactLocation.uri");
                let at = |name: &str| physical["region"][name].as_u64().unwrap_or(0);
                must(at("startLine") >= 1 && at("startColumn") >= 1, "region begins at 1");
                must((at("endLine"), at("endColumn")) >= (at("startLine"), at("startColumn")), "region ends after it begins");
            }
        }
    }
    mistakes
}
