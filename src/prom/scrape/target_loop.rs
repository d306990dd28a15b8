//! Scrapes one target, again and again.

use super::ingest::{Ingest, Memory, Refusal, Totals};
use super::schedule::Schedule;
use super::shared::{NoPage, Page, Settings, Shared};
use super::target::Spec;
use component::Shutdown;
use data::metric_batch::MetricBatchInner;
use data::{Labels, Metadata, MetricBatch, MetricType, STALE_NAN, Sample};
use http::HeaderMap;
use net::scrape_client::Target as Address;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use wire::exposition::Format;

/// What the manager wants of a loop.
#[derive(Clone)]
pub(super) enum Command {
    /// Scrape this.
    Scrape(Arc<Spec>),
    /// The target is gone: mark its series as stale, unless it comes back soon.
    Leave,
}

/// How the last scrape went.
#[derive(Clone, Debug, Default)]
pub(super) struct Status {
    /// When, in nanoseconds since 1970; `None` before the first.
    pub(super) at: Option<i64>,
    pub(super) took: Duration,
    pub(super) error: Option<String>,
    pub(super) series: usize,
}

/// One target's loop.
pub(super) struct TargetLoop {
    pub(super) shared: Arc<Shared>,
    pub(super) commands: watch::Receiver<Command>,
    pub(super) status: Arc<Mutex<Status>>,
    memory: Memory,
    /// Series about the scrape itself.
    report: Vec<Labels>,
    settings: Arc<Settings>,
    /// The metadata of these was sent.
    described: bool,
    last_len: usize,
    last_start: Option<Instant>,
}

/// What a spec needs besides itself, made once.
struct Ready {
    spec: Arc<Spec>,
    address: Result<Address, String>,
    headers: HeaderMap,
}

const REPORT: [(&str, &str, &str); 8] = [
    ("up", "1 when the last scrape of the target succeeded, else 0.", "targets"),
    ("scrape_duration_seconds", "How long the last scrape took.", "seconds"),
    ("scrape_samples_scraped", "Samples in the last page.", "samples"),
    ("scrape_samples_post_metric_relabeling", "Samples of the last page that passed the checks of labels.", "samples"),
    ("scrape_series_added", "Series in the last page that were not in the one before.", "series"),
    ("scrape_timeout_seconds", "How long a scrape of the target may take.", "seconds"),
    ("scrape_sample_limit", "The most samples a page of the target may have. Zero means no limit.", "samples"),
    (
        "scrape_body_size_bytes",
        "The size of the last page, unpacked; -1 when it was too large, 0 when the scrape failed otherwise.",
        "bytes",
    ),
];
/// How long receivers may take for the last batch after the stop.
const GRACE: Duration = Duration::from_secs(5);
/// How many of these there are without `extra_metrics`.
const REPORT_BASE: usize = 5;

/// A time in nanoseconds since 1970 as text.
pub(super) fn rfc3339(nanos: i64) -> String {
    chrono::DateTime::from_timestamp_nanos(nanos).to_rfc3339_opts(chrono::SecondsFormat::Nanos, true)
}

fn describe((name, help, unit): &(&str, &str, &str)) -> Metadata {
    Metadata { family: (*name).into(), kind: MetricType::Gauge, help: (*help).into(), unit: (*unit).into() }
}

impl TargetLoop {
    pub(super) fn new(shared: Arc<Shared>, commands: watch::Receiver<Command>, status: Arc<Mutex<Status>>) -> Self {
        let settings = shared.settings.load_full();
        Self {
            shared,
            commands,
            status,
            memory: Memory::default(),
            report: Vec::new(),
            settings,
            described: false,
            last_len: 0,
            last_start: None,
        }
    }

    /// Works until told to leave, or until `stop`.
    pub(super) async fn run(mut self, stop: Shutdown) {
        let mut schedule = None;
        while !stop.is_stopping() {
            let command = self.commands.borrow_and_update().clone();
            match command {
                Command::Scrape(spec) => self.scrape_until_told(spec, &mut schedule, &stop).await,
                Command::Leave => {
                    if self.leave(schedule.as_mut(), &stop).await {
                        break;
                    }
                }
            }
        }
        self.shared.metrics.series.add(-(std::mem::take(&mut self.status.lock().series) as f64));
    }

    /// Scrapes `spec` until there is another command.
    async fn scrape_until_told(&mut self, spec: Arc<Spec>, schedule: &mut Option<Schedule>, stop: &Shutdown) {
        let offset = spec.offset(self.shared.seed);
        let schedule = match schedule {
            Some(same) if same.interval() == spec.interval => same,
            other => other.insert(Schedule::new(spec.interval, offset, self.shared.context.clock().nanos())),
        };
        let intervals = self.shared.intervals(spec.interval);
        if self.report.is_empty() || self.report[0] != spec.report_labels(REPORT[0].0) {
            self.report = REPORT.iter().map(|(name, ..)| spec.report_labels(name)).collect();
        }
        let address = Address::parse(&spec.url).map_err(|error| error.to_string());
        let mut ready = Ready { headers: self.settings.headers(spec.timeout), address, spec };
        loop {
            tokio::select! {
                () = stop.wait() => return,
                changed = self.commands.changed() => {
                    if changed.is_err() {
                        // Nobody can tell this loop anything any more: the component has ended.
                        stop.wait().await;
                    }
                    return;
                }
                () = schedule.wait() => {}
            }
            let start = Instant::now();
            if let Some(last) = self.last_start.replace(start) {
                intervals.observe((start - last).as_secs_f64());
            }
            self.take_settings(&mut ready);
            let at = schedule.begin(self.shared.context.clock().nanos());
            self.scrape(&ready, at, start, stop).await;
        }
    }

    /// Looks whether the settings have changed since the last scrape.
    fn take_settings(&mut self, ready: &mut Ready) {
        let settings = self.shared.settings.load();
        if Arc::ptr_eq(&settings, &self.settings) {
            return;
        }
        if !settings.rules.same_labels(&self.settings.rules) {
            self.memory.reset();
        }
        self.described &= settings.rules.metadata == self.settings.rules.metadata;
        ready.headers = settings.headers(ready.spec.timeout);
        self.settings = Arc::clone(&settings);
    }

    /// One scrape: from the request to the receivers.
    async fn scrape(&mut self, ready: &Ready, at: i64, start: Instant, stop: &Shutdown) {
        let fetch = async {
            match self.shared.forced.load_full() {
                Some(reason) => Err(NoPage { message: (*reason).clone(), too_large: false }),
                None => self.shared.fetch(&ready.spec, &ready.address, &ready.headers, &self.settings).await,
            }
        };
        let Some(fetched) = stop.or(fetch).await else { return };
        let too_large = fetched.as_ref().is_err_and(|error| error.too_large);
        let mut out = MetricBatchInner {
            samples: crate::pool::samples(self.last_len + REPORT.len()),
            origin: ready.spec.identity,
            ..Default::default()
        };
        let (totals, bytes, error) = match fetched {
            Ok((page, content_type)) => {
                let bytes = page.bytes().len();
                let (totals, error) = self.ingest(&ready.spec, page, &content_type, at, &mut out);
                (totals, bytes as f64, error)
            }
            Err(error) => {
                self.memory.end(false, at, &mut out);
                (Totals::default(), if too_large { -1.0 } else { 0.0 }, Some(error.message))
            }
        };
        self.shared.metrics.body_limit_hit.add(u64::from(too_large));
        let took = start.elapsed();
        let up = if error.is_none() { 1.0 } else { 0.0 };
        let args = &self.settings.args;
        let figures = [
            up,
            took.as_secs_f64(),
            totals.scraped as f64,
            totals.added as f64,
            totals.fresh as f64,
            ready.spec.timeout.as_secs_f64(),
            args.sample_limit as f64,
            bytes,
        ];
        let count = if args.extra_metrics { REPORT.len() } else { REPORT_BASE };
        out.samples.extend(self.report.iter().zip(figures).take(count).map(|(labels, value)| Sample {
            labels: labels.clone(),
            timestamp: at,
            value,
        }));
        if args.honor_metadata && !std::mem::replace(&mut self.described, true) {
            out.metadata.extend(REPORT.iter().take(count).map(describe));
        }
        self.last_len = out.samples.len();
        self.note(ready, took, error).await;
        self.forward(out, stop).await;
    }

    /// Reads a page into `out`, and says why it had to be refused.
    fn ingest(&mut self, spec: &Spec, page: Page, content_type: &str, at: i64, out: &mut MetricBatchInner) -> (Totals, Option<String>) {
        let format = Format::from_content_type(content_type).or(self.settings.fallback);
        let mut ingest = Ingest::new(&self.settings.rules, &spec.labels, &mut self.memory, at, out);
        let body = page.bytes();
        let empty = body.is_empty();
        let result = match format {
            _ if empty => Ok(()),
            Some(format) => ingest.read(body, format),
            None => Err(Refusal::ContentType(content_type.to_owned())),
        };
        let totals = ingest.totals;
        page.recycle();
        let metrics = &self.shared.metrics;
        match &result {
            Err(Refusal::SampleLimit(_)) => metrics.sample_limit_hit.inc(),
            Err(Refusal::LabelLimit(_)) => metrics.label_limit_hit.inc(),
            _ => {}
        }
        if result.is_err() {
            out.samples.clear();
            out.exemplars.clear();
            self.shared.context.ledger.dropped("scrape_refused", totals.scraped);
        } else {
            self.count_refused(&totals);
        }
        let complete = result.is_ok() && !empty;
        if self.memory.end(complete, at, out) {
            self.shared.metrics.flushes.inc();
        }
        (totals, result.err().map(|refusal| refusal.to_string()))
    }

    fn count_refused(&self, totals: &Totals) {
        let (metrics, ledger) = (&self.shared.metrics, &self.shared.context.ledger);
        if totals.duplicates > 0 {
            metrics.duplicates.add(totals.duplicates as u64);
            ledger.dropped("duplicate", totals.duplicates);
        }
        if totals.ahead > 0 {
            metrics.ahead.add(totals.ahead as u64);
            ledger.dropped("too_far_ahead", totals.ahead);
        }
    }

    /// Notes how a scrape went, and logs it where it failed.
    async fn note(&mut self, ready: &Ready, took: Duration, error: Option<String>) {
        let Shared { context, metrics, .. } = &*self.shared;
        let at = context.clock().nanos();
        if let Some(error) = &error {
            tracing::debug!(component_id = %context.id, target_url = %ready.spec.url, %error, "scrape failed");
            let (file, job) = (&self.settings.args.scrape_failure_log_file, self.settings.job(context));
            super::failures::write(file, &rfc3339(at), &job, &ready.spec.url, error).await;
        }
        let series = self.memory.cache.len();
        let mut status = self.status.lock();
        metrics.series.add(series as f64 - status.series as f64);
        *status = Status { at: Some(at.saturating_sub(i64::try_from(took.as_nanos()).unwrap_or(0))), took, error, series };
    }

    /// Hands a batch to the receivers. When it is time to stop they get a little longer.
    async fn forward(&self, out: MetricBatchInner, stop: &Shutdown) {
        let Shared { context, metrics, .. } = &*self.shared;
        let count = out.samples.len();
        context.ledger.took(count);
        metrics.received.add(count as u64);
        super::live::show(&context.tap, &out);
        let too_late = async {
            stop.wait().await;
            tokio::time::sleep(GRACE).await;
        };
        let cause = tokio::select! {
            biased;
            result = self.shared.out.send(MetricBatch::new(out)) => match result {
                Ok(()) => return context.ledger.passed(count),
                Err(error) => error.to_string(),
            },
            () = too_late => "the receivers did not take them before the stop".to_owned(),
        };
        context.ledger.dropped("refused_downstream", count);
        tracing::warn!(component_id = %context.id, %cause, samples = count, "samples of a scrape were not taken and are lost");
    }

    /// Waits until the target would have been scraped twice more, then marks its series as stale. True when that is
    /// done, false when the target is back.
    async fn leave(&mut self, schedule: Option<&mut Schedule>, stop: &Shutdown) -> bool {
        let (Some(schedule), Some(_)) = (schedule, self.last_start) else { return true };
        let mut at = 0;
        let wait = async {
            schedule.wait().await;
            at = schedule.begin(self.shared.context.clock().nanos());
            schedule.wait().await;
            tokio::time::sleep(schedule.interval() / 10).await;
        };
        tokio::select! {
            () = stop.wait() => return true,
            changed = self.commands.changed() => return changed.is_err(),
            () = wait => {}
        }
        let mut out = MetricBatchInner { origin: self.origin(), ..Default::default() };
        self.memory.end(false, at, &mut out);
        let count = if self.settings.args.extra_metrics { REPORT.len() } else { REPORT_BASE };
        out.samples.extend(self.report.iter().take(count).map(|labels| Sample { labels: labels.clone(), timestamp: at, value: STALE_NAN }));
        self.forward(out, stop).await;
        true
    }

    fn origin(&self) -> u64 {
        self.report.first().map_or(0, Labels::hash64)
    }
}
