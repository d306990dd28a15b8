//! The program's own log: logfmt or JSON on standard error, and lines for receivers.

use arc_swap::ArcSwap;
use data::{Entry, Labels, LogBatch, LogsReceiver};
use runtime::{LoggingControl, LoggingSettings};
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// Lines that wait for a receiver; beyond that they only go to standard error.
const WAITING: usize = 1000;

/// Where log lines go, changed while the program runs.
pub struct Logging {
    level: AtomicU8,
    json: AtomicBool,
    receivers: ArcSwap<Vec<LogsReceiver>>,
    lines: OnceLock<mpsc::Sender<String>>,
}

impl Logging {
    /// Makes this the program's log, at level info.
    pub fn install() -> Arc<Self> {
        let logging = Arc::new(Self {
            level: AtomicU8::new(rank(Level::INFO)),
            json: AtomicBool::new(false),
            receivers: ArcSwap::default(),
            lines: OnceLock::new(),
        });
        let layer = LogLayer(Arc::clone(&logging));
        // A second call would mean a second program in one process, as in tests: the first log stays.
        let _first = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer));
        logging
    }

    /// Sends lines to receivers from now on. Needs a runtime.
    pub fn start_forwarding(self: &Arc<Self>) {
        let (sender, mut lines) = mpsc::channel::<String>(WAITING);
        let this = Arc::clone(self);
        if self.lines.set(sender).is_err() {
            return;
        }
        tokio::spawn(async move {
            let labels = Labels::from_pairs([("component", "alloy")]);
            while let Some(line) = lines.recv().await {
                #[allow(clippy::disallowed_methods, reason = "log lines bear the system's time")]
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
                let entry = Entry::new(i64::try_from(now).unwrap_or(i64::MAX), line.into_bytes());
                let batch = LogBatch::of(labels.clone(), vec![entry]);
                for receiver in this.receivers.load_full().iter() {
                    // A receiver that refuses would have to log that: the line is on standard error already.
                    let _refused = receiver.send(batch.clone()).await;
                }
            }
        });
    }
}

impl LoggingControl for Logging {
    fn apply(&self, settings: LoggingSettings) {
        let level = match settings.level.as_str() {
            "debug" => Level::DEBUG,
            "warn" => Level::WARN,
            "error" => Level::ERROR,
            _ => Level::INFO,
        };
        self.level.store(rank(level), Ordering::Relaxed);
        self.json.store(settings.format == "json", Ordering::Relaxed);
        self.receivers.store(Arc::new(settings.write_to));
        tracing::callsite::rebuild_interest_cache();
    }
}

/// Higher is more severe.
fn rank(level: Level) -> u8 {
    match level {
        Level::TRACE => 0,
        Level::DEBUG => 1,
        Level::INFO => 2,
        Level::WARN => 3,
        Level::ERROR => 4,
    }
}

fn name(level: Level) -> &'static str {
    ["trace", "debug", "info", "warn", "error"][rank(level) as usize]
}

struct LogLayer(Arc<Logging>);

/// Fields of the spans around an event, such as the component's id.
struct SpanFields(Fields);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for LogLayer {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        // What libraries say of themselves is for debugging only.
        let own =
            !metadata.target().starts_with("hyper") && !metadata.target().starts_with("rustls") && !metadata.target().starts_with("h2");
        metadata.is_span() || (own && rank(*metadata.level()) >= self.0.level.load(Ordering::Relaxed))
    }

    fn on_new_span(&self, attributes: &tracing::span::Attributes<'_>, id: &tracing::Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanFields(fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(SpanFields(outer)) = span.extensions().get() {
                fields.pairs.extend(outer.pairs.iter().cloned());
            }
        }
        #[allow(clippy::disallowed_methods, reason = "log lines bear the system's time")]
        let timestamp = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Nanos, true);
        let level = name(*event.metadata().level());
        let mut line = if self.0.json.load(Ordering::Relaxed) { fields.json(&timestamp, level) } else { fields.logfmt(&timestamp, level) };
        if let (Some(lines), false) = (self.0.lines.get(), self.0.receivers.load().is_empty()) {
            // Full means that receivers are slower than the log: standard error has the line.
            let _full = lines.try_send(line.clone());
        }
        line.push('\n');
        // There is nowhere to say that standard error is closed.
        let _closed = std::io::stderr().write_all(line.as_bytes());
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    pairs: Vec<(&'static str, String)>,
}

impl Fields {
    fn logfmt(&self, timestamp: &str, level: &str) -> String {
        let mut line = format!("ts={timestamp} level={level} msg={}", quoted(&self.message));
        for (name, value) in &self.pairs {
            // Writing to a String cannot fail.
            let _ = write!(line, " {name}={}", quoted(value));
        }
        line
    }

    fn json(&self, timestamp: &str, level: &str) -> String {
        let mut object = serde_json::Map::new();
        object.insert("ts".into(), timestamp.into());
        object.insert("level".into(), level.into());
        object.insert("msg".into(), self.message.as_str().into());
        for (name, value) in &self.pairs {
            object.insert((*name).into(), value.as_str().into());
        }
        serde_json::Value::Object(object).to_string()
    }
}

/// As logfmt wants it: quoted when it holds anything but a plain word.
fn quoted(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c > ' ' && c != '"' && c != '=' && c != '\\' && c != '\u{7f}');
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" { self.message = value.to_owned() } else { self.pairs.push((field.name(), value.to_owned())) }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
