//! New exports reach those who read them. Bursts are coalesced: readers see the latest value, not each one.

use crate::controller::Controller;
use crate::evaluate;
use component::Shutdown;
use std::collections::BTreeSet;
use std::sync::Arc;
use syntax::diag::Severity;

impl Controller {
    /// Carries exports to their readers until `stop`.
    pub(crate) async fn propagate(self: &Arc<Self>, stop: &Shutdown) {
        while stop.or(self.changed_signal.notified()).await.is_some() {
            self.settle();
        }
    }

    /// Evaluates all who read something that changed, and who read those in turn, until nothing changes any more or
    /// a round is complete; what changes meanwhile is the next round's.
    fn settle(self: &Arc<Self>) {
        let _guard = self.evaluating.lock();
        let loaded = self.loaded.load_full();
        let mut dirty = BTreeSet::new();
        let collect = |dirty: &mut BTreeSet<usize>| {
            for id in std::mem::take(&mut *self.changed.lock()) {
                if let Some(at) = loaded.plan.index.get(&id) {
                    dirty.extend(loaded.graph.readers[*at].iter().copied());
                }
            }
        };
        collect(&mut dirty);
        for index in &loaded.graph.order {
            if dirty.remove(index) {
                let mut diagnostics = Vec::new();
                evaluate::node(self, &loaded, *index, &mut diagnostics);
                for diagnostic in diagnostics.iter().filter(|d| d.severity == Severity::Error) {
                    tracing::error!(component_id = %loaded.plan.nodes[*index].id, "{}", syntax_line(diagnostic));
                }
                collect(&mut dirty);
            }
        }
        if !dirty.is_empty() {
            // A reader that stands earlier in the order can only come from an export made while this round ran.
            let mut changed = self.changed.lock();
            for index in dirty {
                changed.extend(loaded.graph.references[index].iter().map(|r| loaded.plan.nodes[r.target].id.clone()));
            }
            self.changed_signal.notify_one();
        }
    }
}

/// A diagnostic in one line, for the log.
fn syntax_line(diagnostic: &syntax::Diagnostic) -> String {
    let place = match (&diagnostic.source, diagnostic.position()) {
        (Some(source), Some(at)) => format!("{}:{}:{}: ", source.name(), at.line, at.column),
        _ => String::new(),
    };
    let hints = diagnostic.hints.iter().map(|h| format!("; {h}")).collect::<String>();
    format!("{place}{}{hints}", diagnostic.message)
}
