//! Stopping.

use std::future::Future;
use tokio_util::sync::CancellationToken;

/// Tells a component to stop. Every wait of a component ends when it does.
#[derive(Clone, Debug, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// One that has not been asked for yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until it is time to stop.
    pub async fn wait(&self) {
        self.0.cancelled().await;
    }

    /// True when it is time to stop.
    pub fn is_stopping(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Asks to stop.
    pub fn stop(&self) {
        self.0.cancel();
    }

    /// One that stops with this one, or earlier.
    #[must_use]
    pub fn child(&self) -> Shutdown {
        Self(self.0.child_token())
    }

    /// The result of `work`, or `None` when it was time to stop first.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.0.run_until_cancelled(work).await
    }
}
