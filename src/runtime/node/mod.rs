//! Running nodes.

pub mod component;

pub use component::ComponentNode;
