//! Metrics of a controller, under the names that dashboards know.

use super::Controller;
use crate::environment::Environment;
use crate::node::Node;
use component::{HealthState, MetricScope};
use std::sync::Weak;
use std::sync::atomic::Ordering;

const STATES: [HealthState; 4] = [HealthState::Healthy, HealthState::Unknown, HealthState::Unhealthy, HealthState::Exited];

/// The metrics of the controller `this`, which runs `module`.
pub(super) fn of_controller(environment: &Environment, module: &str, this: &Weak<Controller>) -> MetricScope {
    let (path, id) = module.rsplit_once('/').unwrap_or(("", module));
    let scope = environment.services.metrics.scope(&[("controller_id", id), ("controller_path", &format!("/{path}"))]);
    for state in STATES {
        let this = this.clone();
        let labels = [("health_type", state.as_str())];
        scope.read_gauge_if("alloy_component_controller_running_components", "Total number of running components.", &labels, move || {
            let running = this.upgrade()?.running_in(state);
            (running > 0).then_some(running as f64)
        });
    }
    let evaluating = this.clone();
    scope.read_gauge_if("alloy_component_controller_evaluating", "1 while the whole graph is evaluated.", &[], move || {
        Some(f64::from(u8::from(evaluating.upgrade()?.is_evaluating.load(Ordering::Relaxed))))
    });
    let queued = this.clone();
    scope.read_gauge_if(
        "alloy_component_evaluation_queue_size",
        "Components whose new exports their readers have not seen.",
        &[],
        move || Some(queued.upgrade()?.changed.lock().len() as f64),
    );
    scope
}

impl Controller {
    /// How many of its components are in that state.
    fn running_in(&self, state: HealthState) -> usize {
        let loaded = self.loaded.load();
        loaded.nodes.iter().filter(|n| n.is_component()).filter_map(Node::health).filter(|h| h.state == state).count()
    }
}
