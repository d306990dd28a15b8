//! Exporters: components that read the figures of a machine or a service and serve them as a Prometheus page.

pub mod base;
mod page;
mod self_;
pub mod unix;

use component::Registration;

/// Every component of the family.
pub static FAMILY: &[&Registration] = &[&self_::COMPONENT, &unix::component::COMPONENT];
