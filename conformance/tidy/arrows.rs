//! Who may depend on whom, proved from the manifests.

use crate::{assert_none, root};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const FAMILIES: &[&str] = &["prom", "exporters", "loki", "otelcol", "providers"];

/// The layers below a component, from the language up to the contract of components.
const CHAIN: &[&str] = &["syntax", "derive", "value", "data", "component"];

/// What a package of ours may use of ours; `None` for one that is not known here.
fn allowed(package: &str) -> Option<Vec<&'static str>> {
    Some(match package {
        "syntax" | "derive" | "queue" | "docker" | "kubernetes" => vec![],
        "value" | "data" | "component" => CHAIN.iter().copied().take_while(|below| *below != package).collect(),
        "wire" | "net" => below(&["data"]),
        "delivery" => below(&["component", "net", "queue"]),
        "runtime" => below(&["component", "net"]),
        "server" => below(&["component", "net", "runtime"]),
        "lsp" => below(&["component", "runtime"]),
        "cli" => below(&["component", "net", "runtime", "server", "lsp"]),
        family if FAMILIES.contains(&family) => below(&["component", "net", "wire", "queue", "delivery", "docker", "kubernetes"]),
        "ferroalloy" => [&["cli", "component"], FAMILIES].concat(),
        _ => return None,
    })
}

/// `packages` and the layers that components stand on.
fn below(packages: &[&'static str]) -> Vec<&'static str> {
    let layers = CHAIN.iter().take_while(|layer| **layer != "component");
    layers.chain(packages).copied().collect()
}

/// Packages that take long to build, or that only one place should know, and who may use them.
const OWNERS: &[(&str, &[&str])] = &[
    ("axum", &["net", "server", "loki", "prom", "delivery"]),
    ("bollard", &["docker"]),
    ("clap", &["cli"]),
    ("hyper", &["net"]),
    ("hyper-util", &["net"]),
    ("kube", &["kubernetes"]),
    ("libyaml-safer", &["loki"]),
    ("unsafe-libyaml", &["value"]),
    ("miette", &["syntax"]),
    ("notify", &["component"]),
    ("pest", &["syntax"]),
    ("petgraph", &["runtime"]),
    ("prost", &["wire"]),
    ("rustls", &["net"]),
    ("syn", &["derive", "ferroalloy"]),
    ("tonic", &["net"]),
    ("tracing-subscriber", &["cli"]),
];

/// The packages of the workspace, as cargo sees their manifests.
fn packages() -> Vec<Value> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).current_dir(root());
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().expect("a name")
}

fn dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    package["dependencies"].as_array().into_iter().flatten()
}

#[test]
fn packages_depend_only_on_layers_below() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(name).collect();
    let mut wrong = Vec::new();
    for package in &packages {
        let Some(allowed) = allowed(name(package)) else {
            wrong.push(format!("{} is a new package: `allowed` has to say what it may use", name(package)));
            continue;
        };
        for dependency in dependencies(package).map(name).filter(|d| ours.contains(d) && *d != name(package)) {
            // The test binary of the root package looks into every layer.
            let is_test_of_root = name(package) == "ferroalloy" && ["runtime", "wire", "data", "value", "syntax"].contains(&dependency);
            if !allowed.contains(&dependency) && !is_test_of_root {
                wrong.push(format!("{} must not use {dependency}", name(package)));
            }
        }
    }
    assert_none("arrows against the layers", &wrong);
}

#[test]
fn heavy_packages_have_one_owner() {
    let owners: BTreeMap<&str, &[&str]> = OWNERS.iter().copied().collect();
    let mut wrong = Vec::new();
    for package in &packages() {
        for dependency in dependencies(package) {
            // Tests may speak to a library's far end in its own words.
            let is_test = dependency["kind"] == "dev";
            if let Some(owners) = owners.get(name(dependency)).filter(|owners| !is_test && !owners.contains(&name(package))) {
                wrong.push(format!("{} uses {}, which belongs to {}", name(package), name(dependency), owners.join(", ")));
            }
        }
    }
    assert_none("heavy packages used elsewhere", &wrong);
}

/// Other features for one member would build a shared package again whenever `-p` changes.
#[test]
fn features_stand_in_the_workspace_only() {
    let mut wrong = Vec::new();
    for manifest in crate::files_below(&root().join("src"), &["Cargo.toml"]) {
        let text = std::fs::read_to_string(&manifest).expect("a manifest");
        let mut in_dependencies = false;
        for (number, line) in text.lines().enumerate() {
            if line.starts_with('[') {
                in_dependencies = line.contains("dependencies");
            }
            let is_dependency = in_dependencies && line.contains('=') && !line.starts_with('#');
            if is_dependency && (!line.contains("workspace = true") || line.contains("features")) {
                wrong.push(format!("{}:{}: {line}", crate::shown(&manifest), number + 1));
            }
        }
    }
    assert_none("dependencies not taken from [workspace.dependencies] as they are", &wrong);
}

/// A dependency nobody names costs build time and misleads the reader.
#[test]
fn each_dependency_is_used() {
    let mut unused = Vec::new();
    for package in &packages() {
        let manifest = std::path::Path::new(package["manifest_path"].as_str().expect("a path"));
        let folder = manifest.parent().expect("a folder");
        let is_root = folder == root();
        let folders = if is_root { vec![folder.join("src/main.rs"), folder.join("conformance")] } else { vec![folder.to_owned()] };
        let files = folders.iter().flat_map(|f| if f.is_file() { vec![f.clone()] } else { crate::files_below(f, &[".rs"]) });
        let code: String = files.map(|file| std::fs::read_to_string(file).expect("a source file")).collect();
        for dependency in dependencies(package) {
            let key = match dependency["rename"].as_str().unwrap_or(name(dependency)) {
                "md-5" => "md5".to_owned(),
                key => key.replace('-', "_"),
            };
            let is_named = code.contains(&format!("{key}::")) || code.contains(&format!("use {key}")) || code.contains(&format!("{key};"));
            if !is_named && !NAMED_BY_MACROS.contains(&key.as_str()) {
                unused.push(format!("{} lists {key} but never names it", name(package)));
            }
        }
    }
    assert_none("unused dependencies", &unused);
}

/// Used through what macros expand to, or for a feature that it adds to what others name.
const NAMED_BY_MACROS: &[&str] = &["pest_derive", "pest", "proc_macro2"];
