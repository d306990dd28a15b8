//! The lean client for pages of metrics: HTTP/1.1 over kept connections, driven by the task that fetches, into the
//! caller's buffer.

pub use crate::error::{Failure as FetchError, FailureKind};
pub use crate::url::{InvalidUrl, Target};

use crate::args::ClientArgs;
use crate::auth::Auth;
use crate::client::{ClientError, ClientOptions, Transport};
use crate::error::{self, Failure};
use crate::redirect;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, PROXY_AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::Empty;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

mod connection;
mod gzip;

use connection::Conn;
use gzip::{UnpackError, Unpacker};

/// Connections that nobody used for so long are closed: more than the usual intervals, less than servers' patience.
const IDLE: Duration = Duration::from_secs(300);
/// Buffers for packed pages that are kept: more fetches than this seldom receive at once.
const PACKED_KEPT: usize = 4;
/// By how much a packed page may be larger than it is unpacked.
const PACKED_MORE: usize = 1024;
/// Packed buffers that grew above this are given back to the system.
const PACKED_MAX: usize = 1 << 20;

/// Fetches pages of metrics. One client serves all targets of a component.
pub struct ScrapeClient {
    auth: Auth,
    transport: Arc<Transport>,
    follow_redirects: bool,
    user_agent: HeaderValue,
    idle: Mutex<HashMap<Key, Vec<Conn>>>,
    packed: Mutex<Vec<Vec<u8>>>,
    unpacker: Mutex<Option<Unpacker>>,
}

/// Connections with the same key can stand in for each other.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    https: bool,
    host: Arc<str>,
    port: u16,
}

/// One fetch.
#[derive(Clone, Debug)]
pub struct ScrapeRequest<'a> {
    /// The page.
    pub target: &'a Target,
    /// Headers besides the configured ones, such as `Accept`.
    pub headers: &'a HeaderMap,
    /// For everything from the connection to the end of the page.
    pub timeout: Duration,
    /// A page of so many bytes, unpacked, or more is an error; `None` for no limit.
    pub body_limit: Option<usize>,
    /// Asks for gzip.
    pub compression: bool,
}

/// A page that was fetched: its status was 200 and its body is in the buffer.
#[derive(Clone, Debug, PartialEq)]
pub struct ScrapeResponse {
    /// The header `Content-Type`.
    pub content_type: Option<HeaderValue>,
    /// Bytes of the body on the wire.
    pub wire_bytes: usize,
}

impl ScrapeClient {
    /// A client. Texts and files of certificates in `args` are read to find mistakes early; nothing is connected.
    ///
    /// # Errors
    /// When a header, an address or a certificate in `args` cannot be used.
    pub fn new(args: &ClientArgs, options: ClientOptions) -> Result<Self, ClientError> {
        let transport = Transport::shared(&ClientArgs { enable_http2: false, ..args.clone() })?;
        Ok(Self {
            auth: Auth::new(args, &options.user_agent).map_err(ClientError)?,
            transport,
            follow_redirects: args.follow_redirects,
            user_agent: options.user_agent,
            idle: Mutex::default(),
            packed: Mutex::default(),
            unpacker: Mutex::default(),
        })
    }

    /// Fetches a page into `buf`, replacing what is in it.
    ///
    /// # Errors
    /// When there is no page: no connection, no time, a status other than 200, too large. `buf` then holds nothing of use.
    pub async fn fetch(&self, request: &ScrapeRequest<'_>, buf: &mut Vec<u8>) -> Result<ScrapeResponse, FetchError> {
        let answered = AtomicBool::new(false);
        match tokio::time::timeout(request.timeout, self.follow(request, buf, &answered)).await {
            Ok(result) => result,
            Err(_) => Err(error::timeout(&request.target.to_string(), request.timeout, answered.load(Ordering::Relaxed))),
        }
    }

    async fn follow(&self, request: &ScrapeRequest<'_>, buf: &mut Vec<u8>, answered: &AtomicBool) -> Result<ScrapeResponse, Failure> {
        let mut target = request.target;
        let mut next;
        let mut trusted = true;
        for _ in 0..=redirect::MAX {
            let headers = self.headers(target, request, trusted).await?;
            let (mut conn, answer) = self.send(target, &headers).await?;
            answered.store(true, Ordering::Relaxed);
            let (parts, body) = answer.into_parts();
            let step = if self.follow_redirects { redirect::step(target, &Method::GET, parts.status, &parts.headers)? } else { None };
            if let Some(step) = step {
                trusted &= step.trusted;
                next = step.target;
                target = &next;
                continue;
            }
            if parts.status != StatusCode::OK {
                return Err(self.refused(target, parts.status, &parts.headers).await);
            }
            let broke = |error: hyper::Error| error::exchange(&target.authority(), &error);
            let size = content_length(&parts.headers);
            let gzip = parts.headers.get(CONTENT_ENCODING).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"gzip"));
            let limit = request.body_limit.unwrap_or(usize::MAX);
            let too_large = || Failure::new(FailureKind::TooLarge, format!("the page {target} has {limit} bytes or more, the limit"));
            let wire_bytes = if gzip {
                let mut packed = self.packed.lock().pop().unwrap_or_default();
                // A very short page is larger packed.
                let result = conn.read(body, &mut packed, size, limit.saturating_add(PACKED_MORE)).await.map_err(broke);
                let result = result.map(|whole| if whole { self.unpack(&packed, buf, limit) } else { Err(UnpackError::TooLarge) });
                let wire_bytes = packed.len();
                self.keep_packed(packed);
                match result? {
                    Ok(()) => wire_bytes,
                    Err(UnpackError::TooLarge) => return Err(too_large()),
                    Err(UnpackError::Invalid) => {
                        return Err(Failure::new(FailureKind::Protocol, format!("the page {target} is not valid gzip")));
                    }
                }
            } else {
                if !conn.read(body, buf, size, limit).await.map_err(broke)? {
                    return Err(too_large());
                }
                buf.len()
            };
            self.put(target, conn);
            if buf.len() >= limit {
                return Err(too_large());
            }
            return Ok(ScrapeResponse { content_type: parts.headers.get(CONTENT_TYPE).cloned(), wire_bytes });
        }
        Err(redirect::too_many(target))
    }

    async fn headers(&self, target: &Target, request: &ScrapeRequest<'_>, trusted: bool) -> Result<HeaderMap, Failure> {
        let mut headers = request.headers.clone();
        headers.insert(HOST, target.host_header.clone());
        headers.entry(USER_AGENT).or_insert_with(|| self.user_agent.clone());
        headers.entry(ACCEPT_ENCODING).or_insert_with(|| HeaderValue::from_static(if request.compression { "gzip" } else { "identity" }));
        if trusted {
            self.auth.apply(target, &mut headers).await?;
        }
        if let Some(value) = self.transport.proxy_authorization(target) {
            headers.insert(PROXY_AUTHORIZATION, value);
        }
        Ok(headers)
    }

    /// Sends over a kept connection, or a new one when there is none or the server has closed it meanwhile.
    async fn send(&self, target: &Target, headers: &HeaderMap) -> Result<(Conn, http::Response<hyper::body::Incoming>), Failure> {
        while let Some(mut conn) = self.take(target) {
            if !conn.is_usable().await {
                continue;
            }
            match conn.send(message(&conn, target, headers)).await {
                Ok(answer) => return Ok((conn, answer)),
                // Closed just now, before it answered: asking again is safe, a page has no side effects.
                Err(error) if !error.is_parse() => break,
                Err(error) => return Err(error::exchange(&target.authority(), &error)),
            }
        }
        let stream = self.transport.dialer.connect(target.https, &target.host, target.port).await?;
        let broke = |error| error::exchange(&target.authority(), &error);
        let mut conn = Conn::new(stream).await.map_err(broke)?;
        let answer = conn.send(message(&conn, target, headers)).await.map_err(broke)?;
        Ok((conn, answer))
    }

    async fn refused(&self, target: &Target, status: StatusCode, headers: &HeaderMap) -> Failure {
        if status == StatusCode::UNAUTHORIZED {
            self.auth.refused().await;
        }
        let hint = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ": check the credentials",
            StatusCode::NOT_FOUND => ": check the path",
            status if status.is_redirection() && !self.follow_redirects => ": `follow_redirects` is false",
            _ => "",
        };
        #[allow(clippy::disallowed_methods, reason = "`Retry-After` may name a date")]
        let retry_after = crate::backoff::retry_after(headers, std::time::SystemTime::now());
        Failure { kind: FailureKind::Status(status.as_u16()), message: format!("{target} answered {status}{hint}"), retry_after }
    }

    fn take(&self, target: &Target) -> Option<Conn> {
        let mut idle = self.idle.lock();
        let conns = idle.get_mut(&key(target))?;
        conns.retain(|conn| conn.since.elapsed() < IDLE);
        conns.pop()
    }

    fn put(&self, target: &Target, mut conn: Conn) {
        if !conn.is_open() {
            return;
        }
        conn.since = Instant::now();
        let mut idle = self.idle.lock();
        idle.retain(|_, conns| conns.last().is_some_and(|conn| conn.since.elapsed() < IDLE));
        idle.entry(key(target)).or_default().push(conn);
    }

    fn unpack(&self, packed: &[u8], buf: &mut Vec<u8>, limit: usize) -> Result<(), UnpackError> {
        let kept = self.unpacker.lock().take();
        let Some(mut unpacker) = kept.or_else(Unpacker::new) else { return Err(UnpackError::TooLarge) };
        let result = unpacker.unpack(packed, buf, limit);
        *self.unpacker.lock() = Some(unpacker);
        result
    }

    fn keep_packed(&self, mut packed: Vec<u8>) {
        let mut kept = self.packed.lock();
        if kept.len() < PACKED_KEPT && packed.capacity() <= PACKED_MAX {
            packed.clear();
            kept.push(packed);
        }
    }
}

impl std::fmt::Debug for ScrapeClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScrapeClient").field("transport", &self.transport).finish_non_exhaustive()
    }
}

fn key(target: &Target) -> Key {
    Key { https: target.https, host: Arc::clone(&target.host), port: target.port }
}

fn message(conn: &Conn, target: &Target, headers: &HeaderMap) -> Request<Empty<Bytes>> {
    let mut message = Request::new(Empty::new());
    let path = target.uri.path_and_query().filter(|_| !conn.proxied).map(|path| Uri::from(path.clone()));
    *message.uri_mut() = path.unwrap_or_else(|| target.uri.clone());
    *message.headers_mut() = headers.clone();
    message
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
