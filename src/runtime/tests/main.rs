//! Behaviour of the runtime, with small components that exist for these tests only.

mod checks;
mod components;
mod custom;
mod foreach;
mod git;
mod graph;
mod harness;
mod imports;
mod propagation;
mod recordings;
mod reload;
mod schedule;
mod ssh;
