//! Which proxy a request takes, if any, and the handshakes with it.

use crate::args::ProxyArgs;
use crate::auth::{basic_header, header_map};
use crate::error::{Failure, FailureKind, lower};
use crate::url::{Target, authority, decode};
use http::{HeaderMap, HeaderValue};
use std::net::IpAddr;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Http,
    Https,
    Socks5,
}

/// One proxy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Proxy {
    pub(crate) kind: Kind,
    pub(crate) host: String,
    pub(crate) port: u16,
    user: Option<(String, String)>,
}

/// Chooses the proxy of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    /// `None` when everything goes through the proxy, this machine included.
    direct: Option<Vec<Direct>>,
    pub(crate) connect_headers: HeaderMap,
}

/// What is reached without the proxy.
#[derive(Clone, Debug, PartialEq)]
enum Direct {
    All,
    Ip(IpAddr, Option<u16>),
    Net(IpAddr, u8),
    /// Domain without a leading dot; `true` when the name itself is meant too.
    Domain(String, bool, Option<u16>),
}

impl Proxies {
    pub(crate) fn new(args: &ProxyArgs) -> Result<Self, String> {
        let connect_headers = header_map("proxy_connect_header", &args.proxy_connect_header)?;
        if args.proxy_from_environment {
            let this = Self::from_variables(|name| std::env::var(name).ok())?;
            return Ok(Self { connect_headers, ..this });
        }
        if args.proxy_url.is_empty() {
            return Ok(Self::default());
        }
        let proxy = Proxy::parse(args.proxy_url.as_str()).map_err(|error| format!("`proxy_url`: {error}"))?;
        let direct = (!args.no_proxy.is_empty()).then(|| parse_direct(&args.no_proxy));
        Ok(Self { http: Some(proxy.clone()), https: Some(proxy), direct, connect_headers })
    }

    fn from_variables(get: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let any =
            |names: [&str; 2]| names.iter().find_map(|name| get(name).filter(|text| !text.is_empty()).map(|text| (name.to_string(), text)));
        let proxy = |names| match any(names) {
            Some((name, text)) => {
                let text = if text.contains("://") { text } else { format!("http://{text}") };
                Proxy::parse(&text).map(Some).map_err(|error| format!("the variable {name}: {error}"))
            }
            None => Ok(None),
        };
        let no_proxy = any(["NO_PROXY", "no_proxy"]).map(|(_, text)| text).unwrap_or_default();
        Ok(Self {
            http: proxy(["HTTP_PROXY", "http_proxy"])?,
            https: proxy(["HTTPS_PROXY", "https_proxy"])?,
            direct: Some(parse_direct(&no_proxy)),
            connect_headers: HeaderMap::new(),
        })
    }

    /// The proxy for an address.
    pub(crate) fn of(&self, target: &Target) -> Option<&Proxy> {
        self.select(target.https, &target.host, target.port)
    }

    pub(crate) fn select(&self, https: bool, host: &str, port: u16) -> Option<&Proxy> {
        let proxy = if https { self.https.as_ref() } else { self.http.as_ref() }?;
        match &self.direct {
            Some(direct) if is_direct(direct, host, port) => None,
            _ => Some(proxy),
        }
    }
}

impl Proxy {
    fn parse(text: &str) -> Result<Self, String> {
        let url = url::Url::parse(text).map_err(|_| "the address of the proxy is not valid: write `http://host:port`".to_owned())?;
        let (kind, port) = match url.scheme() {
            "http" => (Kind::Http, 80),
            "https" => (Kind::Https, 443),
            "socks5" | "socks5h" => (Kind::Socks5, 1080),
            other => return Err(format!("a proxy with the scheme {other:?} is not supported: write `http://`, `https://` or `socks5://`")),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("the address of the proxy has no host")?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let user = (!url.username().is_empty() || url.password().is_some())
            .then(|| (decode(url.username()), decode(url.password().unwrap_or_default())));
        Ok(Self { kind, host, port: url.port().unwrap_or(port), user })
    }

    /// `Proxy-Authorization` for requests that the proxy reads itself.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        let (name, password) = self.user.as_ref()?;
        basic_header(name, password).ok()
    }

    /// Asks an HTTP proxy for a tunnel.
    pub(crate) async fn tunnel<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        io: &mut S,
        host: &str,
        port: u16,
        headers: &HeaderMap,
    ) -> Result<(), Failure> {
        let fail = |text: String| Failure::new(FailureKind::Proxy, format!("the proxy {} {text}", authority(&self.host, self.port)));
        let broke = |error: std::io::Error| fail(format!("broke the connection: {}", lower(&error.to_string())));
        let to = authority(host, port);
        let mut request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n").into_bytes();
        let own = self.authorization();
        let own = own.iter().map(|value| (&http::header::PROXY_AUTHORIZATION, value)).filter(|(name, _)| !headers.contains_key(*name));
        for (name, value) in own.chain(headers) {
            request.extend_from_slice(name.as_str().as_bytes());
            request.extend_from_slice(b": ");
            request.extend_from_slice(value.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        io.write_all(&request).await.map_err(broke)?;
        let mut head = Vec::new();
        // Byte by byte, for what follows the head belongs to the tunnel.
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() >= 16 << 10 {
                return Err(fail("answered with a head of more than 16 KiB".into()));
            }
            head.push(io.read_u8().await.map_err(broke)?);
        }
        let line = head.split(|b| *b == b'\r').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let mut words = line.splitn(3, ' ');
        match (words.next(), words.next()) {
            (Some(version), Some(status)) if version.starts_with("HTTP/1.") && status.starts_with('2') => Ok(()),
            (Some(version), Some("407")) if version.starts_with("HTTP/1.") => {
                Err(fail("wants credentials: put `user:password@` in front of its host in `proxy_url`".into()))
            }
            (Some(version), Some(status)) if version.starts_with("HTTP/1.") => {
                let status: String = status.chars().take(3).filter(char::is_ascii_digit).collect();
                Err(fail(format!("refused a tunnel to {to} with status {status}")))
            }
            _ => Err(fail("did not answer with HTTP: is it an HTTP proxy?".into())),
        }
    }

    /// Asks a SOCKS 5 proxy for a tunnel; the proxy resolves the name.
    pub(crate) async fn socks5<S: AsyncRead + AsyncWrite + Unpin>(&self, io: &mut S, host: &str, port: u16) -> Result<(), Failure> {
        let fail = |text: &str| Failure::new(FailureKind::Proxy, format!("the proxy {} {text}", authority(&self.host, self.port)));
        let broke = |error: std::io::Error| fail(&format!("broke the connection: {}", lower(&error.to_string())));
        let method = if self.user.is_some() { 2u8 } else { 0 };
        io.write_all(&[5, 1, method]).await.map_err(broke)?;
        let mut answer = [0u8; 2];
        io.read_exact(&mut answer).await.map_err(broke)?;
        if answer != [5, method] {
            return Err(fail("does not accept this kind of login: is it a SOCKS 5 proxy that wants a user?"));
        }
        if let Some((name, password)) = &self.user {
            let (Ok(name_len), Ok(password_len)) = (u8::try_from(name.len()), u8::try_from(password.len())) else {
                return Err(fail("cannot take a name or password of more than 255 bytes"));
            };
            let mut login = vec![1, name_len];
            login.extend_from_slice(name.as_bytes());
            login.push(password_len);
            login.extend_from_slice(password.as_bytes());
            io.write_all(&login).await.map_err(broke)?;
            io.read_exact(&mut answer).await.map_err(broke)?;
            if answer[1] != 0 {
                return Err(fail("refused the name and password"));
            }
        }
        let mut request = vec![5, 1, 0];
        match host.parse() {
            Ok(IpAddr::V4(ip)) => {
                request.push(1);
                request.extend_from_slice(&ip.octets());
            }
            Ok(IpAddr::V6(ip)) => {
                request.push(4);
                request.extend_from_slice(&ip.octets());
            }
            Err(_) => {
                let Ok(len) = u8::try_from(host.len()) else { return Err(fail("cannot take a host name of more than 255 bytes")) };
                request.extend_from_slice(&[3, len]);
                request.extend_from_slice(host.as_bytes());
            }
        }
        request.extend_from_slice(&port.to_be_bytes());
        io.write_all(&request).await.map_err(broke)?;
        let mut head = [0u8; 4];
        io.read_exact(&mut head).await.map_err(broke)?;
        let rest = match head[3] {
            1 => 4,
            4 => 16,
            _ => usize::from(io.read_u8().await.map_err(broke)?),
        };
        let mut bound = vec![0u8; rest + 2];
        io.read_exact(&mut bound).await.map_err(broke)?;
        match head[1] {
            0 => Ok(()),
            2 => Err(fail("does not allow this connection")),
            3 | 4 => Err(fail(&format!("has no route to {}", authority(host, port)))),
            5 => Err(fail(&format!("found the connection refused by {}", authority(host, port)))),
            code => Err(fail(&format!("refused the connection with code {code}"))),
        }
    }
}

fn parse_direct(text: &str) -> Vec<Direct> {
    text.split(',').filter_map(|item| direct(&item.trim().to_ascii_lowercase())).collect()
}

fn direct(item: &str) -> Option<Direct> {
    if item.is_empty() {
        return None;
    }
    if item == "*" {
        return Some(Direct::All);
    }
    if let Some((net, bits)) = item.split_once('/')
        && let (Ok(ip), Ok(bits)) = (net.parse(), bits.parse())
    {
        return Some(Direct::Net(ip, bits));
    }
    let (host, port) = match item.rsplit_once(':') {
        Some((host, port)) if item.parse::<IpAddr>().is_err() => (host, Some(port.parse().ok()?)),
        _ => (item, None),
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = bare.parse() {
        return Some(Direct::Ip(ip, port));
    }
    // `.x` and `*.x` mean what is below `x`; `x` means itself and what is below.
    let domain = host.strip_prefix("*.").or_else(|| host.strip_prefix('.'));
    Some(Direct::Domain(domain.unwrap_or(host).to_owned(), domain.is_none(), port))
}

fn is_direct(list: &[Direct], host: &str, port: u16) -> bool {
    let ip: Option<IpAddr> = host.parse().ok();
    // Wherever exceptions are listed, this machine is one of them.
    if host == "localhost" || ip.is_some_and(|ip| ip.is_loopback()) {
        return true;
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let port_fits = |wanted: &Option<u16>| wanted.is_none_or(|wanted| wanted == port);
    list.iter().any(|item| match item {
        Direct::All => true,
        Direct::Ip(wanted, on) => ip == Some(*wanted) && port_fits(on),
        Direct::Net(net, bits) => ip.is_some_and(|ip| in_net(ip, *net, *bits)),
        Direct::Domain(domain, itself, on) => {
            let below = host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'));
            (below || (*itself && host == *domain)) && port_fits(on)
        }
    })
}

fn in_net(ip: IpAddr, net: IpAddr, bits: u8) -> bool {
    let bits = u32::from(bits);
    match (ip, net) {
        (IpAddr::V4(ip), IpAddr::V4(net)) => bits <= 32 && (u32::from(ip) ^ u32::from(net)).checked_shr(32 - bits).unwrap_or(0) == 0,
        (IpAddr::V6(ip), IpAddr::V6(net)) => bits <= 128 && (u128::from(ip) ^ u128::from(net)).checked_shr(128 - bits).unwrap_or(0) == 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_from_the_proxy() {
        let list = parse_direct("10.0.0.0/8, .below.com,itself.org,*.star.net, host:81, 192.168.1.1:80,fe80::/10,::5, [::6]:80");
        let cases = [
            ("10.1.2.3", 80, true),
            ("11.1.2.3", 80, false),
            ("below.com", 80, false),
            ("a.below.com", 80, true),
            ("itself.org", 443, true),
            ("A.Itself.org.", 443, true),
            ("notitself.org", 443, false),
            ("a.star.net", 1, true),
            ("star.net", 1, false),
            ("host", 81, true),
            ("host", 82, false),
            ("192.168.1.1", 80, true),
            ("192.168.1.1", 81, false),
            ("fe80::1", 80, true),
            ("::5", 80, true),
            ("::6", 80, true),
            ("::6", 81, false),
            ("localhost", 80, true),
            ("127.5.5.5", 80, true),
            ("::1", 80, true),
        ];
        for (host, port, expected) in cases {
            assert_eq!(is_direct(&list, host, port), expected, "{host}:{port}");
        }
        assert!(is_direct(&parse_direct("*"), "anything", 1));
        assert!(!is_direct(&parse_direct("0.0.0.0/0"), "::5", 1));
        assert!(is_direct(&parse_direct("0.0.0.0/0"), "9.9.9.9", 1));
    }

    #[test]
    fn variables_choose_the_proxy() {
        let get = |name: &str| match name {
            "HTTP_PROXY" => Some("proxy:3128".to_owned()),
            "https_proxy" => Some("http://u:p%40@secure:3129".to_owned()),
            "NO_PROXY" => Some("corp".to_owned()),
            _ => None,
        };
        let proxies = Proxies::from_variables(get).expect("good variables");
        let place = |https, host| proxies.select(https, host, 80).map(|proxy| format!("{}:{}", proxy.host, proxy.port));
        assert_eq!(place(false, "x").as_deref(), Some("proxy:3128"));
        assert_eq!(place(true, "x").as_deref(), Some("secure:3129"));
        assert_eq!(place(true, "a.corp"), None);
        assert_eq!(place(true, "localhost"), None);
        let user = proxies.select(true, "x", 1).and_then(|proxy| proxy.user.clone());
        assert_eq!(user, Some(("u".into(), "p@".into())));
    }
}
