//! The process dies, or the power goes, at every possible point.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use parking_lot::Mutex;

use super::*;
use crate::{Sync, WhenFull};

/// What the process knew when it died.
#[derive(Default)]
struct Known {
    /// `append` returned.
    stored: Vec<u64>,
    /// `ack` was called.
    acking: Vec<u64>,
    /// `ack` returned before the end of the world.
    acked: Vec<u64>,
}

/// Appends 30 records over several segments, with two readers, and acknowledges most of them on the way.
async fn scenario(fs: FaultyFs, sync: Sync, known: Arc<Mutex<Known>>) {
    let queue = open(Options { sync, ..options(&fs) });
    let endpoint = reader(&queue, "a").await;
    let other = reader(&queue, "b").await;
    for n in 0..30 {
        if append_to(&queue, n).await.is_err() {
            // A dead process does not go on.
            return std::future::pending().await;
        }
        known.lock().stored.push(n);
        if n % 3 != 0 {
            let record = within(endpoint.next()).await.expect("open");
            known.lock().acking.push(number(&record));
            endpoint.ack(record.id());
            if !fs.is_crashed() {
                known.lock().acked.push(number(&record));
            }
        }
    }
    drain(&queue, &other).await;
    queue.close().await;
}

/// Runs the scenario until it ends or the world stops; answers whether it ended.
async fn run(fs: &FaultyFs, sync: Sync) -> (bool, Arc<Mutex<Known>>) {
    let known = Arc::new(Mutex::new(Known::default()));
    let ended = tokio::select! {
        () = scenario(fs.clone(), sync, Arc::clone(&known)) => true,
        () = fs.crashed() => false,
    };
    (ended, known)
}

/// Opens what was left, checks what comes out, and that the queue goes on working.
async fn check(fs: &FaultyFs, known: &Known, what: &str) {
    let queue = open(options(fs));
    let endpoint = reader(&queue, "a").await;
    let out = drain(&queue, &endpoint).await;
    assert!(out.is_sorted_by(|a, b| a < b), "{what}: in order and once: {out:?}");
    let lost: Vec<_> = known.stored.iter().filter(|n| !known.acking.contains(n) && !out.contains(n)).collect();
    assert!(lost.is_empty(), "{what}: lost {lost:?} of {:?}", known.stored);
    let again: Vec<_> = known.acked.iter().filter(|n| out.contains(n)).collect();
    assert!(again.is_empty(), "{what}: acknowledged and sent again: {again:?}");
    let stats = queue.stats();
    assert_eq!(stats.corrupt, 0, "{what}: {stats:?}");
    assert!(stats.readers.iter().all(|r| r.drops.is_empty()), "{what}: {stats:?}");
    works(&queue, &endpoint, what).await;
}

async fn works(queue: &Queue, endpoint: &Reader, what: &str) {
    for n in 100..120 {
        append(queue, n).await;
    }
    assert_eq!(drain(queue, endpoint).await, (100..120).collect::<Vec<_>>(), "{what}");
    assert_eq!(figures(queue, "a").pending_records, 0, "{what}");
}

async fn kill_everywhere(sync: Sync) {
    let mut at = 1;
    loop {
        let fs = FaultyFs::new();
        fs.crash_at(at);
        let (ended, known) = run(&fs, sync).await;
        let known = known.lock().clone_all();
        check(&fs.reboot(), &known, &format!("{sync:?}, killed at operation {at}")).await;
        if ended {
            assert!(at > 60, "the scenario has many operations, not {at}");
            return;
        }
        at += 1;
    }
}

impl Known {
    fn clone_all(&self) -> Known {
        Known { stored: self.stored.clone(), acking: self.acking.clone(), acked: self.acked.clone() }
    }
}

#[tokio::test]
async fn killed_at_every_operation() {
    kill_everywhere(Sync::Never).await;
}

#[tokio::test]
async fn killed_at_every_operation_with_syncs() {
    kill_everywhere(Sync::Always).await;
}

#[tokio::test]
async fn killed_at_every_operation_with_background_syncs() {
    kill_everywhere(Sync::Every(Duration::ZERO)).await;
}

#[tokio::test]
async fn power_loss_at_every_operation_loses_nothing_that_was_synced() {
    for at in 1.. {
        let fs = FaultyFs::new();
        fs.crash_at(at);
        let (ended, known) = run(&fs, Sync::Always).await;
        let mut known = known.lock().clone_all();
        // Acknowledgements may be forgotten: their records are sent again.
        known.acked.clear();
        for seed in 0..4 {
            let what = format!("power lost at operation {at}, seed {seed}");
            check_after_power_loss(&fs.power_loss(seed), &known.stored, &known.acking, &what).await;
        }
        if ended {
            return;
        }
    }
}

#[tokio::test]
async fn power_loss_without_syncs_is_survived() {
    for at in 1.. {
        let fs = FaultyFs::new();
        fs.crash_at(at);
        let (ended, _) = run(&fs, Sync::Never).await;
        for seed in 0..4 {
            let what = format!("power lost at operation {at}, seed {seed}");
            check_after_power_loss(&fs.power_loss(seed), &[], &[], &what).await;
        }
        if ended {
            return;
        }
    }
}

async fn check_after_power_loss(fs: &FaultyFs, stored: &[u64], acking: &[u64], what: &str) {
    let queue = open(options(fs));
    let endpoint = reader(&queue, "a").await;
    let out = drain(&queue, &endpoint).await;
    assert!(out.is_sorted_by(|a, b| a < b), "{what}: in order and once: {out:?}");
    let lost: Vec<_> = stored.iter().filter(|n| !acking.contains(n) && !out.contains(n)).collect();
    assert!(lost.is_empty(), "{what}: lost {lost:?}, got {out:?}");
    // What went with the power is counted, not waited for.
    until("nothing is pending", || figures(&queue, "a").pending_records == 0).await;
    works(&queue, &endpoint, what).await;
}

#[tokio::test]
async fn killed_while_the_oldest_are_dropped() {
    for at in (1..400).step_by(3) {
        let fs = FaultyFs::new();
        fs.crash_at(at);
        let small = Options { max_bytes: 4096, when_full: WhenFull::DropOldest, ..options(&fs) };
        let run = async {
            let queue = open(small.clone());
            let _endpoint = reader(&queue, "a").await;
            for n in 0..100 {
                append(&queue, n).await;
                assert!(fs.bytes_of(".seg") <= 4096);
            }
        };
        tokio::select! {
            () = run => {}
            () = fs.crashed() => {}
        }
        let after = fs.reboot();
        let queue = open(Options { files: Arc::new(after.clone()), ..small });
        let endpoint = reader(&queue, "a").await;
        let out = drain(&queue, &endpoint).await;
        // What is left is one run without holes, and what is missing before it has been counted by one of the two.
        assert!(out.windows(2).all(|w| w[1] == w[0] + 1), "killed at {at}: {out:?}");
        assert_eq!(queue.stats().corrupt, 0, "killed at {at}");
    }
}

const CHILD_DIR: &str = "FERROALLOY_QUEUE_TEST_DIR";

/// Not a test by itself: the process that the next test kills.
#[test]
fn child_of_sigkill() {
    let Some(dir) = std::env::var_os(CHILD_DIR) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let settings = Options { segment_bytes: Some(5000), ..Options::default() };
        let queue = Queue::open(dir, settings).expect("the directory is free");
        let endpoint = reader(&queue, "a").await;
        let mut out = std::io::stdout();
        let first = queue.stats().readers[0].pending_records;
        assert_eq!(first, 0, "every round begins empty");
        for n in 0.. {
            append(&queue, n).await;
            writeln!(out, "\nstored {n}").expect("the parent listens");
            if n % 2 == 0 {
                let record = within(endpoint.next()).await.expect("open");
                writeln!(out, "\nacking {}", number(&record)).expect("the parent listens");
                endpoint.ack(record.id());
                writeln!(out, "\nacked {}", number(&record)).expect("the parent listens");
            }
        }
    });
}

#[tokio::test]
async fn sigkill_loses_nothing() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for round in 1..=5 {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "tests::crash::child_of_sigkill", "--nocapture", "--test-threads=1"])
            .env(CHILD_DIR, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test starts again");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut known = Known::default();
        let mut killed = false;
        for line in lines.map_while(Result::ok) {
            match line.split_once(' ').map(|(what, n)| (what, n.parse::<u64>())) {
                Some(("stored", Ok(n))) => known.stored.push(n),
                Some(("acking", Ok(n))) => known.acking.push(n),
                Some(("acked", Ok(n))) => known.acked.push(n),
                _ => {}
            }
            if known.stored.len() >= 150 * round && !killed {
                child.kill().expect("it runs");
                killed = true;
            }
        }
        assert!(killed, "the child wrote {} records", known.stored.len());
        child.wait().expect("it ends");
        let queue = Queue::open(dir.path(), Options::default()).expect("free after the kill");
        let endpoint = reader(&queue, "a").await;
        let out = drain(&queue, &endpoint).await;
        assert!(out.is_sorted_by(|a, b| a < b), "in order and once: {out:?}");
        let lost: Vec<_> = known.stored.iter().filter(|n| !known.acking.contains(n) && !out.contains(n)).collect();
        assert!(lost.is_empty(), "lost {lost:?}");
        assert!(known.acked.iter().all(|n| !out.contains(n)), "acknowledged records came again");
        assert_eq!((queue.stats().corrupt, figures(&queue, "a").drops.len()), (0, 0));
        queue.close().await;
    }
}

/// After a power loss a cursor may be on the device while the segments it has passed are not.
#[tokio::test]
async fn a_cursor_ahead_of_the_segments_skips_nothing_new() {
    for (removed, kept) in [(0, 500), (1, 0), (1, 500), (2, 300), (9, 0)] {
        let fs = FaultyFs::new();
        let queue = open(options(&fs));
        let ahead = reader(&queue, "ahead").await;
        drop(reader(&queue, "behind").await);
        for n in 0..30 {
            append(&queue, n).await;
        }
        drain(&queue, &ahead).await;
        let fs = fs.reboot();
        let segments: Vec<_> = fs.paths().into_iter().filter(|p| p.extension().is_some_and(|e| e == "seg")).collect();
        for path in segments.iter().rev().take(removed) {
            crate::files::Files::remove(&fs, path).expect("it is there");
        }
        if let Some(last) = segments.len().checked_sub(removed + 1).filter(|_| kept > 0) {
            fs.edit(&segments[last], |bytes| bytes.truncate(kept));
        }
        let what = format!("{removed} of {} segments gone, the last one has {kept} bytes", segments.len());
        let queue = open(options(&fs));
        let (ahead, behind) = (reader(&queue, "ahead").await, reader(&queue, "behind").await);
        for n in 100..120 {
            append(&queue, n).await;
        }
        assert_eq!(drain(&queue, &ahead).await, (100..120).collect::<Vec<_>>(), "{what}");
        let out = drain(&queue, &behind).await;
        assert!(out.ends_with(&(100..120).collect::<Vec<_>>()), "{what}: {out:?}");
        let counted: u64 = figures(&queue, "behind").drops.values().map(|d| d.records).sum();
        assert_eq!(out.len() as u64 + counted, 50, "{what}");
        assert!(figures(&queue, "ahead").drops.is_empty(), "{what}");
        // And once more, so that the new cursors are read too.
        let queue = open(options(&fs.reboot()));
        assert_eq!(drain(&queue, &reader(&queue, "ahead").await).await, [0_u64; 0], "{what}");
    }
}
