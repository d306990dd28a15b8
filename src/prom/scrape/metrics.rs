//! What `prometheus.scrape` says of itself at `/metrics`.

use component::{Context, Counter, Gauge, Histogram};

const BUCKETS: [f64; 4] = [0.01, 0.1, 1.0, 10.0];

pub(super) struct Metrics {
    pub(super) targets: Gauge,
    pub(super) pool_targets: Gauge,
    pub(super) target_limit: Gauge,
    pub(super) received: Counter,
    pub(super) syncs: Counter,
    pub(super) sync_failed: Counter,
    pub(super) sync_length: Histogram,
    pub(super) reloads: Counter,
    pub(super) reloads_failed: Counter,
    pub(super) target_limit_hit: Counter,
    pub(super) label_limit_hit: Counter,
    pub(super) sample_limit_hit: Counter,
    pub(super) body_limit_hit: Counter,
    pub(super) duplicates: Counter,
    pub(super) ahead: Counter,
    pub(super) flushes: Counter,
    pub(super) series: Gauge,
}

impl Metrics {
    /// The metrics of a component whose targets have this job by default.
    pub(super) fn new(context: &Context, job: &str) -> Self {
        let scope = &context.metrics;
        let job: &[(&str, &str)] = &[("scrape_job", job)];
        // Always zero here, but dashboards add them up.
        scope.counter("prometheus_scrape_targets_moved_total", "Targets that went over to another member of the cluster.");
        scope.counter("prometheus_target_scrape_pools_failed_total", "Sets of loops that could not be made.");
        scope.counter("prometheus_target_scrapes_sample_out_of_order_total", "Samples refused because a later one was there already.");
        scope.counter("prometheus_target_scrapes_exemplar_out_of_order_total", "Exemplars refused because a later one was there already.");
        scope.counter(
            "prometheus_target_scrapes_exceeded_native_histogram_bucket_limit_total",
            "Scrapes refused for a native histogram with too many buckets.",
        );
        scope.counter("prometheus_target_scrape_pools_total", "Sets of loops that were made.").inc();
        Self {
            targets: scope.gauge("prometheus_scrape_targets_gauge", "Targets in the arguments."),
            pool_targets: scope.gauge_with("prometheus_target_scrape_pool_targets", "Targets that are scraped.", job),
            target_limit: scope.gauge_with("prometheus_target_scrape_pool_target_limit", "The argument `target_limit`.", job),
            received: scope.counter("ferroalloy_samples_received_total", "Samples that were scraped or received."),
            syncs: scope.counter_with("prometheus_target_scrape_pool_sync_total", "How often loops were matched with targets.", job),
            sync_failed: scope.counter_with("prometheus_target_sync_failed_total", "Targets that cannot be scraped.", job),
            sync_length: scope.histogram_with(
                "prometheus_target_sync_length_histogram_seconds",
                "How long it took to match loops with targets.",
                &BUCKETS,
                job,
            ),
            reloads: scope.counter("prometheus_target_scrape_pool_reloads_total", "Updates of the arguments."),
            reloads_failed: scope
                .counter("prometheus_target_scrape_pool_reloads_failed_total", "Updates of the arguments that were refused."),
            target_limit_hit: scope.counter(
                "prometheus_target_scrape_pool_exceeded_target_limit_total",
                "How often there were more targets than `target_limit`.",
            ),
            label_limit_hit: scope
                .counter("prometheus_target_scrape_pool_exceeded_label_limits_total", "Scrapes refused for a label limit."),
            sample_limit_hit: scope.counter("prometheus_target_scrapes_exceeded_sample_limit_total", "Scrapes refused for `sample_limit`."),
            body_limit_hit: scope
                .counter("prometheus_target_scrapes_exceeded_body_size_limit_total", "Scrapes refused for `body_size_limit`."),
            duplicates: scope.counter(
                "prometheus_target_scrapes_sample_duplicate_timestamp_total",
                "Samples left out because their series was in the page before.",
            ),
            ahead: scope
                .counter("prometheus_target_scrapes_sample_out_of_bounds_total", "Samples left out because their time is too far ahead."),
            flushes: scope.counter(
                "prometheus_target_scrapes_cache_flush_forced_total",
                "How often what is known of a target was forgotten because failing scrapes brought ever new series.",
            ),
            series: scope.gauge("ferroalloy_scrape_series", "Series known from the last scrapes of all targets."),
        }
    }
}

/// How far apart the scrapes of targets with one interval are.
#[derive(Clone)]
pub(super) struct Intervals {
    histogram: Histogram,
    sum: Gauge,
    count: Counter,
}

impl Intervals {
    pub(super) fn new(context: &Context, interval: &str) -> Self {
        let (scope, help) = (&context.metrics, "Time from one scrape of a target to the next.");
        let labels: &[(&str, &str)] = &[("interval", interval)];
        let sum = Gauge::default();
        let read = sum.clone();
        scope.read_counter("prometheus_target_interval_length_seconds_sum", help, labels, move || read.get());
        Self {
            histogram: scope.histogram_with("prometheus_target_interval_length_histogram_seconds", help, &BUCKETS, labels),
            sum,
            count: scope.counter_with("prometheus_target_interval_length_seconds_count", help, labels),
        }
    }

    pub(super) fn observe(&self, seconds: f64) {
        self.histogram.observe(seconds);
        self.sum.add(seconds);
        self.count.inc();
    }
}
