//! The HTTP client of everything that sends or asks: remote write, Loki, discovery.

pub use crate::args::{Authorization, BasicAuth, ClientArgs, OAuth2, ProxyArgs, SecretHeaders, TlsArgs, TlsVersion};
pub use crate::error::{Failure as SendFailure, FailureKind};

use crate::auth::Auth;
use crate::connect::{Connector, Dialer};
use crate::error::{self, Failure};
use crate::proxy::Proxies;
use crate::redirect;
use crate::tls::ClientTls;
use crate::url::Target;
use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, PROXY_AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use parking_lot::Mutex;
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, SystemTime};

/// What is kept of an answer to a post: enough for the text of an error.
const ERROR_BYTES: usize = 64 << 10;
/// Connections that nobody used for so long are closed.
const IDLE: Duration = Duration::from_secs(90);

/// Arguments that no client can be made of. The text names the argument.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct ClientError(pub(crate) String);

/// What the program rather than the user decides.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// The header `User-Agent`.
    pub user_agent: HeaderValue,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self { user_agent: HeaderValue::from_static(concat!("ferroalloy/", env!("CARGO_PKG_VERSION"))) }
    }
}

/// Sends requests with credentials, through proxies and TLS. Making one costs next to nothing: connections,
/// certificates and tokens are got when first needed, and clients with the same settings share connections.
#[derive(Clone, Debug)]
pub struct Client {
    auth: Arc<Auth>,
    transport: Arc<Transport>,
    follow_redirects: bool,
    user_agent: HeaderValue,
}

/// One request.
#[derive(Debug)]
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The address: absolute, `http` or `https`.
    pub url: &'a str,
    /// Headers besides the configured ones.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// For everything from the connection to the end of the answer.
    pub timeout: Duration,
    /// Bytes of the (unpacked) answer that are kept.
    pub max_body: usize,
    /// A longer answer is cut off rather than an error.
    pub cut: bool,
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, unpacked.
    pub body: Bytes,
    place: String,
    /// Values that must not come back in a message.
    hidden: Vec<HeaderValue>,
}

impl Response {
    /// True for 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The answer as an error: who answered what, with the first line of the body.
    pub fn failure(&self) -> SendFailure {
        let status = StatusCode::from_u16(self.status).map_or_else(|_| self.status.to_string(), |status| status.to_string());
        let mut text = String::from_utf8_lossy(self.body.get(..2048).unwrap_or(&self.body)).into_owned();
        for secret in self.hidden.iter().filter_map(|value| value.to_str().ok()) {
            let bare = secret.split_once(' ').map_or(secret, |(_, bare)| bare);
            for part in [secret, bare].into_iter().filter(|part| part.len() > 3) {
                text = text.replace(part, "(secret)");
            }
        }
        let line: String = text.trim().lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(512).collect();
        let message =
            if line.is_empty() { format!("{} answered {status}", self.place) } else { format!("{} answered {status}: {line}", self.place) };
        #[allow(clippy::disallowed_methods, reason = "`Retry-After` may name a date")]
        let retry_after = crate::backoff::retry_after(&self.headers, SystemTime::now());
        SendFailure { kind: FailureKind::Status(self.status), message, retry_after }
    }

    /// Itself when the status is 2xx.
    ///
    /// # Errors
    /// [`Self::failure`] for any other status.
    pub fn ok(self) -> Result<Self, SendFailure> {
        if self.is_success() { Ok(self) } else { Err(self.failure()) }
    }
}

impl Client {
    /// A client. Texts and files of certificates in `args` are read to find mistakes early; nothing is connected.
    ///
    /// # Errors
    /// When a header, an address or a certificate in `args` cannot be used.
    pub fn new(args: &ClientArgs, options: ClientOptions) -> Result<Self, ClientError> {
        let auth = Auth::new(args, &options.user_agent).map_err(ClientError)?;
        let transport = Transport::shared(args)?;
        Ok(Self { auth: Arc::new(auth), transport, follow_redirects: args.follow_redirects, user_agent: options.user_agent })
    }

    /// Posts a body. Of the answer 64 KiB are kept.
    ///
    /// # Errors
    /// When there is no answer. A status that says no is not an error: see [`Response::ok`].
    pub async fn post(&self, url: &str, headers: HeaderMap, body: Bytes, timeout: Duration) -> Result<Response, SendFailure> {
        self.execute(Request { method: Method::POST, url, headers, body, timeout, max_body: ERROR_BYTES, cut: true }).await
    }

    /// Gets a page of at most `max_body` bytes.
    ///
    /// # Errors
    /// When there is no answer, or a longer one. A status that says no is not an error: see [`Response::ok`].
    pub async fn get(&self, url: &str, headers: HeaderMap, timeout: Duration, max_body: usize) -> Result<Response, SendFailure> {
        self.execute(Request { method: Method::GET, url, headers, body: Bytes::new(), timeout, max_body, cut: false }).await
    }

    /// Sends any request.
    ///
    /// # Errors
    /// When there is no answer, or one that is too long and may not be cut.
    pub async fn execute(&self, request: Request<'_>) -> Result<Response, SendFailure> {
        let target = Target::parse(request.url).map_err(|error| Failure::new(FailureKind::Invalid, error.to_string()))?;
        let (place, limit) = (target.to_string(), request.timeout);
        let answered = AtomicBool::new(false);
        match tokio::time::timeout(limit, self.follow(target, request, &answered)).await {
            Ok(result) => result,
            Err(_) => Err(error::timeout(&place, limit, answered.load(Ordering::Relaxed))),
        }
    }

    async fn follow(&self, mut target: Target, request: Request<'_>, answered: &AtomicBool) -> Result<Response, Failure> {
        let Request { mut method, mut headers, mut body, max_body, cut, .. } = request;
        let mut trusted = true;
        headers.remove(HOST);
        for _ in 0..=redirect::MAX {
            let built = self.build(&target, method.clone(), &headers, body.clone(), trusted).await?;
            let hidden: Vec<_> = built.headers().values().filter(|value| value.is_sensitive()).cloned().collect();
            let answer = self.transport.pool().request(built).await.map_err(|error| error::exchange(&target.authority(), &error))?;
            answered.store(true, Ordering::Relaxed);
            let step = if self.follow_redirects { redirect::step(&target, &method, answer.status(), answer.headers())? } else { None };
            let Some(step) = step else { return self.finish(&target, answer, max_body, cut, hidden).await };
            trusted &= step.trusted;
            if !step.trusted {
                headers.remove(AUTHORIZATION);
            }
            if step.as_get {
                (method, body) = (Method::GET, Bytes::new());
                headers.remove(CONTENT_TYPE);
                headers.remove(CONTENT_ENCODING);
                headers.remove(CONTENT_LENGTH);
            }
            target = step.target;
        }
        Err(redirect::too_many(&target))
    }

    async fn build(
        &self,
        target: &Target,
        method: Method,
        headers: &HeaderMap,
        body: Bytes,
        trusted: bool,
    ) -> Result<http::Request<Full<Bytes>>, Failure> {
        let mut request = http::Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = target.uri.clone();
        let out = request.headers_mut();
        out.insert(USER_AGENT, self.user_agent.clone());
        out.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        for name in headers.keys() {
            out.remove(name);
        }
        for (name, value) in headers {
            out.append(name, value.clone());
        }
        if trusted {
            self.auth.apply(target, out).await?;
        }
        if let Some(value) = self.transport.proxy_authorization(target) {
            out.insert(PROXY_AUTHORIZATION, value);
        }
        Ok(request)
    }

    async fn finish(
        &self,
        target: &Target,
        answer: http::Response<Incoming>,
        max_body: usize,
        cut: bool,
        hidden: Vec<HeaderValue>,
    ) -> Result<Response, Failure> {
        let (parts, body) = answer.into_parts();
        if parts.status == StatusCode::UNAUTHORIZED {
            self.auth.refused().await;
        }
        let too_large = || Failure::new(FailureKind::TooLarge, format!("the answer of {target} has more than {max_body} bytes"));
        let (mut bytes, mut whole) = read(body, max_body).await.map_err(|error| error::exchange(&target.authority(), &error))?;
        if parts.headers.get(CONTENT_ENCODING).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"gzip")) && !bytes.is_empty() {
            (bytes, whole) = unpack(&bytes, max_body, whole)
                .map_err(|()| Failure::new(FailureKind::Protocol, format!("the answer of {target} is not valid gzip")))?;
        }
        if !whole && !cut {
            return Err(too_large());
        }
        let hidden = if parts.status.is_success() { Vec::new() } else { hidden };
        Ok(Response { status: parts.status.as_u16(), headers: parts.headers, body: bytes, place: target.to_string(), hidden })
    }
}

/// At most `limit` bytes, and whether that is all.
async fn read(mut body: Incoming, limit: usize) -> Result<(Bytes, bool), hyper::Error> {
    let mut out = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        let room = limit.saturating_sub(out.len());
        if data.len() > room {
            out.extend_from_slice(&data[..room]);
            return Ok((out.freeze(), false));
        }
        out.extend_from_slice(&data);
    }
    Ok((out.freeze(), true))
}

/// Unpacks at most `limit` bytes. Where the input is not `whole`, its end may be missing.
fn unpack(bytes: &[u8], limit: usize, whole: bool) -> Result<(Bytes, bool), ()> {
    let mut out = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    match MultiGzDecoder::new(bytes).take(most).read_to_end(&mut out) {
        Err(_) if whole || out.is_empty() => return Err(()),
        _ => {}
    }
    let fits = out.len() <= limit;
    out.truncate(limit);
    Ok((Bytes::from(out), fits && whole))
}

/// Connections of clients with the same settings.
pub(crate) struct Transport {
    tls: TlsArgs,
    proxy: ProxyArgs,
    http2: bool,
    pub(crate) dialer: Arc<Dialer>,
    pool: OnceLock<legacy::Client<Connector, Full<Bytes>>>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("tls", &self.tls).field("proxy", &self.proxy).finish_non_exhaustive()
    }
}

impl Transport {
    /// The transport of these settings, an existing one where somebody has the same.
    pub(crate) fn shared(args: &ClientArgs) -> Result<Arc<Self>, ClientError> {
        static ALL: Mutex<Vec<Weak<Transport>>> = Mutex::new(Vec::new());
        let same = |it: &Arc<Self>| it.tls == args.tls_config && it.proxy == args.proxy && it.http2 == args.enable_http2;
        if let Some(known) = ALL.lock().iter().filter_map(Weak::upgrade).find(same) {
            return Ok(known);
        }
        ClientTls::check(&args.tls_config).map_err(|error| ClientError(format!("`tls_config`: {error}")))?;
        let proxies = Proxies::new(&args.proxy).map_err(ClientError)?;
        let tls = ClientTls::new(&args.tls_config, args.enable_http2);
        let dialer = Arc::new(Dialer { tls, proxies });
        let made = Arc::new(Self {
            tls: args.tls_config.clone(),
            proxy: args.proxy.clone(),
            http2: args.enable_http2,
            dialer,
            pool: OnceLock::new(),
        });
        let mut all = ALL.lock();
        all.retain(|weak| weak.strong_count() > 0);
        all.push(Arc::downgrade(&made));
        Ok(made)
    }

    fn pool(&self) -> &legacy::Client<Connector, Full<Bytes>> {
        self.pool.get_or_init(|| {
            legacy::Client::builder(TokioExecutor::new())
                .pool_idle_timeout(IDLE)
                .pool_timer(TokioTimer::new())
                .timer(TokioTimer::new())
                .http1_read_buf_exact_size(16 << 10)
                .build(Connector(Arc::clone(&self.dialer)))
        })
    }

    /// Credentials for the proxy, where it reads the request itself.
    pub(crate) fn proxy_authorization(&self, target: &Target) -> Option<HeaderValue> {
        if target.https {
            return None;
        }
        self.dialer.proxies.of(target).filter(|proxy| proxy.kind != crate::proxy::Kind::Socks5)?.authorization()
    }
}
