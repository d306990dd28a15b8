//! TLS: settings from arguments, certificates and keys from PEM, and what went wrong in plain words.

mod any_client;
mod client;
mod server;
mod verify;

pub use client::{bad_authorities, client_config};
pub use server::{ServerTlsArgs, server_config};

pub(crate) use client::ClientTls;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{AlertDescription, CertificateError};
use std::path::Path;
use std::sync::Arc;

/// TLS that cannot be set up. The text names the argument or file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct TlsError(pub(crate) String);

/// Makes ring the provider of cryptography for the whole program. Call it once at the start; more calls do nothing.
pub fn install_crypto() {
    // An error says that a provider is installed already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

pub(crate) fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    static PROVIDER: std::sync::OnceLock<Arc<rustls::crypto::CryptoProvider>> = std::sync::OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider())))
}

/// Text of an argument, or of the file that another argument names; `None` when neither is set.
pub(crate) fn text_or_file(text: (&str, &str), file: (&str, &str)) -> Result<Option<(String, Vec<u8>)>, TlsError> {
    match (text, file) {
        ((_, ""), (_, "")) => Ok(None),
        ((_, ""), (name, path)) => {
            let bytes = crate::files::read(Path::new(path)).map_err(|error| TlsError(format!("`{name}`: {error}")))?;
            Ok(Some((format!("`{name}` ({path})"), bytes)))
        }
        ((name, text), _) => Ok(Some((format!("`{name}`"), text.as_bytes().to_vec()))),
    }
}

/// The certificates in a PEM text; at least one.
pub(crate) fn certificates(place: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certs: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match certs {
        Ok(certs) if certs.is_empty() => {
            Err(TlsError(format!("{place} holds no certificate: a PEM text begins with `-----BEGIN CERTIFICATE-----`")))
        }
        Ok(certs) => Ok(certs),
        Err(_) => Err(TlsError(format!("{place} is not valid PEM: is it cut off, or were line breaks lost?"))),
    }
}

/// The first private key in a PEM text.
pub(crate) fn private_key(place: &str, pem: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| {
        TlsError(match error {
            rustls::pki_types::pem::Error::NoItemsFound if pem.windows(9).any(|part| part == b"ENCRYPTED") => {
                format!("{place} holds an encrypted key, which is not supported: decrypt it with `openssl pkey`")
            }
            rustls::pki_types::pem::Error::NoItemsFound => {
                format!("{place} holds no private key: a PEM text begins with `-----BEGIN PRIVATE KEY-----`")
            }
            _ => format!("{place} is not valid PEM: is it cut off, or were line breaks lost?"),
        })
    })
}

/// Why a certificate and a key do not work together.
pub(crate) fn key_error(cert: &str, key: &str, error: &rustls::Error) -> TlsError {
    TlsError(match error {
        rustls::Error::InconsistentKeys(_) => format!("the key in {key} does not belong to the certificate in {cert}"),
        rustls::Error::InvalidCertificate(_) => format!("the certificate in {cert} is malformed"),
        _ => format!("the key in {key} is of a kind that is not supported: use RSA, ECDSA (P-256, P-384) or Ed25519"),
    })
}

/// A TLS error in plain words. `place` is `host:port`.
pub(crate) fn explain(place: &str, error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(problem) => certificate(place, problem),
        rustls::Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateRequired => {
                format!("{place} wants a client certificate: set `cert_file` and `key_file` in `tls_config`")
            }
            AlertDescription::UnknownCA | AlertDescription::BadCertificate | AlertDescription::CertificateUnknown => {
                format!("{place} does not accept the client certificate")
            }
            AlertDescription::CertificateExpired => format!("{place} says that the client certificate has expired"),
            AlertDescription::UnrecognisedName => format!("{place} does not know the name asked for: set `server_name` in `tls_config`"),
            AlertDescription::HandshakeFailure | AlertDescription::ProtocolVersion => {
                format!("{place} offers no version or cipher of TLS that is safe (1.2 or newer), or wants a client certificate")
            }
            other => format!("{place} ended TLS with the alert {other:?}"),
        },
        rustls::Error::InvalidMessage(_) => format!("{place} does not speak TLS on this port: should the address begin with `http://`?"),
        rustls::Error::PeerIncompatible(_) => format!("{place} offers no version or cipher of TLS that is safe (1.2 or newer)"),
        other => format!("TLS with {place} failed: {}", crate::error::lower(&other.to_string())),
    }
}

fn certificate(place: &str, problem: &CertificateError) -> String {
    match problem {
        CertificateError::UnknownIssuer => {
            format!(
                "the certificate of {place} is from an authority that is not trusted: set `ca_file` in `tls_config` to the authority's certificate"
            )
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => format!("the certificate of {place} has expired"),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("the certificate of {place} is not valid yet: is the clock right?")
        }
        CertificateError::NotValidForName => {
            format!("the certificate of {place} is for another name: set `server_name` in `tls_config` to it")
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names = if presented.is_empty() { "no name at all".to_owned() } else { presented.join(", ") };
            let expected = expected.to_str();
            format!(
                "the certificate of {place} is for {names}, not for `{expected}`: set `server_name` in `tls_config`, or use the right address"
            )
        }
        CertificateError::Revoked => format!("the certificate of {place} is revoked"),
        other => format!("the certificate of {place} is not valid: {other:?}"),
    }
}
