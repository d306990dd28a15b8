//! What a component is and what it is given: registration, options, health, metrics, live debugging, shutdown.
//!
//! A component is one type that implements [`Component`] and one `static` [`Registration`]. It never imports another
//! component and never knows the graph.

pub mod clock;
mod contract;
pub mod glob;
pub mod health;
pub mod http;
pub mod id;
pub mod ledger;
pub mod metrics;
mod options;
mod registration;
mod regular;
mod services;
pub mod shutdown;
pub mod tap;
pub mod testing;
pub mod watch;

pub use clock::Clock;
pub use contract::{AnyArguments, BuildError, Component, Instance, RunError};
pub use health::{Health, HealthHandle, HealthState};
pub use http::{HttpBody, HttpHandler, HttpRequest, HttpResponse, Mounts};
pub use id::ComponentId;
pub use ledger::Ledger;
pub use metrics::{Counter, Gauge, Histogram, MetricScope, Registry};
pub use options::{Context, Options};
pub use registration::{Registration, Stability};
pub use regular::open_regular;
pub use services::Services;
pub use shutdown::Shutdown;
pub use tap::Tap;
pub use watch::{Detector, Watch};
