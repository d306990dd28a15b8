//! Addresses: the argument type, and the checked form that requests go to.

use http::{HeaderValue, Uri};
use std::sync::Arc;

pub use value::types::Url;

/// Where a request goes, taken apart once. Its text form shows neither credentials nor the query.
#[derive(Clone, PartialEq)]
pub struct Target {
    pub(crate) https: bool,
    /// Without brackets.
    pub(crate) host: Arc<str>,
    pub(crate) port: u16,
    /// Absolute form, without credentials and fragment.
    pub(crate) uri: Uri,
    pub(crate) host_header: HeaderValue,
    /// `name:password` of the address, decoded.
    pub(crate) user: Option<(String, String)>,
    base: url::Url,
}

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidUrl(String);

impl Target {
    /// Takes an absolute `http` or `https` address apart.
    ///
    /// # Errors
    /// When it is not one.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let base = url::Url::parse(text).map_err(|error| match error {
            url::ParseError::RelativeUrlWithoutBase => InvalidUrl("the address needs a scheme: write `http://host:port/path`".into()),
            error => InvalidUrl(format!("the address is not valid: {error}")),
        })?;
        Self::from_url(base)
    }

    pub(crate) fn from_url(mut base: url::Url) -> Result<Self, InvalidUrl> {
        let https = match base.scheme() {
            "http" => false,
            "https" => true,
            other => return Err(InvalidUrl(format!("the scheme {other:?} is not supported: write `http://` or `https://`"))),
        };
        let host = match base.host() {
            Some(url::Host::Domain(name)) => name.to_owned(),
            Some(url::Host::Ipv4(ip)) => ip.to_string(),
            Some(url::Host::Ipv6(ip)) => ip.to_string(),
            None => return Err(InvalidUrl("the address has no host".into())),
        };
        let user = (!base.username().is_empty() || base.password().is_some())
            .then(|| (decode(base.username()), decode(base.password().unwrap_or_default())));
        // Neither can fail for an address with a host.
        let _ = base.set_username("");
        let _ = base.set_password(None);
        base.set_fragment(None);
        let port = base.port_or_known_default().unwrap_or(if https { 443 } else { 80 });
        let authority = &base[url::Position::BeforeHost..url::Position::AfterPort];
        let host_header =
            HeaderValue::from_str(authority).map_err(|_| InvalidUrl("the host has characters that no header can carry".into()))?;
        let uri = base.as_str().parse().map_err(|_| InvalidUrl("the address has characters that no request can carry".into()))?;
        Ok(Self { https, host: host.into(), port, uri, host_header, user, base })
    }

    /// `host:port`, with brackets around an IPv6 address.
    pub fn authority(&self) -> String {
        authority(&self.host, self.port)
    }

    /// The address that `location` names, seen from here.
    pub(crate) fn join(&self, location: &str) -> Result<Self, InvalidUrl> {
        let joined = self.base.join(location).map_err(|error| InvalidUrl(format!("the address is not valid: {error}")))?;
        Self::from_url(joined)
    }
}

/// `host:port`, with brackets around an IPv6 address.
pub(crate) fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Without credentials and query, which may hold secrets.
impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.base[..url::Position::AfterPath])
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({self})")
    }
}

/// Undoes percent encoding.
pub(crate) fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let hex = (byte == b'%').then(|| tail.get(..2)).flatten();
        let decoded = hex.and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        rest = match decoded {
            Some(_) => tail.get(2..).unwrap_or_default(),
            None => tail,
        };
        out.push(decoded.unwrap_or(byte));
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_secret() {
        let target = Target::parse("https://bob:p%40ss@[::1]:9009/api/push?token=abc#x").expect("a good address");
        assert_eq!(target.to_string(), "https://[::1]:9009/api/push");
        assert_eq!(format!("{target:?}"), "Target(https://[::1]:9009/api/push)");
        assert_eq!(target.uri.to_string(), "https://[::1]:9009/api/push?token=abc");
        assert_eq!(target.user, Some(("bob".into(), "p@ss".into())));
        assert_eq!(target.authority(), "[::1]:9009");
        assert_eq!(target.host_header, "[::1]:9009");
    }

    #[test]
    fn refuses_what_no_request_can_go_to() {
        let cases = [
            ("localhost/metrics", "the address needs a scheme: write `http://host:port/path`"),
            ("ftp://host/", "the scheme \"ftp\" is not supported: write `http://` or `https://`"),
            ("http://", "the address is not valid: empty host"),
            ("http://host:99999/", "the address is not valid: invalid port number"),
        ];
        for (text, message) in cases {
            assert_eq!(Target::parse(text).expect_err(text).to_string(), message);
        }
    }

    #[test]
    fn follows_locations() {
        let target = Target::parse("http://a:81/x/y?q=1").expect("a good address");
        for (location, expected) in
            [("/z", "http://a:81/z"), ("z", "http://a:81/x/z"), ("//b/", "http://b/"), ("https://c/d", "https://c/d")]
        {
            assert_eq!(target.join(location).expect(location).to_string(), expected);
        }
    }
}
