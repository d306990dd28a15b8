//! `remotecfg`: configuration from a server. The block is checked; this build fetches none.

use crate::environment::Environment;
use component::AnyArguments;
use net::client::ClientArgs;
use std::collections::BTreeMap;
use value::types::Duration;
use value::{Arguments, ValidateError, ValidateErrors};

/// Keys of attributes that begin so are the program's own.
const RESERVED: &str = "collector.";

/// Configuration from a server. Accepted and checked; nothing is fetched.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub(super) struct RemoteCfg {
    /// The address of the server; empty asks nobody.
    #[alloy(attr, optional)]
    url: String,
    /// What tells this program from others. Without it one is made up and kept.
    #[alloy(attr, optional)]
    id: String,
    /// A name for people.
    #[alloy(attr, optional)]
    name: String,
    /// What the server may choose configurations by.
    #[alloy(attr, optional)]
    attributes: BTreeMap<String, String>,
    /// Time between two questions, at least 10s.
    #[alloy(attr, default = "1m")]
    poll_frequency: Duration,
    #[alloy(squash)]
    client: ClientArgs,
}

impl RemoteCfg {
    fn validate(&self) -> Result<(), ValidateErrors> {
        let mut errors = ValidateErrors::default();
        let too_often = self.poll_frequency < Duration::from_secs(10);
        errors.check(too_often, || {
            ValidateError::at("poll_frequency", format!("{} is too often", self.poll_frequency)).hint("write at least \"10s\"")
        });
        for key in self.attributes.keys().filter(|key| key.starts_with(RESERVED)) {
            errors.push(
                ValidateError::at("attributes", format!("keys that begin with `{RESERVED}` are reserved"))
                    .key(key.clone())
                    .hint("choose another key"),
            );
        }
        errors.result()
    }
}

pub(super) fn apply(args: Option<&dyn AnyArguments>, _environment: &Environment) {
    let remote = args.and_then(|a| a.downcast_ref::<RemoteCfg>());
    if remote.is_some_and(|remote| !remote.url.is_empty()) {
        ::tracing::warn!("`remotecfg` is not part of this build: no configuration is fetched");
    }
}
