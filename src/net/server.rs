//! The HTTP server of components that listen: the blocks `http { }` and `grpc { }`, and a server for a router.

mod args;
mod bind;
mod patience;

pub use crate::tls::ServerTlsArgs;
pub use args::{GrpcArgs, Http2Args, HttpArgs, ServerArgs};
pub use bind::BindError;

use crate::files::Watched;
use axum::Router;
use axum::body::Body;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use patience::{Limits, Patient, Progress};
use rustls::ServerConfig;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service;

/// How long to wait before accepting again when the system has no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A bound server.
pub struct Server {
    listener: TcpListener,
    addr: SocketAddr,
    shared: Arc<Shared>,
    grace: Duration,
    connections: Arc<Semaphore>,
}

struct Shared {
    router: Router,
    tls: Option<Arc<Watched<ServerConfig>>>,
    http: auto::Builder<TokioExecutor>,
    limits: Limits,
    h2c: bool,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("addr", &self.addr).finish_non_exhaustive()
    }
}

impl Server {
    /// Binds the address of `args.http`. From now on connections are queued; they are answered by [`Self::serve`].
    ///
    /// # Errors
    /// When the address cannot be bound, or its TLS cannot be set up. The text names the address and what to do.
    pub async fn bind(args: &ServerArgs, router: Router) -> Result<Self, BindError> {
        let http = &args.http;
        let tls = match &http.tls {
            Some(tls) if tls.is_complete() => Some(server_tls(tls).await?),
            Some(_) => {
                tracing::warn!("the block `tls` has no certificate with a key: the server speaks plain HTTP");
                None
            }
            None => None,
        };
        let listener = bind::listen(&http.listen_address, http.listen_port).await?;
        let addr = listener.local_addr().map_err(|error| BindError::new(format!("the listening socket has no address: {error}")))?;
        let limit = usize::try_from(http.conn_limit).ok().filter(|limit| *limit > 0).unwrap_or(Semaphore::MAX_PERMITS);
        let shared = Shared { router, tls, http: builder(http), limits: Limits::new(http), h2c: http.http2.enabled };
        Ok(Self {
            listener,
            addr,
            shared: Arc::new(shared),
            grace: args.graceful_shutdown_timeout.std(),
            connections: Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS))),
        })
    }

    /// The bound address, with the port that a configured 0 became.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Answers requests until `shutdown` is ready. Then nothing new is accepted, and requests under way may finish
    /// within `graceful_shutdown_timeout`.
    pub async fn serve(self, shutdown: impl Future<Output = ()> + Send) {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let kill = CancellationToken::new();
        {
            let mut shutdown = std::pin::pin!(shutdown);
            loop {
                let accepted = tokio::select! {
                    biased;
                    () = &mut shutdown => break,
                    accepted = self.accept() => accepted,
                };
                let Some((tcp, permit)) = accepted else { continue };
                let (shared, stop, kill) = (Arc::clone(&self.shared), stop.clone(), kill.clone());
                tasks.spawn(async move {
                    let _permit = permit;
                    kill.run_until_cancelled(connection(shared, tcp, stop)).await;
                });
            }
        }
        drop(self.listener);
        stop.cancel();
        tasks.close();
        if tokio::time::timeout(self.grace, tasks.wait()).await.is_err() {
            kill.cancel();
            tasks.wait().await;
        }
    }

    /// The next connection, once there is room for it.
    async fn accept(&self) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
        let permit = Arc::clone(&self.connections).acquire_owned().await.ok()?;
        match self.listener.accept().await {
            Ok((tcp, _)) => Some((tcp, permit)),
            Err(error) => {
                tracing::debug!(%error, addr = %self.addr, "a connection was not accepted");
                // Descriptors may be used up; trying at once again would only burn time.
                tokio::time::sleep(ACCEPT_PAUSE).await;
                None
            }
        }
    }
}

async fn server_tls(args: &ServerTlsArgs) -> Result<Arc<Watched<ServerConfig>>, BindError> {
    let own = args.clone();
    let config = Watched::new([&args.cert_file, &args.key_file, &args.client_ca_file], move || {
        let mut config = crate::tls::server_config(&own).map_err(|error| error.to_string())?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    });
    config.get().await.map_err(|error| BindError::new(format!("`tls`: {error}")))?;
    Ok(config)
}

fn builder(http: &HttpArgs) -> auto::Builder<TokioExecutor> {
    let h2 = &http.http2;
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // Patience is kept at the socket, where idle connections and slow requests can be told apart.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None);
    let positive = |size: i32| u32::try_from(size).ok().filter(|size| *size > 0);
    let mut http2 = builder.http2();
    http2.timer(TokioTimer::new()).max_concurrent_streams(h2.max_concurrent_streams);
    if h2.max_read_frame_size > 0 {
        http2.max_frame_size(h2.max_read_frame_size.clamp(1 << 14, (1 << 24) - 1));
    }
    http2.initial_connection_window_size(positive(h2.max_upload_buffer_per_connection));
    http2.initial_stream_window_size(positive(h2.max_upload_buffer_per_stream));
    if !h2.read_idle_timeout.is_zero() {
        http2.keep_alive_interval(h2.read_idle_timeout.std()).keep_alive_timeout(h2.ping_timeout.std());
    }
    builder
}

async fn connection(shared: Arc<Shared>, tcp: TcpStream, stop: CancellationToken) {
    // Only a delay is at stake.
    let _ = tcp.set_nodelay(true);
    let Some(tls) = &shared.tls else { return exchange(&shared, tcp, shared.h2c, stop).await };
    let config = match tls.get().await {
        Ok(config) => config,
        Err(error) => {
            tracing::error!(%error, "the certificate of the server cannot be read: connections are refused");
            return;
        }
    };
    let handshake = tokio::time::timeout(shared.limits.read, TlsAcceptor::from(config).accept(tcp));
    match handshake.await {
        Ok(Ok(stream)) => {
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            exchange(&shared, stream, http2, stop).await;
        }
        Ok(Err(error)) => tracing::debug!(%error, "a client did not complete the TLS handshake"),
        Err(_) => tracing::debug!("a client did not complete the TLS handshake in time"),
    }
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(shared: &Shared, stream: S, http2: bool, stop: CancellationToken) {
    let progress = Arc::new(Progress::default());
    let io = TokioIo::new(Patient::new(stream, shared.limits, Arc::clone(&progress)));
    let (router, limits) = (shared.router.clone(), shared.limits);
    let service = hyper::service::service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let mut router = router.clone();
        let guard = progress.begin();
        async move {
            let request = request.map(|body| Body::new(patience::Slow::new(body, limits.read)));
            let response = router.call(request).await?;
            Ok::<_, Infallible>(response.map(|body| patience::Counted::new(body, guard)))
        }
    });
    let mut http = shared.http.clone();
    if !http2 {
        http = http.http1_only();
    }
    let mut conn = std::pin::pin!(http.serve_connection(io, service));
    let result = tokio::select! {
        result = conn.as_mut() => result,
        () = stop.cancelled() => {
            conn.as_mut().graceful_shutdown();
            conn.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}
