//! The queue without faults.

use super::*;
use crate::{OpenError, ReaderError, StartAt};

#[tokio::test]
async fn records_come_out_as_they_went_in() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let queue = Queue::open(dir.path(), Options::default()).expect("an empty directory");
    let endpoint = reader(&queue, "endpoint").await;
    for n in 0..100 {
        append(&queue, n).await;
    }
    assert_eq!(figures(&queue, "endpoint").pending_items, 1000);
    assert_eq!(drain(&queue, &endpoint).await, (0..100).collect::<Vec<_>>());
    let after = figures(&queue, "endpoint");
    assert_eq!((after.pending_records, after.pending_items, after.pending_bytes, after.in_flight), (0, 0, 0, 0));
    assert_eq!((after.acked_records, after.acked_items, after.oldest_ms), (100, 1000, None));
}

#[tokio::test]
async fn a_restart_goes_on_after_the_last_acknowledged_record() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let settings = Options { segment_bytes: Some(1000), ..Options::default() };
    for round in 0..5 {
        let queue = Queue::open(dir.path(), settings.clone()).expect("the directory is free again");
        let endpoint = reader(&queue, "http://endpoint:80/").await;
        for n in 0..20 {
            append(&queue, round * 20 + n).await;
        }
        for n in 0..20 {
            let expected = (round * 20).saturating_sub(round * 5) + n;
            let record = within(endpoint.next()).await.expect("the queue is open");
            assert_eq!(number(&record), expected);
            if n < 15 {
                endpoint.ack(record.id());
            }
        }
        assert_eq!(figures(&queue, endpoint.name()).drops.len(), 0);
        queue.close().await;
    }
}

#[tokio::test]
async fn acknowledgements_may_come_in_any_order() {
    let fs = FaultyFs::new();
    let queue = open(options(&fs));
    let endpoint = reader(&queue, "a").await;
    for n in 0..6 {
        append(&queue, n).await;
    }
    let mut records = Vec::new();
    for _ in 0..6 {
        records.push(within(endpoint.next()).await.expect("open"));
    }
    for n in [4, 1, 0, 2] {
        endpoint.ack(records[n].id());
        endpoint.ack(records[n].id());
    }
    assert_eq!(figures(&queue, "a").pending_records, 2);
    // A record given back comes before all later ones.
    endpoint.retry(records[3].id());
    assert_eq!(next(&endpoint).await, 3);
    // After a kill everything above the lowest open record comes again.
    let queue = open(options(&fs.reboot()));
    assert_eq!(drain(&queue, &reader(&queue, "a").await).await, [3, 4, 5]);
}

#[tokio::test]
async fn a_dropped_reader_leaves_its_records_to_the_next() {
    let fs = FaultyFs::new();
    let queue = open(options(&fs));
    let first = reader(&queue, "a").await;
    for n in 0..4 {
        append(&queue, n).await;
    }
    assert_eq!(next(&first).await, 0);
    let record = within(first.next()).await.expect("open");
    assert_eq!(next(&first).await, 2);
    first.ack(record.id());
    let busy = queue.reader("a", ReaderOptions::default()).await;
    assert!(matches!(busy, Err(ReaderError::InUse(_))));
    drop(first);
    assert_eq!(drain(&queue, &reader(&queue, "a").await).await, [0, 2, 3]);
}

#[tokio::test]
async fn every_endpoint_has_its_own_cursor() {
    let fs = FaultyFs::new();
    let queue = open(options(&fs));
    let slow = reader(&queue, "slow").await;
    let fast = reader(&queue, "fast").await;
    for n in 0..50 {
        append(&queue, n).await;
    }
    assert_eq!(drain(&queue, &fast).await.len(), 50);
    assert_eq!(next(&slow).await, 0);
    let late = ReaderOptions { start: StartAt::End, ..ReaderOptions::default() };
    let late = queue.reader("late", late).await.expect("the name is free");
    append(&queue, 50).await;
    assert_eq!(drain(&queue, &late).await, [50]);
    assert!(queue.stats().segments > 3, "the slow reader holds its segments");
    // Without the slow reader nothing holds them.
    queue.retain_readers(&["fast", "late"]).await;
    assert_eq!(within(slow.next()).await, None);
    assert_eq!(drain(&queue, &fast).await, [50]);
    until("segments are removed", || fs.bytes_of(".seg") < 1000).await;
    assert_eq!(queue.stats().segments, 1);
    assert_eq!(queue.stats().bytes, fs.bytes_of(".seg"));
    let queue = open(options(&fs.reboot()));
    let names: Vec<String> = queue.stats().readers.into_iter().map(|r| r.name).collect();
    assert_eq!(names, ["fast", "late"]);
}

#[tokio::test]
async fn next_waits_for_records_and_for_the_window() {
    let queue = open(options(&FaultyFs::new()));
    let two = ReaderOptions { max_in_flight: 2, ..ReaderOptions::default() };
    let endpoint = queue.reader("a", two).await.expect("free");
    let waiting = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { endpoint.next().await }
    });
    append(&queue, 0).await;
    let first = within(waiting).await.expect("no panic").expect("open");
    append(&queue, 1).await;
    append(&queue, 2).await;
    assert_eq!(next(&endpoint).await, 1);
    let blocked = tokio::time::timeout(Duration::from_millis(20), endpoint.next()).await;
    assert!(blocked.is_err(), "the window is full");
    let waiting = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { next(&endpoint).await }
    });
    // One turn of this thread is enough for the task to wait.
    tokio::task::yield_now().await;
    endpoint.ack(first.id());
    assert_eq!(within(waiting).await.expect("no panic"), 2);
}

#[tokio::test]
async fn a_directory_belongs_to_one_queue() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let queue = Queue::open(dir.path(), Options::default()).expect("the first");
    let second = Queue::open(dir.path(), Options::default()).map(|_| ());
    assert!(matches!(second, Err(OpenError::Locked { .. })), "{second:?}");
    queue.close().await;
    Queue::open(dir.path(), Options::default()).expect("free after close");
}

#[tokio::test]
async fn after_close_nothing_waits() {
    let queue = open(options(&FaultyFs::new()));
    let endpoint = reader(&queue, "a").await;
    let waiting = tokio::spawn(async move { endpoint.next().await });
    queue.close().await;
    assert_eq!(within(waiting).await.expect("no panic"), None);
    assert!(queue.append(NewRecord::default()).await.is_err());
    assert!(matches!(queue.reader("b", ReaderOptions::default()).await, Err(ReaderError::Closed)));
}

#[tokio::test]
async fn rejected_records_are_counted_and_passed() {
    let queue = open(options(&FaultyFs::new()));
    let endpoint = reader(&queue, "a").await;
    append(&queue, 7).await;
    let record = within(endpoint.next()).await.expect("open");
    endpoint.reject(record.id(), "http_400");
    let figures = figures(&queue, "a");
    let expected = crate::DropCount { records: 1, items: 10, oldest_ms: Some(7) };
    assert_eq!(figures.drops.get("http_400"), Some(&expected));
    assert_eq!((figures.pending_records, figures.acked_records), (0, 0));
}

#[tokio::test]
async fn drained_waits_for_the_last_acknowledgement() {
    let queue = open(options(&FaultyFs::new()));
    let endpoint = reader(&queue, "a").await;
    within(endpoint.drained()).await;
    append(&queue, 0).await;
    let record = within(endpoint.next()).await.expect("open");
    assert!(tokio::time::timeout(Duration::from_millis(20), endpoint.drained()).await.is_err());
    let waiting = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { endpoint.drained().await }
    });
    tokio::task::yield_now().await;
    endpoint.ack(record.id());
    within(waiting).await.expect("no panic");
}

#[tokio::test]
async fn a_removed_reader_does_not_touch_its_successor() {
    let fs = FaultyFs::new();
    let queue = open(options(&fs));
    let old = reader(&queue, "a").await;
    append(&queue, 0).await;
    let record = within(old.next()).await.expect("open");
    queue.retain_readers(&[]).await;
    let new = reader(&queue, "a").await;
    let again = within(new.next()).await.expect("open");
    assert_eq!(again.id(), record.id());
    old.ack(record.id());
    drop(old);
    assert_eq!(figures(&queue, "a").in_flight, 1);
    new.ack(again.id());
    assert_eq!(figures(&queue, "a").pending_records, 0);
}

#[tokio::test]
async fn names_of_readers_are_file_names() {
    for (name, expected) in [
        ("prod", Some("cursor-prod")),
        ("http://a/b?c", Some("cursor-http%3a%2f%2fa%2fb%3fc")),
        ("../..", Some("cursor-%2e%2e%2f%2e%2e")),
        ("\u{e4}", Some("cursor-%c3%a4")),
        ("", None),
    ] {
        let file = crate::cursor::file_name(name);
        assert_eq!(file.as_deref(), expected);
        assert_eq!(file.and_then(|file| crate::cursor::reader_name(&file)).as_deref(), expected.map(|_| name));
    }
    assert_eq!(crate::cursor::file_name(&"x".repeat(201)), None);
    for other in ["cursor-%", "cursor-%zz", "cursor-", "cursor-a.tmp", "lock", "cursor-%41"] {
        assert_eq!(crate::cursor::reader_name(other), None, "{other}");
    }
}
