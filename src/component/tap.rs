//! Live debugging: a component's data as text, for those who watch. Costs one load when nobody does.

use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use tokio::sync::broadcast;

const WATCHED_BACKLOG: usize = 1000;

/// Where a component shows what passes through it. The backlog, which takes more memory than most components, is made for
/// the first who watches.
#[derive(Clone, Debug, Default)]
pub struct Tap(Arc<OnceLock<broadcast::Sender<Arc<str>>>>);

impl Tap {
    /// True when somebody watches.
    pub fn is_watched(&self) -> bool {
        self.0.get().is_some_and(|sender| sender.receiver_count() > 0)
    }

    /// Shows what `text` gives; it is called only when somebody watches. A watcher that is too slow misses messages.
    pub fn show(&self, text: impl FnOnce() -> String) {
        if let Some(sender) = self.0.get().filter(|sender| sender.receiver_count() > 0) {
            // An error means that the last watcher has just left.
            let _nobody = sender.send(Arc::from(text()));
        }
    }

    /// Watches from now on.
    pub fn watch(&self) -> broadcast::Receiver<Arc<str>> {
        self.0.get_or_init(|| broadcast::Sender::new(WATCHED_BACKLOG)).subscribe()
    }
}

/// The taps of all components, by component id.
#[derive(Debug, Default)]
pub struct Taps(RwLock<HashMap<String, Tap>>);

impl Taps {
    /// The tap of `id`, made when it is new.
    pub fn of(&self, id: &str) -> Tap {
        self.0.write().entry(id.to_owned()).or_default().clone()
    }

    /// The tap of `id`, when there is such a component.
    pub fn get(&self, id: &str) -> Option<Tap> {
        self.0.read().get(id).cloned()
    }

    /// Forgets `id`.
    pub fn remove(&self, id: &str) {
        self.0.write().remove(id);
    }
}
