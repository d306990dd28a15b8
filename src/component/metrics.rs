//! The program's own metrics: counters, gauges and histograms that are read at `/metrics`.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

/// A number that only goes up.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    /// Adds one.
    pub fn inc(&self) {
        self.add(1);
    }
    /// Adds `n`.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }
    /// The total.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<AtomicU64>);

impl Gauge {
    /// Sets it.
    pub fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }
    /// Adds `delta`, which may be negative.
    pub fn add(&self, delta: f64) {
        let change = |bits| Some((f64::from_bits(bits) + delta).to_bits());
        // The closure never gives up, so the update cannot fail.
        let _always = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change);
    }
    /// The value.
    pub fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

/// A distribution over fixed buckets.
#[derive(Clone, Debug)]
pub struct Histogram(Arc<HistogramInner>);

#[derive(Debug)]
struct HistogramInner {
    bounds: Box<[f64]>,
    counts: Box<[AtomicU64]>,
    sum: Gauge,
}

impl Histogram {
    fn new(bounds: &[f64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self(Arc::new(HistogramInner { bounds: bounds.into(), counts, sum: Gauge::default() }))
    }

    /// Counts one observation.
    pub fn observe(&self, value: f64) {
        let bucket = self.0.bounds.partition_point(|bound| *bound < value);
        self.0.counts[bucket].fetch_add(1, Ordering::Relaxed);
        self.0.sum.add(value);
    }
}

#[derive(Clone)]
enum Metric {
    Counter(Counter),
    Gauge(Gauge),
    Histogram(Histogram),
    Read(&'static str, Arc<dyn Fn() -> Option<f64> + Send + Sync>),
}

impl Metric {
    fn type_name(&self) -> &'static str {
        match self {
            Self::Counter(_) => "counter",
            Self::Gauge(_) => "gauge",
            Self::Histogram(_) => "histogram",
            Self::Read(kind, _) => kind,
        }
    }
}

struct Family {
    help: &'static str,
    series: BTreeMap<Arc<str>, (u64, Metric)>,
}

/// One line of a family: `name` + `suffix` with `labels`.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// What stands behind the name of the family: `_bucket`, `_sum`, `_count`, or nothing.
    pub suffix: &'static str,
    /// Labels beside those of the scope.
    pub labels: Vec<(String, String)>,
    /// The value.
    pub value: f64,
}

/// A family whose name, labels and values are known only when somebody looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Collected {
    /// Its name.
    pub name: String,
    /// Its help text.
    pub help: String,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// Its lines; those of one histogram stand together.
    pub observations: Vec<Observation>,
}

/// Gives a family of metrics whenever somebody looks.
pub trait Collector: Send + Sync {
    /// The family as it is now.
    fn collect(&self) -> Collected;
}

struct CollectorEntry {
    owner: u64,
    labels: String,
    collector: Weak<dyn Collector>,
}

/// All metrics of the program.
#[derive(Default)]
pub struct Registry {
    collectors: Mutex<Vec<CollectorEntry>>,
    families: Mutex<BTreeMap<&'static str, Family>>,
    next_scope: AtomicU64,
}

impl Registry {
    /// A part of the registry: its metrics carry `labels` and are gone when the last clone of the scope is.
    pub fn scope(self: &Arc<Self>, labels: &[(&str, &str)]) -> MetricScope {
        let id = self.next_scope.fetch_add(1, Ordering::Relaxed);
        MetricScope(Arc::new(ScopeInner {
            registry: Arc::clone(self),
            labels: render_labels(labels),
            id,
            made: Mutex::default(),
            collects: AtomicBool::new(false),
        }))
    }

    /// For each name the sum of its counters.
    pub fn totals(&self, names: &[&str]) -> Vec<u64> {
        let families = self.families.lock();
        let total = |name: &&str| {
            families.get(*name).map_or(0, |f| f.series.values().map(|(_, m)| if let Metric::Counter(c) = m { c.get() } else { 0 }).sum())
        };
        names.iter().map(total).collect()
    }

    /// Everything in the text format.
    pub fn render(&self) -> String {
        let mut out = String::with_capacity(16 * 1024);
        for (name, family) in self.families.lock().iter() {
            let Some((_, first)) = family.series.values().next() else { continue };
            // Writing to a String cannot fail.
            let _ = writeln!(out, "# HELP {name} {}\n# TYPE {name} {}", family.help, first.type_name());
            for (labels, (_, metric)) in &family.series {
                render_metric(&mut out, name, labels, metric);
            }
        }
        self.render_collected(&mut out);
        out
    }

    /// Families of several collectors with one name are one family.
    fn render_collected(&self, out: &mut String) {
        let alive: Vec<_> = {
            let mut collectors = self.collectors.lock();
            collectors.retain(|entry| entry.collector.strong_count() > 0);
            collectors.iter().filter_map(|entry| Some((entry.labels.clone(), entry.collector.upgrade()?))).collect()
        };
        let mut families: BTreeMap<String, (String, &'static str, String)> = BTreeMap::new();
        for (labels, collector) in alive {
            let Collected { name, help, kind, observations } = collector.collect();
            if observations.is_empty() || self.families.lock().contains_key(name.as_str()) {
                continue;
            }
            let (_, _, lines) = families.entry(name.clone()).or_insert_with(|| (help, kind, String::new()));
            for observation in observations {
                let own: Vec<(&str, &str)> = observation.labels.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                let own = render_labels(&own);
                let comma = if labels.is_empty() || own.is_empty() { "" } else { "," };
                let _ = writeln!(lines, "{name}{}{{{labels}{comma}{own}}} {}", observation.suffix, number(observation.value));
            }
        }
        for (name, (help, kind, lines)) in families {
            let help = help.replace('\\', "\\\\").replace('\n', "\\n");
            let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{lines}");
        }
    }
}

fn render_metric(out: &mut String, name: &str, labels: &str, metric: &Metric) {
    let braces = |extra: &str| match (labels.is_empty(), extra.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("{{{extra}}}"),
        (false, true) => format!("{{{labels}}}"),
        (false, false) => format!("{{{labels},{extra}}}"),
    };
    let _ = match metric {
        Metric::Counter(c) => writeln!(out, "{name}{} {}", braces(""), c.get()),
        Metric::Gauge(g) => writeln!(out, "{name}{} {}", braces(""), number(g.get())),
        Metric::Read(_, read) => match read() {
            Some(value) => writeln!(out, "{name}{} {}", braces(""), number(value)),
            None => Ok(()),
        },
        Metric::Histogram(h) => {
            let mut total = 0;
            for (i, count) in h.0.counts.iter().enumerate() {
                total += count.load(Ordering::Relaxed);
                let bound = h.0.bounds.get(i).map_or_else(|| "+Inf".to_owned(), |b| number(*b));
                let _ = writeln!(out, "{name}_bucket{} {total}", braces(&format!("le=\"{bound}\"")));
            }
            let _ = writeln!(out, "{name}_sum{} {}", braces(""), number(h.0.sum.get()));
            writeln!(out, "{name}_count{} {total}", braces(""))
        }
    };
}

/// A number as the text format writes it.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf".into() } else { "-Inf".into() }
    } else if value != 0.0 && !(1e-5..1e17).contains(&value.abs()) {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}

fn render_labels(labels: &[(&str, &str)]) -> String {
    let escape = |v: &str| v.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    labels.iter().map(|(n, v)| format!("{n}=\"{}\"", escape(v))).collect::<Vec<_>>().join(",")
}

struct ScopeInner {
    registry: Arc<Registry>,
    labels: String,
    id: u64,
    /// The series it made, by family: a search of all series would cost each of thousands of components all of them.
    made: Mutex<Vec<(&'static str, Arc<str>)>>,
    /// It has had a collector.
    collects: AtomicBool,
}

impl Drop for ScopeInner {
    fn drop(&mut self) {
        let mut families = self.registry.families.lock();
        for (name, key) in self.made.get_mut().drain(..) {
            let Some(family) = families.get_mut(name) else { continue };
            if family.series.get(&key).is_some_and(|(owner, _)| *owner == self.id) {
                family.series.remove(&key);
            }
            if family.series.is_empty() {
                families.remove(name);
            }
        }
        drop(families);
        if *self.collects.get_mut() {
            self.registry.collectors.lock().retain(|entry| entry.owner != self.id);
        }
    }
}

/// Where a component makes its metrics. Asking for the same name and labels again gives the same metric.
#[derive(Clone)]
pub struct MetricScope(Arc<ScopeInner>);

impl MetricScope {
    /// A counter.
    pub fn counter(&self, name: &'static str, help: &'static str) -> Counter {
        self.counter_with(name, help, &[])
    }

    /// A counter with labels of its own.
    pub fn counter_with(&self, name: &'static str, help: &'static str, labels: &[(&str, &str)]) -> Counter {
        match self.add(name, help, labels, || Metric::Counter(Counter::default())) {
            Metric::Counter(c) => c,
            _ => Counter::default(),
        }
    }

    /// A gauge.
    pub fn gauge(&self, name: &'static str, help: &'static str) -> Gauge {
        self.gauge_with(name, help, &[])
    }

    /// A gauge with labels of its own.
    pub fn gauge_with(&self, name: &'static str, help: &'static str, labels: &[(&str, &str)]) -> Gauge {
        match self.add(name, help, labels, || Metric::Gauge(Gauge::default())) {
            Metric::Gauge(g) => g,
            _ => Gauge::default(),
        }
    }

    /// A histogram over `bounds`, which must be ascending, with labels of its own.
    pub fn histogram_with(&self, name: &'static str, help: &'static str, bounds: &[f64], labels: &[(&str, &str)]) -> Histogram {
        match self.add(name, help, labels, || Metric::Histogram(Histogram::new(bounds))) {
            Metric::Histogram(h) => h,
            _ => Histogram::new(bounds),
        }
    }

    /// A gauge that is read when somebody looks.
    pub fn read_gauge(
        &self,
        name: &'static str,
        help: &'static str,
        labels: &[(&str, &str)],
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) {
        self.add(name, help, labels, || Metric::Read("gauge", Arc::new(move || Some(read()))));
    }

    /// A gauge that is read when somebody looks, and is left out where it gives nothing.
    pub fn read_gauge_if(
        &self,
        name: &'static str,
        help: &'static str,
        labels: &[(&str, &str)],
        read: impl Fn() -> Option<f64> + Send + Sync + 'static,
    ) {
        self.add(name, help, labels, || Metric::Read("gauge", Arc::new(read)));
    }

    /// A counter that is read when somebody looks.
    pub fn read_counter(
        &self,
        name: &'static str,
        help: &'static str,
        labels: &[(&str, &str)],
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) {
        self.add(name, help, labels, || Metric::Read("counter", Arc::new(move || Some(read()))));
    }

    /// Shows what `collector` gives, with the labels of the scope, for as long as somebody else holds it.
    pub fn collector(&self, collector: Weak<dyn Collector>) {
        let entry = CollectorEntry { owner: self.0.id, labels: self.0.labels.clone(), collector };
        self.0.collects.store(true, Ordering::Relaxed);
        self.0.registry.collectors.lock().push(entry);
    }

    /// The registry that holds these metrics and all others of the program.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.0.registry
    }

    fn add(&self, name: &'static str, help: &'static str, labels: &[(&str, &str)], new: impl FnOnce() -> Metric) -> Metric {
        let own = render_labels(labels);
        let comma = if self.0.labels.is_empty() || own.is_empty() { "" } else { "," };
        let key: Arc<str> = Arc::from(format!("{}{comma}{own}", self.0.labels));
        let mut families = self.0.registry.families.lock();
        let family = families.entry(name).or_insert_with(|| Family { help, series: BTreeMap::new() });
        let mut made = false;
        let (owner, metric) = family.series.entry(Arc::clone(&key)).or_insert_with(|| {
            made = true;
            (self.0.id, new())
        });
        // A rebuilt component takes over the series of the instance it replaces.
        if std::mem::replace(owner, self.0.id) != self.0.id || made {
            self.0.made.lock().push((name, key));
        }
        metric.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_and_forgets_with_the_scope() {
        let registry = Arc::new(Registry::default());
        let scope = registry.scope(&[("component_id", "a.b"), ("component_path", "/")]);
        scope.counter_with("x_total", "Things.", &[("reason", "a\"b")]).add(3);
        scope.histogram_with("d_seconds", "Time.", &[0.1, 1.0], &[]).observe(0.5);
        scope.gauge("g", "Level.").set(1e20);
        let text = registry.render();
        assert!(text.contains("x_total{component_id=\"a.b\",component_path=\"/\",reason=\"a\\\"b\"} 3\n"), "{text}");
        assert!(text.contains("d_seconds_bucket{component_id=\"a.b\",component_path=\"/\",le=\"1\"} 1\n"), "{text}");
        assert!(text.contains("# TYPE g gauge\ng{component_id=\"a.b\",component_path=\"/\"} 1e20\n"), "{text}");
        drop(scope);
        assert_eq!(registry.render(), "");
    }

    #[test]
    fn a_series_belongs_to_who_asked_for_it_last() {
        let registry = Arc::new(Registry::default());
        let [old, new] = ["", ""].map(|_| registry.scope(&[("component_id", "a.b")]));
        old.counter("x_total", "Things.").add(3);
        old.gauge("g", "Level.");
        new.counter("x_total", "Things.").add(1);
        drop(old);
        assert_eq!(registry.render(), "# HELP x_total Things.\n# TYPE x_total counter\nx_total{component_id=\"a.b\"} 4\n");
        drop(new);
        assert_eq!(registry.render(), "");
    }
}
