//! What goes wrong with a request, in plain words and without secrets.

use crate::url::authority;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// Where a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The host's name was not resolved.
    Dns,
    /// No connection, or it broke before the answer was complete.
    Connect,
    /// TLS was not agreed on, or a certificate was refused.
    Tls,
    /// The time given was over.
    Timeout,
    /// The proxy refused.
    Proxy,
    /// Credentials could not be read or fetched.
    Credentials,
    /// The answer is not valid HTTP, or not valid compression.
    Protocol,
    /// The answer is larger than allowed.
    TooLarge,
    /// A redirect leads nowhere or too far.
    Redirect,
    /// The request cannot be made: the address or a header is not valid.
    Invalid,
    /// The answer's status says no.
    Status(u16),
}

/// Why a request brought no usable answer. The text names the place, the cause and what to do; it holds neither
/// credentials nor the query of an address.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Where it failed.
    pub kind: FailureKind,
    /// In words: lower case, no full stop.
    pub message: String,
    /// How long the server asks to wait (`Retry-After`).
    pub retry_after: Option<Duration>,
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None }
    }

    /// True when the same request may succeed later: no answer, 429 or 5xx.
    pub fn is_transient(&self) -> bool {
        match self.kind {
            FailureKind::Status(status) => status == 429 || status >= 500,
            FailureKind::Invalid | FailureKind::TooLarge | FailureKind::Redirect => false,
            _ => true,
        }
    }

    /// The status, when the server answered with one that says no.
    pub fn status(&self) -> Option<u16> {
        match self.kind {
            FailureKind::Status(status) => Some(status),
            _ => None,
        }
    }
}

/// A name that was not resolved.
pub(crate) fn dns(host: &str, error: &io::Error) -> Failure {
    let text = error.to_string();
    let detail = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    Failure::new(
        FailureKind::Dns,
        format!("the name `{host}` was not resolved ({}): check it for typing errors, and the DNS server", lower(detail)),
    )
}

/// A connection that was not made.
pub(crate) fn connect(host: &str, address: Option<SocketAddr>, error: &io::Error) -> Failure {
    let place = match address {
        Some(address) if address.ip().to_string() == host => address.to_string(),
        Some(address) => format!("{address} ({host})"),
        None => host.to_owned(),
    };
    let text = match error.kind() {
        io::ErrorKind::ConnectionRefused => format!("connection refused by {place}: is the receiver running, and is this its port?"),
        io::ErrorKind::TimedOut => format!("no answer from {place}: is a firewall in between, or the address wrong?"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            format!("no route to {place}: check the address and the network")
        }
        _ => format!("no connection to {place}: {}", lower(&error.to_string())),
    };
    Failure::new(FailureKind::Connect, text)
}

/// The time for a request was over; `answered` says that the answer had begun.
pub(crate) fn timeout(place: &str, limit: Duration, answered: bool) -> Failure {
    let text = match answered {
        false => format!("no answer from {place} within {limit:?}: is it overloaded, or a firewall in between?"),
        true => format!("the answer of {place} was not complete within {limit:?}: raise the timeout, or find out why it is slow"),
    };
    Failure::new(FailureKind::Timeout, text)
}

/// A TLS handshake that failed.
pub(crate) fn tls(host: &str, port: u16, error: &io::Error) -> Failure {
    let place = authority(host, port);
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let text = match inner {
        Some(error) => crate::tls::explain(&place, error),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            format!("{place} closed the connection during the TLS handshake: does it speak TLS?")
        }
        None => format!("TLS with {place} failed: {}", lower(&error.to_string())),
    };
    Failure::new(FailureKind::Tls, text)
}

/// A TLS error in the middle of a connection, put into plain words where it arises: HTTP/2 hands on the text only.
pub(crate) fn in_plain_words(place: &str, error: io::Error) -> io::Error {
    match inner::<rustls::Error>(&error) {
        Some(tls) => io::Error::new(error.kind(), Failure::new(FailureKind::Tls, crate::tls::explain(place, tls))),
        None => error,
    }
}

/// A connection that broke, or an answer that is no HTTP.
pub(crate) fn exchange(place: &str, error: &(dyn Error + 'static)) -> Failure {
    if let Some(failure) = chain(error).find_map(inner::<Failure>) {
        return failure.clone();
    }
    if let Some(hyper) = chain(error).find_map(|cause| cause.downcast_ref::<hyper::Error>()) {
        if hyper.is_parse() {
            return Failure::new(FailureKind::Protocol, format!("the answer of {place} is not valid HTTP: is it the right port?"));
        }
        if hyper.is_incomplete_message() {
            return Failure::new(FailureKind::Connect, format!("{place} closed the connection before its answer was complete"));
        }
    }
    let cause = chain(error).find_map(|cause| cause.downcast_ref::<io::Error>());
    let text = match cause.map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionReset) => format!("{place} reset the connection"),
        Some(io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof) => {
            format!("{place} closed the connection before its answer was complete")
        }
        _ => {
            format!("the connection to {place} broke: {}", chain(error).last().map_or_else(String::new, |cause| lower(&cause.to_string())))
        }
    };
    Failure::new(FailureKind::Connect, text)
}

/// The error and its causes, outermost first; bounded, for a chain could be a circle.
pub(crate) fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let current = next?;
        next = current.source();
        Some(current)
    })
    .take(16)
}

/// The error itself, or what I/O errors are wrapped around, when it is a `T`.
fn inner<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut error = error;
    for _ in 0..8 {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        error = error.downcast_ref::<io::Error>()?.get_ref()?;
    }
    None
}

/// Error texts of the system in the form ours have: no capital in front, no `(os error 2)` behind.
pub(crate) fn lower(text: &str) -> String {
    let text = text.split(" (os error").next().unwrap_or(text).trim_end_matches('.');
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !chars.as_str().starts_with(char::is_uppercase) => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}
