//! Evaluation of one node: expressions to values, values to arguments, arguments to a built or updated component.

use crate::controller::{Controller, Loaded};
use crate::plan::{self, Kind, Plan};
use crate::references;
use std::sync::Arc;
use syntax::Diagnostic;
use syntax::diag::any_errors;
use value::{DecodeCx, Lookup, Scope};

/// Names that mean something although no node is called so: the function library.
pub(crate) fn is_known(names: &[String]) -> bool {
    names.first().is_some_and(|name| value::functions::root(name).is_some())
}

/// The exports of a module's components, by dotted name.
struct Exported<'a>(&'a Loaded);

impl Scope for Exported<'_> {
    fn lookup(&self, path: &[&str]) -> Lookup {
        let Some((at, used)) = references::resolve(path, &self.0.plan.index) else { return Lookup::Missing };
        match self.0.nodes[at].as_ref().and_then(|node| node.exports()) {
            Some(value) => Lookup::Found { value, used },
            // Not exported yet: whoever reads it is evaluated again when it is.
            None => Lookup::Unknown { used },
        }
    }
}

/// Names of a module before anything runs: no value is known.
struct Planned<'a>(&'a Plan);

impl Scope for Planned<'_> {
    fn lookup(&self, path: &[&str]) -> Lookup {
        match references::resolve(path, &self.0.index) {
            Some((_, used)) => Lookup::Unknown { used },
            None => Lookup::Missing,
        }
    }
}

/// Decodes a node's arguments as far as they are known before running.
pub(crate) fn check(plan: &Plan, node: &plan::Planned, diagnostics: &mut Vec<Diagnostic>) {
    let (file, block) = (node.block.file(), node.block.block());
    let mut cx = DecodeCx::default();
    let body = value::eval::evaluate_body(&block.body, block.name_span, &file.source, &Planned(plan), &mut cx.diagnostics);
    // Only what is reported matters: the arguments themselves are for running.
    let _args = (decode_of(node.kind))(&body, &mut cx);
    diagnostics.append(&mut cx.diagnostics);
}

type Decode = fn(&value::Body<'_>, &mut DecodeCx) -> Option<Box<dyn component::AnyArguments>>;

fn decode_of(kind: Kind) -> Decode {
    match kind {
        Kind::Component(registration) => registration.decode,
        Kind::Config(config) => config.decode,
    }
}

/// Evaluates node `index` of `loaded` and applies the result.
pub(crate) fn node(controller: &Arc<Controller>, loaded: &Loaded, index: usize, diagnostics: &mut Vec<Diagnostic>) {
    let planned = &loaded.plan.nodes[index];
    let (file, block) = (planned.block.file(), planned.block.block());
    let mut found = Vec::new();
    let body = value::eval::evaluate_body(&block.body, block.name_span, &file.source, &Exported(loaded), &mut found);
    let mut cx = DecodeCx::default();
    let args = (decode_of(planned.kind))(&body, &mut cx);
    found.append(&mut cx.diagnostics);
    match (planned.kind, args) {
        (Kind::Config(config), Some(args)) if !any_errors(&found) => controller.configure(config.name, Some(args)),
        (Kind::Config(_), _) => {}
        (Kind::Component(_), args) => {
            let Some(node) = &loaded.nodes[index] else { return };
            match args {
                Some(args) if !any_errors(&found) => found.extend(node.apply(&controller.environment, args).err().map(|e| *e)),
                _ => match found.iter().find(|d| d.is_error()) {
                    Some(error) => node.evaluated(Err(&error.message)),
                    None => node.evaluated(Err("it reads an export that is not there yet")),
                },
            }
        }
    }
    diagnostics.append(&mut found);
}
