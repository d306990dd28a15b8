//! Health.

use parking_lot::Mutex;
use std::sync::Arc;
use std::time::SystemTime;

/// How a component is, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum HealthState {
    /// Works.
    Healthy,
    /// Nothing known yet.
    #[default]
    Unknown,
    /// Does not work; the message says why.
    Unhealthy,
    /// Ended although nobody asked it to.
    Exited,
}

impl HealthState {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Unknown => "unknown",
            Self::Unhealthy => "unhealthy",
            Self::Exited => "exited",
        }
    }
}

/// A state, why, and since when.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// The state.
    pub state: HealthState,
    /// Why.
    pub message: String,
    /// Since when.
    pub updated: SystemTime,
}

impl Health {
    /// A state that begins now.
    #[allow(clippy::disallowed_methods, reason = "people read since when; nothing is decided by it")]
    pub fn now(state: HealthState, message: impl Into<String>) -> Self {
        Self { state, message: message.into(), updated: SystemTime::now() }
    }

    /// The worse of two; of equally bad ones the first.
    #[must_use]
    pub fn worse(self, other: Health) -> Health {
        if other.state > self.state { other } else { self }
    }
}

/// Where a component says how it is. Without a word from it only the runtime's view counts.
#[derive(Clone, Debug, Default)]
pub struct HealthHandle(Arc<Mutex<Option<Health>>>);

impl HealthHandle {
    /// Works.
    pub fn healthy(&self, message: impl Into<String>) {
        self.set(HealthState::Healthy, message.into());
    }

    /// Does not work, and why: the cause and what to do.
    pub fn unhealthy(&self, message: impl Into<String>) {
        self.set(HealthState::Unhealthy, message.into());
    }

    /// What was said last.
    pub fn get(&self) -> Option<Health> {
        self.0.lock().clone()
    }

    fn set(&self, state: HealthState, message: String) {
        let mut current = self.0.lock();
        if !current.as_ref().is_some_and(|h| h.state == state && h.message == message) {
            *current = Some(Health::now(state, message));
        }
    }
}
