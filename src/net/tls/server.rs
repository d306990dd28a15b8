//! The server's side of TLS.

use super::{TlsError, certificates, key_error, private_key, provider, text_or_file};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedCipherSuite};
use std::sync::Arc;
use value::{Arguments, Secret, ValidateError};

/// TLS of a server.
#[derive(Arguments, Clone, Debug, Default, PartialEq)]
#[alloy(validate = Self::validate)]
pub struct ServerTlsArgs {
    /// The server's certificate, in PEM form.
    #[alloy(attr, optional)]
    pub cert_pem: String,
    /// The key of the certificate, in PEM form.
    #[alloy(attr, optional)]
    pub key_pem: Secret,
    /// File of the certificate, in PEM form.
    #[alloy(attr, optional)]
    pub cert_file: String,
    /// File of the key, in PEM form.
    #[alloy(attr, optional)]
    pub key_file: String,
    /// Which certificates clients must show: `NoClientCert`, `RequestClientCert`, `RequireAnyClientCert`,
    /// `VerifyClientCertIfGiven` or `RequireAndVerifyClientCert`.
    #[alloy(attr, optional)]
    pub client_auth_type: String,
    /// File of the authorities of clients' certificates, in PEM form.
    #[alloy(attr, optional)]
    pub client_ca_file: String,
    /// The authorities of clients' certificates, in PEM form.
    #[alloy(attr, optional)]
    pub client_ca: String,
    /// Comma-separated cipher suites to allow. Empty allows every safe one.
    #[alloy(attr, optional)]
    pub cipher_suites: String,
    /// The oldest version to accept: `VersionTLS12` or `VersionTLS13`.
    #[alloy(attr, optional)]
    pub min_version: String,
}

impl ServerTlsArgs {
    /// True when there is a certificate and a key. Without both, the original's servers speak plain HTTP.
    pub fn is_complete(&self) -> bool {
        let cert = !self.cert_pem.is_empty() || !self.cert_file.is_empty();
        cert && (!self.key_pem.is_empty() || !self.key_file.is_empty())
    }

    /// The version and the ciphers are looked at even when there is no certificate to use them with, as in the original.
    fn validate(&self) -> Result<(), ValidateError> {
        versions(&self.min_version).map_err(|error| ValidateError::at("min_version", error.to_string()))?;
        let ciphers = cipher_suites(&self.cipher_suites, provider().cipher_suites.clone());
        ciphers.map(drop).map_err(|error| ValidateError::at("cipher_suites", error.to_string()))
    }
}

/// Settings of TLS for a server. Reads files: it blocks.
///
/// # Errors
/// When a file cannot be read or holds something else than it should, or an argument names something unknown.
pub fn server_config(args: &ServerTlsArgs) -> Result<ServerConfig, TlsError> {
    check(args)?;
    let cert = text_or_file(("cert_pem", &args.cert_pem), ("cert_file", &args.cert_file))?;
    let key = text_or_file(("key_pem", args.key_pem.expose()), ("key_file", &args.key_file))?;
    let (cert_place, cert) = cert.ok_or_else(|| TlsError("a TLS server needs a certificate: set `cert_pem` or `cert_file`".into()))?;
    let (key_place, key) =
        key.ok_or_else(|| TlsError("a TLS server needs the key of its certificate: set `key_pem` or `key_file`".into()))?;
    let (certs, key) = (certificates(&cert_place, &cert)?, private_key(&key_place, &key)?);

    let mut crypto = (*provider()).clone();
    crypto.cipher_suites = cipher_suites(&args.cipher_suites, crypto.cipher_suites)?;
    let builder = ServerConfig::builder_with_provider(Arc::new(crypto)).with_protocol_versions(versions(&args.min_version)?);
    let builder = builder.map_err(|_| TlsError("`cipher_suites` has no cipher for the versions that `min_version` allows".into()))?;
    let builder = match client_verifier(args)? {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    builder.with_single_cert(certs, key).map_err(|error| key_error(&cert_place, &key_place, &error))
}

/// Arguments that exclude each other.
fn check(args: &ServerTlsArgs) -> Result<(), TlsError> {
    let pairs = [
        ("cert_pem", !args.cert_pem.is_empty(), "cert_file", !args.cert_file.is_empty()),
        ("key_pem", !args.key_pem.is_empty(), "key_file", !args.key_file.is_empty()),
        ("client_ca", !args.client_ca.is_empty(), "client_ca_file", !args.client_ca_file.is_empty()),
    ];
    match pairs.iter().find(|(_, text, _, file)| *text && *file) {
        Some((text, _, file, _)) => Err(TlsError(format!("at most one of `{text}` and `{file}` may be set: keep one of them"))),
        None => Ok(()),
    }
}

type Versions = &'static [&'static rustls::SupportedProtocolVersion];

fn versions(name: &str) -> Result<Versions, TlsError> {
    static ALL: Versions = &[&rustls::version::TLS13, &rustls::version::TLS12];
    static NEWEST: Versions = &[&rustls::version::TLS13];
    match name {
        "" | "VersionTLS10" | "VersionTLS11" | "VersionTLS12" => Ok(ALL),
        "VersionTLS13" => Ok(NEWEST),
        other => Err(TlsError(format!("`min_version`: {other:?} is not known: write \"VersionTLS12\" or \"VersionTLS13\""))),
    }
}

/// Go's names of suites, as configurations have them; those of TLS 1.3 are always allowed, as in Go.
fn cipher_suites(names: &str, all: Vec<SupportedCipherSuite>) -> Result<Vec<SupportedCipherSuite>, TlsError> {
    let wanted: Vec<_> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if wanted.is_empty() {
        return Ok(all);
    }
    let plain = |suite: &SupportedCipherSuite| format!("{:?}", suite.suite()).replace("TLS13_", "TLS_");
    let strip = |name: &str| name.strip_suffix("_SHA256").filter(|name| name.ends_with("POLY1305")).unwrap_or(name).to_owned();
    let known: Vec<String> = all.iter().map(|suite| strip(&plain(suite))).collect();
    let old =
        |name: &str| name.starts_with("TLS_RSA_") || name.ends_with("_CBC_SHA") || name.ends_with("_CBC_SHA256") || name.contains("RC4");
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(&strip(name)) && !old(name)) {
        return Err(TlsError(format!("`cipher_suites`: {unknown:?} is not known: known are {}", known.join(", "))));
    }
    let keep = |suite: &SupportedCipherSuite| suite.tls13().is_some() || wanted.iter().any(|name| strip(name) == strip(&plain(suite)));
    Ok(all.into_iter().filter(keep).collect())
}

fn client_verifier(args: &ServerTlsArgs) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
    let authorities = text_or_file(("client_ca", &args.client_ca), ("client_ca_file", &args.client_ca_file))?;
    let optional = match args.client_auth_type.as_str() {
        "" | "NoClientCert" | "RequestClientCert" => return Ok(None),
        "VerifyClientCertIfGiven" => true,
        "RequireAndVerifyClientCert" => false,
        "RequireAnyClientCert" => return Ok(Some(super::any_client::verifier())),
        other => {
            let known = "NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert";
            return Err(TlsError(format!("`client_auth_type`: {other:?} is not known: write one of {known}")));
        }
    };
    let Some((place, pem)) = authorities else {
        return Err(TlsError(format!(
            "`client_auth_type` {:?} needs the clients' authorities: set `client_ca` or `client_ca_file`",
            args.client_auth_type
        )));
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates(&place, &pem)?);
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
    let builder = if optional { builder.allow_unauthenticated() } else { builder };
    builder.build().map(Some).map_err(|_| TlsError(format!("none of the certificates in {place} can be read")))
}
