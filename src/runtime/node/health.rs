//! The health of nodes that own modules: how they were evaluated, and how they run.

use component::{Health, HealthState};
use parking_lot::Mutex;

/// Both views of a node's health.
pub(crate) struct NodeHealth(Mutex<Views>);

struct Views {
    evaluated: Health,
    running: Health,
}

impl NodeHealth {
    /// Nothing known yet.
    pub fn new(message: &str) -> Self {
        let unknown = Health::now(HealthState::Unknown, message);
        Self(Mutex::new(Views { evaluated: unknown.clone(), running: unknown }))
    }

    /// Notes how the last evaluation went; `what` was evaluated.
    pub fn evaluated(&self, what: &str, outcome: Result<(), &str>) {
        let (state, message) = match outcome {
            Ok(()) => (HealthState::Healthy, format!("{what} evaluated")),
            Err(cause) => (HealthState::Unhealthy, format!("{what} evaluation failed: {cause}")),
        };
        let mut views = self.0.lock();
        if views.evaluated.state != state || views.evaluated.message != message {
            views.evaluated = Health::now(state, message);
        }
    }

    /// Notes how running goes.
    pub fn running(&self, state: HealthState, message: &str) {
        self.0.lock().running = Health::now(state, message);
    }

    /// Notes that it runs, unless it is known already how that goes.
    pub fn started(&self, message: &str) {
        let mut views = self.0.lock();
        if views.running.state != HealthState::Unhealthy {
            views.running = Health::now(HealthState::Healthy, message);
        }
    }

    /// Notes that running goes well again.
    pub fn recovered(&self, message: &str) {
        let mut views = self.0.lock();
        if views.running.state == HealthState::Unhealthy {
            views.running = Health::now(HealthState::Healthy, message);
        }
    }

    /// The worse of both.
    pub fn get(&self) -> Health {
        let views = self.0.lock();
        views.running.clone().worse(views.evaluated.clone())
    }
}
