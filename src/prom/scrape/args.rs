//! The arguments of `prometheus.scrape`.

use data::{MetricsReceiver, Target};
use net::client::ClientArgs;
use std::collections::BTreeMap;
use std::ops::Deref;
use value::schema::BodySchema;
use value::types::{ByteSize, Duration};
use value::{Arguments, Node, Reader, ValidateError, ValidateErrors};

/// Formats in the order in which they are asked for.
const PROTOCOLS: [&str; 4] = ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"];
/// The format of native histograms.
pub(super) const PROTO: &str = "PrometheusProto";

/// Arguments with what follows from others filled in, as the API shows them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Args(Written);

impl Deref for Args {
    type Target = Written;
    fn deref(&self) -> &Written {
        &self.0
    }
}

impl Arguments for Args {
    fn schema() -> &'static BodySchema {
        Written::schema()
    }
    fn fields(reader: &mut Reader<'_, '_>) -> Option<Self> {
        Written::fields(reader).map(|written| Self(written.filled_in()))
    }
    fn encode(&self) -> Vec<Node> {
        self.0.encode()
    }
}

/// Shares targets between the members of a cluster.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct Clustering {
    /// Scrapes only this member's part of the targets. A process on its own scrapes all of them.
    #[alloy(attr)]
    pub(super) enabled: bool,
}

/// Fetches pages of metrics and sends their samples on.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub(super) struct Written {
    /// The targets to scrape.
    #[alloy(attr)]
    pub(super) targets: Vec<Target>,
    /// Receivers of the samples.
    #[alloy(attr)]
    pub(super) forward_to: Vec<MetricsReceiver>,
    /// The label `job` of targets that bring none. Empty means the component's id.
    #[alloy(attr, optional)]
    pub(super) job_name: String,
    /// Labels of a page win over labels of its target. Otherwise the page's become `exported_…`.
    #[alloy(attr, default = false)]
    pub(super) honor_labels: bool,
    /// Takes times that stand in a page; otherwise every sample has the time of the scrape.
    #[alloy(attr, default = true)]
    pub(super) honor_timestamps: bool,
    /// Marks vanished series as stale even when their samples have times of their own.
    #[alloy(attr, default = false)]
    pub(super) track_timestamps_staleness: bool,
    /// Parameters of the request.
    #[alloy(attr, optional)]
    pub(super) params: BTreeMap<String, Vec<String>>,
    /// Scrapes a classic histogram that is also there as a native one.
    #[alloy(attr, default = false)]
    pub(super) scrape_classic_histograms: bool,
    /// Asks for native histograms. Accepted for compatibility: pages are asked for as text, which has none.
    #[alloy(attr, default = false)]
    pub(super) scrape_native_histograms: bool,
    /// File to which failed scrapes are written, one JSON object a line.
    #[alloy(attr, optional)]
    pub(super) scrape_failure_log_file: String,
    /// How often each target is scraped.
    #[alloy(attr, default = "1m")]
    pub(super) scrape_interval: Duration,
    /// How long a scrape may take. At most `scrape_interval`.
    #[alloy(attr, default = "10s")]
    pub(super) scrape_timeout: Duration,
    /// Formats to ask for, the best first.
    #[alloy(attr, default = ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"])]
    pub(super) scrape_protocols: Vec<String>,
    /// The path of the page.
    #[alloy(attr, default = "/metrics")]
    pub(super) metrics_path: String,
    /// `http` or `https`.
    #[alloy(attr, default = "http")]
    pub(super) scheme: String,
    /// A page of so many bytes, unpacked, fails the scrape. Zero means no limit.
    #[alloy(attr, optional)]
    pub(super) body_size_limit: ByteSize,
    /// More samples than this fail the scrape. Zero means no limit.
    #[alloy(attr, default = 0)]
    pub(super) sample_limit: u64,
    /// More targets than this fail all scrapes. Zero means no limit.
    #[alloy(attr, default = 0)]
    pub(super) target_limit: u64,
    /// A series with more labels than this fails the scrape. Zero means no limit.
    #[alloy(attr, default = 0)]
    pub(super) label_limit: u64,
    /// A label with a longer name, in bytes, fails the scrape. Zero means no limit.
    #[alloy(attr, default = 0)]
    pub(super) label_name_length_limit: u64,
    /// A label with a longer value, in bytes, fails the scrape. Zero means no limit.
    #[alloy(attr, default = 0)]
    pub(super) label_value_length_limit: u64,
    #[alloy(squash)]
    pub(super) client: ClientArgs,
    /// Adds the series `scrape_timeout_seconds`, `scrape_sample_limit` and `scrape_body_size_bytes` for each target.
    #[alloy(attr, default = false)]
    pub(super) extra_metrics: bool,
    /// Asks for native histograms.
    #[alloy(attr, default = false)]
    pub(super) enable_protobuf_negotiation: bool,
    /// Which names are valid: `legacy` (letters, digits, `_` and `:`) or `utf8`.
    #[alloy(attr, default = "legacy")]
    pub(super) metric_name_validation_scheme: String,
    /// How targets are asked to write other names: `allow-utf-8`, `underscores`, `dots` or `values`. Empty means what
    /// fits `metric_name_validation_scheme`.
    #[alloy(attr, optional)]
    pub(super) metric_name_escaping_scheme: String,
    /// The format of pages that do not say theirs. Empty fails their scrape.
    #[alloy(attr, default = "PrometheusText0.0.4")]
    pub(super) scrape_fallback_protocol: String,
    /// Turns classic histograms into native ones. Accepted for compatibility: classic histograms stay what they are.
    #[alloy(attr, default = false)]
    pub(super) convert_classic_histograms_to_nhcb: bool,
    /// Asks for packed pages.
    #[alloy(attr, default = true)]
    pub(super) enable_compression: bool,
    /// The most buckets of a native histogram. Zero means no limit.
    #[alloy(attr, default = 0)]
    pub(super) native_histogram_bucket_limit: u64,
    /// The least growth from one bucket of a native histogram to the next. Zero means any.
    #[alloy(attr, default = 0.0)]
    pub(super) native_histogram_min_bucket_factor: f64,
    /// Sends help, type and unit of metric families on. Experimental.
    #[alloy(attr, default = false, experimental)]
    pub(super) honor_metadata: bool,
    /// Adds the labels `__type__` and `__unit__`. Experimental.
    #[alloy(attr, default = false, experimental)]
    pub(super) enable_type_and_unit_labels: bool,
    /// Marks the start of counters by a sample of zero. Experimental; accepted for compatibility.
    #[alloy(attr, default = false, experimental)]
    pub(super) start_timestamp_zero_ingestion: bool,
    /// Shares targets between the members of a cluster.
    #[alloy(block, default = Clustering { enabled: false })]
    pub(super) clustering: Clustering,
}

impl Written {
    fn validate(&self) -> Result<(), ValidateErrors> {
        let mut errors = ValidateErrors::default();
        let (timeout, interval) = (self.scrape_timeout, self.scrape_interval);
        errors.check(timeout > interval, || {
            let message = format!("scrape_timeout ({timeout}) is greater than scrape_interval ({interval})");
            ValidateError::at("scrape_timeout", message).hint("lower `scrape_timeout`, or raise `scrape_interval`")
        });
        for (name, given) in [("scrape_interval", interval), ("scrape_timeout", timeout)] {
            errors.check(given.nanos() <= 0, || ValidateError::at(name, format!("{name} must be greater than 0")));
        }
        self.check_protocols(&mut errors);
        self.check_names(&mut errors);
        errors.result()
    }

    fn check_protocols(&self, errors: &mut ValidateErrors) {
        let usual = self.scrape_protocols == PROTOCOLS;
        errors.check(self.enable_protobuf_negotiation && !usual, || {
            let message = "`enable_protobuf_negotiation` and `scrape_protocols` cannot both be set";
            ValidateError::at("enable_protobuf_negotiation", message).hint("keep `scrape_protocols`")
        });
        errors.check(self.enable_protobuf_negotiation, || {
            ValidateError::at("enable_protobuf_negotiation", "`enable_protobuf_negotiation` is deprecated")
                .hint("use `scrape_protocols`")
                .warning()
        });
        let proto = usual || self.scrape_protocols.iter().any(|name| name == PROTO);
        errors.check(self.scrape_native_histograms && !proto, || {
            let message = "native histograms need \"PrometheusProto\" among the `scrape_protocols`";
            ValidateError::at("scrape_native_histograms", message).hint("add \"PrometheusProto\", or leave `scrape_protocols` out")
        });
        for (i, name) in self.scrape_protocols.iter().enumerate() {
            let at = |message| ValidateError::at("scrape_protocols", message).index(i);
            errors.check(!is_protocol(name), || at(unknown_protocol(name)).hint(known_protocols()));
            errors.check(self.scrape_protocols[..i].contains(name), || at(format!("{name:?} is there twice")));
        }
        let fallback = &self.scrape_fallback_protocol;
        errors.check(!fallback.is_empty() && !is_protocol(fallback), || {
            ValidateError::at("scrape_fallback_protocol", unknown_protocol(fallback)).hint(known_protocols())
        });
    }

    fn check_names(&self, errors: &mut ValidateErrors) {
        let (valid, escaping) = (self.metric_name_validation_scheme.as_str(), self.metric_name_escaping_scheme.as_str());
        errors.check(!matches!(valid, "legacy" | "utf8"), || {
            ValidateError::at("metric_name_validation_scheme", format!("unknown scheme {valid:?}")).hint("write \"legacy\" or \"utf8\"")
        });
        errors.check(!matches!(escaping, "" | "allow-utf-8" | "underscores" | "dots" | "values"), || {
            let error = ValidateError::at("metric_name_escaping_scheme", format!("unknown scheme {escaping:?}"));
            error.hint("write \"allow-utf-8\", \"underscores\", \"dots\" or \"values\"")
        });
        errors.check(escaping == "allow-utf-8" && valid == "legacy", || {
            let message = "\"allow-utf-8\" needs `metric_name_validation_scheme = \"utf8\"`";
            ValidateError::at("metric_name_escaping_scheme", message)
        });
    }

    /// Fills in what follows from other arguments.
    fn filled_in(mut self) -> Self {
        self.scrape_native_histograms |= self.enable_protobuf_negotiation;
        if self.scrape_native_histograms && self.scrape_protocols == PROTOCOLS {
            self.scrape_protocols.insert(0, PROTO.to_owned());
        }
        if self.metric_name_escaping_scheme.is_empty() {
            let fitting = if self.metric_name_validation_scheme == "legacy" { "underscores" } else { "allow-utf-8" };
            self.metric_name_escaping_scheme = fitting.to_owned();
        }
        self
    }
}

fn is_protocol(name: &str) -> bool {
    name == PROTO || PROTOCOLS.contains(&name)
}

fn unknown_protocol(name: &str) -> String {
    format!("unknown format {name:?}")
}

fn known_protocols() -> String {
    format!("known are {PROTO}, {}", PROTOCOLS.join(", "))
}
