//! Argument blocks of every HTTP client: credentials, TLS, proxy, headers.

use crate::url::Url;
use std::collections::BTreeMap;
use value::schema::{BodySchema, Type};
use value::{Arguments, DecodeError, FromValue, IntoValue, Node, Reader, Secret, Step, ValidateError, ValidateErrors, Value};

/// Headers that a configuration may not set: they belong to the connection, to the protocol or to other arguments.
const RESERVED: &[&str] = &[
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "user-agent",
    "www-authenticate",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-prometheus-remote-read-version",
    "x-prometheus-remote-write-version",
    "x-prometheus-scrape-timeout-seconds",
];

/// Username and password.
#[derive(Arguments, Clone, Debug, Default, PartialEq)]
#[alloy(validate = Self::validate)]
pub struct BasicAuth {
    /// The user's name.
    #[alloy(attr, optional)]
    pub username: String,
    /// The password.
    #[alloy(attr, optional)]
    pub password: Secret,
    /// File that holds the password. It is read again when it changes.
    #[alloy(attr, optional)]
    pub password_file: String,
}

impl BasicAuth {
    fn validate(&self) -> Result<(), ValidateErrors> {
        let mut errors = ValidateErrors::default();
        errors.check(!self.password.is_empty() && !self.password_file.is_empty(), || {
            ValidateError::at("password_file", "at most one of `password` and `password_file` may be set").hint("keep one of them")
        });
        errors.result()
    }
}

/// An `Authorization` header.
#[derive(Arguments, Clone, Debug, Default, PartialEq)]
#[alloy(validate = Self::validate)]
pub struct Authorization {
    /// The scheme in front of the credentials. Empty means `Bearer`.
    #[alloy(attr, optional)]
    pub r#type: String,
    /// The credentials, such as a token.
    #[alloy(attr, optional)]
    pub credentials: Secret,
    /// File that holds the credentials. It is read again when it changes.
    #[alloy(attr, optional)]
    pub credentials_file: String,
}

impl Authorization {
    fn validate(&self) -> Result<(), ValidateErrors> {
        let mut errors = ValidateErrors::default();
        errors.check(!self.credentials.is_empty() && !self.credentials_file.is_empty(), || {
            let message = "at most one of `credentials` and `credentials_file` may be set";
            ValidateError::at("credentials_file", message).hint("keep one of them")
        });
        errors.check(self.r#type.trim().eq_ignore_ascii_case("basic"), || {
            ValidateError::at("type", "the type cannot be \"basic\"").hint("use a `basic_auth` block instead")
        });
        errors.result()
    }

    /// The scheme, `Bearer` when none is set.
    pub fn scheme(&self) -> &str {
        match self.r#type.trim() {
            "" => "Bearer",
            scheme => scheme,
        }
    }
}

/// A token fetched with client credentials.
#[derive(Arguments, Clone, Debug, Default, PartialEq)]
#[alloy(validate = Self::validate)]
pub struct OAuth2 {
    /// The client's name at the token server.
    #[alloy(attr, optional)]
    pub client_id: String,
    /// The client's secret.
    #[alloy(attr, optional)]
    pub client_secret: Secret,
    /// File that holds the client's secret. It is read again when it changes.
    #[alloy(attr, optional)]
    pub client_secret_file: String,
    /// Scopes to ask for.
    #[alloy(attr, optional)]
    pub scopes: Vec<String>,
    /// Address that hands out tokens.
    #[alloy(attr, optional)]
    pub token_url: String,
    /// Further parameters of the token request.
    #[alloy(attr, optional)]
    pub endpoint_params: BTreeMap<String, String>,
    /// The proxy towards the token server.
    #[alloy(squash)]
    pub proxy: ProxyArgs,
    /// TLS towards the token server.
    #[alloy(block, optional)]
    pub tls_config: Option<TlsArgs>,
}

impl OAuth2 {
    fn validate(&self) -> Result<(), ValidateErrors> {
        let mut errors = ValidateErrors::default();
        let (text, file) = (!self.client_secret.is_empty(), !self.client_secret_file.is_empty());
        errors.check(self.client_id.is_empty(), || ValidateError::at("client_id", "`client_id` must be set"));
        errors.check(!text && !file, || ValidateError::new("either `client_secret` or `client_secret_file` must be set"));
        errors.check(self.token_url.is_empty(), || ValidateError::at("token_url", "`token_url` must be set"));
        errors.check(text && file, || {
            let message = "at most one of `client_secret` and `client_secret_file` may be set";
            ValidateError::at("client_secret_file", message).hint("keep one of them")
        });
        errors.result()
    }
}

/// TLS of a client.
#[derive(Arguments, Clone, Debug, Default, PartialEq)]
#[alloy(validate = Self::validate)]
pub struct TlsArgs {
    /// Certificates of the authorities to trust, in PEM form, instead of the system's.
    #[alloy(attr, optional)]
    pub ca_pem: String,
    /// File of the authorities to trust, in PEM form. It is read again when it changes.
    #[alloy(attr, optional)]
    pub ca_file: String,
    /// The client's certificate, in PEM form.
    #[alloy(attr, optional)]
    pub cert_pem: String,
    /// File of the client's certificate, in PEM form. It is read again when it changes.
    #[alloy(attr, optional)]
    pub cert_file: String,
    /// The key of the client's certificate, in PEM form.
    #[alloy(attr, optional)]
    pub key_pem: Secret,
    /// File of the key, in PEM form. It is read again when it changes.
    #[alloy(attr, optional)]
    pub key_file: String,
    /// The name that the server's certificate must have, when it is not the address's.
    #[alloy(attr, optional)]
    pub server_name: String,
    /// Accepts every certificate: for tests only.
    #[alloy(attr, optional)]
    pub insecure_skip_verify: bool,
    /// The oldest version to accept: `TLS10`, `TLS11`, `TLS12` or `TLS13`. Below 1.2 nothing is offered.
    #[alloy(attr, optional, text = "config.TLSVersion")]
    pub min_version: TlsVersion,
}

impl TlsArgs {
    fn validate(&self) -> Result<(), ValidateErrors> {
        let mut errors = ValidateErrors::default();
        let pairs = [
            ("ca_pem", !self.ca_pem.is_empty(), "ca_file", !self.ca_file.is_empty()),
            ("cert_pem", !self.cert_pem.is_empty(), "cert_file", !self.cert_file.is_empty()),
            ("key_pem", !self.key_pem.is_empty(), "key_file", !self.key_file.is_empty()),
        ];
        for (text, has_text, file, has_file) in pairs {
            errors.check(has_text && has_file, || {
                ValidateError::at(file, format!("at most one of `{text}` and `{file}` may be set")).hint("keep one of them")
            });
        }
        let cert = !self.cert_pem.is_empty() || !self.cert_file.is_empty();
        let key = !self.key_pem.is_empty() || !self.key_file.is_empty();
        errors.check(cert && !key, || ValidateError::new("a client certificate needs its key: set `key_pem` or `key_file`"));
        errors.check(key && !cert, || ValidateError::new("a client key needs its certificate: set `cert_pem` or `cert_file`"));
        errors.result()
    }
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsVersion {
    /// Not set: 1.2.
    #[default]
    Unset,
    /// 1.0, treated as 1.2.
    Tls10,
    /// 1.1, treated as 1.2.
    Tls11,
    /// 1.2
    Tls12,
    /// 1.3
    Tls13,
}

const VERSIONS: &[(&str, TlsVersion)] =
    &[("TLS10", TlsVersion::Tls10), ("TLS11", TlsVersion::Tls11), ("TLS12", TlsVersion::Tls12), ("TLS13", TlsVersion::Tls13)];

impl FromValue for TlsVersion {
    fn ty() -> Type {
        Type::Text("config.TLSVersion")
    }
    fn one_of() -> &'static [&'static str] {
        &["TLS10", "TLS11", "TLS12", "TLS13"]
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        if *value == Value::Null {
            return Ok(Self::Unset);
        }
        let text = String::from_value(value)?;
        let known = VERSIONS.iter().find(|(name, _)| *name == text).map(|(_, version)| *version);
        known.ok_or_else(|| DecodeError::new(format!("unknown TLS version {text:?}")).hint("write \"TLS12\" or \"TLS13\""))
    }
}

impl IntoValue for TlsVersion {
    fn into_value(&self) -> Value {
        Value::from(VERSIONS.iter().find(|(_, version)| version == self).map_or("", |(name, _)| *name))
    }
}

/// The way out through a proxy.
#[derive(Arguments, Clone, Debug, Default, PartialEq)]
#[alloy(validate = Self::validate)]
pub struct ProxyArgs {
    /// Proxy for every request: `http://`, `https://` or `socks5://`.
    #[alloy(attr, optional)]
    pub proxy_url: Url,
    /// Comma-separated addresses, networks and domains to reach without the proxy.
    #[alloy(attr, optional)]
    pub no_proxy: String,
    /// Takes the proxy from the variables `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
    #[alloy(attr, optional)]
    pub proxy_from_environment: bool,
    /// Headers of the `CONNECT` request to the proxy.
    #[alloy(attr, optional)]
    pub proxy_connect_header: SecretHeaders,
}

impl ProxyArgs {
    fn validate(&self) -> Result<(), ValidateErrors> {
        let (url, environment) = (!self.proxy_url.is_empty(), self.proxy_from_environment);
        let mut errors = ValidateErrors::default();
        errors.check(!self.proxy_connect_header.is_empty() && !environment && !url, || {
            let message = "without `proxy_url` or `proxy_from_environment` there is no proxy to send the header to";
            ValidateError::at("proxy_connect_header", message)
        });
        errors.check(environment && url, || {
            ValidateError::at("proxy_url", "`proxy_url` and `proxy_from_environment` cannot both be set").hint("keep one of them")
        });
        errors.check(environment && !self.no_proxy.is_empty(), || {
            let message = "`no_proxy` and `proxy_from_environment` cannot both be set";
            ValidateError::at("no_proxy", message).hint("use the variable `NO_PROXY` instead")
        });
        errors.check(!environment && !url && !self.no_proxy.is_empty(), || {
            ValidateError::at("no_proxy", "`no_proxy` has no meaning without `proxy_url`").hint("set `proxy_url`, or take `no_proxy` away")
        });
        errors.result()
    }
}

/// Headers whose values are secret, each with any number of values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecretHeaders(pub BTreeMap<String, Vec<Secret>>);

impl SecretHeaders {
    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromValue for SecretHeaders {
    fn ty() -> Type {
        Type::Secret
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(Self::default()),
            Value::Object(members) => {
                let header = |(name, value): (&std::sync::Arc<str>, &Value)| match Vec::<Secret>::from_value(value) {
                    Ok(values) => Ok((name.to_string(), values)),
                    Err(error) => Err(error.inside(Step::Key(name.to_string()))),
                };
                members.iter().map(header).collect::<Result<_, _>>().map(Self)
            }
            _ => Err(DecodeError::expected("object", value).hint("write `{ \"X-Name\" = [\"value\"] }`")),
        }
    }
}

impl IntoValue for SecretHeaders {
    fn into_value(&self) -> Value {
        Value::object(self.0.iter().map(|(name, values)| (name, values.into_value())))
    }
}

/// What an HTTP client can be told. Squash it into the arguments of whatever has one.
///
/// `bearer_token` and `bearer_token_file` are accepted and become [`Self::authorization`]; the API shows them so.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientArgs {
    /// Username and password.
    pub basic_auth: Option<BasicAuth>,
    /// An `Authorization` header; the scheme is never empty.
    pub authorization: Option<Authorization>,
    /// A fetched token.
    pub oauth2: Option<OAuth2>,
    /// The proxy.
    pub proxy: ProxyArgs,
    /// TLS.
    pub tls_config: TlsArgs,
    /// Follows redirects.
    pub follow_redirects: bool,
    /// Offers HTTP/2 in TLS.
    pub enable_http2: bool,
    /// Headers of every request.
    pub http_headers: SecretHeaders,
}

impl Default for ClientArgs {
    fn default() -> Self {
        Self {
            basic_auth: None,
            authorization: None,
            oauth2: None,
            proxy: ProxyArgs::default(),
            tls_config: TlsArgs::default(),
            follow_redirects: true,
            enable_http2: true,
            http_headers: SecretHeaders::default(),
        }
    }
}

impl Arguments for ClientArgs {
    fn schema() -> &'static BodySchema {
        Written::schema()
    }
    fn fields(reader: &mut Reader<'_, '_>) -> Option<Self> {
        Written::fields(reader).map(Self::from)
    }
    fn encode(&self) -> Vec<Node> {
        Written::from(self.clone()).encode()
    }
    fn defaults() -> Option<Self> {
        Some(Self::default())
    }
}

/// [`ClientArgs`] as the configuration writes them.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
struct Written {
    /// Username and password of every request.
    #[alloy(block, optional)]
    basic_auth: Option<BasicAuth>,
    /// The `Authorization` header of every request.
    #[alloy(block, optional)]
    authorization: Option<Authorization>,
    /// Fetches a token with client credentials and sends it with every request.
    #[alloy(block, optional)]
    oauth2: Option<OAuth2>,
    /// Token sent with every request.
    #[alloy(attr, optional)]
    bearer_token: Secret,
    /// File that holds the token. It is read again when it changes.
    #[alloy(attr, optional)]
    bearer_token_file: String,
    #[alloy(squash)]
    proxy: ProxyArgs,
    /// TLS towards the server.
    #[alloy(block, optional)]
    tls_config: TlsArgs,
    /// Follows redirects.
    #[alloy(attr, default = true)]
    follow_redirects: bool,
    /// Uses HTTP/2 where the server offers it.
    #[alloy(attr, default = true)]
    enable_http2: bool,
    /// Headers of every request: `{ "X-Name" = ["value"] }`.
    #[alloy(attr, optional)]
    http_headers: SecretHeaders,
}

impl Written {
    fn validate(&self) -> Result<(), ValidateErrors> {
        let mut errors = ValidateErrors::default();
        let ways = [
            ("basic_auth", self.basic_auth.is_some()),
            ("authorization", self.authorization.is_some()),
            ("oauth2", self.oauth2.is_some()),
            ("bearer_token", !self.bearer_token.is_empty()),
            ("bearer_token_file", !self.bearer_token_file.is_empty()),
        ];
        let set: Vec<_> = ways.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect();
        errors.check(set.len() > 1, || {
            let message = "at most one of `basic_auth`, `authorization`, `oauth2`, `bearer_token` and `bearer_token_file` may be set";
            ValidateError::at(set[1], message).hint(format!("keep one of `{}`", set.join("`, `")))
        });
        for name in self.http_headers.0.keys() {
            errors.check(RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)), || {
                ValidateError::at("http_headers", format!("the header {name:?} cannot be set here")).key(name.as_str())
            });
        }
        errors.result()
    }
}

impl From<Written> for ClientArgs {
    fn from(written: Written) -> Self {
        let bearer = !written.bearer_token.is_empty() || !written.bearer_token_file.is_empty();
        let token = || Authorization {
            r#type: String::new(),
            credentials: written.bearer_token.clone(),
            credentials_file: written.bearer_token_file.clone(),
        };
        let authorization = if bearer { Some(token()) } else { written.authorization };
        Self {
            basic_auth: written.basic_auth,
            authorization: authorization.map(|it| Authorization { r#type: it.scheme().to_owned(), ..it }),
            oauth2: written.oauth2,
            proxy: written.proxy,
            tls_config: written.tls_config,
            follow_redirects: written.follow_redirects,
            enable_http2: written.enable_http2,
            http_headers: written.http_headers,
        }
    }
}

impl From<ClientArgs> for Written {
    fn from(args: ClientArgs) -> Self {
        Self {
            basic_auth: args.basic_auth,
            authorization: args.authorization,
            oauth2: args.oauth2,
            bearer_token: Secret::default(),
            bearer_token_file: String::new(),
            proxy: args.proxy,
            tls_config: args.tls_config,
            follow_redirects: args.follow_redirects,
            enable_http2: args.enable_http2,
            http_headers: args.http_headers,
        }
    }
}
