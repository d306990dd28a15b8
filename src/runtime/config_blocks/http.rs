//! `http`: TLS and credentials of the program's own server.

mod tls;

use crate::environment::Environment;
use base64::Engine;
use component::AnyArguments;
use sha2::{Digest, Sha256};
use value::{Arguments, Secret};

/// The program's own server.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct Http {
    /// Who may ask.
    #[alloy(block, optional)]
    auth: Option<Auth>,
    /// Speaks HTTPS.
    #[alloy(block, optional)]
    tls: Option<tls::Tls>,
}

/// Who may ask.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Auth {
    /// A user name and a password.
    #[alloy(block, optional)]
    basic: Option<Basic>,
    /// Which paths need them: all when there is no such block.
    #[alloy(block, optional)]
    filter: Option<Filter>,
}

/// A user name and a password.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Basic {
    /// The user name.
    #[alloy(attr)]
    username: String,
    /// The password.
    #[alloy(attr)]
    password: Secret,
}

/// Which paths need credentials.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Filter {
    /// Beginnings of paths.
    #[alloy(attr, optional)]
    paths: Vec<String>,
    /// True when these paths need credentials, false when all others do.
    #[alloy(attr, default = true)]
    authenticate_matching_paths: bool,
}

/// Which requests to the program's own server need credentials, and which ones those are.
pub(crate) struct Protection {
    filter: Option<Filter>,
    /// Of the header that the credentials make. A digest, so that the time of a comparison tells nothing.
    digest: [u8; 32],
}

impl Protection {
    fn of(http: &Http) -> Option<Self> {
        let auth = http.auth.as_ref()?;
        let basic = auth.basic.as_ref()?;
        let credentials = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", basic.username, basic.password.expose()));
        Some(Self { filter: auth.filter.clone(), digest: Sha256::digest(format!("Basic {credentials}")).into() })
    }

    /// True when a request for `path` with this `Authorization` header may be answered.
    pub fn allows(&self, path: &str, authorization: Option<&str>) -> bool {
        let matches = |filter: &Filter| filter.paths.iter().any(|beginning| path.starts_with(beginning.as_str()));
        let is_open = self.filter.as_ref().is_some_and(|filter| matches(filter) != filter.authenticate_matching_paths);
        let digest: Option<[u8; 32]> = authorization.map(|header| Sha256::digest(header).into());
        is_open || digest == Some(self.digest)
    }
}

pub(super) fn apply(args: Option<&dyn AnyArguments>, environment: &Environment) {
    let http = args.and_then(|a| a.downcast_ref::<Http>());
    environment.protect_http(http.and_then(Protection::of));
    if http.is_some_and(|http| http.tls.is_some()) {
        ::tracing::warn!("`http`: the server of this build speaks plain HTTP; the block `tls` has no effect");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_credentials() {
        let basic = Basic { username: "u".into(), password: Secret::new("p") };
        let right = Some("Basic dTpw");
        for (paths, matching, path, authorization, want) in [
            (vec!["/metrics"], true, "/metrics", None, false),
            (vec!["/metrics"], true, "/metrics", right, true),
            (vec!["/metrics"], true, "/metrics", Some("Basic dTpx"), false),
            (vec!["/metrics"], true, "/-/ready", None, true),
            (vec!["/-/"], false, "/-/ready", None, true),
            (vec!["/-/"], false, "/metrics", None, false),
            (vec![], true, "/metrics", None, true),
            (vec![], false, "/metrics", None, false),
        ] {
            let filter = Some(Filter { paths: paths.into_iter().map(str::to_owned).collect(), authenticate_matching_paths: matching });
            let http = Http { auth: Some(Auth { basic: Some(basic.clone()), filter }), tls: None };
            let protection = Protection::of(&http).expect("it has credentials");
            assert_eq!(protection.allows(path, authorization), want, "{path} {matching}");
        }
        let http = Http { auth: Some(Auth { basic: Some(basic), filter: None }), tls: None };
        let protection = Protection::of(&http).expect("it has credentials");
        assert!(!protection.allows("/-/ready", None) && protection.allows("/-/ready", right), "all paths are protected without a filter");
    }
}
