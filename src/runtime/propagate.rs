//! New values reach those who read them. Bursts are coalesced: readers see the latest value, not each one.

use crate::controller::{Change, Controller, Loaded};
use crate::evaluate;
use crate::plan::Kind;
use component::{ComponentId, Shutdown};
use std::collections::BTreeSet;
use std::sync::Arc;
use syntax::Diagnostic;

impl Controller {
    /// Carries values to their readers until `stop`.
    pub(crate) async fn propagate(self: &Arc<Self>, stop: &Shutdown) {
        while stop.or(self.changed_signal.notified()).await.is_some() {
            self.settle();
        }
    }

    fn settle(self: &Arc<Self>) {
        let _guard = self.evaluating.lock();
        let loaded = self.loaded.load_full();
        let mut diagnostics = Vec::new();
        self.settle_from(&loaded, BTreeSet::new(), &mut diagnostics);
        for diagnostic in diagnostics.iter().filter(|d| d.is_error()) {
            tracing::error!(module = self.module(), "{}", one_line(diagnostic));
        }
    }

    /// Evaluates the nodes `dirty`, all who read something that changed, and who read those in turn, until nothing
    /// changes any more or a round is complete; what changes meanwhile is the next round's.
    pub(crate) fn settle_from(self: &Arc<Self>, loaded: &Arc<Loaded>, mut dirty: BTreeSet<usize>, diagnostics: &mut Vec<Diagnostic>) {
        self.collect(loaded, &mut dirty);
        for index in &loaded.graph().order {
            if dirty.remove(index) {
                let planned = &loaded.plan().nodes[*index];
                let mut found = Vec::new();
                evaluate::node(self, loaded, *index, &mut found);
                diagnostics.append(&mut found);
                if matches!(planned.kind, Kind::Argument | Kind::Declare) {
                    self.changed.lock().insert(planned.id.clone());
                }
                self.collect(loaded, &mut dirty);
            }
        }
        self.publish_exports(loaded);
        if !dirty.is_empty() {
            // A reader that stands earlier in the order can only come from an export made while this round ran.
            let mut changed = self.changed.lock();
            for index in dirty {
                changed.extend(loaded.graph().references[index].iter().map(|r| loaded.plan().nodes[r.target].id.clone()));
            }
            drop(changed);
            self.changed_signal.notify_one();
        }
    }

    /// Adds the readers of everything that has changed.
    fn collect(&self, loaded: &Loaded, dirty: &mut BTreeSet<usize>) {
        for id in std::mem::take(&mut *self.changed.lock()) {
            let Some(at) = loaded.plan().index.get(&id) else { continue };
            dirty.extend(loaded.graph().readers[*at].iter().copied());
            if matches!(loaded.plan().nodes[*at].kind, Kind::Import(_)) {
                self.tell(Change::Definitions);
            }
        }
    }
}

/// A diagnostic in one line, for the log.
pub(crate) fn one_line(diagnostic: &Diagnostic) -> String {
    let place = diagnostic.place().map_or_else(String::new, |place| format!("{place}: "));
    let hints = diagnostic.hints.iter().map(|h| format!("; {h}")).collect::<String>();
    format!("{place}{}{hints}", diagnostic.message)
}

/// Logs errors of a node that happened outside of a load.
pub(crate) fn log_errors(id: &ComponentId, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics.iter().filter(|d| d.is_error()) {
        tracing::error!(component_id = %id, "{}", one_line(diagnostic));
    }
}
