//! The collectors on the machine that runs the tests, compared with a recording of the original if there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use component::ComponentId;

use super::UnixExporter;
use super::config::UnixConfig;
use crate::base::Exposition;
use crate::page::testing::build;

/// Families of the recording that not every machine has a source for, by the start of their names.
const NEEDS_A_SOURCE: &[(&str, &str)] = &[
    ("node_arp_entries", "needs a neighbour"),
    ("node_nf_conntrack_", "needs a loaded connection tracking module"),
    ("node_memory_", "the kernel and the machine decide which fields there are"),
    ("node_netstat_", "the kernel decides which fields there are"),
    ("node_pressure_", "needs a kernel with pressure figures"),
    ("node_network_speed_bytes", "needs a link with a speed"),
    ("node_network_name_assign_type", "needs an interface whose name has a known origin"),
    ("node_os_version", "needs a system with a version"),
    ("node_processes_", "a container may not see the limits"),
    ("node_timex_", "a sandbox may forbid the system call"),
    ("node_cpu_bug_info", "needs a processor with known bugs"),
    ("node_cpu_flag_info", "needs a processor with these flags"),
    ("node_lnstat_", "the kernel and its modules decide which fields there are"),
    ("node_memory_numa_", "the kernel and the machine decide which fields there are"),
    ("node_service_", "needs a folder of runit"),
    ("node_textfile_mtime_seconds", "needs a folder of text files"),
    ("lab_", "stood in the text files of the recording"),
    ("node_ksmd_", "needs a kernel that merges pages"),
    ("node_zoneinfo_", "the kernel decides which fields there are"),
];

type Shape = (String, BTreeSet<String>);

/// Families of a page: type and label names.
fn shapes(page: &str) -> BTreeMap<String, Shape> {
    let mut families: BTreeMap<String, Shape> = BTreeMap::new();
    let mut current = String::new();
    for line in page.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            current = name.to_owned();
            families.insert(current.clone(), (kind.to_owned(), BTreeSet::new()));
        } else if !line.starts_with('#')
            && let (Some(family), Some((_, labels))) = (families.get_mut(&current), line.split_once('{'))
        {
            let pieces: Vec<&str> = labels.split("=\"").collect();
            let names = pieces[..pieces.len() - 1].iter().filter_map(|piece| piece.rsplit(['"', ',', '{']).next());
            family.1.extend(names.map(str::to_owned));
        }
    }
    families
}

/// The second page of the component.
async fn scrape(config: &UnixConfig) -> String {
    const ID: &str = "prometheus.exporter.unix.d";
    let built = build(&super::component::COMPONENT, ComponentId::root(ID), config);
    built.get(ID).await;
    built.get(ID).await
}

#[test]
fn every_collector_has_one_place_in_the_table() {
    let names: Vec<&str> = super::COLLECTORS.iter().map(|entry| entry.name).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
    let all = UnixConfig { set_collectors: names.iter().map(|name| (*name).to_owned()).collect(), ..UnixConfig::default() };
    assert_eq!(UnixExporter::new(&all).expect("the configuration is valid").names(), names);
}

#[test]
fn the_choice_of_collectors() {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let config = UnixConfig {
        enable_collectors: list(&["uname"]),
        disable_collectors: list(&["uname", "time"]),
        set_collectors: list(&["time", "loadavg", "nothing"]),
        ..UnixConfig::default()
    };
    assert_eq!(UnixExporter::new(&config).expect("the configuration is valid").names(), ["loadavg", "uname"]);
    let told: Vec<_> = config.validate().expect_err("a warning").into_iter().map(|error| (error.message, error.warning)).collect();
    assert_eq!(told, [("the collector \"nothing\" is not known here and does nothing".to_owned(), true)]);
}

/// Compares the page with a recording of the original: every family of a collector that is here, unless this machine has no source for it.
async fn agree(file: &str, config: &UnixConfig) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/exporters").join(file);
    let Ok(recording) = std::fs::read_to_string(&path) else {
        eprintln!("{file}: skipped, there is no recording");
        return;
    };
    let page = scrape(config).await;
    let ours = shapes(&page);
    let (mut agree, mut total, mut excused, mut absent, mut wrong) = (0, 0, BTreeSet::new(), BTreeSet::new(), Vec::new());
    for line in recording.lines().skip(1) {
        let family: serde_json::Value = serde_json::from_str(line).expect("a line of the recording is JSON");
        let text = |key: &str| family[key].as_str().unwrap_or_default().to_owned();
        let labels = family["labels"].as_array().into_iter().flatten().filter_map(|label| label.as_str()).map(str::to_owned).collect();
        let expected: Shape = (text("type"), labels);
        total += 1;
        if text("collector") != "(exporter)" && super::COLLECTORS.iter().all(|entry| entry.name != text("collector")) {
            absent.insert(text("collector"));
            continue;
        }
        match ours.get(&text("name")) {
            Some(found) if *found == expected => agree += 1,
            Some(found) => wrong.push(format!("{}: {found:?} instead of {expected:?}", text("name"))),
            None if NEEDS_A_SOURCE.iter().any(|(prefix, _)| text("name").starts_with(prefix)) => {
                excused.insert(text("name"));
            }
            None => wrong.push(format!("{}: missing", text("name"))),
        }
    }
    eprintln!("{file}: {agree} of {total} families agree; without a source here: {excused:?}; no such collector: {absent:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn default_families_agree_with_the_recording() {
    agree("unix.jsonl", &UnixConfig::default()).await;
}

#[tokio::test]
async fn all_families_agree_with_the_recording() {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut config = UnixConfig {
        include_exporter_metrics: true,
        set_collectors: super::COLLECTORS.iter().map(|entry| entry.name.to_owned()).collect(),
        ..UnixConfig::default()
    };
    config.cpu.info = true;
    config.cpu.guest = true;
    config.cpu.bugs_include = ".*".to_owned();
    config.cpu.flags_include = "^(aes|avx.?|constant_tsc)$".to_owned();
    config.netdev.address_info = true;
    config.netclass.ignore_invalid_speed_device = true;
    config.sysctl.include = list(&["kernel.threads-max", "fs.file-nr", "fs.file-nr:total,current,max", "net.ipv4.conf.lo.forwarding"]);
    config.sysctl.include_info = list(&["kernel.seccomp.actions_avail", "kernel.core_pattern"]);
    agree("unix-all.jsonl", &config).await;
}

/// Scenario: many scrapes of this machine. Guarantees: a scrape stays cheap. The bound is loose, because debug builds and busy machines are slow.
#[test]
fn a_scrape_is_cheap() {
    let exporter = UnixExporter::new(&UnixConfig::default()).expect("the configuration is valid");
    let mut out = Exposition::new();
    let mut page = String::new();
    const ROUNDS: u32 = 20;
    let began = cpu_time();
    for _ in 0..ROUNDS {
        out.clear();
        page.clear();
        exporter.collect(&mut out);
        out.render(&mut page);
    }
    let each = (cpu_time() - began) / ROUNDS;
    eprintln!("unix: a scrape of {} samples takes {each:?} of processor time, {} bytes", out.samples(), page.len());
    let mut took: Vec<(f64, &str)> = page
        .lines()
        .filter_map(|line| line.strip_prefix("node_scrape_collector_duration_seconds{collector=\"")?.split_once("\"} "))
        .filter_map(|(collector, seconds)| Some((seconds.parse().ok()?, collector)))
        .collect();
    took.sort_by(|a, b| b.0.total_cmp(&a.0));
    eprintln!("unix: the slowest collectors, in seconds: {:?}", &took[..5]);
    assert!(each < std::time::Duration::from_millis(100), "{each:?}");
}

fn cpu_time() -> std::time::Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is valid for the call.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    std::time::Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The options under which the original was recorded over node_exporter's test tree in `tree`.
fn recorded_over(tree: &Path) -> UnixConfig {
    let path = |name: &str| tree.join(name).display().to_string();
    let mut config = UnixConfig {
        procfs_path: path("proc"),
        sysfs_path: path("sys"),
        rootfs_path: tree.display().to_string(),
        udev_data_path: path("udev/data"),
        set_collectors: super::COLLECTORS.iter().map(|entry| entry.name.to_owned()).collect(),
        ..UnixConfig::default()
    };
    config.cpu.info = true;
    config.cpu.guest = true;
    config.cpu.bugs_include = ".*".to_owned();
    config.cpu.flags_include = "^(aes|avx.?|constant_tsc)$".to_owned();
    config.bcache.priority_stats = true;
    config.netclass.ignore_invalid_speed_device = true;
    config.textfile.directory = path("textfile/two_metric_files");
    config
}

/// Set `NODE_EXPORTER_FIXTURES` to an unpacked `collector/fixtures` of node_exporter to compare with what the original makes of it:
/// names, types and labels with the recording, values with the tree's own expected page.
#[tokio::test]
async fn families_agree_over_the_test_tree() {
    let Some(tree) = std::env::var_os("NODE_EXPORTER_FIXTURES") else {
        eprintln!("unix: skipped, NODE_EXPORTER_FIXTURES is not set");
        return;
    };
    let tree = Path::new(&tree);
    let page = scrape(&recorded_over(tree)).await;
    let ours = shapes(&page);
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/exporters/unix-fixtures.jsonl");
    let mut counts = (0, 0);
    for line in std::fs::read_to_string(recording).unwrap_or_default().lines().skip(1) {
        let family: serde_json::Value = serde_json::from_str(line).expect("a line of the recording is JSON");
        let text = |key: &str| family[key].as_str().unwrap_or_default().to_owned();
        if !super::COLLECTORS.iter().any(|entry| entry.name == text("collector")) {
            continue;
        }
        let labels = family["labels"].as_array().into_iter().flatten().filter_map(|label| label.as_str()).map(str::to_owned).collect();
        let expected: Shape = (text("type"), labels);
        counts.1 += 1;
        match ours.get(&text("name")) {
            Some(found) if *found == expected => counts.0 += 1,
            other => eprintln!("{} {}: {other:?} instead of {expected:?}", text("collector"), text("name")),
        }
    }
    eprintln!("unix: {} of {} families agree over the test tree", counts.0, counts.1);
    let lines: BTreeSet<&str> = page.lines().filter(|line| !line.starts_with('#')).collect();
    let expected = std::fs::read_to_string(tree.join("e2e-output.txt")).unwrap_or_default();
    let name = |line: &str| line.split(['{', ' ']).next().unwrap_or_default().to_owned();
    let known: BTreeSet<String> = lines.iter().map(|line| name(line)).collect();
    let (mut same, mut total) = (0, 0);
    for line in expected.lines().filter(|line| !line.starts_with('#') && known.contains(&name(line))) {
        total += 1;
        match lines.contains(line) {
            true => same += 1,
            false => eprintln!("not here: {line}"),
        }
    }
    eprintln!("unix: {same} of {total} samples of the expected page are equal");
}
