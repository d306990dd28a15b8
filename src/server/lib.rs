//! The HTTP server at :12345: `/-/…`, `/metrics`, the API and the UI.
//!
//! It runs on a thread and a runtime of its own, so that it answers whatever the data plane does.

mod api;
mod assets;
mod component_pages;
mod control;
mod status;

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use component::Shutdown;
use runtime::Controller;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

pub use control::{Control, LastReload, ReloadRequest};

/// What the server shows and steers.
pub struct ServerOptions {
    /// `--server.http.listen-addr`
    pub listen_address: String,
    /// `--server.http.ui-path-prefix`
    pub ui_path_prefix: String,
    /// The running configuration.
    pub controller: Arc<Controller>,
    /// Ready, reload and what became of it.
    pub control: Arc<Control>,
    /// The path of the configuration, as given.
    pub config_path: PathBuf,
    /// The version to show.
    pub version: &'static str,
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {cause}; another program may use the port: choose another one with --server.http.listen-addr")]
    Bind {
        /// The address as given.
        address: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The prefix of the UI is no path.
    #[error("--server.http.ui-path-prefix {0:?} is no path: write one like /alloy/, of letters, digits, - and _")]
    Prefix(String),
    /// No thread could be made.
    #[error("cannot start the server's thread: {0}")]
    Thread(std::io::Error),
}

/// A running server.
pub struct Server {
    address: SocketAddr,
    stop: Shutdown,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens and answers from now on.
    ///
    /// # Errors
    /// When the address is taken or is none.
    pub fn start(options: ServerOptions) -> Result<Self, StartError> {
        if !is_plain(&options.ui_path_prefix) {
            return Err(StartError::Prefix(options.ui_path_prefix));
        }
        let bind = |cause| StartError::Bind { address: options.listen_address.clone(), cause };
        let listener = std::net::TcpListener::bind(&options.listen_address).map_err(bind)?;
        listener.set_nonblocking(true).map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let stop = Shutdown::new();
        let stopping = stop.clone();
        let app = router(options);
        let serve = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            match runtime {
                Ok(runtime) => runtime.block_on(serve(listener, app, stopping)),
                Err(error) => tracing::error!("the HTTP server has no runtime: {error}"),
            }
        };
        let thread = std::thread::Builder::new().name("http".into()).spawn(serve).map_err(StartError::Thread)?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops answering; requests under way are cut off.
    pub fn stop(mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            // A panic there has been logged already.
            let _ended = thread.join();
        }
    }
}

async fn serve(listener: std::net::TcpListener, app: Router, stop: Shutdown) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!("the HTTP server cannot use its socket: {error}"),
    };
    // Streams of live data never end by themselves, so there is nothing to wait for.
    if let Some(Err(error)) = stop.or(axum::serve(listener, app).into_future()).await {
        tracing::error!("the HTTP server ended: {error}");
    }
}

/// What the page calls answers below its prefix, too: a proxy may pass on nothing else.
fn router(options: ServerOptions) -> Router {
    let prefix = format!("/{}", options.ui_path_prefix.trim_matches('/'));
    let calls = || Router::new().merge(control::router()).merge(component_pages::router()).nest("/api/v0/web", api::router());
    let all = if prefix == "/" { calls() } else { calls().nest(&prefix, calls()) };
    let controller = Arc::clone(&options.controller);
    let protect = move |request, next| protect(Arc::clone(&controller), request, next);
    all.fallback(assets::serve).with_state(Arc::new(options)).layer(axum::middleware::from_fn(protect))
}

/// Answers only those whom the `http` block lets in.
async fn protect(controller: Arc<Controller>, request: Request, next: Next) -> Response {
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if controller.environment.allows_http(request.uri().path(), authorization) {
        return next.run(request).await;
    }
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"Restricted\"")], "unauthorized\n").into_response()
}

/// Whether routes can be made below `prefix`.
fn is_plain(prefix: &str) -> bool {
    prefix
        .split('/')
        .all(|part| !part.starts_with([':', '*']) && part.bytes().all(|b| b.is_ascii_graphic() && !b"{}?#%\\\"<>".contains(&b)))
}

#[cfg(test)]
mod tests;
