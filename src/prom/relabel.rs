//! `prometheus.relabel` rewrites, keeps or drops samples by rules over their labels.

mod cache;

use crate::forward::Forward;
use cache::{Cache, Limit};
use component::{BuildError, Component, Counter, Gauge, Options, Registration, RunError, Shutdown, Stability, Tap};
use data::metric_batch::MetricBatchInner;
use data::receiver::{SendError, Sink};
use data::relabel::{self, Rule, Rules};
use data::{Labels, Metadata, MetricBatch, MetricsReceiver, Sample, is_stale};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration as StdDuration, Instant};
use value::types::Duration;
use value::{Arguments, Exports, ValidateError, ValidateErrors};

pub(crate) static COMPONENT: Registration =
    Registration::of::<Relabel>("prometheus.relabel", Stability::GenerallyAvailable).live_debugging();

/// Rewrites the labels of samples on their way to other components.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
struct Args {
    /// Receivers of every sample that is kept.
    #[alloy(attr)]
    forward_to: Vec<MetricsReceiver>,
    /// Rules, applied in the order written. Without rules samples pass unchanged.
    #[alloy(block = "rule", optional)]
    rules: Vec<Rule>,
    /// Label sets whose result is remembered. Raise it above the number of active series. Zero only with `cache_ttl`.
    #[alloy(attr, default = 100_000)]
    max_cache_size: i64,
    /// Remembers every label set, however many, until it has not been seen for so long. At least `1m`; needs
    /// `max_cache_size = 0`.
    #[alloy(attr, optional)]
    cache_ttl: Duration,
}

impl Args {
    fn validate(&self) -> Result<(), ValidateErrors> {
        let (size, ttl) = (self.max_cache_size, self.cache_ttl);
        let mut errors = ValidateErrors::default();
        errors.check(size < 0, || ValidateError::at("max_cache_size", "max_cache_size must not be negative"));
        errors.check(ttl.nanos() < 0, || ValidateError::at("cache_ttl", "cache_ttl must not be negative"));
        errors.check(size > 0 && ttl.nanos() > 0, || {
            let message = "`max_cache_size` and `cache_ttl` exclude each other";
            ValidateError::at("cache_ttl", message).hint("set `max_cache_size = 0`, or leave `cache_ttl` out")
        });
        errors.check(size == 0 && ttl.is_zero(), || {
            ValidateError::at("max_cache_size", "one of `max_cache_size` and `cache_ttl` must be above zero")
        });
        errors.check(ttl.nanos() > 0 && ttl < Duration::from_secs(60), || {
            ValidateError::at("cache_ttl", format!("cache_ttl must be at least 1m, not {ttl}"))
        });
        errors.result()
    }

    fn limit(&self) -> Limit {
        match self.cache_ttl.nanos() {
            ..=0 => Limit::Count(usize::try_from(self.max_cache_size).unwrap_or(usize::MAX)),
            _ => Limit::Seconds(u32::try_from(self.cache_ttl.std().as_secs()).unwrap_or(u32::MAX)),
        }
    }
}

/// Where to send samples, and the rules for others to use.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// Send samples here.
    #[alloy(attr)]
    receiver: MetricsReceiver,
    /// The rules themselves, for components with a `relabel_rules` argument.
    #[alloy(attr)]
    rules: Rules,
}

struct Relabel {
    shared: Arc<Shared>,
    receiver: MetricsReceiver,
}

/// What the receiver needs.
struct Shared {
    options: Options<Out>,
    work: Mutex<Work>,
    out: Forward,
    metrics: Metrics,
    ended: AtomicBool,
    begun: Instant,
}

/// The rules and what they made of what came before.
pub(crate) struct Work {
    rules: Arc<[Rule]>,
    cache: Cache,
    ttl: StdDuration,
}

struct Metrics {
    processed: Counter,
    written: Counter,
    hits: Counter,
    misses: Counter,
    deletes: Counter,
    old: Counter,
    size: Gauge,
}

impl Metrics {
    fn new(options: &Options<Out>) -> Self {
        let scope = &options.metrics;
        Self {
            processed: scope.counter("alloy_prometheus_relabel_metrics_processed", "Samples and exemplars that rules were applied to."),
            written: scope.counter("alloy_prometheus_relabel_metrics_written", "Samples that were kept and handed on."),
            hits: scope.counter("alloy_prometheus_relabel_cache_hits", "Label sets whose result was known."),
            misses: scope.counter("alloy_prometheus_relabel_cache_misses", "Label sets the rules had to be run for."),
            deletes: scope.counter("alloy_prometheus_relabel_cache_deletes", "Label sets forgotten because their series ended."),
            old: scope.counter("alloy_prometheus_relabel_cache_ttl_evictions", "Number of entries forgotten because of `cache_ttl`."),
            size: scope.gauge("alloy_prometheus_relabel_cache_size", "Label sets whose result is known."),
        }
    }
}

/// Figures of one batch.
#[derive(Default)]
struct Counts {
    seen: u64,
    hits: u64,
    stale: u64,
}

impl Work {
    /// The new labels, `None` when the sample is dropped.
    #[inline]
    fn apply(&mut self, labels: &Labels, counts: &mut Counts) -> Option<&Labels> {
        let Self { rules, cache, .. } = self;
        // A set without labels is nothing that could be stored.
        let compute = |labels: &Labels| relabel::process(labels, rules).filter(|labels| !labels.is_empty());
        let (output, known) = cache.get(labels, compute);
        counts.seen += 1;
        counts.hits += u64::from(known);
        output
    }

    /// Rewrites `sample` in place; false when it is dropped.
    #[inline]
    fn sample(&mut self, sample: &mut Sample, counts: &mut Counts) -> bool {
        let new = match self.apply(&sample.labels, counts) {
            Some(new) if new.address() == sample.labels.address() => None,
            Some(new) => Some(new.clone()),
            None => {
                self.forget_stale(sample, counts);
                return false;
            }
        };
        self.forget_stale(sample, counts);
        if let Some(new) = new {
            sample.labels = new;
        }
        true
    }

    /// A series that ends will not be asked for again.
    fn forget_stale(&mut self, sample: &Sample, counts: &mut Counts) {
        if is_stale(sample.value) {
            self.cache.remove(&sample.labels);
            counts.stale += 1;
        }
    }

    fn metadata(&self, metadata: &mut Metadata) {
        let family = Labels::from_pairs([("__name__", &*metadata.family)]);
        // Rules that drop by other labels say nothing about the family.
        let renamed = relabel::process(&family, &self.rules);
        if let Some(name) = renamed.as_ref().and_then(|labels| labels.get("__name__")).filter(|name| **name != *metadata.family) {
            metadata.family = name.into();
        }
    }

    /// Applies the rules to a batch, in place where nobody else holds it.
    fn batch(&mut self, batch: MetricBatch, tap: &Tap, counts: &mut Counts) -> MetricBatchInner {
        let watched = tap.is_watched();
        let mut rewrite = |work: &mut Self, sample: &mut Sample| {
            let before = watched.then(|| sample.labels.clone());
            let keep = work.sample(sample, counts);
            if let Some(before) = before {
                tap.show(|| if keep { format!("{before} => {}", sample.labels) } else { format!("{before} => {{}}") });
            }
            keep
        };
        let mut inner = match batch.try_unwrap() {
            Ok(mut own) => {
                own.samples.retain_mut(|sample| rewrite(self, sample));
                own
            }
            Err(shared) => {
                let mut samples = crate::pool::samples(shared.samples.len());
                samples.extend(shared.samples.iter().filter_map(|sample| {
                    let mut sample = sample.clone();
                    rewrite(self, &mut sample).then_some(sample)
                }));
                MetricBatchInner { samples, exemplars: shared.exemplars.clone(), metadata: shared.metadata.clone(), origin: shared.origin }
            }
        };
        inner.exemplars.retain_mut(|exemplar| match self.apply(&exemplar.series, counts) {
            Some(series) => {
                exemplar.series = series.clone();
                true
            }
            None => false,
        });
        inner.metadata.iter_mut().for_each(|metadata| self.metadata(metadata));
        inner
    }
}

impl Shared {
    fn relabel(&self, batch: MetricBatch) -> MetricBatchInner {
        let mut counts = Counts::default();
        let mut work = self.work.lock();
        work.cache.set_now(u32::try_from(self.begun.elapsed().as_secs()).unwrap_or(u32::MAX).saturating_add(1));
        let inner = work.batch(batch, &self.options.tap, &mut counts);
        self.metrics.size.set(work.cache.len() as f64);
        drop(work);
        self.metrics.processed.add(counts.seen);
        self.metrics.hits.add(counts.hits);
        self.metrics.misses.add(counts.seen - counts.hits);
        self.metrics.deletes.add(counts.stale);
        inner
    }

    async fn take(&self, batch: MetricBatch) -> Result<(), SendError> {
        if self.ended.load(Ordering::Acquire) {
            return Err(SendError::Stopped(self.options.id.to_string().into()));
        }
        let ledger = &self.options.ledger;
        let taken = batch.samples.len();
        let batch = self.relabel(batch);
        let kept = batch.samples.len();
        if kept == 0 && batch.exemplars.is_empty() && batch.metadata.is_empty() {
            crate::pool::recycle_samples(batch.samples);
        } else {
            self.out.send(MetricBatch::new(batch)).await?;
        }
        // Counted when it is certain that the source will not send the batch again.
        self.metrics.written.add(kept as u64);
        ledger.took(taken);
        ledger.passed(kept);
        ledger.dropped("relabelled", taken - kept);
        Ok(())
    }
}

impl Sink<MetricBatch> for Shared {
    fn send(&self, batch: MetricBatch) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(self.take(batch))
    }
}

impl Relabel {
    fn apply(&self, args: Args) {
        let cache = Cache::new(args.limit());
        let rules = Rules::new(args.rules.clone());
        *self.shared.work.lock() = Work { rules: args.rules.into(), cache, ttl: args.cache_ttl.std() };
        self.shared.metrics.size.set(0.0);
        self.shared.out.set(args.forward_to);
        self.shared.options.export(Out { receiver: self.receiver.clone(), rules });
    }
}

impl Component for Relabel {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        let work = Work { rules: Arc::default(), cache: Cache::new(args.limit()), ttl: StdDuration::ZERO };
        let shared = Arc::new(Shared {
            work: Mutex::new(work),
            out: Forward::new(options.context()),
            metrics: Metrics::new(&options),
            ended: AtomicBool::new(false),
            begun: Instant::now(),
            options,
        });
        let receiver = shared.options.receiver("receiver", Arc::clone(&shared) as Arc<dyn Sink<MetricBatch>>);
        let relabel = Self { shared, receiver };
        relabel.apply(args);
        Ok(relabel)
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        self.apply(args);
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        self.shared.ended.store(false, Ordering::Release);
        loop {
            let ttl = self.shared.work.lock().ttl;
            let pause = if ttl.is_zero() { StdDuration::from_secs(60) } else { ttl / 4 };
            if stop.or(tokio::time::sleep(pause)).await.is_none() {
                break;
            }
            let mut work = self.shared.work.lock();
            work.cache.set_now(u32::try_from(self.shared.begun.elapsed().as_secs()).unwrap_or(u32::MAX));
            self.shared.metrics.old.add(work.cache.forget_old() as u64);
            self.shared.metrics.size.set(work.cache.len() as f64);
        }
        self.shared.ended.store(true, Ordering::Release);
        Ok(())
    }
}

/// For the benchmark: the rules without a component around them.
pub(crate) mod bench {
    use super::{Cache, Counts, Limit, Rule, Work};
    use component::Tap;
    use data::metric_batch::MetricBatchInner;
    use data::{MetricBatch, relabel};
    use parking_lot::Mutex;

    /// Rules with their cache.
    pub struct Relabel(Mutex<Work>, Tap);

    impl Relabel {
        /// Rules given as action, source label, expression, target label and replacement.
        ///
        /// # Errors
        /// When one of them is not valid.
        pub fn new(rules: &[(&str, &str, &str, &str, &str)], most: usize) -> Result<Self, String> {
            let rule = |(action, source, regex, target, replacement): &(&str, &str, &str, &str, &str)| {
                let source_labels = if source.is_empty() { Vec::new() } else { vec![(*source).to_owned()] };
                let regex = relabel::Regexp::new(regex).map_err(|error| error.to_string())?;
                let action = action.parse().map_err(|error| format!("{error:?}"))?;
                let (target_label, replacement) = (relabel::Template::new(target), relabel::Template::new(replacement));
                Ok(Rule { source_labels, regex, action, target_label, replacement, ..Rule::default() })
            };
            let rules: Vec<Rule> = rules.iter().map(rule).collect::<Result<_, String>>()?;
            let work = Work { rules: rules.into(), cache: Cache::new(Limit::Count(most)), ttl: std::time::Duration::ZERO };
            Ok(Self(Mutex::new(work), Tap::default()))
        }

        /// Applies the rules.
        pub fn relabel(&self, batch: MetricBatch) -> MetricBatchInner {
            self.0.lock().batch(batch, &self.1, &mut Counts::default())
        }
    }
}

#[cfg(test)]
mod tests;
