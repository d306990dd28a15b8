//! How long `loki.process` takes for a line of the benchmark's configuration: JSON, labels, timestamp.
//!
//! `cargo run --release -p loki --example process_bench [LINES]`

use bytes::Bytes;
use component::{ComponentId, Context, Services, Shutdown};
use data::receiver::{Receiver, SendError, Sink};
use data::{Entry, Labels, LogBatch, LogsReceiver};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use syntax::Source;
use syntax::ast::Stmt;
use value::{DecodeCx, FromValue, IntoValue, Value};

const CONFIG: &str = r#"
loki.process "load" {
  forward_to = [sink]
  stage.json {
    expressions = {level = "level", logger = "logger", ts = "ts"}
  }
  stage.labels {
    values = {level = "", logger = ""}
  }
  stage.timestamp {
    source = "ts"
    format = "RFC3339Nano"
  }
}
"#;

/// Lines that come in one batch, as a file source sends them.
const BATCH: usize = 1000;

#[derive(Default)]
struct Count {
    lines: AtomicUsize,
    streams: AtomicUsize,
}

impl Sink<LogBatch> for Count {
    fn send(&self, batch: LogBatch) -> BoxFuture<'_, Result<(), SendError>> {
        self.lines.fetch_add(batch.entries(), Ordering::Relaxed);
        self.streams.fetch_add(batch.len(), Ordering::Relaxed);
        Box::pin(async { Ok(()) })
    }
}

/// Processor time of this process so far.
fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec that lives during the call.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn batches(lines: usize) -> Vec<LogBatch> {
    let labels = Labels::from_pairs([("filename", "/var/log/load.log"), ("job", "load")]);
    let levels = ["info", "warn", "error", "debug"];
    let mut out = Vec::new();
    for batch in 0..lines.div_ceil(BATCH) {
        let mut ends = Vec::new();
        let mut buffer = Vec::with_capacity(BATCH * 240);
        for i in 0..BATCH {
            let n = batch * BATCH + i;
            let level = levels[n % levels.len()];
            let _ = write!(
                buffer,
                r#"{{"ts":"2026-11-20T10:{:02}:{:02}.{:09}Z","level":"{level}","logger":"com.example.orders","msg":"order processed seq={n}","user":"user-{}","duration_ms":{},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}}"#,
                n / 60_000 % 60,
                n / 1000 % 60,
                n % 1000 * 1_000_000 + 1,
                n % 997,
                n % 250
            );
            ends.push(buffer.len());
        }
        let text = Bytes::from(buffer);
        let mut start = 0;
        let entries = ends.into_iter().map(|end| {
            let line = text.slice(start..end);
            start = end;
            Entry::new(1_795_168_800_000_000_000, line)
        });
        out.push(LogBatch::of(labels.clone(), entries.collect()));
    }
    out
}

fn start(sink: &Arc<Count>) -> Result<(LogsReceiver, Arc<dyn component::Instance>), Box<dyn std::error::Error>> {
    let receiver: LogsReceiver = Receiver::new("sink", Arc::clone(sink) as Arc<dyn Sink<LogBatch>>);
    let scope = BTreeMap::from([("sink".to_owned(), receiver.into_value())]);
    let source = Source::new("bench", CONFIG);
    let parsed = syntax::parse(&source);
    let Some(Stmt::Block(block)) = parsed.file.body.stmts.first() else { return Err("no block".into()) };
    let registration = loki::FAMILY.iter().find(|r| r.name == block.name).ok_or("not registered")?;
    let mut cx = DecodeCx::default();
    let body = value::evaluate_body(&block.body, block.name_span, &source, &scope, &mut cx.diagnostics);
    let args = (registration.decode)(&body, &mut cx).ok_or_else(|| format!("{:?}", cx.diagnostics))?;
    let exported: Arc<Mutex<Vec<(&'static str, Value)>>> = Arc::default();
    let seen = Arc::clone(&exported);
    let export = Box::new(move |values: Vec<(&'static str, Value)>| *seen.lock() = values);
    let context = Context::new(ComponentId::root("loki.process.load"), registration.name, Arc::new(Services::new("/tmp")), export);
    let instance = (registration.build)(&*args, context)?;
    let value = exported.lock().first().map(|(_, value)| value.clone()).ok_or("nothing exported")?;
    Ok((LogsReceiver::from_value(&value).map_err(|error| error.message)?, instance))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lines = std::env::args().nth(1).map_or(Ok(1_000_000), |n| n.parse())?;
    let sink = Arc::new(Count::default());
    let (receiver, instance) = start(&sink)?;
    let stop = Shutdown::new();
    let running = tokio::spawn(instance.run(stop.clone()));
    for round in 1..=3 {
        let batches = batches(lines);
        let (wall, cpu) = (Instant::now(), cpu_time());
        for batch in batches {
            receiver.send(batch).await?;
        }
        let (wall, cpu) = (wall.elapsed(), cpu_time() - cpu);
        let micros = |time: Duration| time.as_secs_f64() * 1e6 / lines as f64;
        writeln!(std::io::stdout(), "round {round}: {:.3} µs of processor time a line, {:.3} µs of time", micros(cpu), micros(wall))?;
    }
    writeln!(std::io::stdout(), "{} lines in {} streams", sink.lines.load(Ordering::Relaxed), sink.streams.load(Ordering::Relaxed))?;
    stop.stop();
    running.await??;
    Ok(())
}
