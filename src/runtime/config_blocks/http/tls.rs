//! The block `tls` of `http`.

use value::types::Duration;
use value::{Arguments, Secret, TextEnum, ValidateError, ValidateErrors};

/// HTTPS of the program's own server.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub(super) struct Tls {
    /// The certificate.
    #[alloy(attr, optional)]
    cert_pem: String,
    /// A file with the certificate.
    #[alloy(attr, optional)]
    cert_file: String,
    /// The key.
    #[alloy(attr, optional)]
    key_pem: Secret,
    /// A file with the key.
    #[alloy(attr, optional)]
    key_file: String,
    /// Who signs certificates of clients.
    #[alloy(attr, optional)]
    client_ca_pem: String,
    /// A file with those who sign certificates of clients.
    #[alloy(attr, optional)]
    client_ca_file: String,
    /// What is asked of clients.
    #[alloy(attr, optional)]
    client_auth_type: ClientAuth,
    /// Accepted ciphers; empty for the usual ones.
    #[alloy(attr, optional)]
    cipher_suites: Vec<Cipher>,
    /// Accepted curves; empty for the usual ones.
    #[alloy(attr, optional)]
    curve_preferences: Vec<Curve>,
    /// The oldest version.
    #[alloy(attr, optional)]
    min_version: Version,
    /// The newest version.
    #[alloy(attr, optional)]
    max_version: Version,
    /// Certificates from the store of Windows; accepted, but only Windows has one.
    #[alloy(block, optional)]
    windows_certificate_filter: Option<WindowsFilter>,
}

impl Tls {
    fn validate(&self) -> Result<(), ValidateErrors> {
        let mut errors = ValidateErrors::default();
        let (cert, key) = (!self.cert_pem.is_empty() || !self.cert_file.is_empty(), !self.key_pem.is_empty() || !self.key_file.is_empty());
        let client_ca = !self.client_ca_pem.is_empty() || !self.client_ca_file.is_empty();
        if self.windows_certificate_filter.is_some() {
            errors.check(cert || key || client_ca, || {
                ValidateError::at("windows_certificate_filter", "certificates are written besides the filter for them")
                    .hint("remove one of them")
            });
            return errors.result();
        }
        let both =
            |a: &str, b: &str| ValidateError::at(b.to_owned(), format!("`{a}` and `{b}` are both written")).hint("remove one of them");
        errors.check(!self.cert_pem.is_empty() && !self.cert_file.is_empty(), || both("cert_pem", "cert_file"));
        errors.check(!self.key_pem.is_empty() && !self.key_file.is_empty(), || both("key_pem", "key_file"));
        errors.check(!self.client_ca_pem.is_empty() && !self.client_ca_file.is_empty(), || both("client_ca_pem", "client_ca_file"));
        errors.check(!cert, || ValidateError::new("there is no certificate").hint("write `cert_file` or `cert_pem`"));
        errors.check(!key, || ValidateError::new("there is no key").hint("write `key_file` or `key_pem`"));
        let unused = client_ca && self.client_auth_type == ClientAuth::NoClientCert;
        errors.check(unused, || {
            ValidateError::at("client_auth_type", "certificates of clients are signed, but not asked for")
                .hint("write `client_auth_type = \"RequireAndVerifyClientCert\"`")
        });
        errors.result()
    }
}

/// What is asked of clients.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
#[alloy(type = "http.ClientAuth")]
enum ClientAuth {
    #[default]
    #[alloy(name = "NoClientCert")]
    NoClientCert,
    #[alloy(name = "RequestClientCert")]
    RequestClientCert,
    #[alloy(name = "RequireAnyClientCert")]
    RequireAnyClientCert,
    #[alloy(name = "VerifyClientCertIfGiven")]
    VerifyClientCertIfGiven,
    #[alloy(name = "RequireAndVerifyClientCert")]
    RequireAndVerifyClientCert,
}

/// A version of TLS.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
#[alloy(type = "http.TLSVersion")]
enum Version {
    #[default]
    #[alloy(name = "")]
    Any,
    #[alloy(name = "TLS10")]
    Tls10,
    #[alloy(name = "TLS11")]
    Tls11,
    #[alloy(name = "TLS12")]
    Tls12,
    #[alloy(name = "TLS13")]
    Tls13,
}

/// An elliptic curve.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
#[alloy(type = "http.TLSCurve")]
enum Curve {
    #[alloy(name = "CurveP256")]
    P256,
    #[alloy(name = "CurveP384")]
    P384,
    #[alloy(name = "CurveP521")]
    P521,
    #[alloy(name = "X25519")]
    X25519,
}

/// A cipher.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
#[alloy(type = "http.TLSCipher")]
enum Cipher {
    #[alloy(name = "TLS_AES_128_GCM_SHA256")]
    TlsAes128GcmSha256,
    #[alloy(name = "TLS_AES_256_GCM_SHA384")]
    TlsAes256GcmSha384,
    #[alloy(name = "TLS_CHACHA20_POLY1305_SHA256")]
    TlsChacha20Poly1305Sha256,
    #[alloy(name = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA")]
    TlsEcdheEcdsaWithAes128CbcSha,
    #[alloy(name = "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA")]
    TlsEcdheEcdsaWithAes256CbcSha,
    #[alloy(name = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA")]
    TlsEcdheRsaWithAes128CbcSha,
    #[alloy(name = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA")]
    TlsEcdheRsaWithAes256CbcSha,
    #[alloy(name = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")]
    TlsEcdheEcdsaWithAes128GcmSha256,
    #[alloy(name = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")]
    TlsEcdheEcdsaWithAes256GcmSha384,
    #[alloy(name = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")]
    TlsEcdheRsaWithAes128GcmSha256,
    #[alloy(name = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")]
    TlsEcdheRsaWithAes256GcmSha384,
    #[alloy(name = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256")]
    TlsEcdheRsaWithChacha20Poly1305Sha256,
    #[alloy(name = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256")]
    TlsEcdheEcdsaWithChacha20Poly1305Sha256,
}

/// Certificates from the store of Windows.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct WindowsFilter {
    /// The server's.
    #[alloy(block)]
    server: WindowsServer,
    /// Those of clients.
    #[alloy(block)]
    client: WindowsClient,
}

/// The server's certificate.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct WindowsServer {
    /// The store.
    #[alloy(attr, optional)]
    store: String,
    /// The system store.
    #[alloy(attr, optional)]
    system_store: String,
    /// Names of issuers.
    #[alloy(attr, optional)]
    issuer_common_names: Vec<String>,
    /// The template.
    #[alloy(attr, optional)]
    template_id: String,
    /// Time between two looks.
    #[alloy(attr, default = "5m")]
    refresh_interval: Duration,
}

/// Certificates of clients.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct WindowsClient {
    /// Names of issuers.
    #[alloy(attr, optional)]
    issuer_common_names: Vec<String>,
    /// What the subject has to match.
    #[alloy(attr, optional)]
    subject_regex: String,
    /// The template.
    #[alloy(attr, optional)]
    template_id: String,
}
