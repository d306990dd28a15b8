//! Arguments of `prometheus.remote_write`.

use super::cloud::{AzureAd, GoogleIam, SigV4};
use data::relabel::Rule;
use net::client::ClientArgs;
use std::collections::BTreeMap;
use value::types::{ByteSize, Duration};
use value::{Arguments, TextEnum, ValidateError, ValidateErrors};

/// Sends samples to systems that speak Prometheus remote write. What cannot be sent yet waits on disk, also across
/// restarts.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub(super) struct Args {
    /// Labels added to every series that does not have them.
    #[alloy(attr, optional)]
    pub external_labels: BTreeMap<String, String>,
    /// Where to send. Every endpoint has a queue of its own.
    #[alloy(block = "endpoint", optional)]
    pub endpoints: Vec<EndpointArgs>,
    /// Accepted for compatibility, except for its extensions: the queue deletes what is delivered, and nothing else before its limits.
    #[alloy(block, optional)]
    pub wal: Wal,
}

impl Args {
    fn validate(&self) -> Result<(), ValidateError> {
        match (1..self.endpoints.len()).find(|at| self.endpoints[..*at].contains(&self.endpoints[*at])) {
            Some(at) => Err(ValidateError::at("endpoint", "another endpoint is equal to this one")
                .index(at)
                .hint("remove it, or give each a `name` when everything shall be sent twice")),
            None => Ok(()),
        }
    }
}

/// The queue on disk.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub(super) struct Wal {
    /// Accepted for compatibility.
    #[alloy(attr, default = "2h")]
    pub truncate_frequency: Duration,
    /// Accepted for compatibility.
    #[alloy(attr, default = "5m")]
    pub min_keepalive_time: Duration,
    /// How long what cannot be delivered is kept.
    #[alloy(attr, default = "8h")]
    pub max_keepalive_time: Duration,
    /// Extension: how large the queue of one endpoint may become. Beyond that the oldest data is dropped and counted.
    #[alloy(attr, default = "1GiB", hidden)]
    pub max_bytes: ByteSize,
}

impl Wal {
    fn validate(&self) -> Result<(), ValidateError> {
        if self.truncate_frequency.is_zero() {
            return Err(ValidateError::at("truncate_frequency", "truncate_frequency must not be 0"));
        }
        if self.max_keepalive_time.std() <= self.min_keepalive_time.std() {
            return Err(ValidateError::at("min_keepalive_time", "min_keepalive_time must be smaller than max_keepalive_time"));
        }
        Ok(())
    }
}

/// The messages that an endpoint understands.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
pub(super) enum Message {
    /// Remote write 1.0.
    #[default]
    #[alloy(name = "prometheus.WriteRequest")]
    V1,
    /// Remote write 2.0.
    #[alloy(name = "io.prometheus.write.v2.Request")]
    V2,
}

/// One far end.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub(super) struct EndpointArgs {
    /// A name for metrics and for the queue's folder. Give one when the address may change while data waits.
    #[alloy(attr, optional)]
    pub name: String,
    /// The address to send to.
    #[alloy(attr)]
    pub url: String,
    /// How long an answer may take.
    #[alloy(attr, default = "30s")]
    pub remote_timeout: Duration,
    /// Headers of every request.
    #[alloy(attr, optional)]
    pub headers: BTreeMap<String, String>,
    /// Sends exemplars, too.
    #[alloy(attr, default = true)]
    pub send_exemplars: bool,
    /// Sends native histograms, too.
    #[alloy(attr, default = false)]
    pub send_native_histograms: bool,
    /// The message that the far end understands.
    #[alloy(attr, default = Message::V1, experimental)]
    pub protobuf_message: Message,
    #[alloy(squash)]
    pub client: ClientArgs,
    /// How requests are made up and repeated.
    #[alloy(block, optional)]
    pub queue_config: Option<QueueConfig>,
    /// How metadata is sent.
    #[alloy(block, optional)]
    pub metadata_config: Option<MetadataConfig>,
    /// Rules for what goes to this endpoint only.
    #[alloy(block = "write_relabel_config", optional)]
    pub write_relabel_configs: Vec<Rule>,
    /// Signs requests for AWS. Checked, but not in this build.
    #[alloy(block, optional)]
    pub sigv4: Option<SigV4>,
    /// Signs in with an identity of Azure. Checked, but not in this build.
    #[alloy(block, optional)]
    pub azuread: Option<AzureAd>,
    /// Signs in with an identity of Google Cloud. Checked, but not in this build.
    #[alloy(block, optional)]
    pub google_iam: Option<GoogleIam>,
    /// Resolves the address anew for each connection.
    #[alloy(attr, default = false)]
    pub round_robin_dns: bool,
}

impl EndpointArgs {
    fn validate(&self) -> Result<(), ValidateErrors> {
        let bad = |cause: String| ValidateError::at("url", cause).hint("an address looks like http://mimir:9009/api/v1/push");
        self.url.parse::<value::types::Url>().map_err(|e| bad(e.message))?;
        net::url::Target::parse(&self.url).map_err(|e| bad(e.to_string()))?;
        if let Some(cause) = net::tls::bad_authorities(&self.client.tls_config) {
            return Err(ValidateError::at("tls_config", cause).into());
        }
        let client = &self.client;
        let has_auth = client.basic_auth.is_some() || client.oauth2.is_some() || client.authorization.is_some();
        let cloud = self.cloud_identities();
        if let Some(name) = cloud.first().filter(|_| has_auth || cloud.len() > 1) {
            let cause = "only one of sigv4, azuread, google_iam and the other kinds of authentication can be used";
            return Err(ValidateError::at(*name, cause).into());
        }
        let mut notes = ValidateErrors::default();
        for name in cloud {
            let note = ValidateError::at(name, "it is checked, but not in this build: `run` refuses it");
            notes.push(note.hint("use another kind of authentication, or a proxy that signs").warning());
        }
        notes.check(self.protobuf_message == Message::V2, || {
            let note = ValidateError::at("protobuf_message", "remote write 2.0 is not in this build: samples are sent with 1.0");
            note.hint("remove the line; every receiver of 2.0 takes 1.0, too").warning()
        });
        notes.result()
    }

    /// The blocks with identities of clouds that are written.
    pub(super) fn cloud_identities(&self) -> Vec<&'static str> {
        let written = [("sigv4", self.sigv4.is_some()), ("azuread", self.azuread.is_some()), ("google_iam", self.google_iam.is_some())];
        written.into_iter().filter(|(_, written)| *written).map(|(name, _)| name).collect()
    }
}

/// How requests are made up and repeated.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct QueueConfig {
    /// Accepted for compatibility: what waits is on disk.
    #[alloy(attr, default = 10000)]
    pub capacity: i64,
    /// How many requests may be under way at once, up to 8.
    #[alloy(attr, default = 50)]
    pub max_shards: i64,
    /// Accepted for compatibility.
    #[alloy(attr, default = 1)]
    pub min_shards: i64,
    /// Most samples of one request.
    #[alloy(attr, default = 2000)]
    pub max_samples_per_send: i64,
    /// How long samples wait for others to share a request with.
    #[alloy(attr, default = "5s")]
    pub batch_send_deadline: Duration,
    /// First pause after a failure.
    #[alloy(attr, default = "30ms")]
    pub min_backoff: Duration,
    /// Longest pause after failures.
    #[alloy(attr, default = "5s")]
    pub max_backoff: Duration,
    /// Tries again when the far end answers 429.
    #[alloy(attr, default = true)]
    pub retry_on_http_429: bool,
    /// Drops samples older than this; zero drops none.
    #[alloy(attr, default = "0s")]
    pub sample_age_limit: Duration,
}

/// How metadata is sent.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct MetadataConfig {
    /// Sends metadata.
    #[alloy(attr, default = true)]
    pub send: bool,
    /// How often.
    #[alloy(attr, default = "1m")]
    pub send_interval: Duration,
    /// Most families of one request.
    #[alloy(attr, default = 2000)]
    pub max_samples_per_send: i64,
}
