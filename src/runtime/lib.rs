//! From configuration text to a running graph of components.
//!
//! `plan` turns syntax trees into nodes, `references` finds who reads whom, `graph` orders them, `evaluate` decodes
//! their arguments and builds or updates them, `schedule` runs them, `propagate` carries exports to those who read
//! them. Errors before evaluation leave what is running untouched. Never knows a family of components.

pub mod block_ref;
pub mod config_blocks;
pub mod controller;
pub mod environment;
mod evaluate;
pub mod graph;
pub mod info;
pub mod node;
pub mod plan;
mod propagate;
pub mod references;
mod schedule;
pub mod sources;
pub mod watch;

pub use controller::{Controller, LoadError, LoadReport};
pub use environment::{Catalog, Environment, LoggingControl, LoggingSettings};
pub use info::ComponentInfo;
