//! `loki.relabel` rewrites, keeps or drops streams by rules over their labels.

use arc_swap::ArcSwap;
use component::{BuildError, Component, Counter, Gauge, Options, Registration, RunError, Shutdown, Stability};
use data::receiver::{SendError, Sink};
use data::relabel::{Rule, Rules, process};
use data::{Fanout, Labels, LogBatch, LogsReceiver, Stream};
use futures_util::future::BoxFuture;
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::sync::Arc;
use value::{Arguments, Exports, ValidateError};

pub(crate) static COMPONENT: Registration = Registration::of::<Relabel>("loki.relabel", Stability::GenerallyAvailable).live_debugging();

/// Rewrites the labels of log lines on their way to other components.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
struct Args {
    /// Receivers of every line that is kept.
    #[alloy(attr)]
    forward_to: Vec<LogsReceiver>,
    /// Rules, applied in the order written. A stream left without labels is dropped.
    #[alloy(block = "rule", optional)]
    rules: Vec<Rule>,
    /// Label sets remembered. Must be above 0; raise it above the number of active streams.
    #[alloy(attr, default = 10_000)]
    max_cache_size: i64,
}

impl Args {
    fn check(&self) -> Result<(), ValidateError> {
        if self.max_cache_size > 0 { Ok(()) } else { Err(ValidateError::at("max_cache_size", "`max_cache_size` must be above 0")) }
    }

    fn settings(&self) -> Settings {
        let half = usize::try_from(self.max_cache_size).unwrap_or(1).div_ceil(2);
        Settings { rules: self.rules.clone().into(), half, cache: Mutex::default() }
    }
}

/// What the component gives to others.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// Send log lines here.
    #[alloy(attr)]
    receiver: LogsReceiver,
    /// The rules, for other components to apply.
    #[alloy(attr)]
    rules: Rules,
}

struct Relabel {
    shared: Arc<Shared>,
    receiver: LogsReceiver,
}

/// Decisions by label set. The young half becomes the old one when it is full; what was not seen since goes.
#[derive(Default)]
struct Cache {
    young: HashMap<Labels, Option<Labels>>,
    old: HashMap<Labels, Option<Labels>>,
}

struct Settings {
    rules: Arc<[Rule]>,
    half: usize,
    cache: Mutex<Cache>,
}

struct Shared {
    options: Options<Out>,
    settings: ArcSwap<Settings>,
    out: Fanout<LogBatch>,
    processed: Counter,
    written: Counter,
    hits: Counter,
    misses: Counter,
    size: Gauge,
}

impl Component for Relabel {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        let metrics = &options.metrics;
        let shared = Arc::new(Shared {
            settings: ArcSwap::from_pointee(args.settings()),
            processed: metrics.counter("loki_relabel_entries_processed", "Log lines received."),
            written: metrics.counter("loki_relabel_entries_written", "Log lines forwarded."),
            hits: metrics.counter("loki_relabel_cache_hits", "Label sets found in the cache."),
            misses: metrics.counter("loki_relabel_cache_misses", "Label sets not found in the cache."),
            size: metrics.gauge("loki_relabel_cache_size", "Label sets in the cache."),
            out: Fanout::new(args.forward_to),
            options,
        });
        let receiver = shared.options.receiver("receiver", Arc::clone(&shared) as Arc<dyn Sink<LogBatch>>);
        shared.options.export(Out { receiver: receiver.clone(), rules: Rules::new(args.rules) });
        Ok(Self { shared, receiver })
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        self.shared.settings.store(Arc::new(args.settings()));
        self.shared.size.set(0.0);
        self.shared.out.set(args.forward_to);
        self.shared.options.export(Out { receiver: self.receiver.clone(), rules: Rules::new(args.rules) });
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        Ok(())
    }
}

impl Shared {
    /// What becomes of a label set; `None` when its lines are dropped.
    fn relabel(&self, settings: &Settings, labels: &Labels) -> Option<Labels> {
        let mut cache = settings.cache.lock();
        if let Some(known) = cache.young.get(labels) {
            self.hits.inc();
            return known.clone();
        }
        let (labels, relabelled) = match cache.old.remove_entry(labels) {
            Some(known) => {
                self.hits.inc();
                known
            }
            None => {
                self.misses.inc();
                (labels.clone(), process(labels, &settings.rules).filter(|labels| !labels.is_empty()))
            }
        };
        if cache.young.len() >= settings.half {
            cache.old = std::mem::take(&mut cache.young);
        }
        cache.young.insert(labels, relabelled.clone());
        self.size.set((cache.young.len() + cache.old.len()) as f64);
        relabelled
    }

    fn show(&self, before: &Stream, after: Option<&Labels>) {
        if self.options.tap.is_watched() {
            let after = after.map_or_else(|| "<dropped>".to_owned(), Labels::to_string);
            for entry in &before.entries {
                self.options.tap.show(|| format!("entry: {}, labels: {} => {after}", entry.text(), before.labels));
            }
        }
    }

    async fn take(&self, mut batch: LogBatch) -> Result<(), SendError> {
        let settings = self.settings.load_full();
        let taken = batch.entries();
        let decisions: Vec<_> = batch.iter().map(|stream| self.relabel(&settings, &stream.labels)).collect();
        for (stream, decision) in batch.iter().zip(&decisions) {
            self.show(stream, decision.as_ref());
        }
        let unchanged = batch
            .iter()
            .zip(&decisions)
            .all(|(stream, decision)| decision.as_ref().is_some_and(|labels| labels.address() == stream.labels.address()));
        if !unchanged {
            let mut decisions = decisions.into_iter();
            batch.make_mut().retain_mut(|stream| match decisions.next().flatten() {
                Some(labels) => {
                    stream.labels = labels;
                    true
                }
                None => false,
            });
        }
        let kept = batch.entries();
        if !batch.is_empty() {
            self.out.send(batch).await?;
        }
        self.processed.add(taken as u64);
        self.written.add(kept as u64);
        self.options.ledger.took(taken);
        self.options.ledger.passed(kept);
        self.options.ledger.dropped("relabel", taken - kept);
        Ok(())
    }
}

impl Sink<LogBatch> for Shared {
    fn send(&self, batch: LogBatch) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(self.take(batch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use component::testing::Driver;
    use data::Entry;

    fn stream(level: &str) -> Stream {
        Stream { labels: Labels::from_pairs([("level", level)]), entries: vec![Entry::new(1, "x")] }
    }

    #[tokio::test]
    async fn rewrites_and_drops_streams_and_remembers() {
        let config = |regex: &str| {
            format!(
                "forward_to = [capture.logs]\nmax_cache_size = 2\nrule {{\n action = \"drop\"\n source_labels = [\"level\"]\n regex = \"{regex}\"\n}}\nrule {{\n target_label = \"env\"\n replacement = \"e\"\n}}"
            )
        };
        let driver = Driver::start(&COMPONENT, &config("debug")).expect("the arguments are valid");
        for _ in 0..2 {
            driver.send(LogBatch::new(vec![stream("debug"), stream("info")])).await.expect("the batch is taken");
        }
        let rules = driver.export("rules");
        driver.update(&config("info")).expect("the arguments are valid");
        assert_ne!(driver.export("rules"), rules);
        driver.send(LogBatch::new(vec![stream("debug"), stream("info")])).await.expect("the batch is taken");
        assert_eq!(driver.log_lines(), [r#"{env="e", level="info"} x"#, r#"{env="e", level="info"} x"#, r#"{env="e", level="debug"} x"#]);
        let page = driver.context().services.metrics.render();
        let expected = ["loki_relabel_cache_hits{", "} 2"];
        assert!(page.lines().any(|line| line.starts_with(expected[0]) && line.ends_with(expected[1])), "{page}");
        assert_eq!(driver.context().ledger.totals(), (6, 3, 3));
    }

    #[test]
    fn a_cache_without_room_is_refused() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
        let _entered = runtime.enter();
        let error = Driver::start(&COMPONENT, "forward_to = []\nmax_cache_size = 0").err().expect("it is refused");
        assert!(error.contains("above 0"), "{error}");
    }
}
