//! `/-/ready`, `/-/healthy`, `/-/reload`, `/metrics`.

use crate::ServerOptions;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use component::HealthState;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;
use tokio::sync::{mpsc, oneshot};

/// What became of the last reload.
#[derive(Clone, Debug)]
pub struct LastReload {
    /// When.
    pub at: SystemTime,
    /// The diagnostics as text when it was refused.
    pub error: Option<String>,
}

/// The part of the program that the server steers.
pub struct Control {
    ready: AtomicBool,
    /// When the program started.
    pub started: SystemTime,
    last_reload: Mutex<Option<LastReload>>,
    reloads: mpsc::Sender<ReloadRequest>,
}

/// Asks for a reload; the answer goes to the sender.
pub type ReloadRequest = oneshot::Sender<Result<(), String>>;

impl Control {
    /// A control whose reload requests go to `reloads`.
    #[allow(clippy::disallowed_methods, reason = "people read when it started")]
    pub fn new(reloads: mpsc::Sender<ReloadRequest>) -> Arc<Self> {
        Arc::new(Self { ready: AtomicBool::new(false), started: SystemTime::now(), last_reload: Mutex::default(), reloads })
    }

    /// From now on `/-/ready` says so.
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// Notes what became of a load.
    #[allow(clippy::disallowed_methods, reason = "people read when it was")]
    pub fn reloaded(&self, error: Option<String>) {
        *self.last_reload.lock() = Some(LastReload { at: SystemTime::now(), error });
    }

    /// What became of the last load.
    pub fn last_reload(&self) -> Option<LastReload> {
        self.last_reload.lock().clone()
    }

    async fn reload(&self) -> Result<(), String> {
        let (answer, result) = oneshot::channel();
        let stopping = "the program is stopping";
        self.reloads.send(answer).await.map_err(|_| stopping.to_owned())?;
        result.await.unwrap_or_else(|_| Err(stopping.into()))
    }
}

pub(crate) fn router() -> Router<Arc<ServerOptions>> {
    Router::new()
        .route("/-/ready", get(ready))
        .route("/-/healthy", get(healthy))
        .route("/-/reload", post(reload).get(reload))
        .route("/metrics", get(metrics))
}

async fn ready(State(server): State<Arc<ServerOptions>>) -> impl IntoResponse {
    if server.control.ready.load(Ordering::Acquire) {
        (StatusCode::OK, "Alloy is ready.\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "Alloy is not ready.\n")
    }
}

async fn healthy(State(server): State<Arc<ServerOptions>>) -> impl IntoResponse {
    let components = server.controller.components();
    let bad = components.into_iter().filter(|c| matches!(c.health.state, HealthState::Unhealthy | HealthState::Exited));
    let bad: Vec<String> = bad.map(|c| c.local_id).collect();
    if bad.is_empty() {
        (StatusCode::OK, "All Alloy components are healthy.\n".to_owned())
    } else {
        (StatusCode::INTERNAL_SERVER_ERROR, format!("unhealthy components: {}\n", bad.join(", ")))
    }
}

async fn reload(State(server): State<Arc<ServerOptions>>) -> impl IntoResponse {
    match server.control.reload().await {
        Ok(()) => (StatusCode::OK, "config reloaded".to_owned()),
        Err(text) => (StatusCode::BAD_REQUEST, text),
    }
}

async fn metrics(State(server): State<Arc<ServerOptions>>) -> impl IntoResponse {
    let text = server.controller.environment.services.metrics.render();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
