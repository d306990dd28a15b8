//! Derived structs against configuration text.

mod bodies;
mod shapes;
mod support;
mod values;
