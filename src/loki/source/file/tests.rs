//! Files as programs write and rotate them.

use super::COMPONENT;
use component::Services;
use component::testing::Driver;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

const FAST: &str = "\nfile_watch {\n min_poll_frequency = \"10ms\"\n max_poll_frequency = \"10ms\"\n}\n";

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("opened");
    file.write_all(text.as_bytes()).expect("written");
}

fn config(path: &Path, more: &str) -> String {
    format!(
        "targets = [{{\"__path__\" = \"{}\", \"job\" = \"j\", \"__hidden\" = \"x\"}}]\nforward_to = [capture.logs]{FAST}{more}",
        path.display()
    )
}

fn start(path: &Path, more: &str, storage: &Path) -> Driver {
    Driver::start_with(&COMPONENT, &config(path, more), Services::new(storage)).expect("good arguments")
}

fn lines(driver: &Driver) -> Vec<String> {
    driver
        .logs()
        .batches()
        .iter()
        .flat_map(|b| b.iter().flat_map(|s| s.entries.iter().map(|e| e.text().into_owned()).collect::<Vec<_>>()).collect::<Vec<_>>())
        .collect()
}

#[tokio::test]
async fn reads_whole_lines_and_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, storage) = (folder.path().join("a.log"), folder.path().join("data"));
    append(&log, "one\r\ntwo\nthr");
    let driver = start(&log, "", &storage);
    assert!(driver.wait_for(|d| lines(d) == ["one", "two"]).await, "{:?}", lines(&driver));
    let labels = driver.log_lines();
    assert_eq!(labels[0], format!("{{filename=\"{}\", job=\"j\"}} one", log.display()));
    append(&log, "ee\n");
    assert!(driver.wait_for(|d| lines(d) == ["one", "two", "three"]).await);
    driver.stop().await.expect("stopped");
    let saved = std::fs::read_to_string(storage.join("loki.source.file.test/positions.yml")).expect("positions");
    assert_eq!(saved, format!("positions:\n  ? path: {}\n    labels: '{{job=\"j\"}}'\n  : \"15\"\n", log.display()));
    append(&log, "four\n");
    let driver = start(&log, "", &storage);
    assert!(driver.wait_for(|d| lines(d) == ["four"]).await, "{:?}", lines(&driver));
}

#[tokio::test]
async fn what_is_refused_is_sent_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("a.log");
    let driver = start(&log, "", &folder.path().join("data"));
    driver.logs().refuse(3);
    append(&log, "one\n");
    assert!(driver.wait_for(|d| lines(d) == ["one"]).await, "{:?}", lines(&driver));
}

/// A file whose length is odd and larger than a chunk, read from its end: the last chunk begins one byte earlier.
#[tokio::test(flavor = "multi_thread")]
async fn an_odd_end_of_a_long_file_is_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("odd.log");
    let mut text = "x".repeat(299_999);
    text.push_str("yy");
    assert_eq!(text.len() % 2, 1);
    std::fs::write(&path, &text).expect("written");
    let shown = path.display();
    let arguments = format!("targets = [{{\"__path__\" = \"{shown}\"}}]\ntail_from_end = true\nforward_to = [capture.logs]");
    let driver = Driver::start(&COMPONENT, &arguments).expect("good arguments");
    let file = std::fs::OpenOptions::new().append(true).open(&path).expect("it is there");
    // What is written before the tail has found the end counts as old: write until it has.
    let write_and_look = |d: &Driver| {
        std::io::Write::write_all(&mut &file, b"\nnew\n").expect("appended");
        d.log_lines().iter().any(|l| l.ends_with(" new"))
    };
    assert!(driver.wait_for(write_and_look).await);
}

/// `text` as a file of this format.
fn packed(format: &str, text: &str) -> Vec<u8> {
    let text = text.as_bytes();
    let done = match format {
        "gz" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text).and_then(|()| encoder.finish())
        }
        "z" => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text).and_then(|()| encoder.finish())
        }
        _ => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            encoder.write_all(text).and_then(|()| encoder.finish())
        }
    };
    done.expect("packed")
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_files_are_read_once_and_read_on() {
    for format in ["gz", "z", "bz2"] {
        let folder = tempfile::tempdir().expect("a folder");
        let (log, storage) = (folder.path().join("a.log.gz"), folder.path().join("data"));
        let more = format!("decompression {{\n enabled = true\n format = \"{format}\"\n}}\n");
        let whole = packed(format, "one\r\ntwo\nthree");
        std::fs::write(&log, &whole).expect("written");
        let driver = start(&log, &more, &storage);
        assert!(driver.wait_for(|d| lines(d) == ["one", "two", "three"]).await, "{format}: {:?}", lines(&driver));
        driver.stop().await.expect("stopped");
        let saved = std::fs::read_to_string(storage.join("loki.source.file.test/positions.yml")).expect("positions");
        assert!(saved.ends_with(": \"3\"\n"), "lines are counted: {saved}");
        // Another file under the same name is read from its beginning; the one that is known is not read again.
        let driver = start(&log, &more, &storage);
        let other = folder.path().join("b");
        std::fs::write(&other, packed(format, "four\n")).expect("written");
        std::fs::rename(&other, &log).expect("renamed");
        assert!(driver.wait_for(|d| lines(d) == ["four"]).await, "{format}: {:?}", lines(&driver));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_file_that_is_still_written_is_read_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("a.log.gz");
    let text: String = (0..50_000).map(|n| format!("line {n} of a file that is long enough\n")).collect();
    let whole = packed("gz", &text);
    std::fs::write(&log, &whole[..whole.len() / 2]).expect("written");
    let more = "decompression {\n enabled = true\n format = \"gz\"\n}\n";
    let driver = start(&log, more, &folder.path().join("data"));
    assert!(driver.wait_for(|d| lines(d).len() > 1000).await);
    let mut file = OpenOptions::new().append(true).open(&log).expect("it is there");
    file.write_all(&whole[whole.len() / 2..]).expect("appended");
    let want: Vec<&str> = text.lines().collect();
    assert!(driver.wait_for(|d| lines(d).len() >= want.len()).await);
    assert_eq!(lines(&driver), want, "every line once and in order");
}

/// Patterns such as `*.log` also fit files that were rotated to `app-1.log`: they are not read again under that name.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_rotated_to_another_target_is_read_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, rotated, storage) = (folder.path().join("app.log"), folder.path().join("app-1.log"), folder.path().join("data"));
    let target = |path: &Path| format!("{{\"__path__\" = \"{}\", \"job\" = \"j\"}}", path.display());
    let config = |targets: &[&Path]| {
        let targets: Vec<String> = targets.iter().map(|path| target(path)).collect();
        format!("targets = [{}]\nforward_to = [capture.logs]{FAST}", targets.join(", "))
    };
    let both = config(&[&log, &rotated]);
    let driver = Driver::start_with(&COMPONENT, &both, Services::new(&storage)).expect("good arguments");
    append(&log, "one of the first file\ntwo\n");
    assert!(driver.wait_for(|d| lines(d).len() == 2).await);
    // Another line: when it is there, the place of the ones before is known.
    append(&log, "three\n");
    assert!(driver.wait_for(|d| lines(d).len() == 3).await);
    std::fs::rename(&log, &rotated).expect("rotated");
    append(&rotated, "late\n");
    append(&log, "one of the second file\n");
    assert!(driver.wait_for(|d| lines(d).len() == 5).await, "{:?}", lines(&driver));
    driver.stop().await.expect("stopped");

    // After a restart the same; then the tail of the first name ends, and the other takes the file over.
    let driver = Driver::start_with(&COMPONENT, &both, Services::new(&storage)).expect("good arguments");
    append(&log, "two\n");
    assert!(driver.wait_for(|d| lines(d) == ["two"]).await, "{:?}", lines(&driver));
    driver.update(&config(&[&rotated])).expect("good arguments");
    append(&rotated, "very late\n");
    assert!(driver.wait_for(|d| lines(d).iter().any(|line| line == "very late")).await, "{:?}", lines(&driver));
    append(&rotated, "later still\n");
    // Either of the two reads them: the first one ends when it comes by.
    assert!(driver.wait_for(|d| lines(d).len() >= 3).await, "{:?}", driver.log_lines());
    assert_eq!(lines(&driver), ["two", "very late", "later still"]);
}

/// A file of another content under a known path, when the known one is gone, has nothing to do with the old position.
#[tokio::test(flavor = "multi_thread")]
async fn a_position_of_a_file_that_is_gone_is_not_used_for_its_successor() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, storage) = (folder.path().join("a.log"), folder.path().join("data"));
    append(&log, "the first file\n");
    let driver = start(&log, "", &storage);
    assert!(driver.wait_for(|d| lines(d).len() == 1).await);
    driver.stop().await.expect("stopped");
    std::fs::remove_file(&log).expect("removed");
    append(&log, "another file that is longer\nand has two lines\n");
    let driver = start(&log, "", &storage);
    assert!(driver.wait_for(|d| lines(d).len() == 2).await, "{:?}", lines(&driver));
}

/// Rotations of each kind, one after the other, while lines are written: each line once and in the order of its file.
#[tokio::test(flavor = "multi_thread")]
async fn every_line_is_read_once_whatever_happens_to_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, other, storage) = (folder.path().join("a.log"), folder.path().join("a.log.1"), folder.path().join("data"));
    let driver = start(&log, "", &storage);
    let mut written = Vec::new();
    let mut write = |path: &Path, count: usize| {
        for _ in 0..count {
            let line = format!("line {} of the test", written.len());
            append(path, &format!("{line}\n"));
            written.push(line);
        }
        written.len()
    };
    // A file that comes and goes before it was ever seen belongs to nobody.
    write(&log, 1);
    assert!(driver.wait_for(|d| lines(d).len() == 1).await);
    for _ in 0..3 {
        // Renamed; its writer goes on for a while with the old handle.
        write(&log, 20);
        std::fs::rename(&log, &other).expect("renamed");
        write(&other, 5);
        write(&log, 5);
        // Copied and emptied, when all of it is read: what is written between the two steps is lost for everybody.
        let len = write(&log, 5);
        assert!(driver.wait_for(|d| lines(d).len() >= len).await, "{} of {len}", lines(&driver).len());
        std::fs::copy(&log, &other).expect("copied");
        OpenOptions::new().write(true).open(&log).and_then(|file| file.set_len(0)).expect("emptied");
        let len = write(&log, 5);
        assert!(driver.wait_for(|d| lines(d).len() >= len).await, "{} of {len}", lines(&driver).len());
        // Removed and made anew.
        std::fs::remove_file(&log).expect("removed");
        write(&log, 5);
    }
    let len = write(&log, 1);
    assert!(driver.wait_for(|d| lines(d).len() >= len).await, "{} of {len}", lines(&driver).len());
    let mut read = lines(&driver);
    read.sort_by_key(|line| line.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok()));
    assert_eq!(read, written);
}

/// True when every file is read to its end, and that is remembered.
fn all_is_read(driver: &Driver) -> bool {
    let is_read = |node: value::Node| {
        let value::Node::Block { body, .. } = node else { return false };
        let text = |name: &str| {
            body.iter().find_map(|node| match node {
                value::Node::Attr(key, value) if key == name => Some(value::print::to_text(value).trim_matches('"').to_owned()),
                _ => None,
            })
        };
        let (Some(path), Some(offset)) = (text("path"), text("read_offset")) else { return false };
        offset == std::fs::metadata(path).map_or(0, |meta| meta.len()).to_string()
    };
    driver.debug_info().into_iter().all(is_read)
}

/// Scenario: a file is copied and emptied, as `copytruncate` does it, and the copy has a target of its own that is found at once or
/// only when the file is written again; another file begins as the first one did. Guarantee: of the copy only what had not
/// been read, of the other file everything.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_with_a_target_of_its_own_is_not_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (log, storage) = (at("app.log"), at("data"));
    let config = |names: &[&str]| {
        let targets: Vec<String> =
            names.iter().map(|name| format!("{{\"__path__\" = \"{}\", \"job\" = \"j\"}}", at(name).display())).collect();
        format!("targets = [{}]\nforward_to = [capture.logs]{FAST}", targets.join(", "))
    };
    let empty = || OpenOptions::new().write(true).open(&log).and_then(|file| file.set_len(0)).expect("emptied");
    let many = |name: &str| (0..20_000).map(|n| format!("{name}: line {n} of a file that takes more than one read\n")).collect::<String>();
    let driver = Driver::start_with(&COMPONENT, &config(&["app.log", "app.log.1"]), Services::new(&storage)).expect("good arguments");
    let mut count = 20_000;
    append(&log, &many("first"));
    let read = |count: usize| move |d: &Driver| lines(d).len() >= count && all_is_read(d);
    assert!(driver.wait_for(read(count)).await, "{}", lines(&driver).len());

    // The copy's target is there already; what was written to the copy, and never seen in the original, is read.
    std::fs::copy(&log, at("copy")).expect("copied");
    append(&at("copy"), "written between the last read and the copy\n");
    std::fs::rename(at("copy"), at("app.log.1")).expect("renamed");
    empty();
    append(&log, "second\n");
    count += 2;
    assert!(driver.wait_for(read(count)).await, "{}", lines(&driver).len());

    // A target that comes after the file was emptied and written again; the older copy has the next number now.
    std::fs::rename(at("app.log.1"), at("app.log.2")).expect("renamed");
    std::fs::copy(&log, at("app.log.1")).expect("copied");
    empty();
    append(&log, "third\n");
    count += 1;
    assert!(driver.wait_for(read(count)).await, "{}", lines(&driver).len());
    driver.update(&config(&["app.log", "app.log.1", "app.log.2", "app.log.3", "other.log.1"])).expect("good arguments");
    // Begins as the original did, and is as long.
    append(&at("app.log.3"), &many("first").replace("line 19999 ", "line 1999x "));
    append(&at("other.log.1"), &many("first"));
    count += 40_000;
    assert!(driver.wait_for(|d| lines(d).len() >= count).await, "{}", lines(&driver).len());
    append(&log, "the end\n");
    assert!(driver.wait_for(|d| lines(d).len() > count).await);
    assert_eq!(lines(&driver).len(), count + 1);
    let mut seldom: Vec<String> = lines(&driver).into_iter().filter(|line| !line.starts_with("first: ")).collect();
    // Two tails keep no order among each other.
    seldom.sort();
    assert_eq!(seldom, ["second", "the end", "third", "written between the last read and the copy"]);
}

/// Counts errors that are logged.
struct Errors(std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl tracing::Subscriber for Errors {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::ERROR
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, _: &tracing::Event<'_>) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }

    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

/// Scenario: a compressed file that cannot be looked at, and one that is no file; both become readable. Guarantee: each is told
/// once, however often others are looked at meanwhile, and read then.
// One thread: what it logs is counted.
#[tokio::test]
async fn a_compressed_file_that_cannot_be_opened_is_told_once_and_tried_again() {
    let errors = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let _counting = tracing::subscriber::set_default(Errors(std::sync::Arc::clone(&errors)));
    let told = || errors.load(std::sync::atomic::Ordering::SeqCst);
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    // A link to itself leads nowhere.
    std::os::unix::fs::symlink(at("loop.gz"), at("loop.gz")).expect("linked");
    std::fs::create_dir(at("folder.gz")).expect("made");
    let targets = ["loop.gz", "folder.gz", "good.gz"].map(|name| format!("{{\"__path__\" = \"{}\"}}", at(name).display())).join(", ");
    let text = format!("targets = [{targets}]\nforward_to = [capture.logs]{FAST}decompression {{\n enabled = true\n format = \"gz\"\n}}\n");
    let driver = Driver::start_with(&COMPONENT, &text, Services::new(at("data"))).expect("good arguments");
    assert!(driver.wait_for(|_| told() >= 2).await);
    let replace = |name: &str, text: &str| {
        std::fs::write(at("new"), packed("gz", text)).expect("written");
        std::fs::rename(at("new"), at(name)).expect("renamed");
    };
    for n in 0..20 {
        replace("good.gz", &format!("file {n}\n"));
        assert!(driver.wait_for(|d| lines(d).len() > n).await);
    }
    assert_eq!(told(), 2);
    std::fs::remove_dir(at("folder.gz")).expect("removed");
    replace("folder.gz", "from the folder\n");
    replace("loop.gz", "from the loop\n");
    assert!(driver.wait_for(|d| lines(d).len() == 22).await, "{:?}", lines(&driver));
    assert_eq!(told(), 2);
}
