//! The time. Components ask the clock, never the system, so that tests can set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The wall clock, or one that a test sets.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    fixed: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// A clock that stands at `nanos` since 1970 until it is set.
    pub fn fixed(nanos: i64) -> Self {
        Self { fixed: Some(Arc::new(AtomicI64::new(nanos))) }
    }

    /// Sets a fixed clock; does nothing to the wall clock.
    pub fn set(&self, nanos: i64) {
        if let Some(fixed) = &self.fixed {
            fixed.store(nanos, Ordering::SeqCst);
        }
    }

    /// Nanoseconds since 1970.
    #[allow(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn nanos(&self) -> i64 {
        match &self.fixed {
            Some(fixed) => fixed.load(Ordering::SeqCst),
            None => i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos()).unwrap_or(i64::MAX),
        }
    }

    /// Milliseconds since 1970.
    pub fn millis(&self) -> i64 {
        self.nanos().div_euclid(1_000_000)
    }
}
