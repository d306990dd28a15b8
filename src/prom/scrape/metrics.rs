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
        scope.counter("prometheus_scrape_targets_moved_total", "Number of targets that have moved from this cluster node to another one.");
        scope.counter("prometheus_target_scrape_pools_failed_total", "Total number of scrape pool creations that failed.");
        scope.counter("prometheus_target_scrapes_sample_out_of_order_total", "Total number of samples rejected because they were out of order.");
        scope.counter("prometheus_target_scrapes_exemplar_out_of_order_total", "Total number of exemplars rejected because they were out of order.");
        scope.counter("prometheus_target_scrapes_exceeded_native_histogram_bucket_limit_total", "Total number of scrapes that hit the bucket limit of native histograms.");
        scope.counter("prometheus_target_scrape_pools_total", "Total number of scrape pool creation attempts.").inc();
        Self {
            targets: scope.gauge("prometheus_scrape_targets_gauge", "Number of targets this component is configured to scrape."),
            pool_targets: scope.gauge_with("prometheus_target_scrape_pool_targets", "Current number of targets in this scrape pool.", job),
            target_limit: scope.gauge_with("prometheus_target_scrape_pool_target_limit", "Maximum number of targets allowed in this scrape pool.", job),
            received: scope.counter("ferroalloy_samples_received_total", "Samples that were scraped or received."),
            syncs: scope.counter_with("prometheus_target_scrape_pool_sync_total", "Total number of syncs that were executed on a scrape pool.", job),
            sync_failed: scope.counter_with("prometheus_target_sync_failed_total", "Total number of target sync failures.", job),
            sync_length: scope.histogram_with("prometheus_target_sync_length_histogram_seconds", "Actual interval to sync the scrape pool.", &BUCKETS, job),
            reloads: scope.counter("prometheus_target_scrape_pool_reloads_total", "Total number of scrape pool reloads."),
            reloads_failed: scope.counter("prometheus_target_scrape_pool_reloads_failed_total", "Total number of failed scrape pool reloads."),
            target_limit_hit: scope.counter("prometheus_target_scrape_pool_exceeded_target_limit_total", "Total number of times scrape pools hit the target limit."),
            label_limit_hit: scope.counter("prometheus_target_scrape_pool_exceeded_label_limits_total", "Total number of scrapes that hit a label limit."),
            sample_limit_hit: scope.counter("prometheus_target_scrapes_exceeded_sample_limit_total", "Total number of scrapes that hit the sample limit."),
            body_limit_hit: scope.counter("prometheus_target_scrapes_exceeded_body_size_limit_total", "Total number of scrapes that hit the body size limit."),
            duplicates: scope.counter("prometheus_target_scrapes_sample_duplicate_timestamp_total", "Total number of samples rejected because their series was there before."),
            ahead: scope.counter("prometheus_target_scrapes_sample_out_of_bounds_total", "Total number of samples rejected because their time is too far ahead."),
            flushes: scope.counter("prometheus_target_scrapes_cache_flush_forced_total", "How often what is known of a target was forgotten because failing scrapes brought ever new series."),
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
        let (scope, help) = (&context.metrics, "Actual intervals between scrapes.");
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
