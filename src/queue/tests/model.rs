//! Random operations against a model of the queue, and many tasks at once.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Append,
    Next,
    Ack(prop::sample::Index),
    Retry(prop::sample::Index),
    Reject(prop::sample::Index),
    Reattach,
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Append),
        5 => Just(Step::Next),
        4 => any::<prop::sample::Index>().prop_map(Step::Ack),
        1 => any::<prop::sample::Index>().prop_map(Step::Retry),
        1 => any::<prop::sample::Index>().prop_map(Step::Reject),
        1 => Just(Step::Reattach),
        1 => Just(Step::Kill),
    ]
}

/// What a reader must see.
#[derive(Default)]
struct Model {
    appended: u64,
    /// The next that was never handed out since the last start.
    unread: u64,
    again: BTreeSet<u64>,
    in_flight: BTreeSet<u64>,
}

impl Model {
    fn next(&mut self) -> Option<u64> {
        let n = self.again.pop_first().or_else(|| {
            let n = self.unread;
            (n < self.appended).then(|| {
                self.unread += 1;
                n
            })
        })?;
        self.in_flight.insert(n);
        Some(n)
    }

    fn open(&self) -> BTreeSet<u64> {
        self.in_flight.union(&self.again).copied().collect()
    }

    fn pending(&self) -> u64 {
        self.appended - self.unread + self.open().len() as u64
    }
}

async fn run_model(steps: Vec<Step>) {
    let mut fs = FaultyFs::new();
    let mut queue = open(options(&fs));
    let mut endpoint = reader(&queue, "a").await;
    let mut model = Model::default();
    let mut held: Vec<Record> = Vec::new();
    for step in steps {
        match step {
            Step::Append => {
                append(&queue, model.appended).await;
                model.appended += 1;
            }
            Step::Next => {
                let Some(expected) = model.next() else { continue };
                let record = within(endpoint.next()).await.expect("open");
                assert_eq!(number(&record), expected);
                held.push(record);
            }
            Step::Ack(_) | Step::Reject(_) | Step::Retry(_) if held.is_empty() => {}
            Step::Ack(at) => {
                let record = held.swap_remove(at.index(held.len()));
                model.in_flight.remove(&number(&record));
                endpoint.ack(record.id());
            }
            Step::Reject(at) => {
                let record = held.swap_remove(at.index(held.len()));
                model.in_flight.remove(&number(&record));
                endpoint.reject(record.id(), "refused");
            }
            Step::Retry(at) => {
                let record = held.swap_remove(at.index(held.len()));
                model.in_flight.remove(&number(&record));
                model.again.insert(number(&record));
                endpoint.retry(record.id());
            }
            Step::Reattach => {
                drop(endpoint);
                held.clear();
                model.again = model.open();
                model.in_flight.clear();
                endpoint = reader(&queue, "a").await;
            }
            Step::Kill => {
                fs = fs.reboot();
                held.clear();
                queue = open(options(&fs));
                endpoint = reader(&queue, "a").await;
                model.unread = model.open().first().copied().unwrap_or(model.unread);
                model.again.clear();
                model.in_flight.clear();
            }
        }
        assert_eq!(figures(&queue, "a").pending_records, model.pending());
        assert_eq!(figures(&queue, "a").pending_items, model.pending() * 10);
    }
}

/// Whatever happens in a small queue, everything appended is pending, acknowledged or counted as dropped.
async fn run_ledger(steps: Vec<Step>) {
    let fs = FaultyFs::new();
    let queue = open(Options { max_bytes: 4096, ..options(&fs) });
    let mut endpoint = reader(&queue, "a").await;
    let mut held: Vec<Record> = Vec::new();
    let mut appended = 0;
    for step in steps {
        match step {
            Step::Append | Step::Kill => {
                append(&queue, appended).await;
                appended += 1;
            }
            Step::Next => {
                if let Ok(record) = tokio::time::timeout(Duration::from_millis(1), endpoint.next()).await {
                    let record = record.expect("open");
                    number(&record);
                    held.push(record);
                }
            }
            Step::Reattach => {
                drop(endpoint);
                held.clear();
                endpoint = reader(&queue, "a").await;
            }
            Step::Ack(_) | Step::Reject(_) | Step::Retry(_) if held.is_empty() => {}
            Step::Ack(at) => endpoint.ack(held.swap_remove(at.index(held.len())).id()),
            Step::Reject(at) => endpoint.reject(held.swap_remove(at.index(held.len())).id(), "refused"),
            Step::Retry(at) => endpoint.retry(held.swap_remove(at.index(held.len())).id()),
        }
        let figures = figures(&queue, "a");
        let (records, items) = figures.drops.values().fold((0, 0), |(records, items), d| (records + d.records, items + d.items));
        assert_eq!(figures.pending_records + figures.acked_records + records, appended);
        assert_eq!(figures.pending_items + figures.acked_items + items, appended * 10);
        assert!(fs.bytes_of(".seg") <= 4096);
    }
}

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn behaves_as_the_model(steps in prop::collection::vec(step(), 1..150)) {
        block_on(run_model(steps));
    }

    #[test]
    fn the_ledger_is_balanced(steps in prop::collection::vec(step(), 1..250)) {
        block_on(run_ledger(steps));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tasks_at_once() {
    const WRITERS: u64 = 4;
    const EACH: u64 = 400;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let queue = Queue::open(dir.path(), Options { segment_bytes: Some(4000), ..Options::default() }).expect("empty");
    let endpoints = [reader(&queue, "a").await, reader(&queue, "b").await];
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let queue = queue.clone();
        writers.push(tokio::spawn(async move {
            for n in 0..EACH {
                append(&queue, writer * EACH + n).await;
            }
        }));
    }
    let mut senders = Vec::new();
    for endpoint in &endpoints {
        for sender in 0..3 {
            let endpoint = endpoint.clone();
            senders.push(tokio::spawn(async move {
                let mut seen = Vec::new();
                while let Some(record) = endpoint.next().await {
                    if sender == 0 && record.id().sequence() % 7 == 0 && seen.len() % 2 == 0 {
                        endpoint.retry(record.id());
                    } else {
                        seen.push(number(&record));
                        endpoint.ack(record.id());
                        endpoint.recycle(record);
                    }
                    tokio::task::yield_now().await;
                }
                seen
            }));
        }
    }
    for writer in writers {
        within(writer).await.expect("no panic");
    }
    until("all is acknowledged", || queue.stats().readers.iter().all(|r| r.pending_records == 0)).await;
    until("segments are removed", || queue.stats().segments == 1).await;
    queue.close().await;
    let mut seen = Vec::new();
    for sender in senders {
        seen.extend(within(sender).await.expect("no panic"));
    }
    seen.sort_unstable();
    let twice: Vec<u64> = (0..WRITERS * EACH).flat_map(|n| [n, n]).collect();
    assert_eq!(seen, twice, "every record once for each of the two readers");
}
