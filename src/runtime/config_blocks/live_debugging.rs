//! `livedebugging`: watching data live, in the UI.

use crate::environment::Environment;
use component::AnyArguments;
use std::sync::atomic::Ordering;
use value::Arguments;

/// Watching the data of components live, in the UI.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct LiveDebugging {
    /// Set to false to keep data out of the UI.
    #[alloy(attr, default = true)]
    enabled: bool,
}

pub(super) fn apply(args: Option<&dyn AnyArguments>, environment: &Environment) {
    let block = args.and_then(|a| a.downcast_ref::<LiveDebugging>());
    environment.live_debugging.store(block.is_none_or(|b| b.enabled), Ordering::Relaxed);
}
