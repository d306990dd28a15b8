//! Connections: name, TCP, proxy, TLS. One path for every client.

use crate::error::{self, Failure, FailureKind};
use crate::proxy::{Kind, Proxies};
use crate::tls::ClientTls;
use crate::url::authority;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// When one address of a name has not answered for so long, the next is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// Anything that bytes go through.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A connection that is ready for HTTP.
pub(crate) struct Stream {
    io: Wire,
    /// HTTP/2 was agreed on.
    pub(crate) http2: bool,
    /// A proxy reads the requests: they need the absolute address.
    pub(crate) proxied: bool,
}

enum Wire {
    Tcp(TcpStream),
    /// TLS, with the `host:port` it leads to.
    Tls(Box<dyn Io>, Box<str>),
}

impl Wire {
    fn boxed(self) -> Box<dyn Io> {
        match self {
            Self::Tcp(tcp) => Box::new(tcp),
            Self::Tls(io, _) => io,
        }
    }
}

/// What decides about connections. Clients with the same settings share one.
#[derive(Debug)]
pub(crate) struct Dialer {
    pub(crate) tls: ClientTls,
    pub(crate) proxies: Proxies,
}

impl Dialer {
    /// Connects to a host, through the proxy where there is one.
    pub(crate) async fn connect(&self, https: bool, host: &str, port: u16) -> Result<Stream, Failure> {
        let Some(proxy) = self.proxies.select(https, host, port) else {
            let tcp = dial(host, port).await?;
            if !https {
                return Ok(Stream { io: Wire::Tcp(tcp), http2: false, proxied: false });
            }
            return self.tls(Wire::Tcp(tcp), host, port, true).await;
        };
        let tcp = dial(&proxy.host, proxy.port)
            .await
            .map_err(|failure| Failure { message: format!("the proxy is not reached: {failure}"), ..failure })?;
        let mut wire = match proxy.kind {
            Kind::Https => self.tls(Wire::Tcp(tcp), &proxy.host, proxy.port, false).await?.io,
            Kind::Http | Kind::Socks5 => Wire::Tcp(tcp),
        };
        if proxy.kind == Kind::Socks5 {
            match &mut wire {
                Wire::Tcp(tcp) => proxy.socks5(tcp, host, port).await?,
                Wire::Tls(io, _) => proxy.socks5(io, host, port).await?,
            }
        } else if https {
            let headers = &self.proxies.connect_headers;
            match &mut wire {
                Wire::Tcp(tcp) => proxy.tunnel(tcp, host, port, headers).await?,
                Wire::Tls(io, _) => proxy.tunnel(io, host, port, headers).await?,
            }
        }
        if https {
            return self.tls(wire, host, port, true).await;
        }
        Ok(Stream { io: wire, http2: false, proxied: proxy.kind != Kind::Socks5 })
    }

    /// TLS over a connection; `target` is false towards a proxy, for which the name and HTTP/2 settings do not count.
    async fn tls(&self, wire: Wire, host: &str, port: u16, target: bool) -> Result<Stream, Failure> {
        let fail = |text: String| Failure::new(FailureKind::Tls, text);
        let mut config = self.tls.get().await.map_err(fail)?;
        let name = self.tls.server_name().filter(|_| target).unwrap_or(host);
        let server_name =
            ServerName::try_from(name.to_owned()).map_err(|_| fail(format!("`{name}` cannot be the name of a TLS server")))?;
        if !target && !config.alpn_protocols.is_empty() {
            Arc::make_mut(&mut config).alpn_protocols.clear();
        }
        let stream = TlsConnector::from(config).connect(server_name, wire.boxed()).await.map_err(|error| error::tls(host, port, &error))?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let place = authority(host, port).into_boxed_str();
        Ok(Stream { io: Wire::Tls(Box::new(stream), place), http2, proxied: false })
    }
}

/// A TCP connection to the first address of the host that answers.
async fn dial(host: &str, port: u16) -> Result<TcpStream, Failure> {
    let addresses: Vec<SocketAddr> = match host.parse::<IpAddr>() {
        Ok(ip) => vec![SocketAddr::new(ip, port)],
        Err(_) => tokio::net::lookup_host((host, port)).await.map_err(|error| error::dns(host, &error))?.collect(),
    };
    let mut waiting = addresses.into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut last = None;
    loop {
        if let Some(address) = waiting.next() {
            attempts.push(async move { (address, TcpStream::connect(address).await) });
        }
        if attempts.is_empty() {
            let (address, error) = last.unwrap_or_else(|| (None, io::Error::other("the name has no address")));
            return Err(error::connect(host, address, &error));
        }
        let answer =
            if waiting.len() > 0 { tokio::time::timeout(HEAD_START, attempts.next()).await.ok().flatten() } else { attempts.next().await };
        match answer {
            Some((_, Ok(tcp))) => {
                // Only a delay is at stake.
                let _ = tcp.set_nodelay(true);
                return Ok(tcp);
            }
            Some((address, Err(error))) => last = Some((Some(address), error)),
            None => {}
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            Wire::Tcp(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Wire::Tls(io, place) => Pin::new(io).poll_read(cx, buf).map_err(|error| error::in_plain_words(place, error)),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.io {
            Wire::Tcp(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Wire::Tls(io, place) => Pin::new(io).poll_write(cx, buf).map_err(|error| error::in_plain_words(place, error)),
        }
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            Wire::Tcp(tcp) => Pin::new(tcp).poll_flush(cx),
            Wire::Tls(io, _) => Pin::new(io).poll_flush(cx),
        }
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            Wire::Tcp(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Wire::Tls(io, _) => Pin::new(io).poll_shutdown(cx),
        }
    }
    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        match &mut self.io {
            Wire::Tcp(tcp) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            Wire::Tls(io, _) => Pin::new(io).poll_write_vectored(cx, bufs),
        }
    }
    fn is_write_vectored(&self) -> bool {
        match &self.io {
            Wire::Tcp(tcp) => tcp.is_write_vectored(),
            Wire::Tls(io, _) => io.is_write_vectored(),
        }
    }
}

/// A connection as the pool of connections wants it.
pub(crate) struct Pooled(TokioIo<Stream>);

impl Connection for Pooled {
    fn connected(&self) -> Connected {
        let stream = self.0.inner();
        let connected = Connected::new().proxy(stream.proxied);
        if stream.http2 { connected.negotiated_h2() } else { connected }
    }
}

impl hyper::rt::Read for Pooled {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: hyper::rt::ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl hyper::rt::Write for Pooled {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }
    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }
}

/// Makes connections for the pool.
#[derive(Clone)]
pub(crate) struct Connector(pub(crate) Arc<Dialer>);

impl tower_service::Service<http::Uri> for Connector {
    type Response = Pooled;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Pooled, Failure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: http::Uri) -> Self::Future {
        let dialer = Arc::clone(&self.0);
        Box::pin(async move {
            let https = uri.scheme_str() == Some("https");
            let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
            let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
            let stream = dialer.connect(https, host, port).await;
            stream.map(|stream| Pooled(TokioIo::new(stream))).map_err(|failure| add_place(failure, host, port))
        })
    }
}

/// Names the server in errors about a proxy.
fn add_place(failure: Failure, host: &str, port: u16) -> Failure {
    if failure.kind != FailureKind::Proxy {
        return failure;
    }
    Failure { message: format!("{} (on the way to {})", failure.message, authority(host, port)), ..failure }
}
