//! `prometheus.scrape` fetches pages of metrics and sends their samples on.

mod args;
pub(crate) mod bench;
mod cache;
mod component;
mod failures;
mod families;
mod ingest;
mod live;
mod manager;
mod metrics;
mod schedule;
mod shared;
mod target;
mod target_loop;
#[cfg(test)]
mod tests;

use ::component::{Registration, Stability};

pub(crate) static COMPONENT: Registration =
    Registration::of::<component::Scrape>("prometheus.scrape", Stability::GenerallyAvailable).live_debugging();
