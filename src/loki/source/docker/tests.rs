//! Against a real daemon, where there is one: `docker` must work, and `busybox` be there to make an image of.

use super::COMPONENT;
use component::Services;
use component::testing::Driver;
use data::relabel::{Regexp, Rule, Rules};
use std::collections::HashSet;
use std::path::Path;
use std::process::Command;
use value::{IntoValue, Value};

const SOCKET: &str = "/var/run/docker.sock";
const IMAGE: &str = "ferroalloy-test:1";

/// Runs `docker`, and gives what it prints.
fn docker(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("docker").args(arguments).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// An image with a shell, or why there is none.
fn image() -> Result<(), String> {
    docker(&["info"])?;
    if docker(&["image", "inspect", IMAGE]).is_ok() {
        return Ok(());
    }
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).map_err(|error| error.to_string())?;
    std::fs::copy("/bin/busybox", bin.join("busybox")).map_err(|error| error.to_string())?;
    for name in ["sh", "seq", "usleep", "sleep", "echo", "cat"] {
        std::fs::hard_link(bin.join("busybox"), bin.join(name)).map_err(|error| error.to_string())?;
    }
    let archive = folder.path().join("image.tar");
    let packed = Command::new("tar").args(["-C", &folder.path().to_string_lossy(), "-cf", &archive.to_string_lossy(), "bin"]).status();
    packed.map_err(|error| error.to_string())?;
    docker(&["import", &archive.to_string_lossy(), IMAGE]).map(|_| ())
}

/// A container that is removed at the end of the test.
struct Container(String);

impl Container {
    fn run(options: &[&str], script: &str) -> Self {
        let arguments = [&["run", "-d"], options, &[IMAGE, "/bin/sh", "-c", script]].concat();
        Self(docker(&arguments).expect("the container starts"))
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // What is left over would only be a container.
        let _ = docker(&["rm", "-f", &self.0]);
    }
}

fn rules() -> Value {
    let label = |from: &str, to: &str| Rule { source_labels: vec![from.into()], target_label: to.into(), ..Rule::default() };
    let mut name = label("__meta_docker_container_name", "container");
    name.regex = Regexp::new("/(.*)").expect("a regular expression");
    Value::object([("rules", Rules::new(vec![name, label("__meta_docker_container_log_stream", "stream")]).into_value())])
}

fn start(containers: &[&Container], storage: &Path) -> Driver {
    let target = |(i, c): (usize, &&Container)| {
        format!("{{\"__meta_docker_container_id\" = \"{}\", \"__meta_docker_container_name\" = \"/c{i}\"}}", c.0)
    };
    let targets: Vec<String> = containers.iter().enumerate().map(target).collect();
    let text = format!(
        "host = \"unix://{SOCKET}\"\ntargets = [{}]\nforward_to = [capture.logs]\nlabels = {{\"job\" = \"docker\"}}\nrelabel_rules = given.rules",
        targets.join(", ")
    );
    Driver::start_given(&COMPONENT, &text, Services::new(storage), rules()).expect("good arguments")
}

fn wanted(containers: &[(&str, usize, usize)]) -> HashSet<String> {
    let lines = |(labels, from, to): &(&str, usize, usize)| (*from..=*to).map(|n| format!("{labels} line {n}")).collect::<Vec<_>>();
    containers.iter().flat_map(lines).collect()
}

/// Every line of `wanted` once, and nothing else.
fn check(lines: &[String], wanted: &HashSet<String>) {
    let got: HashSet<String> = lines.iter().cloned().collect();
    let mut missing: Vec<_> = wanted.difference(&got).take(5).collect();
    let mut foreign: Vec<_> = got.difference(wanted).take(5).collect();
    missing.sort();
    foreign.sort();
    assert!(missing.is_empty() && foreign.is_empty(), "missing {missing:?}, foreign {foreign:?}, {} of {}", lines.len(), wanted.len());
    assert_eq!(lines.len(), wanted.len(), "lines came twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_of_containers_come_once_through_restarts() {
    if let Err(reason) = image() {
        println!("skipped: {reason}");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    // The counter lives in the container's file system, which outlives its restarts.
    let count = |lines: usize, to: &str| {
        format!(
            "n=$(cat /n 2>/dev/null || echo 0); i=0; while [ $i -lt {lines} ]; do n=$((n+1)); i=$((i+1)); echo line $n{to}; done; echo $n >/n; "
        )
    };
    let plain = Container::run(&[], &(count(400, "") + "exec sleep 1000"));
    let terminal = Container::run(&["-t"], &(count(400, "") + "exec sleep 1000"));
    // One that ends at once and writes to its standard error.
    let short = Container::run(&[], &count(3, " >&2"));
    let all = [&plain, &terminal, &short];
    let (one, two) = (r#"{container="c0", job="docker", stream="stdout"}"#, r#"{container="c1", job="docker", stream="stdout"}"#);
    let three = r#"{container="c2", job="docker", stream="stderr"}"#;

    let driver = start(&all, folder.path());
    let first = wanted(&[(one, 1, 400), (two, 1, 400), (three, 1, 3)]);
    assert!(driver.wait_for(|d| d.log_lines().len() >= first.len()).await, "{} lines, {:?}", driver.log_lines().len(), driver.debug_info());
    check(&driver.log_lines(), &first);

    driver.logs().refuse(3);
    docker(&["restart", "-t", "0", &plain.0]).expect("restarted");
    docker(&["restart", "-t", "0", &terminal.0]).expect("restarted");
    let second = wanted(&[(one, 1, 800), (two, 1, 800), (three, 1, 3)]);
    assert!(
        driver.wait_for(|d| d.log_lines().len() >= second.len()).await,
        "{} lines, {:?}",
        driver.log_lines().len(),
        driver.debug_info()
    );
    check(&driver.log_lines(), &second);
    let mut got = driver.log_lines();
    driver.stop().await.expect("stopped");

    // While nobody reads, they go on; then a component that knows only what was saved takes over.
    for container in all {
        docker(&["restart", "-t", "0", &container.0]).expect("restarted");
    }
    let driver = start(&all, folder.path());
    assert!(driver.wait_for(|d| d.log_lines().len() >= 803).await, "{} lines", driver.log_lines().len());
    got.extend(driver.log_lines());
    check(&got, &wanted(&[(one, 1, 1200), (two, 1, 1200), (three, 1, 6)]));
    driver.stop().await.expect("stopped");
}

#[tokio::test]
async fn bad_arguments_are_refused() {
    let text = "host = \"unix:///x\"\ntargets = []\nforward_to = []\nrefresh_interval = \"0s\"";
    let error = Driver::start(&COMPONENT, text).err().unwrap_or_default();
    assert!(error.contains("refresh_interval must be positive"), "{error}");
    let driver = Driver::start(&COMPONENT, "host = \"https://x:1\"\ntargets = []\nforward_to = []").expect("good arguments");
    assert!(driver.wait_for(|d| d.health().is_some_and(|h| h.message.contains("TLS"))).await, "{:?}", driver.health());
}
