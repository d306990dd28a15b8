//! Exporters: components that read the figures of a machine or a service and serve them as a Prometheus page.

pub mod base;
pub mod unix;
