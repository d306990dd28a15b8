//! How fast configurations are read and formatted. Goal: 10 MB/s each, on one core.

use divan::Bencher;
use divan::counter::BytesCount;
use std::path::Path;
use std::sync::Arc;
use syntax::Source;

fn main() {
    divan::main();
}

/// Our examples and the hand-made files of the corpus that are valid, again and again: half a megabyte of what people write.
fn configuration() -> Arc<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut text = String::new();
    for folder in ["examples", "conformance/fuzz/corpus/configurations"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            let one = if entry.is_file() { std::fs::read_to_string(entry).expect("a text") } else { String::new() };
            if !one.starts_with('\u{feff}') && syntax::parse(&Source::new("one", one.as_str())).diagnostics.is_empty() {
                text += &one;
            }
        }
    }
    assert!(text.len() > 2_000, "there are examples");
    Source::new("examples", text.repeat(500_000 / text.len() + 1))
}

#[divan::bench]
fn parse(bencher: Bencher) {
    let source = configuration();
    assert!(syntax::parse(&source).diagnostics.is_empty());
    bencher.counter(BytesCount::of_str(source.text())).bench(|| syntax::parse(&source));
}

#[divan::bench]
fn format(bencher: Bencher) {
    let source = configuration();
    let parsed = syntax::parse(&source);
    bencher.counter(BytesCount::of_str(source.text())).bench(|| syntax::format(&parsed.file));
}

/// What `ferroalloy fmt` does with a file, and `fmt -w` does twice.
#[divan::bench]
fn parse_and_format(bencher: Bencher) {
    let source = configuration();
    bencher.counter(BytesCount::of_str(source.text())).bench(|| syntax::format(&syntax::parse(&source).file));
}
