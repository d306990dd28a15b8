//! From configuration text to a running graph of components.
//!
//! `plan` turns syntax trees into nodes, `references` finds who reads whom, `graph` orders them, `evaluate` decodes
//! their arguments and builds or updates them, `schedule` runs them, `propagate` carries exports to those who read
//! them. Errors before evaluation leave what is running untouched. Never knows a family of components.
//!
//! Modules: `declare` blocks and what `import` brings are `definitions`; a custom component, a `foreach` and an import are
//! nodes that own the controllers of the modules inside them. A module is planned as a `blueprint`, and sees what is
//! around it as `outer`.

mod advice;
mod arguments;
pub mod block_ref;
pub mod blueprint;
mod budget;
mod check;
pub mod codes;
pub mod config_blocks;
pub mod controller;
pub mod definitions;
pub mod environment;
mod evaluate;
pub mod findings;
pub mod graph;
pub mod import;
pub mod info;
pub mod language;
mod lint;
pub mod node;
pub mod outer;
pub mod plan;
mod propagate;
pub mod references;
mod schedule;
pub mod sources;
mod typed;
pub mod unbuilt;
mod unset;
mod unused;

pub use controller::{Controller, LoadError, LoadReport};
pub use environment::{Catalog, Environment, LoggingControl, LoggingSettings};
pub use info::ComponentInfo;
