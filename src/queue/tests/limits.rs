//! The limits in bytes and age, with exact counts.

use parking_lot::Mutex;

use super::*;
use crate::{AppendError, DropCount, DropEvent, WhenFull, reason};

const MAX: u64 = 8192;

fn small(fs: &FaultyFs) -> Options {
    Options { max_bytes: MAX, ..options(fs) }
}

fn total(events: &[DropEvent], reader: &str, reason: &str) -> DropCount {
    let mut total = DropCount::default();
    events.iter().filter(|e| e.reader == reader && e.reason == reason).for_each(|e| total.add(e.count));
    total
}

#[tokio::test]
async fn the_oldest_go_first_and_every_drop_is_counted() {
    let fs = FaultyFs::new();
    // A disk with exactly the room that is allowed, and one cursor, is never found full.
    fs.set_capacity(Some(MAX + 1024));
    let events = Arc::new(Mutex::new(Vec::new()));
    let on_drop: crate::OnDrop = {
        let events = Arc::clone(&events);
        Arc::new(move |event| events.lock().push(event.clone()))
    };
    let queue = open(Options { on_drop: Some(on_drop), ..small(&fs) });
    let endpoint = reader(&queue, "a").await;
    let mut fullest = 0;
    for n in 0..300 {
        append(&queue, n).await;
        let stats = queue.stats();
        assert_eq!(stats.bytes, fs.bytes_of(".seg"), "after record {n}");
        assert!(stats.bytes <= MAX, "{} bytes after record {n}", stats.bytes);
        fullest = fullest.max(stats.bytes);
        let dropped = stats.readers[0].drops.get(reason::QUEUE_FULL).copied().unwrap_or_default();
        assert_eq!(stats.readers[0].pending_records + dropped.records, n + 1);
        assert_eq!(stats.readers[0].pending_items + dropped.items, (n + 1) * 10);
    }
    assert!(fullest > MAX - 300, "the space is used: {fullest}");
    assert_eq!(queue.stats().io_errors, 0, "not even for a moment was more needed");
    let before = figures(&queue, "a");
    let dropped = before.drops[reason::QUEUE_FULL];
    assert_eq!(dropped.oldest_ms, Some(0));
    assert_eq!(before.oldest_ms.map(i64::cast_unsigned), Some(dropped.records));
    assert_eq!(total(&events.lock(), "a", reason::QUEUE_FULL), dropped);
    assert_eq!(drain(&queue, &endpoint).await, (dropped.records..300).collect::<Vec<_>>());
}

#[tokio::test]
async fn readers_lose_only_what_they_have_not_read() {
    let fs = FaultyFs::new();
    let queue = open(small(&fs));
    let slow = reader(&queue, "slow").await;
    let fast = reader(&queue, "fast").await;
    let held = within(async {
        append(&queue, 0).await;
        slow.next().await.expect("open")
    })
    .await;
    for n in 1..300 {
        append(&queue, n).await;
        drain(&queue, &fast).await;
    }
    assert!(figures(&queue, "fast").drops.is_empty());
    // The record in flight is neither lost nor counted until its fate is known, although its segment is gone.
    let before = figures(&queue, "slow");
    assert_eq!(before.pending_records + before.drops[reason::QUEUE_FULL].records, 300);
    assert_eq!(slow.overdue(&held), Some(reason::QUEUE_FULL));
    slow.ack(held.id());
    let out = drain(&queue, &slow).await;
    let after = figures(&queue, "slow");
    assert_eq!(out.len() as u64 + 1 + after.drops[reason::QUEUE_FULL].records, 300);
    assert_eq!(after.acked_records + after.drops[reason::QUEUE_FULL].records, 300);
}

#[tokio::test]
async fn a_record_to_be_sent_again_whose_segment_is_gone_is_counted() {
    let queue = open(small(&FaultyFs::new()));
    let endpoint = reader(&queue, "a").await;
    append(&queue, 0).await;
    append(&queue, 1).await;
    let (first, second) = (within(endpoint.next()).await.expect("open"), within(endpoint.next()).await.expect("open"));
    endpoint.retry(first.id());
    for n in 2..200 {
        append(&queue, n).await;
    }
    endpoint.retry(second.id());
    let out = drain(&queue, &endpoint).await;
    let drops = figures(&queue, "a").drops;
    assert_eq!(out.len() as u64 + drops[reason::QUEUE_FULL].records, 200);
    assert_eq!((out.contains(&0), out.contains(&1), drops.len()), (false, false, 1));
}

#[tokio::test]
async fn a_queue_without_readers_keeps_its_limits() {
    let fs = FaultyFs::new();
    let queue = open(small(&fs));
    for n in 0..200 {
        append(&queue, n).await;
        assert!(fs.bytes_of(".seg") <= MAX);
    }
    let dropped = queue.stats().drops[reason::QUEUE_FULL];
    let endpoint = reader(&queue, "a").await;
    assert_eq!(drain(&queue, &endpoint).await, (dropped.records..200).collect::<Vec<_>>());
    assert_eq!(dropped.items, dropped.records * 10);
}

#[tokio::test]
async fn backpressure_waits_for_acknowledgements() {
    let fs = FaultyFs::new();
    let queue = open(Options { when_full: WhenFull::Backpressure, ..small(&fs) });
    let endpoint = reader(&queue, "a").await;
    let writing = tokio::spawn({
        let queue = queue.clone();
        async move {
            for n in 0..300 {
                append(&queue, n).await;
            }
        }
    });
    for n in 0..300 {
        if n % 50 == 0 && n < 200 {
            until("the queue is full", || queue.stats().append_waiting).await;
        }
        assert!(fs.bytes_of(".seg") <= MAX);
        let record = within(endpoint.next()).await.expect("open");
        assert_eq!(number(&record), n);
        endpoint.ack(record.id());
    }
    within(writing).await.expect("the writer ends");
    assert!(figures(&queue, "a").drops.is_empty());
}

#[tokio::test]
async fn backpressure_with_large_records_never_locks_up() {
    let fs = FaultyFs::new();
    // A disk with exactly the room that is allowed, and one cursor, is never found full.
    fs.set_capacity(Some(MAX + 1024));
    let queue = open(Options { when_full: WhenFull::Backpressure, ..small(&fs) });
    let endpoint = reader(&queue, "a").await;
    let largest = usize::try_from(MAX).expect("small") - 96 - 72;
    let body = vec![7; largest];
    let writing = tokio::spawn({
        let (queue, body) = (queue.clone(), body.clone());
        async move {
            for _ in 0..10 {
                queue.append(NewRecord { body: &body, ..NewRecord::default() }).await.expect("it fits");
            }
        }
    });
    for _ in 0..10 {
        let record = within(endpoint.next()).await.expect("open");
        assert_eq!(record.body(), body);
        assert!(fs.bytes_of(".seg") <= MAX);
        endpoint.ack(record.id());
    }
    within(writing).await.expect("the writer ends");
    assert_eq!(queue.stats().io_errors, 0, "not even for a moment was more needed");
    let too_large = queue.append(NewRecord { body: &vec![7; largest + 1], ..NewRecord::default() }).await;
    assert!(matches!(too_large, Err(AppendError::TooLarge { .. })), "{too_large:?}");
}

#[tokio::test]
async fn a_smaller_limit_holds_from_the_start() {
    let fs = FaultyFs::new();
    let queue = open(options(&fs));
    drop(reader(&queue, "a").await);
    for n in 0..200 {
        append(&queue, n).await;
    }
    queue.close().await;
    let fs = fs.reboot();
    let queue = open(small(&fs));
    until("the oldest are dropped", || fs.bytes_of(".seg") <= MAX).await;
    let figures = figures(&queue, "a");
    assert_eq!(figures.pending_records + figures.drops[reason::QUEUE_FULL].records, 200);
}

#[tokio::test]
async fn records_that_are_too_old_are_dropped_one_by_one() {
    let (fs, clock) = (FaultyFs::new(), ManualClock::default());
    let settings = Options { max_age: Some(Duration::from_millis(1000)), ..clocked(options(&fs), &clock) };
    let queue = open(settings.clone());
    let endpoint = reader(&queue, "a").await;
    for n in 0..100 {
        clock.set(i64::try_from(n * 10).expect("small"));
        append(&queue, n).await;
    }
    // Exactly those appended before 300 are too old.
    clock.set(1300);
    assert_eq!(next(&endpoint).await, 30);
    let dropped = figures(&queue, "a").drops[reason::TOO_OLD];
    assert_eq!(dropped, DropCount { records: 30, items: 300, oldest_ms: Some(0) });
    // The same without anyone reading.
    clock.set(1500);
    queue.guard.inner.expire();
    assert_eq!(figures(&queue, "a").drops[reason::TOO_OLD].records, 49);
    assert_eq!(figures(&queue, "a").pending_records, 51);
    let held = figures(&queue, "a");
    assert_eq!(held.in_flight, 1);
    // After a restart nothing is counted twice: only the record in flight, which nobody has settled.
    let again = open(Options { files: Arc::new(fs.reboot()), ..settings.clone() });
    assert_eq!(drain(&again, &reader(&again, "a").await).await, (50..100).collect::<Vec<_>>());
    assert_eq!(figures(&again, "a").drops[reason::TOO_OLD].records, 20);
    clock.set(10_000);
    queue.guard.inner.expire();
    let figures = figures(&queue, "a");
    assert_eq!((figures.pending_records, figures.drops[reason::TOO_OLD].records), (1, 99));
}

#[tokio::test]
async fn age_is_looked_at_in_the_background() {
    let fs = FaultyFs::new();
    let queue = open(Options { max_age: Some(Duration::from_millis(30)), ..options(&fs) });
    drop(reader(&queue, "a").await);
    for n in 0..50 {
        append(&queue, n).await;
    }
    until("all are too old", || figures(&queue, "a").pending_records == 0).await;
    assert_eq!(figures(&queue, "a").drops[reason::TOO_OLD], DropCount { records: 50, items: 500, oldest_ms: Some(0) });
    until("segments are removed", || queue.stats().segments == 1).await;
}

#[tokio::test]
async fn a_record_given_back_too_late_is_too_old() {
    let clock = ManualClock::default();
    let fs = FaultyFs::new();
    let queue = open(Options { max_age: Some(Duration::from_millis(100)), ..clocked(options(&fs), &clock) });
    let endpoint = reader(&queue, "a").await;
    append(&queue, 0).await;
    let record = within(endpoint.next()).await.expect("open");
    assert_eq!(endpoint.overdue(&record), None);
    clock.set(101);
    assert_eq!(endpoint.overdue(&record), Some(reason::TOO_OLD));
    endpoint.retry(record.id());
    append(&queue, 1).await;
    assert_eq!(next(&endpoint).await, 1);
    assert_eq!(figures(&queue, "a").drops[reason::TOO_OLD].records, 1);
}
