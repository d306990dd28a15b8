//! From the bytes of a page to a batch: reads, looks up or makes labels, checks limits, marks what has vanished.

use super::cache::{Cache, Id};
use super::families::Families;
use data::metric_batch::MetricBatchInner;
use data::relabel::Names;
use data::{Exemplar, Labels, LabelsBuilder, MetricType, STALE_NAN, Sample};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use wire::exposition::{self, Event, Format, Parser, Series, decode_key, unescape_help};

/// Samples further ahead than this are not sent.
const MOST_AHEAD_MS: i64 = 10 * 60 * 1000;

/// How pages are read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rules {
    pub(super) honor_labels: bool,
    pub(super) honor_timestamps: bool,
    pub(super) track_timestamps: bool,
    pub(super) metadata: bool,
    pub(super) type_and_unit: bool,
    pub(super) names: Names,
    pub(super) label_limit: usize,
    pub(super) name_length_limit: usize,
    pub(super) value_length_limit: usize,
    pub(super) sample_limit: usize,
}

impl Rules {
    /// True when labels made by `self` are those `other` would make.
    pub(super) fn same_labels(&self, other: &Self) -> bool {
        let label_part =
            |rules: &Self| Self { honor_timestamps: true, track_timestamps: true, metadata: true, sample_limit: 0, ..rules.clone() };
        label_part(self) == label_part(other)
    }
}

/// Why a page is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{0}")]
    Parse(#[from] exposition::ParseError),
    #[error("the content type {0:?} is no known text format and `scrape_fallback_protocol` is empty")]
    ContentType(String),
    #[error("a metric has no name")]
    NoName,
    #[error("invalid metric name or label names: {0}")]
    Names(String),
    #[error("the label {0:?} is there twice in {1}")]
    TwiceLabelled(String, String),
    #[error("a name or a value is not UTF-8")]
    NotUtf8,
    #[error("{0}")]
    LabelLimit(String),
    #[error("sample_limit exceeded (limit: {0})")]
    SampleLimit(usize),
    #[error("the page has more than 4 GiB of series")]
    TooLarge,
}

/// Figures of one page.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Totals {
    /// Samples in the page.
    pub(super) scraped: usize,
    /// Samples that were not refused for their labels.
    pub(super) added: usize,
    /// Series that were not there before.
    pub(super) fresh: usize,
    /// Second samples of a series.
    pub(super) duplicates: usize,
    /// Samples too far ahead.
    pub(super) ahead: usize,
}

/// What is remembered of a target between scrapes.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) cache: Cache,
    families: Families,
    /// The last exemplar of each series.
    exemplars: HashMap<Labels, (Labels, f64, Option<i64>), FixedState>,
}

impl Memory {
    /// Forgets how series are labelled, not which there were.
    pub(super) fn reset(&mut self) {
        self.cache.reset();
        self.families.reset();
        self.exemplars.clear();
    }

    /// Ends a scrape: appends staleness markers, and metadata after a complete one. True when a flood of series had
    /// to be forgotten.
    pub(super) fn end(&mut self, complete: bool, now: i64, out: &mut MetricBatchInner) -> bool {
        let samples = &mut out.samples;
        self.cache.stale(|labels| samples.push(Sample { labels: labels.clone(), timestamp: now, value: STALE_NAN }));
        if complete {
            self.families.end(&mut out.metadata);
        }
        let flood = self.cache.end(complete);
        if !complete || self.exemplars.len() > self.cache.len() {
            self.exemplars.clear();
        }
        flood
    }
}

/// Reads one page.
pub(super) struct Ingest<'a> {
    pub(super) rules: &'a Rules,
    /// The labels of the target that every series gets.
    pub(super) target: &'a Labels,
    pub(super) memory: &'a mut Memory,
    /// The time of the scrape in milliseconds.
    pub(super) now: i64,
    pub(super) out: &'a mut MetricBatchInner,
    pub(super) totals: Totals,
    counted: usize,
}

impl<'a> Ingest<'a> {
    pub(super) fn new(rules: &'a Rules, target: &'a Labels, memory: &'a mut Memory, now: i64, out: &'a mut MetricBatchInner) -> Self {
        Self { rules, target, memory, now, out, totals: Totals::default(), counted: 0 }
    }

    /// Reads `body` to its end.
    ///
    /// # Errors
    /// When the page has to be refused; what was read so far is in the batch and must not be sent.
    pub(super) fn read(&mut self, body: &[u8], format: Format) -> Result<(), Refusal> {
        let mut parser = Parser::new(body, format);
        loop {
            if let Some((id, key)) = self.memory.cache.expected()
                && let Some((value, timestamp)) = parser.try_series(key)
            {
                self.totals.scraped += 1;
                self.known(id, value, timestamp);
                continue;
            }
            match parser.next()? {
                Event::Series(series) => self.series(&parser, &series)?,
                Event::Eof => break,
                event if self.rules.metadata => self.describe(event, format),
                _ => {}
            }
        }
        match self.rules.sample_limit {
            0 => Ok(()),
            limit if self.counted > limit => Err(Refusal::SampleLimit(limit)),
            _ => Ok(()),
        }
    }

    fn series(&mut self, parser: &Parser<'_>, series: &Series<'_>) -> Result<(), Refusal> {
        self.totals.scraped += 1;
        let timestamp = series.timestamp.filter(|_| self.rules.honor_timestamps);
        let id = match self.memory.cache.find(series.key) {
            Some(id) => {
                self.known(id, series.value, timestamp);
                id
            }
            None => {
                let labels = self.labels(series.key, parser)?;
                if !self.takes(timestamp) {
                    self.totals.added += 1;
                    return Ok(());
                }
                let id = self.memory.cache.insert(series.key, labels).ok_or(Refusal::TooLarge)?;
                self.totals.fresh += 1;
                self.memory.cache.see(id);
                self.push(id, series.value, timestamp);
                self.totals.added += 1;
                id
            }
        };
        if let Some(exemplar) = &series.exemplar {
            self.exemplar(id, exemplar, timestamp);
        }
        Ok(())
    }

    /// A sample of a series whose labels are known.
    #[inline]
    fn known(&mut self, id: Id, value: f64, timestamp: Option<i64>) {
        let timestamp = timestamp.filter(|_| self.rules.honor_timestamps);
        let first = self.memory.cache.see(id);
        self.totals.added += 1;
        if !first && timestamp.is_none() {
            self.totals.duplicates += 1;
        } else if self.takes(timestamp) {
            self.push(id, value, timestamp);
        }
    }

    /// Checks what can be wrong with a sample's number and time.
    #[inline]
    fn takes(&mut self, timestamp: Option<i64>) -> bool {
        self.counted += 1;
        if self.rules.sample_limit > 0 && self.counted > self.rules.sample_limit {
            return false;
        }
        let ahead = timestamp.is_some_and(|time| time > self.now.saturating_add(MOST_AHEAD_MS));
        self.totals.ahead += usize::from(ahead);
        !ahead
    }

    #[inline]
    fn push(&mut self, id: Id, value: f64, timestamp: Option<i64>) {
        let cache = &mut self.memory.cache;
        if timestamp.is_none() || self.rules.track_timestamps {
            cache.track(id);
        }
        self.out.samples.push(Sample { labels: cache.labels(id).clone(), timestamp: timestamp.unwrap_or(self.now), value });
    }

    /// The same exemplar again is not sent again.
    fn exemplar(&mut self, id: Id, exemplar: &exposition::Exemplar<'_>, timestamp: Option<i64>) {
        let labels = Labels::from_pairs(exemplar.pairs());
        let current = (labels, exemplar.value, exemplar.timestamp);
        let series = self.memory.cache.labels(id);
        if self.memory.exemplars.get(series) == Some(&current) {
            return;
        }
        let timestamp = exemplar.timestamp.or(timestamp).unwrap_or(self.now);
        self.out.exemplars.push(Exemplar {
            series: series.clone(),
            labels: current.0.clone(),
            value: current.1,
            timestamp: Some(timestamp),
        });
        self.memory.exemplars.insert(series.clone(), current);
    }

    fn describe(&mut self, event: Event<'_>, format: Format) {
        let families = &mut self.memory.families;
        match event {
            Event::Type { name, kind } => families.kind(name, kind),
            Event::Unit { name, unit } => families.unit(name, unit),
            Event::Help { name, text } => {
                // The parser gives UTF-8 only.
                let text = std::str::from_utf8(text).unwrap_or_default();
                families.help(name, &unescape_help(text, format));
            }
            _ => {}
        }
    }

    /// The final labels of a new series.
    fn labels(&self, key: &[u8], parser: &Parser<'_>) -> Result<Labels, Refusal> {
        let mut pairs = Vec::new();
        decode_key(key, parser.kind(), &mut pairs).map_err(|_| Refusal::NotUtf8)?;
        let mut builder = LabelsBuilder::default();
        for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
            if builder.get(name).is_some() {
                return Err(Refusal::TwiceLabelled(name.to_string(), String::from_utf8_lossy(key).into_owned()));
            }
            builder.set(name, value);
        }
        if self.rules.type_and_unit {
            type_and_unit(&mut builder, parser);
        }
        // A label that a page leaves empty on purpose is not filled in, when its labels are honored.
        let emptied = |name: &str| pairs.iter().any(|(own, value)| value.is_empty() && own == name);
        add_target(&mut builder, self.target, self.rules.honor_labels, emptied);
        self.check(&builder)?;
        Ok(builder.build())
    }

    fn check(&self, labels: &LabelsBuilder) -> Result<(), Refusal> {
        let metric = labels.get("__name__").ok_or(Refusal::NoName)?;
        let valid = valid_metric(metric, self.rules.names) && labels.iter().all(|(name, _)| self.rules.names.allow(name));
        if !valid {
            return Err(Refusal::Names(labels.clone().build().to_string()));
        }
        let exceeded = |what: &str, detail: String, limit: usize| {
            let metric: String = metric.chars().take(50).collect();
            Err(Refusal::LabelLimit(format!("{what} exceeded (metric: {metric}, {detail}, limit: {limit})")))
        };
        let Rules { label_limit, name_length_limit, value_length_limit, .. } = *self.rules;
        if label_limit > 0 && labels.len() > label_limit {
            return exceeded("label_limit", format!("number of labels: {}", labels.len()), label_limit);
        }
        for (name, value) in labels.iter() {
            if name_length_limit > 0 && name.len() > name_length_limit {
                return exceeded("label_name_length_limit", format!("label name: {name:.50}, length: {}", name.len()), name_length_limit);
            }
            if value_length_limit > 0 && value.len() > value_length_limit {
                let detail = format!("label name: {name:.50}, value: {value:.50}, length: {}", value.len());
                return exceeded("label_value_length_limit", detail, value_length_limit);
            }
        }
        Ok(())
    }
}

fn valid_metric(name: &str, names: Names) -> bool {
    match names {
        Names::Utf8 => !name.is_empty(),
        Names::Legacy => {
            name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':'))
                && name.bytes().next().is_some_and(|b| !b.is_ascii_digit())
        }
    }
}

fn type_and_unit(labels: &mut LabelsBuilder, parser: &Parser<'_>) {
    let kind = match parser.kind() {
        MetricType::Unknown => "",
        kind => kind.name(),
    };
    let unit = std::str::from_utf8(parser.unit()).unwrap_or_default();
    for (name, value) in [("__type__", kind), ("__unit__", unit)] {
        if !value.is_empty() {
            labels.set(name, value);
        }
    }
}

/// Adds the target's labels. Without `honor` the page's own labels of the same names become `exported_…`, once more
/// for each time that the new name is taken. With `honor` labels that are `emptied` stay away.
pub(super) fn add_target(labels: &mut LabelsBuilder, target: &Labels, honor: bool, emptied: impl Fn(&str) -> bool) {
    let mut moved = Vec::new();
    for pair in target.pairs() {
        match labels.get(pair.name()) {
            Some(_) if honor => continue,
            Some(own) => moved.push((pair.name(), own.to_owned())),
            None if honor && emptied(pair.name()) => continue,
            None => {}
        }
        labels.set_pair(pair);
    }
    moved.sort_by_key(|(name, _)| name.len());
    for (name, value) in moved {
        let mut name = format!("exported_{name}");
        while labels.get(&name).is_some() {
            name.insert_str(0, "exported_");
        }
        labels.set(&name, &value);
    }
}
