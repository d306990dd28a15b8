//! `stage.metrics` makes metrics of lines: counters, gauges and histograms with the labels of the line.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::extracted::{Key, ValueRef};
use crate::process::pipeline::{Build, Scratch};
use component::Clock;
use component::metrics::{Collected, Collector, Observation};
use data::Labels;
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use value::types::Duration;
use value::{Arguments, ValidateError};

/// Makes metrics of lines. They are shown with those of the program.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct MetricsArgs {
    /// The metrics.
    #[alloy(blocks = "metric")]
    metrics: Vec<MetricArgs>,
}

/// One metric.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) enum MetricArgs {
    Counter(CounterArgs),
    Gauge(GaugeArgs),
    Histogram(HistogramArgs),
}

/// What all kinds of metrics have.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct CommonArgs {
    /// The name, behind the prefix.
    #[alloy(attr)]
    name: String,
    /// The help text.
    #[alloy(attr, default = "")]
    description: String,
    /// The extracted value. Empty means the one called as the metric.
    #[alloy(attr, default = "")]
    source: String,
    /// What stands before the name. Empty means `loki_process_custom_`.
    #[alloy(attr, default = "")]
    prefix: String,
    /// Series that do not change for this long are removed. At least 1s.
    #[alloy(attr, default = "5m")]
    max_idle_duration: Duration,
    /// Only lines with this value count.
    #[alloy(attr, default = "")]
    value: String,
}

/// Counts lines, or adds values up.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct CounterArgs {
    #[alloy(squash)]
    common: CommonArgs,
    /// `inc` counts lines, `add` adds the values.
    #[alloy(attr)]
    action: String,
    /// Counts every line, whether it has the value or not.
    #[alloy(attr, optional)]
    match_all: bool,
    /// Adds the lengths of the lines.
    #[alloy(attr, optional)]
    count_entry_bytes: bool,
}

/// Shows a value.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct GaugeArgs {
    #[alloy(squash)]
    common: CommonArgs,
    /// `set`, `inc`, `dec`, `add` or `sub`.
    #[alloy(attr)]
    action: String,
}

/// Shows how values are distributed.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct HistogramArgs {
    #[alloy(squash)]
    common: CommonArgs,
    /// Upper bounds of the buckets, ascending.
    #[alloy(attr)]
    buckets: Vec<f64>,
}

impl CommonArgs {
    fn check(&self) -> Result<(), ValidateError> {
        if self.max_idle_duration >= Duration::from_secs(1) {
            Ok(())
        } else {
            Err(ValidateError::at("max_idle_duration", "`max_idle_duration` must be at least 1s"))
        }
    }

    fn build(&self, kind: Kind, from: Option<From>, build: &mut Build<'_>) -> Metric {
        let prefix = if self.prefix.is_empty() { "loki_process_custom_" } else { &self.prefix };
        let source = if self.source.is_empty() { &self.name } else { &self.source };
        Metric {
            name: format!("{prefix}{}", self.name),
            help: self.description.clone(),
            kind,
            from: from.unwrap_or_else(|| From::Value(build.key(source))),
            wanted: self.value.clone(),
            idle: self.max_idle_duration.nanos(),
            clock: build.clock.clone(),
            series: Mutex::default(),
        }
    }
}

impl CounterArgs {
    fn check(&self) -> Result<(), ValidateError> {
        self.common.check()?;
        if !["inc", "add"].contains(&&*self.action) {
            return Err(ValidateError::at("action", format!("{:?} is not known; use `inc` or `add`", self.action)));
        }
        if self.match_all && !self.common.value.is_empty() {
            return Err(ValidateError::at("value", "`value` and `match_all` cannot stand together"));
        }
        if self.count_entry_bytes && !(self.match_all && self.action == "add") {
            return Err(ValidateError::at("count_entry_bytes", "`count_entry_bytes` needs `match_all = true` and `action = \"add\"`"));
        }
        Ok(())
    }
}

impl GaugeArgs {
    fn check(&self) -> Result<(), ValidateError> {
        self.common.check()?;
        if ["set", "inc", "dec", "add", "sub"].contains(&&*self.action) {
            return Ok(());
        }
        Err(ValidateError::at("action", format!("{:?} is not known; use `set`, `inc`, `dec`, `add` or `sub`", self.action)))
    }
}

/// The buckets of a histogram that names none, as Prometheus' libraries have them.
const USUAL_BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

impl HistogramArgs {
    fn bounds(&self) -> Vec<f64> {
        if self.buckets.is_empty() { USUAL_BUCKETS.to_vec() } else { self.buckets.clone() }
    }

    fn check(&self) -> Result<(), ValidateError> {
        self.common.check()?;
        if self.buckets.windows(2).all(|pair| pair[0] < pair[1]) {
            Ok(())
        } else {
            Err(ValidateError::at("buckets", "the buckets must be in ascending order"))
        }
    }
}

/// What is done with a value.
enum Kind {
    Counter { add: bool },
    Gauge(Change),
    Histogram(Vec<f64>),
}

enum Change {
    Set,
    Add(f64),
    AddValue(f64),
}

/// Where the value comes from.
enum From {
    Value(Key),
    EveryLine,
    Length,
}

#[derive(Default)]
struct Series {
    value: f64,
    buckets: Vec<u64>,
    count: u64,
    changed: i64,
}

struct Metric {
    name: String,
    help: String,
    kind: Kind,
    from: From,
    /// The value that counts; empty for any.
    wanted: String,
    idle: i64,
    clock: Clock,
    series: Mutex<HashMap<Labels, Series>>,
}

struct Metrics(Vec<Arc<Metric>>);

impl MetricArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Metric, ValidateError> {
        Ok(match self {
            Self::Counter(args) => {
                args.check()?;
                let from = match (args.match_all, args.count_entry_bytes) {
                    (true, true) => Some(From::Length),
                    (true, false) => Some(From::EveryLine),
                    _ => None,
                };
                args.common.build(Kind::Counter { add: args.action == "add" }, from, build)
            }
            Self::Gauge(args) => {
                args.check()?;
                let change = match &*args.action {
                    "set" => Change::Set,
                    "inc" => Change::Add(1.0),
                    "dec" => Change::Add(-1.0),
                    "add" => Change::AddValue(1.0),
                    _ => Change::AddValue(-1.0),
                };
                args.common.build(Kind::Gauge(change), None, build)
            }
            Self::Histogram(args) => {
                args.check()?;
                args.common.build(Kind::Histogram(args.bounds()), None, build)
            }
        })
    }
}

impl BuildStage for MetricsArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        // Of several with one name the last one counts.
        let mut by_name = BTreeMap::new();
        for metric in &self.metrics {
            let built = Arc::new(metric.build(build)?);
            by_name.insert(built.name.clone(), built);
        }
        let metrics: Vec<Arc<Metric>> = by_name.into_values().collect();
        build.keeps_state();
        if let Some(scope) = build.metrics {
            for metric in &metrics {
                let weak: std::sync::Weak<Metric> = Arc::downgrade(metric);
                scope.collector(weak);
            }
        }
        Ok(Box::new(Metrics(metrics)))
    }
}

/// A value as a number: numbers, truth values, and text that is a number or a duration, which counts in seconds.
fn number(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Null => None,
        ValueRef::Bool(flag) => Some(f64::from(u8::from(flag))),
        ValueRef::Number(number) => Some(number),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).ok()?;
            text.parse().ok().or_else(|| text.parse::<Duration>().ok().map(Duration::as_secs_f64))
        }
    }
}

impl Metric {
    fn record(&self, work: &Work) {
        let value = match self.from {
            From::Value(key) => match work.extracted.get(key) {
                Some(value) => value,
                None => return,
            },
            From::EveryLine => ValueRef::Null,
            From::Length => ValueRef::Number(work.line.len() as f64),
        };
        if !self.wanted.is_empty() && value.text().is_none_or(|text| text != self.wanted) {
            return;
        }
        let amount = match &self.kind {
            Kind::Counter { add: false } => Some(1.0),
            Kind::Gauge(Change::Add(amount)) => Some(*amount),
            Kind::Gauge(Change::AddValue(sign)) => number(value).map(|n| n * sign),
            // Counters never go down.
            Kind::Counter { add: true } => number(value).filter(|n| *n >= 0.0),
            Kind::Gauge(Change::Set) | Kind::Histogram(_) => number(value),
        };
        if let Some(amount) = amount {
            self.change(&work.labels, amount);
        }
    }

    fn change(&self, labels: &Labels, amount: f64) {
        let mut all = self.series.lock();
        let visible;
        let labels = if labels.iter().any(|(name, _)| name.starts_with("__")) {
            let mut builder = labels.to_builder();
            builder.retain(|name, _| !name.starts_with("__"));
            visible = builder.build();
            &visible
        } else {
            labels
        };
        let series = all.entry_ref(labels).or_insert_with(Series::default);
        series.changed = self.clock.nanos();
        match &self.kind {
            Kind::Gauge(Change::Set) => series.value = amount,
            Kind::Histogram(bounds) => {
                series.buckets.resize(bounds.len(), 0);
                if let Some(bucket) = series.buckets.get_mut(bounds.partition_point(|bound| *bound < amount)) {
                    *bucket += 1;
                }
                series.count += 1;
                series.value += amount;
            }
            _ => series.value += amount,
        }
    }

    fn observations(&self, labels: &Labels, series: &Series) -> Vec<Observation> {
        let shown: Vec<(String, String)> = labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let Kind::Histogram(bounds) = &self.kind else {
            return vec![Observation { suffix: "", labels: shown, value: series.value }];
        };
        let mut out = Vec::new();
        let mut total = 0;
        for (bound, count) in bounds.iter().zip(&series.buckets) {
            total += count;
            out.push(bucket(&shown, component::metrics::number(*bound), total));
        }
        out.push(bucket(&shown, "+Inf".to_owned(), series.count));
        out.push(Observation { suffix: "_sum", labels: shown.clone(), value: series.value });
        out.push(Observation { suffix: "_count", labels: shown, value: series.count as f64 });
        out
    }
}

fn bucket(labels: &[(String, String)], bound: String, count: u64) -> Observation {
    let mut labels = labels.to_vec();
    labels.push(("le".to_owned(), bound));
    Observation { suffix: "_bucket", labels, value: count as f64 }
}

impl Collector for Metric {
    fn collect(&self) -> Collected {
        let now = self.clock.nanos();
        let mut all = self.series.lock();
        let observations = all.iter().flat_map(|(labels, series)| self.observations(labels, series)).collect();
        // What is idle is shown once more.
        all.retain(|_, series| now.saturating_sub(series.changed) < self.idle);
        let kind = match self.kind {
            Kind::Counter { .. } => "counter",
            Kind::Gauge(_) => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        Collected { name: self.name.clone(), help: self.help.clone(), kind, observations }
    }
}

impl Stage for Metrics {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        for metric in &self.0 {
            metric.record(work);
        }
        Flow::Next
    }
}
