//! Measures what one record costs to append, and to read back and acknowledge: `cargo run --release -p queue --example queue_bench`.

use std::io::Write;
use std::time::{Duration, Instant};

use queue::{NewRecord, Options, Queue, ReaderOptions, Sync};

const RECORDS: u32 = 4000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout();
    for size in [1_000, 10_000, 100_000, 1_000_000] {
        let records = if size > 100_000 { RECORDS / 10 } else { RECORDS };
        let body = vec![0x5a; size];
        for sync in [Sync::Never, Sync::Every(Duration::from_secs(1))] {
            let dir = tempfile::tempdir()?;
            let queue = Queue::open(dir.path(), Options { sync, ..Options::default() })?;
            let reader = queue.reader("bench", ReaderOptions::default()).await?;
            let record = NewRecord { items: 1, body: &body, ..NewRecord::default() };

            let start = Instant::now();
            for _ in 0..records {
                queue.append(record).await?;
            }
            let append = start.elapsed() / records;

            let start = Instant::now();
            for _ in 0..records {
                let record = reader.next().await.ok_or("the queue is open")?;
                reader.ack(record.id());
                reader.recycle(record);
            }
            let backlog = start.elapsed() / records;

            // The usual case: the reader follows the writer.
            let start = Instant::now();
            for _ in 0..records {
                queue.append(record).await?;
                let record = reader.next().await.ok_or("the queue is open")?;
                reader.ack(record.id());
                reader.recycle(record);
            }
            let both = start.elapsed() / records;
            writeln!(out, "{size:>8} bytes, {sync:?}: append {append:?}, read backlog and ack {backlog:?}, append + read + ack {both:?}")?;
            queue.close().await;
        }
    }
    let dir = tempfile::tempdir()?;
    let options = Options { max_bytes: 4 << 30, ..Options::default() };
    let queue = Queue::open(dir.path(), options.clone())?;
    drop(queue.reader("bench", ReaderOptions::default()).await?);
    let body = vec![0x5a; 10_000];
    for _ in 0..100_000 {
        queue.append(NewRecord { items: 1, body: &body, ..NewRecord::default() }).await?;
    }
    queue.close().await;
    drop(queue);
    let start = Instant::now();
    let queue = Queue::open(dir.path(), options)?;
    let stats = queue.stats();
    writeln!(out, "open with {} segments and {} bytes: {:?}", stats.segments, stats.bytes, start.elapsed())?;
    Ok(())
}
