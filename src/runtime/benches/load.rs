//! How long configurations take to load. Goals: 5,000 components in 300 ms, a reload that changes one of them in 50 ms.

#[path = "../tests/components/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests use more of them")]
mod components;

use component::{Services, Stability};
use divan::Bencher;
use runtime::{Catalog, Controller, Environment};
use std::fmt::Write as _;
use std::sync::Arc;
use syntax::Source;
use syntax::ast::File;

const MANY: usize = 5_000;

fn main() {
    divan::main();
}

fn controller() -> Arc<Controller> {
    // Nothing is written there: no component runs.
    let mut services = Services::new(std::env::temp_dir().join("ferroalloy-bench"));
    services.stability = Stability::Experimental;
    Controller::new(Arc::new(Environment::new(Catalog::new(&[components::FAMILY]), Arc::new(services))))
}

fn parse(text: &str) -> Arc<File> {
    let parsed = syntax::parse(&Source::new("main.alloy", text));
    assert!(parsed.diagnostics.is_empty());
    Arc::new(parsed.file)
}

fn parse_again(text: &str, earlier: &File) -> Arc<File> {
    let parsed = syntax::parse_again(&Source::new("main.alloy", text), earlier);
    assert!(parsed.diagnostics.is_empty());
    Arc::new(parsed.file)
}

/// Components of which each reads the one before; one of them gets `input`.
fn chain(input: &str) -> String {
    let mut text = String::new();
    for i in 0..MANY {
        let input = match i {
            4_000 => format!("\"{input}\""),
            i if i % 10 == 0 => "\"first\"".to_owned(),
            i => format!("testcomponents.passthrough.p{}.output", i - 1),
        };
        writeln!(text, "testcomponents.passthrough \"p{i}\" {{\n\tinput = {input}\n\tlag   = \"0s\"\n}}").expect("written to a string");
    }
    text
}

fn load(controller: &Arc<Controller>, file: Arc<File>) {
    let report = controller.load(&[file]).expect("accepted");
    assert!(report.diagnostics.is_empty());
}

/// Reloads that lead from one text to the other and back.
fn reloads(bencher: Bencher, texts: [String; 2]) {
    let controller = controller();
    let mut file = parse(&texts[0]);
    load(&controller, Arc::clone(&file));
    let mut turn = 0;
    bencher.bench_local(|| {
        turn += 1;
        file = parse_again(&texts[turn % 2], &file);
        load(&controller, Arc::clone(&file));
    });
}

#[divan::bench]
fn load_of_5000_components_with_parsing(bencher: Bencher) {
    let text = chain("1");
    bencher.with_inputs(controller).bench_values(|controller| {
        load(&controller, parse(&text));
        controller
    });
}

/// Ten components change: one, and those that read it. Every place behind it moves.
#[divan::bench]
fn reload_that_changes_one_of_5000_with_parsing(bencher: Bencher) {
    reloads(bencher, [chain("1"), chain("twenty")]);
}

#[divan::bench]
fn check_of_5000_components(bencher: Bencher) {
    let file = parse(&chain("1"));
    bencher.with_inputs(controller).bench_values(|controller| controller.check(std::slice::from_ref(&file)).len());
}

/// Five components for each of `elements` elements, of which the last is called `last`.
fn elements(elements: usize, last: &str) -> String {
    let list: String = (1..elements).map(|i| format!("\"e{i}\", ")).collect();
    let mut template = String::new();
    for i in 0..5 {
        let input = if i == 0 { "each".to_owned() } else { format!("testcomponents.passthrough.p{}.output", i - 1) };
        writeln!(template, "\t\ttestcomponents.passthrough \"p{i}\" {{\n\t\t\tinput = {input} + \"-\" + string.to_upper(each)\n\t\t}}")
            .expect("written to a string");
    }
    format!("foreach \"f\" {{\n\tcollection = [{list}\"{last}\"]\n\tvar        = \"each\"\n\n\ttemplate {{\n{template}\t}}\n}}\n")
}

/// One element is replaced by another, which moves the template.
#[divan::bench(args = [1_000])]
fn reload_that_changes_one_element(bencher: Bencher, many: usize) {
    reloads(bencher, [elements(many, "one"), elements(many, "another")]);
}

#[divan::bench(args = [1_000, 10_000])]
fn foreach(bencher: Bencher, many: usize) {
    let list: String = (0..many).map(|i| format!("\"e{i}\", ")).collect();
    let file = parse(&format!(
        "foreach \"f\" {{\n\tcollection = [{list}]\n\tvar        = \"each\"\n\n\ttemplate {{\n\t\ttestcomponents.passthrough \"p\" {{\n\t\t\tinput = each\n\t\t}}\n\t}}\n}}\n"
    ));
    bencher.with_inputs(controller).bench_values(|controller| {
        load(&controller, Arc::clone(&file));
        controller
    });
}
