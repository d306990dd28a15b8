//! The client's side of TLS.

use super::verify::{AcceptAll, Trust};
use super::{TlsError, certificates, key_error, private_key, provider, text_or_file};
use crate::args::{TlsArgs, TlsVersion};
use crate::files::Watched;
use rustls::client::Resumption;
use rustls::{ClientConfig, RootCertStore};
use std::sync::{Arc, OnceLock};

/// Settings of TLS for a client. Reads files and, without a CA of its own, the system's: it blocks.
///
/// # Errors
/// When a file cannot be read or holds something else than it should.
pub fn client_config(args: &TlsArgs) -> Result<ClientConfig, TlsError> {
    let versions: &[&rustls::SupportedProtocolVersion] = match args.min_version {
        TlsVersion::Tls13 => &[&rustls::version::TLS13],
        _ => &[&rustls::version::TLS13, &rustls::version::TLS12],
    };
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .map_err(|error| TlsError(format!("TLS cannot be set up: {error}")))?
        .dangerous();
    let authorities = authorities(args)?;
    let builder = match authorities {
        _ if args.insecure_skip_verify => builder.with_custom_certificate_verifier(Arc::new(AcceptAll(provider()))),
        Some(certs) => builder.with_custom_certificate_verifier(Trust::in_these(certs)?),
        None => builder.with_custom_certificate_verifier(system()?),
    };
    let mut config = match identity(args)? {
        Some((cert_place, certs, key_place, key)) => {
            builder.with_client_auth_cert(certs, key).map_err(|error| key_error(&cert_place, &key_place, &error))?
        }
        None => builder.with_no_client_auth(),
    };
    // Sessions of a few servers are worth remembering, of hundreds not.
    config.resumption = Resumption::in_memory_sessions(16);
    Ok(config)
}

/// Why the authorities in `ca_pem` cannot be used. Reads no file.
pub fn bad_authorities(args: &TlsArgs) -> Option<String> {
    if args.ca_pem.is_empty() {
        return None;
    }
    certificates("`ca_pem`", args.ca_pem.as_bytes()).and_then(Trust::in_these).err().map(|error| error.to_string())
}

type Certs = Vec<rustls::pki_types::CertificateDer<'static>>;

fn authorities(args: &TlsArgs) -> Result<Option<Certs>, TlsError> {
    let Some((place, pem)) = text_or_file(("ca_pem", &args.ca_pem), ("ca_file", &args.ca_file))? else { return Ok(None) };
    certificates(&place, &pem).map(Some)
}

type Identity = (String, Certs, String, rustls::pki_types::PrivateKeyDer<'static>);

fn identity(args: &TlsArgs) -> Result<Option<Identity>, TlsError> {
    let cert = text_or_file(("cert_pem", &args.cert_pem), ("cert_file", &args.cert_file))?;
    let key = text_or_file(("key_pem", args.key_pem.expose()), ("key_file", &args.key_file))?;
    let (Some((cert_place, cert)), Some((key_place, key))) = (cert, key) else { return Ok(None) };
    let (certs, key) = (certificates(&cert_place, &cert)?, private_key(&key_place, &key)?);
    Ok(Some((cert_place, certs, key_place, key)))
}

/// Trust in the system's authorities, loaded once for the whole program when first needed.
fn system() -> Result<Arc<Trust>, TlsError> {
    static SYSTEM: OnceLock<Arc<Trust>> = OnceLock::new();
    if let Some(trust) = SYSTEM.get() {
        return Ok(Arc::clone(trust));
    }
    let mut roots = RootCertStore::empty();
    let loaded = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(loaded.certs);
    if roots.is_empty() {
        let cause = loaded.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        let hint = "install the package `ca-certificates`, or set `ca_file` in `tls_config`";
        return Err(TlsError(format!("this machine has no certificates of authorities{cause}: {hint}")));
    }
    let trust = Trust::new(roots, Vec::new())?;
    Ok(Arc::clone(SYSTEM.get_or_init(|| trust)))
}

/// TLS settings that follow their files. Nothing is loaded before the first use.
#[derive(Debug)]
pub(crate) struct ClientTls {
    server_name: String,
    config: Arc<Watched<ClientConfig>>,
}

impl ClientTls {
    /// `http2` offers HTTP/2.
    pub(crate) fn new(args: &TlsArgs, http2: bool) -> Self {
        let own = args.clone();
        let config = Watched::new([&args.ca_file, &args.cert_file, &args.key_file], move || {
            let mut config = client_config(&own).map_err(|error| error.to_string())?;
            if http2 {
                config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            }
            Ok(config)
        });
        Self { server_name: args.server_name.clone(), config }
    }

    /// Finds mistakes in files and texts that are set, without loading the system's authorities. It blocks.
    pub(crate) fn check(args: &TlsArgs) -> Result<(), TlsError> {
        if let Some(certs) = authorities(args)? {
            Trust::in_these(certs)?;
        }
        if identity(args)?.is_some() {
            client_config(&TlsArgs { insecure_skip_verify: true, ca_pem: String::new(), ca_file: String::new(), ..args.clone() })?;
        }
        Ok(())
    }

    /// The settings now.
    pub(crate) async fn get(&self) -> Result<Arc<ClientConfig>, String> {
        self.config.get().await
    }

    /// The name to ask for instead of the address's host.
    pub(crate) fn server_name(&self) -> Option<&str> {
        Some(self.server_name.as_str()).filter(|name| !name.is_empty())
    }
}
