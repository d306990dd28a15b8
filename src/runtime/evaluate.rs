//! Evaluation of one node: expressions to values, values to arguments, arguments to a built or updated component.

use crate::advice;
use crate::arguments::{ArgumentBlock, ExportBlock};
use crate::controller::{Controller, Loaded};
use crate::node::{ComponentNode, Node, ValueCell};
use crate::plan::{Kind, Planned};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use syntax::Diagnostic;
use syntax::diag::any_errors;
use value::eval::MAX_VALUES;
use value::{Arguments, DecodeCx, Lookup, Scope, Value};

/// The values that the expressions of a module see: of its own nodes, then of what is around it.
pub(crate) struct Visible<'a>(pub &'a Loaded);

impl Scope for Visible<'_> {
    fn lookup(&self, path: &[&str]) -> Lookup {
        match self.0.plan().resolve(path) {
            Some((at, used)) => self.0.nodes[at].lookup(used, &path[used..]),
            None => self.0.outer.lookup(path),
        }
    }
}

/// Evaluates node `index` of `loaded` and applies the result.
pub(crate) fn node(controller: &Arc<Controller>, loaded: &Loaded, index: usize, diagnostics: &mut Vec<Diagnostic>) {
    let planned = &loaded.plan().nodes[index];
    controller.environment.evaluations.fetch_add(1, Ordering::Relaxed);
    if let Node::Foreach(node) = &loaded.nodes[index] {
        return node.evaluate(controller, loaded, planned, diagnostics);
    }
    if matches!(planned.kind, Kind::Declare) {
        return;
    }
    let (file, block) = (planned.block.file(), planned.block.block());
    let mut found = Vec::new();
    let body = value::eval::evaluate_body(&block.body, block.name_span, &file.source, &Visible(loaded), &mut found);
    match (&loaded.nodes[index], planned.kind) {
        (Node::Component(node), _) => component(controller, node, &body, &mut found),
        (Node::Custom(node), _) if !any_errors(&found) => node.evaluate(loaded, planned, &body, &mut found),
        (Node::Custom(node), _) => node.health.evaluated("component", Err(&first_error(&found))),
        (Node::Import(node), _) => node.evaluate(loaded, planned, &body, &mut found),
        (Node::Argument(cell), _) => argument(controller, planned, cell, &body, &mut found),
        (Node::Export(cell), _) => export(planned, cell, &body, &mut found),
        (_, Kind::Config(config)) => {
            let mut cx = DecodeCx::default();
            let args = (config.decode)(&body, &mut cx);
            found.append(&mut cx.diagnostics);
            if let Some(args) = args.filter(|_| !any_errors(&found)) {
                controller.configure(config.name, Some(args));
            }
        }
        _ => {}
    }
    advice::improve(&controller.environment, planned.kind, &planned.block, &mut found);
    diagnostics.append(&mut found);
}

pub(crate) fn first_error(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().find(|d| d.is_error()).map(|d| d.message.clone()).unwrap_or_default()
}

fn component(controller: &Controller, node: &ComponentNode, body: &value::Body<'_>, found: &mut Vec<Diagnostic>) {
    let mut cx = controller.environment.decoding();
    let args = (node.registration.decode)(body, &mut cx);
    found.append(&mut cx.diagnostics);
    match args {
        Some(args) if !any_errors(found) => found.extend(node.apply(&controller.environment, args).err().map(|e| *e)),
        _ if any_errors(found) => node.evaluated(Err(&first_error(found))),
        _ => node.evaluated(Err("it reads an export that is not there yet")),
    }
}

/// The value given to the module, or the default.
fn argument(controller: &Controller, planned: &Planned, cell: &ValueCell, body: &value::Body<'_>, found: &mut Vec<Diagnostic>) {
    let mut cx = DecodeCx::default();
    let block = ArgumentBlock::decode(body, &mut cx);
    found.append(&mut cx.diagnostics);
    let value = match controller.arguments.load().get(planned.block.label()) {
        Some(given) => given.clone(),
        None => block.filter(|b| b.optional).map(|b| b.default),
    };
    cell.store(value.map(|value| Arc::new(Value::object([("value", value)]))));
}

fn export(planned: &Planned, cell: &ValueCell, body: &value::Body<'_>, found: &mut Vec<Diagnostic>) {
    let mut cx = DecodeCx::default();
    // What fails, or is not known yet, leaves the last value.
    match ExportBlock::decode(body, &mut cx) {
        Some(block) if block.value.is_larger_than(MAX_VALUES) => {
            let message = format!("`{}` has more than {MAX_VALUES} values in it", planned.id);
            found.push(planned.block.error("eval/too-large", message).hint("look for a value that repeats itself from module to module"));
        }
        Some(block) => cell.store(Some(Arc::new(block.value))),
        None => {}
    }
    found.append(&mut cx.diagnostics);
}
