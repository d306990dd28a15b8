//! Damage on disk, a full disk, failing operations.

use std::io;

use super::*;
use crate::testing::Op;
use crate::{DropCount, Sync, reason, segment};

const HEADER: usize = crate::record::HEADER_LEN;

/// Where record `n` starts, counted within its segment which begins with record `first`.
fn offset(first: u64, n: u64) -> usize {
    let header = usize::try_from(segment::SEGMENT_HEADER).expect("small");
    header + (first..n).map(|i| HEADER + 6 + body(i).len()).sum::<usize>()
}

/// A queue of 30 records that was closed: segment 1 begins with record 0.
async fn filled() -> FaultyFs {
    let fs = FaultyFs::new();
    let queue = open(options(&fs));
    reader(&queue, "a").await;
    for n in 0..30 {
        append(&queue, n).await;
    }
    queue.close().await;
    fs.reboot()
}

fn segment_path(number: u64) -> std::path::PathBuf {
    segment::path(Path::new(DIR), number)
}

/// How many records the first segment of [`filled`] holds.
fn first_segment_records() -> u64 {
    (1..30).find(|n| offset(0, n + 1) > 1000).expect("the segment limit is 1000")
}

#[tokio::test]
async fn damage_in_the_middle_costs_only_what_is_damaged() {
    let (third, fourth) = (offset(0, 3), offset(0, 4));
    type Edit = Box<dyn Fn(&mut Vec<u8>)>;
    let cases: Vec<(&str, Vec<u64>, Edit)> = vec![
        ("a byte of a body", vec![3], Box::new(move |b| b[third + HEADER + 10] ^= 1)),
        ("a byte of meta", vec![3], Box::new(move |b| b[third + HEADER] ^= 1)),
        ("the magic", vec![3], Box::new(move |b| b[third] ^= 1)),
        ("a checksum", vec![3], Box::new(move |b| b[third + 5] ^= 1)),
        ("the length", vec![3], Box::new(move |b| b[third + 11] = 0xff)),
        ("the last byte", vec![3], Box::new(move |b| b[fourth - 1] ^= 0x80)),
        ("zeros over a boundary", vec![3, 4], Box::new(move |b| b[fourth - 5..fourth + 5].fill(0))),
        ("the first record", vec![0], Box::new(|b| b[offset(0, 0)] = 0)),
        ("the segment header", vec![], Box::new(|b| b[0] = 0)),
        ("bytes taken out", vec![3], Box::new(move |b| drop(b.drain(third + 20..third + 21)))),
    ];
    for (what, lost, edit) in cases {
        let fs = filled().await;
        fs.edit(&segment_path(1), |bytes| edit(bytes));
        // Where bytes are missing, no later record of the segment stands in its place.
        let lost = if what == "bytes taken out" { (3..first_segment_records()).collect() } else { lost };
        let queue = open(options(&fs));
        let endpoint = reader(&queue, "a").await;
        let expected: Vec<u64> = (0..30).filter(|n| !lost.contains(n)).collect();
        assert_eq!(drain(&queue, &endpoint).await, expected, "{what}");
        let drops = figures(&queue, "a").drops;
        let count = drops.get(reason::CORRUPT).copied().unwrap_or_default();
        let lost = u64::try_from(lost.len()).expect("small");
        assert_eq!((count.records, count.items), (lost, lost * 10), "{what}");
        assert_eq!(drops.len(), usize::from(lost > 0), "{what}: {drops:?}");
        // The zeros hit two records, the rest is one place.
        assert_eq!(queue.stats().corrupt, if what == "bytes taken out" { 1 } else { lost }, "{what}");
    }
}

#[tokio::test]
async fn a_copy_of_a_record_inside_a_body_is_not_a_record() {
    let fs = filled().await;
    let mut copy = Vec::new();
    fs.edit(&segment_path(1), |bytes| copy = bytes[offset(0, 0)..offset(0, 1)].to_vec());
    let queue = open(options(&fs));
    let endpoint = reader(&queue, "a").await;
    drain(&queue, &endpoint).await;
    let record = NewRecord { items: 10, body: &copy, ..NewRecord::default() };
    queue.append(record).await.expect("open");
    append(&queue, 31).await;
    let last = queue.guard.inner.state.lock().segments.back().expect("one").number;
    let start = queue.guard.inner.state.lock().readers["a"].read.offset;
    fs.edit(&segment_path(last), |bytes| bytes[usize::try_from(start).expect("small")] = 0);
    assert_eq!(drain(&queue, &endpoint).await, [31]);
    assert_eq!(figures(&queue, "a").drops[reason::CORRUPT].records, 1);
}

#[tokio::test]
async fn a_torn_record_at_the_end_is_cut_off() {
    for cut in 1..HEADER + 26 {
        let fs = filled().await;
        let last = fs.paths().into_iter().rfind(|p| p.extension().is_some_and(|e| e == "seg"));
        let last = last.expect("there are segments");
        let mut len = 0;
        fs.edit(&last, |bytes| {
            bytes.truncate(bytes.len() - cut.min(body(29).len() + HEADER + 5));
            len = bytes.len();
        });
        let queue = open(options(&fs));
        assert_eq!(queue.stats().torn, 1, "{cut} bytes are missing");
        append(&queue, 30).await;
        let endpoint = reader(&queue, "a").await;
        let expected: Vec<u64> = (0..29).chain([30]).collect();
        assert_eq!(drain(&queue, &endpoint).await, expected, "{cut} bytes are missing");
        assert_eq!(queue.stats().corrupt, 0);
    }
}

#[tokio::test]
async fn a_segment_removed_by_hand_is_counted() {
    let fs = filled().await;
    let (first, second) = (first_segment_records(), segment_path(2));
    let queue = open(options(&fs));
    let endpoint = reader(&queue, "a").await;
    crate::files::Files::remove(&fs, &second).expect("it is there");
    let out = drain(&queue, &endpoint).await;
    let missing = figures(&queue, "a").drops[reason::MISSING];
    assert_eq!(out.len() as u64 + missing.records, 30);
    assert_eq!(missing.items, missing.records * 10);
    assert!(out.contains(&(first - 1)) && !out.contains(&first));
    // Removed while no process ran.
    let fs = filled().await;
    crate::files::Files::remove(&fs, &segment_path(1)).expect("it is there");
    let queue = open(options(&fs));
    let endpoint = reader(&queue, "a").await;
    assert_eq!(drain(&queue, &endpoint).await, (first..30).collect::<Vec<_>>());
    assert_eq!(figures(&queue, "a").drops[reason::MISSING].records, first);
}

#[tokio::test]
async fn a_damaged_cursor_falls_back() {
    // The slot written last, both slots, a shortened file, an empty one.
    type Edit = Box<dyn Fn(&mut Vec<u8>)>;
    let cases: Vec<(u64, Edit)> = vec![
        (9, Box::new(|b| b[20] ^= 1)),
        (10, Box::new(|b| b[512 + 20] ^= 1)),
        (0, Box::new(|b| b.fill(7))),
        (9, Box::new(|b| drop(b.drain(..512)))),
        (0, Box::new(|b| b.clear())),
    ];
    for (i, (first, edit)) in cases.into_iter().enumerate() {
        let fs = FaultyFs::new();
        let queue = open(Options { segment_bytes: Some(1 << 20), ..options(&fs) });
        let endpoint = reader(&queue, "a").await;
        for n in 0..20 {
            append(&queue, n).await;
        }
        for _ in 0..10 {
            let record = within(endpoint.next()).await.expect("open");
            endpoint.ack(record.id());
        }
        let fs = fs.reboot();
        let odd_is_newest = {
            let mut newest = false;
            fs.edit(&Path::new(DIR).join("cursor-a"), |b| newest = b[512 + 8] > b[8]);
            newest
        };
        assert!(odd_is_newest, "eleven writes: the newest is in the second slot");
        fs.edit(&Path::new(DIR).join("cursor-a"), |bytes| edit(bytes));
        let expected = match i {
            0 => 10,
            1 => 9,
            3 => 10,
            _ => first,
        };
        let queue = open(options(&fs));
        let endpoint = reader(&queue, "a").await;
        assert_eq!(drain(&queue, &endpoint).await, (expected..20).collect::<Vec<_>>(), "case {i}");
        assert!(figures(&queue, "a").drops.is_empty());
    }
}

#[tokio::test]
async fn a_full_disk_holds_back_and_loses_nothing() {
    let fs = FaultyFs::new();
    let queue = open(options(&fs));
    let endpoint = reader(&queue, "a").await;
    for room in [0, 1, 30, 71, 72, 90, 1100] {
        let first = queue.stats().appended_records;
        // Otherwise the segments of the last round make room while this one runs.
        until("old segments are removed", || settled(&queue)).await;
        fs.set_capacity(Some(fs.bytes_of("") + room));
        let writing = tokio::spawn({
            let queue = queue.clone();
            async move {
                for n in first..first + 20 {
                    append(&queue, n).await;
                }
            }
        });
        until("an append waits", || queue.stats().append_waiting && queue.stats().io_errors > 0).await;
        assert!(queue.stats().last_error.is_some_and(|e| e.contains("storage") || e.contains("full") || e.contains("space")));
        // A process that is killed now finds everything that was stored.
        let stored = queue.stats().appended_records;
        let killed = open(options(&fs.reboot()));
        assert_eq!(drain(&killed, &reader(&killed, "a").await).await, (first..stored).collect::<Vec<_>>());
        fs.set_capacity(None);
        within(writing).await.expect("the writer goes on");
        assert_eq!(queue.stats().last_error, None);
        assert_eq!(drain(&queue, &endpoint).await, (first..first + 20).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn an_append_that_waits_can_be_dropped() {
    let fs = FaultyFs::new();
    let queue = open(options(&fs));
    let endpoint = reader(&queue, "a").await;
    append(&queue, 0).await;
    fs.set_capacity(Some(fs.bytes_of("") + 100));
    let waiting = tokio::time::timeout(Duration::from_millis(20), queue.append(NewRecord { body: &[1; 200], ..NewRecord::default() }));
    assert!(waiting.await.is_err(), "the disk is full");
    assert!(!queue.stats().append_waiting);
    fs.set_capacity(None);
    append(&queue, 1).await;
    assert_eq!(drain(&queue, &endpoint).await, [0, 1]);
    assert_eq!(queue.stats().corrupt, 0);
}

#[tokio::test]
async fn a_queue_on_a_full_disk_opens() {
    let fs = FaultyFs::new();
    fs.set_capacity(Some(0));
    let queue = open(options(&fs));
    let endpoint = reader(&queue, "a").await;
    let writing = tokio::spawn({
        let queue = queue.clone();
        async move { append(&queue, 5).await }
    });
    until("an append waits", || queue.stats().append_waiting).await;
    fs.set_capacity(None);
    within(writing).await.expect("the writer goes on");
    assert_eq!(drain(&queue, &endpoint).await, [5]);
    until("the cursor is written", || fs.paths().contains(&Path::new(DIR).join("cursor-a"))).await;
}

#[tokio::test]
async fn failing_operations_are_tried_again() {
    for (op, times) in
        [(Op::Append, 3), (Op::Truncate, 1), (Op::WriteAt, 2), (Op::Remove, 2), (Op::Open, 2), (Op::ReadAt, 2), (Op::Sync, 2)]
    {
        let fs = FaultyFs::new();
        let queue = open(Options { sync: Sync::Every(Duration::from_millis(1)), ..options(&fs) });
        let endpoint = reader(&queue, "a").await;
        for n in 0..20 {
            append(&queue, n).await;
        }
        if op == Op::Truncate {
            // A write fails halfway, and what it left cannot be cut off.
            fs.set_capacity(Some(fs.bytes_of("") + 10));
        }
        fs.fail(op, io::ErrorKind::Other, times);
        let writing = tokio::spawn({
            let queue = queue.clone();
            async move {
                for n in 20..40 {
                    append(&queue, n).await;
                }
            }
        });
        if op == Op::Truncate {
            until("an append waits", || queue.stats().append_waiting).await;
            fs.set_capacity(None);
        }
        within(writing).await.expect("the writer goes on");
        assert_eq!(drain(&queue, &endpoint).await, (0..40).collect::<Vec<_>>(), "{op:?}");
        until("old segments are removed", || settled(&queue)).await;
        assert_eq!(fs.bytes_of(".seg"), queue.stats().bytes);
        assert!(queue.stats().io_errors > 0, "{op:?} failed");
        assert!(figures(&queue, "a").drops.is_empty(), "{op:?}");
        let again = open(options(&fs.reboot()));
        assert_eq!(figures(&again, "a").pending_records, 0, "{op:?}");
    }
}

#[tokio::test]
async fn a_torn_record_that_cannot_be_cut_off_is_left_behind() {
    let fs = FaultyFs::new();
    let queue = open(Options { segment_bytes: Some(1 << 20), ..options(&fs) });
    let endpoint = reader(&queue, "a").await;
    append(&queue, 0).await;
    fs.set_capacity(Some(fs.bytes_of("") + 10));
    fs.fail(Op::Truncate, io::ErrorKind::Other, 1000);
    let writing = tokio::spawn({
        let queue = queue.clone();
        async move { append(&queue, 1).await }
    });
    until("an append waits", || queue.stats().append_waiting).await;
    fs.set_capacity(None);
    within(writing).await.expect("a new segment is begun");
    assert_eq!((queue.stats().segments, queue.stats().bytes), (2, fs.bytes_of(".seg")));
    let left = fs.reboot();
    assert_eq!(drain(&queue, &endpoint).await, [0, 1]);
    let again = open(options(&left));
    assert_eq!(drain(&again, &reader(&again, "a").await).await, [0, 1]);
    assert!(figures(&again, "a").drops.is_empty(), "nothing that was stored is lost");
}

#[tokio::test]
async fn a_segment_that_cannot_be_read_is_given_up() {
    let fs = filled().await;
    let queue = open(options(&fs));
    let endpoint = reader(&queue, "a").await;
    fs.fail(Op::ReadAt, io::ErrorKind::Other, 6);
    let first = first_segment_records();
    assert_eq!(next(&endpoint).await, first);
    assert_eq!(figures(&queue, "a").drops[reason::MISSING], DropCount { records: first, items: first * 10, oldest_ms: None });
}

#[tokio::test]
async fn short_writes_are_finished() {
    let fs = FaultyFs::new();
    fs.set_short_writes(true);
    let queue = open(options(&fs));
    let endpoint = reader(&queue, "a").await;
    for n in 0..20 {
        append(&queue, n).await;
    }
    assert_eq!(drain(&queue, &endpoint).await, (0..20).collect::<Vec<_>>());
    let again = open(options(&fs.reboot()));
    assert_eq!((again.stats().torn, figures(&again, "a").pending_records), (0, 0));
}

#[tokio::test]
async fn an_idle_queue_does_nothing() {
    let fs = FaultyFs::new();
    let queue = open(Options { sync: Sync::Every(Duration::from_millis(1)), ..options(&fs) });
    let endpoint = reader(&queue, "a").await;
    for n in 0..20 {
        append(&queue, n).await;
    }
    drain(&queue, &endpoint).await;
    let idle = || settled(&queue) && queue.guard.inner.state.lock().sync_due.is_none();
    until("the background work is done", idle).await;
    let before = (fs.changes(), fs.count(Op::ReadAt));
    let waiting = tokio::time::timeout(Duration::from_millis(60), endpoint.next()).await;
    assert!(waiting.is_err(), "there is nothing to read");
    assert_eq!((fs.changes(), fs.count(Op::ReadAt)), before, "no operation on any file");
}

#[tokio::test]
async fn an_emptied_queue_gives_its_space_back() {
    let fs = FaultyFs::new();
    let queue = open(Options { segment_bytes: Some(1 << 20), ..options(&fs) });
    let endpoint = reader(&queue, "a").await;
    for _ in 0..10 {
        queue.append(NewRecord { body: &[1; 20_000], ..NewRecord::default() }).await.expect("open");
    }
    let inner = &queue.guard.inner;
    let elapse = || {
        let mut state = inner.state.lock();
        state.last_append = None;
        state.trim_due = Some(std::time::Instant::now());
    };
    elapse();
    inner.work().await;
    assert!(fs.bytes_of(".seg") > 200_000, "nothing is acknowledged");
    for _ in 0..10 {
        let record = within(endpoint.next()).await.expect("open");
        endpoint.ack(record.id());
    }
    assert!(inner.state.lock().trim_due.is_some(), "planned by the last acknowledgement");
    elapse();
    inner.work().await;
    assert_eq!((fs.bytes_of(".seg"), queue.stats().bytes), (segment::SEGMENT_HEADER, segment::SEGMENT_HEADER));
    append(&queue, 10).await;
    assert_eq!(drain(&queue, &endpoint).await, [10]);
}

#[tokio::test]
async fn damage_at_the_very_end_is_counted_at_once() {
    let fs = FaultyFs::new();
    let queue = open(options(&fs));
    let endpoint = reader(&queue, "a").await;
    for n in 0..3 {
        append(&queue, n).await;
    }
    fs.edit(&segment_path(1), |bytes| bytes[offset(0, 2)] = 0);
    assert_eq!(drain(&queue, &endpoint).await, [0, 1]);
    within(endpoint.drained()).await;
    assert!(tokio::time::timeout(Duration::from_millis(20), endpoint.next()).await.is_err());
    assert_eq!(figures(&queue, "a").pending_records, 0);
    assert_eq!(figures(&queue, "a").drops[reason::CORRUPT].records, 1);
    append(&queue, 3).await;
    assert_eq!(drain(&queue, &endpoint).await, [3]);
}

#[tokio::test]
async fn a_cursor_that_cannot_be_written_does_not_fill_the_disk() {
    let fs = FaultyFs::new();
    let queue = open(options(&fs));
    let endpoint = reader(&queue, "a").await;
    fs.fail(Op::WriteAt, io::ErrorKind::StorageFull, usize::MAX);
    for n in 0..50 {
        append(&queue, n).await;
    }
    drain(&queue, &endpoint).await;
    until("segments are removed", || queue.stats().segments == 1 && fs.bytes_of(".seg") < 1100).await;
    fs.fail(Op::WriteAt, io::ErrorKind::StorageFull, 0);
    queue.close().await;
    let again = open(options(&fs.reboot()));
    assert_eq!(figures(&again, "a").pending_records, 0, "the cursor was written in the end");
    assert!(figures(&again, "a").drops.is_empty());
}
