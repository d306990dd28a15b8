//! Behaviour of the runtime, with small components that exist for these tests only.

mod components;
mod harness;
mod recordings;
