//! Derived structs against configuration text.

mod bodies;
mod support;
