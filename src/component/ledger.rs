//! Books of what a component took and what became of it: in = out + dropped + queued.

use crate::metrics::{Counter, Gauge, MetricScope};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A component's books. Cloning shares them.
#[derive(Clone)]
pub struct Ledger(Arc<Books>);

struct Books {
    scope: MetricScope,
    taken: Counter,
    passed: Counter,
    queued: Gauge,
    dropped: Mutex<BTreeMap<&'static str, Counter>>,
}

impl Ledger {
    /// Books whose totals are metrics of `scope`.
    pub fn new(scope: &MetricScope) -> Self {
        Self(Arc::new(Books {
            taken: scope.counter("ferroalloy_component_items_in_total", "Samples or lines a component took."),
            passed: scope.counter("ferroalloy_component_items_out_total", "Samples or lines a component handed on."),
            queued: scope.gauge("ferroalloy_component_items_queued", "Samples or lines a component keeps until they are delivered."),
            dropped: Mutex::default(),
            scope: scope.clone(),
        }))
    }

    /// Took `n` items.
    pub fn took(&self, n: usize) {
        self.0.taken.add(n as u64);
    }

    /// Handed on `n` items.
    pub fn passed(&self, n: usize) {
        self.0.passed.add(n as u64);
    }

    /// Keeps `n` items now.
    pub fn queued(&self, n: usize) {
        self.0.queued.set(n as f64);
    }

    /// Dropped `n` items because of `reason`, a word or two in snake case.
    pub fn dropped(&self, reason: &'static str, n: usize) {
        if n > 0 {
            let mut dropped = self.0.dropped.lock();
            let new = || {
                self.0.scope.counter_with(
                    "ferroalloy_component_items_dropped_total",
                    "Samples or lines a component dropped, by reason.",
                    &[("reason", reason)],
                )
            };
            dropped.entry(reason).or_insert_with(new).add(n as u64);
        }
    }

    /// Totals: taken, handed on, dropped.
    pub fn totals(&self) -> (u64, u64, u64) {
        let dropped = self.0.dropped.lock().values().map(Counter::get).sum();
        (self.0.taken.get(), self.0.passed.get(), dropped)
    }
}
