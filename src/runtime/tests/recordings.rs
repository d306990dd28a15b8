//! Recordings of the original: configurations of several files that replace each other while running. They stay where
//! they are; without them nothing is tested here.

use crate::harness::{Running, wait, write};
use component::Stability;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const RECORDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/modules.jsonl");
/// How long a run may take to reach its value.
const PATIENCE: Duration = Duration::from_secs(8);

struct Case {
    group: String,
    name: String,
    files: BTreeMap<String, String>,
}

fn cases() -> Option<Vec<Case>> {
    let text = std::fs::read_to_string(RECORDINGS).ok()?;
    let cases = text.lines().map(|line| {
        let case: Value = serde_json::from_str(&line.replace('\u{27c2}', "")).expect("a line is JSON");
        let name = case["name"].as_str().expect("it has a name").to_owned();
        let group = name.split('/').next().unwrap_or_default().to_owned();
        let files = case["files"].as_object().expect("it has files");
        let files = files.iter().map(|(name, text)| (name.clone(), text.as_str().expect("text").to_owned())).collect();
        Case { group, name, files }
    });
    Some(cases.collect())
}

impl Case {
    fn file(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// The main file with the names of other files made absolute: tests share one working directory.
    fn text(&self, name: &str, folder: &Path) -> Option<String> {
        let text = self.file(name)?.replace("\"tmpTest\"", &format!("\"{}\"", folder.display()));
        let absolute = |text: String, file: &String| {
            text.replace(&format!("filename = \"{file}\""), &format!("filename = \"{}/{file}\"", folder.display()))
        };
        Some(self.files.keys().fold(text, absolute))
    }

    fn lay_out(&self, folder: &Path) {
        let is_late = |name: &str| {
            name.starts_with("update") || name.contains("update_") || name == "added.alloy" && self.files.contains_key("removed.alloy")
        };
        for name in self.files.keys().filter(|n| n.ends_with(".alloy") && *n != "main.alloy" && !is_late(n)) {
            write(folder, name, &self.text(name, folder).expect("it is there"));
        }
    }

    /// Replaces files; false when there is nothing to replace.
    fn update(&self, folder: &Path) -> bool {
        let mut updated = false;
        if self.files.contains_key("removed.alloy") {
            std::fs::remove_file(folder.join("removed.alloy")).expect("removed");
            updated = true;
        }
        for name in self.files.keys() {
            let target = match name.as_str() {
                "added.alloy" => "added.alloy".to_owned(),
                name if name.starts_with("update/") => name.trim_start_matches("update/").to_owned(),
                name if name.contains("update_") => name.replace("update_", ""),
                _ => continue,
            };
            write(folder, &target, &self.text(name, folder).expect("it is there"));
            updated = true;
        }
        updated
    }
}

async fn reaches(running: &Running, id: &str, name: &str, wanted: impl Fn(i64) -> bool) -> Result<(), String> {
    let mut reached = || running.number(id, name).is_some_and(&wanted);
    if wait(PATIENCE, &mut reached).await { Ok(()) } else { Err(format!("{name} of {id} is {:?}", running.number(id, name))) }
}

async fn run(case: &Case) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    case.lay_out(folder);
    let stability = if case.group.starts_with("foreach") { Stability::Experimental } else { Stability::PublicPreview };
    let mut running = Running::empty(stability);
    let main = case.text("main.alloy", folder).ok_or("it has no main file")?;
    let loaded = running.load_from(&folder.join("main.alloy"), &main);
    if case.file("error").is_some() {
        return match loaded {
            Err(_) => Ok(()),
            Ok(_) => Err("it was accepted".into()),
        };
    }
    loaded.map_err(|errors| errors.join("; "))?;
    running.run();
    let result = check(case, folder, &running).await;
    running.stop().await;
    result
}

async fn check(case: &Case, folder: &Path, running: &Running) -> Result<(), String> {
    let reload = case.text("reload_config.alloy", folder);
    let load = |text: &str| running.load_from(&folder.join("main.alloy"), text).map(|_| ()).map_err(|errors| errors.join("; "));
    match case.group.as_str() {
        "foreach" => {
            let sum = |wanted: i64| async move { reaches(running, "testcomponents.summation_receiver.sum", "sum", |n| n >= wanted).await };
            sum(10).await?;
            if case.update(folder) {
                sum(30).await?;
            }
            if let Some(text) = reload {
                load(&text)?;
                sum(30).await?;
            }
            Ok(())
        }
        "foreach_stringer" => {
            for (file, id) in [
                ("expected_debug_info.txt", "testcomponents.string_receiver.log"),
                ("expected_debug_info2.txt", "testcomponents.string_receiver.log2"),
            ] {
                let Some(wanted) = case.file(file) else { continue };
                let mut reached = || running.text(id).is_some_and(|text| text.trim_end() == wanted.trim_end());
                if !wait(PATIENCE, &mut reached).await {
                    return Err(format!("{id} has {:?}, not {wanted:?}", running.text(id)));
                }
            }
            Ok(())
        }
        "foreach_metrics" => {
            metrics(running, case.file("expected_metrics.prom").unwrap_or_default()).await?;
            if let Some(text) = reload {
                load(&text)?;
                metrics(running, case.file("expected_metrics_after_reload.prom").unwrap_or_default()).await?;
            }
            Ok(())
        }
        _ => {
            reaches(running, "testcomponents.summation.sum", "last_added", |n| n >= 10).await?;
            if case.update(folder) {
                reaches(running, "testcomponents.summation.sum", "last_added", |n| n <= -10).await?;
            }
            if let Some(text) = reload {
                load(&text)?;
                reaches(running, "testcomponents.summation.sum", "last_added", |n| n <= -10).await?;
            }
            Ok(())
        }
    }
}

/// Series of components and of controllers: which there are, and their values. What only counts work is left out.
fn series(text: &str) -> Vec<String> {
    let is_compared = |line: &&str| line.starts_with("pulse_count") || line.starts_with("alloy_component_controller_");
    let mut series: Vec<String> = text.lines().filter(is_compared).map(str::to_owned).collect();
    series.sort();
    series
}

async fn metrics(running: &Running, wanted: &str) -> Result<(), String> {
    let wanted = series(wanted);
    let families: Vec<&str> =
        ["pulse_count", "alloy_component_controller_evaluating", "alloy_component_controller_running"].into_iter().collect();
    let compared =
        |line: &String| families.iter().any(|f| line.starts_with(f) && (*f == "pulse_count" || wanted.iter().any(|w| w.starts_with(f))));
    let now = || series(&running.controller.environment.services.metrics.render()).into_iter().filter(compared).collect::<Vec<_>>();
    // Where a recording names no series of components, it compares only controllers.
    let controllers_only = !wanted.iter().any(|line| line.starts_with("pulse_count")) && wanted.iter().all(|line| line.contains("running"));
    let relevant = |line: &String| !controllers_only || !line.starts_with("pulse_count");
    let mut reached = || now().into_iter().filter(relevant).collect::<Vec<_>>() == wanted;
    if wait(PATIENCE, &mut reached).await { Ok(()) } else { Err(format!("series are {:?}, not {wanted:?}", now())) }
}

/// Not reached, with the reason.
fn is_out_of_reach(case: &Case) -> bool {
    // A git repository and a server on the Internet, which are not recorded.
    case.group == "import_git" || case.group == "import_http"
}

#[tokio::test(flavor = "multi_thread")]
async fn modules() {
    let Some(cases) = cases() else {
        eprintln!("skipped: no recordings");
        return;
    };
    let total = cases.len();
    let mut failures = Vec::new();
    let mut out_of_reach = 0;
    let (sender, mut results) = tokio::sync::mpsc::channel(total.max(1));
    for case in cases {
        if is_out_of_reach(&case) {
            out_of_reach += 1;
            continue;
        }
        let sender = sender.clone();
        tokio::spawn(async move {
            let result = run(&case).await;
            sender.send((case.name, result)).await.expect("the test waits for it");
        });
    }
    drop(sender);
    while let Some((name, result)) = results.recv().await {
        if let Err(cause) = result {
            failures.push(format!("{name}: {cause}"));
        }
    }
    failures.sort();
    eprintln!("modules: {} of {total} agree, {out_of_reach} need what is not recorded", total - out_of_reach - failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
