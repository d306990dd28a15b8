//! HTTP pages of components: what the server shows under `/api/v0/component/ID/`, and what `prometheus.scrape`
//! reads without a socket when a target's address is the in-memory one.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// A request to a component's page.
#[derive(Clone, Debug, Default)]
pub struct HttpRequest {
    /// `GET`, `POST`.
    pub method: String,
    /// The path after the component's prefix, `/metrics`.
    pub path: String,
    /// The raw query, without `?`.
    pub query: String,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl HttpRequest {
    /// A GET of `path`, which may have a query.
    pub fn get(path_and_query: &str) -> Self {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        Self { method: "GET".into(), path: path.into(), query: query.into(), ..Self::default() }
    }

    /// The value of a header, its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// An answer.
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: HttpBody,
}

/// The body of an answer.
pub enum HttpBody {
    /// All of it.
    Full(Bytes),
    /// As it comes.
    Stream(BoxStream<'static, Bytes>),
}

impl HttpResponse {
    /// Status 200.
    pub fn ok(content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { status: 200, headers: vec![("content-type".into(), content_type.into())], body: HttpBody::Full(body.into()) }
    }

    /// A status with a line of text.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, ..Self::ok("text/plain; charset=utf-8", body.into()) }
    }

    /// Status 404.
    pub fn not_found() -> Self {
        Self::text(404, "404 page not found\n")
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpResponse({})", self.status)
    }
}

/// Answers requests to a component's pages.
pub trait HttpHandler: Send + Sync {
    /// Answers one.
    fn handle(&self, request: HttpRequest) -> BoxFuture<'_, HttpResponse>;
}

impl<F> HttpHandler for F
where
    F: Fn(HttpRequest) -> BoxFuture<'static, HttpResponse> + Send + Sync,
{
    fn handle(&self, request: HttpRequest) -> BoxFuture<'_, HttpResponse> {
        self(request)
    }
}

/// The pages of all components, by component id.
#[derive(Default)]
pub struct Mounts(RwLock<HashMap<String, Arc<dyn HttpHandler>>>);

impl Mounts {
    /// Puts `handler` under `id`, in place of an earlier one.
    pub fn mount(&self, id: &str, handler: Arc<dyn HttpHandler>) {
        self.0.write().insert(id.to_owned(), handler);
    }

    /// Takes away what is under `id`.
    pub fn unmount(&self, id: &str) {
        self.0.write().remove(id);
    }

    /// Splits `ID/rest` at the longest mounted id (ids of components in modules hold slashes) and finds its handler.
    pub fn find(&self, path: &str) -> Option<(Arc<dyn HttpHandler>, String)> {
        let mounts = self.0.read();
        let mut end = path.len();
        loop {
            if let Some(handler) = mounts.get(&path[..end]) {
                return Some((Arc::clone(handler), path[end..].to_owned()));
            }
            end = path[..end].rfind('/')?;
        }
    }
}
