//! What is known of a module before anything of it runs: its nodes and who reads whom.

use crate::block_ref::BodyRef;
use crate::definitions::Definitions;
use crate::environment::Environment;
use crate::graph::{self, Graph};
use crate::outer::Outer;
use crate::plan::{self, Place, Plan};
use syntax::Diagnostic;

/// The plan of a module and its graph. Modules made from the same text share one.
#[derive(Debug, Default)]
pub struct Blueprint {
    /// The nodes.
    pub plan: Plan,
    /// Who reads whom.
    pub graph: Graph,
}

impl Blueprint {
    /// Plans `bodies`, which together are one module. Evaluates nothing.
    pub fn draw(
        environment: &Environment,
        place: Place,
        bodies: &[BodyRef],
        outside: Option<&Definitions>,
        outer: &Outer,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let plan = plan::plan(environment, place, bodies, outside, diagnostics);
        let graph = graph::build(environment, &plan, outer, diagnostics);
        Self { plan, graph }
    }
}
