//! Arguments of `loki.write`.

use net::client::ClientArgs;
use std::collections::BTreeMap;
use value::types::{ByteSize, Duration};
use value::{Arguments, ValidateError};

/// Sends log lines to Loki. What cannot be sent yet waits on disk, also across restarts.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub(super) struct Args {
    /// Where to send. Every endpoint has a queue of its own.
    #[alloy(block = "endpoint", optional)]
    pub endpoints: Vec<EndpointArgs>,
    /// Labels added to every stream that does not have them.
    #[alloy(attr, optional)]
    pub external_labels: BTreeMap<String, String>,
    /// Most streams of one request; 0 for any number. Lines of further streams are dropped and counted.
    #[alloy(attr, default = 0)]
    pub max_streams: i64,
    /// The queue on disk, which is always on here.
    #[alloy(block, optional)]
    pub wal: Wal,
}

impl Args {
    fn validate(&self) -> Result<(), ValidateError> {
        if self.endpoints.is_empty() {
            let hint = "add `endpoint { url = \"http://loki:3100/loki/api/v1/push\" }`";
            return Err(ValidateError::new("at least one endpoint must be given").hint(hint));
        }
        let is_same = |a: &EndpointArgs, b: &EndpointArgs| if a.name.is_empty() { a == b } else { a.name == b.name };
        match (1..self.endpoints.len()).find(|at| self.endpoints[..*at].iter().any(|before| is_same(before, &self.endpoints[*at]))) {
            Some(at) => {
                let error = ValidateError::at("endpoint", "another endpoint has the same name, or none of them has one and they are equal");
                Err(error.index(at).hint("remove it, or give each a `name`"))
            }
            None => Ok(()),
        }
    }
}

/// The queue on disk.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct Wal {
    /// Accepted for compatibility: lines always go through the queue on disk.
    #[alloy(attr, default = false)]
    pub enabled: bool,
    /// Accepted for compatibility: what is not delivered is kept for a week, or until the queue is full.
    #[alloy(attr, default = "1h")]
    pub max_segment_age: Duration,
    /// Accepted for compatibility.
    #[alloy(attr, default = "250ms")]
    pub min_read_frequency: Duration,
    /// Accepted for compatibility.
    #[alloy(attr, default = "1s")]
    pub max_read_frequency: Duration,
    /// Accepted for compatibility.
    #[alloy(attr, default = "15s")]
    pub drain_timeout: Duration,
    /// Extension: how large the queue of one endpoint may become. Beyond that the oldest lines are dropped and counted.
    #[alloy(attr, default = "1GiB", hidden)]
    pub max_bytes: ByteSize,
}

/// One far end.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub(super) struct EndpointArgs {
    /// A name for the queue's folder. Give one when the address may change while lines wait.
    #[alloy(attr, optional)]
    pub name: String,
    /// The address to send to, usually ending in `/loki/api/v1/push`.
    #[alloy(attr)]
    pub url: String,
    /// How long lines wait for others to share a request with.
    #[alloy(attr, default = "1s")]
    pub batch_wait: Duration,
    /// Most bytes of one request before compression.
    #[alloy(attr, default = "1MiB")]
    pub batch_size: ByteSize,
    /// How long an answer may take.
    #[alloy(attr, default = "10s")]
    pub remote_timeout: Duration,
    /// Headers of every request.
    #[alloy(attr, optional)]
    pub headers: BTreeMap<String, String>,
    /// First pause after a failure.
    #[alloy(attr, default = "500ms")]
    pub min_backoff_period: Duration,
    /// Longest pause after failures.
    #[alloy(attr, default = "5m")]
    pub max_backoff_period: Duration,
    /// Accepted for compatibility: lines are tried again until they are delivered or the queue drops them.
    #[alloy(attr, default = 10)]
    pub max_backoff_retries: i64,
    /// The tenant to send as.
    #[alloy(attr, optional)]
    pub tenant_id: String,
    /// Tries again when the far end answers 429.
    #[alloy(attr, default = true)]
    pub retry_on_http_429: bool,
    #[alloy(squash)]
    pub client: ClientArgs,
    /// Accepted for compatibility: lines wait on disk.
    #[alloy(block, optional, experimental)]
    pub queue_config: QueueConfig,
}

impl EndpointArgs {
    fn validate(&self) -> Result<(), ValidateError> {
        let bad = |cause: String| ValidateError::at("url", cause).hint("an address looks like http://loki:3100/loki/api/v1/push");
        self.url.parse::<value::types::Url>().map_err(|e| bad(e.message))?;
        net::url::Target::parse(&self.url).map_err(|e| bad(e.to_string()))?;
        if let Some(cause) = net::tls::bad_authorities(&self.client.tls_config) {
            return Err(ValidateError::at("tls_config", cause));
        }
        Ok(())
    }
}

/// The queue in memory of the original.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct QueueConfig {
    /// Accepted for compatibility.
    #[alloy(attr, default = "10MiB")]
    pub capacity: ByteSize,
    /// How many requests may be under way at once.
    #[alloy(attr, default = 1)]
    pub min_shards: i64,
    /// Accepted for compatibility.
    #[alloy(attr, default = "15s")]
    pub drain_timeout: Duration,
    /// Accepted for compatibility.
    #[alloy(attr, default = true)]
    pub block_on_overflow: bool,
}
