//! Checks a configuration without building or starting anything, modules that nobody uses included.

use crate::arguments::{self, ArgumentBlock, ExportBlock};
use crate::block_ref::{BlockRef, BodyRef};
use crate::blueprint::Blueprint;
use crate::budget::{self, Budget};
use crate::controller::{ArgumentValues, Controller};
use crate::definitions::{Definition, Definitions, ImportCell, Missing};
use crate::environment::Environment;
use crate::findings;
use crate::import::{self, Source, SourceKind};
use crate::node::foreach;
use crate::outer::Outer;
use crate::plan::{Kind, Place, Plan, Planned};
use crate::references::Reference;
use crate::{advice, graph, lint, typed, unbuilt, unset, unused};
use arc_swap::ArcSwapOption;
use component::ComponentId;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use syntax::ast::File;
use syntax::diag::{Severity, any_errors};
use syntax::{Diagnostic, Span};
use value::{Arguments, DecodeCx, Lookup, Scope, Value};

impl Controller {
    /// Checks `files` without building or starting anything: everything that [`Controller::load`] would refuse as far
    /// as it can be known before running, and modules that nobody uses.
    pub fn check(self: &Arc<Self>, files: &[Arc<File>]) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let bodies: Vec<BodyRef> = files.iter().map(|file| BodyRef::top(Arc::clone(file))).collect();
        let argument = bodies.iter().flat_map(BodyRef::blocks).find(|b| b.block().name == "argument");
        if let Some(block) = &argument {
            let mut note =
                block.error("module/file", "this file is a module, and is checked as one").hint("it cannot be run by itself: import it");
            note.severity = Severity::Note;
            diagnostics.push(note);
        }
        let place = if argument.is_some() { Place::Module } else { Place::Root };
        let outer = Outer::new(None, BTreeMap::from([("module_path".to_owned(), None)]));
        let mut check = Check {
            environment: &self.environment,
            diagnostics,
            budget: Budget::default(),
            imported: HashMap::new(),
            checked: HashSet::new(),
            own: files.iter().map(|file| Arc::as_ptr(file).addr()).collect(),
            trials: MOST_TRIALS,
            tried: Vec::new(),
        };
        check.module(place, &bodies, None, outer, &ArgumentValues::new());
        // What is wrong whatever the values are comes first, and is told once.
        check.diagnostics.append(&mut check.tried);
        budget::limit(&mut check.diagnostics);
        unbuilt::only_warn(&mut check.diagnostics);
        // What is right is of no interest while something is wrong.
        if any_errors(&check.diagnostics) {
            check.diagnostics.retain(|d| d.code != "config/unused");
        }
        findings::tidy(&mut check.diagnostics);
        check.diagnostics
    }
}

/// Templates and definitions that are checked with values that are known: modules inside of modules multiply.
const MOST_TRIALS: usize = 500;

struct Check<'a> {
    environment: &'a Environment,
    diagnostics: Vec<Diagnostic>,
    budget: Budget,
    /// Files that imports have brought, by address, with words on which import it was.
    imported: HashMap<usize, String>,
    /// Imported definitions that were checked, by file and place.
    checked: HashSet<(usize, u32)>,
    /// The files that are checked, by address.
    own: HashSet<usize>,
    /// How many more modules may be checked with values that are known.
    trials: usize,
    /// What that has found.
    tried: Vec<Diagnostic>,
}

/// Names of a module before anything runs: no value of a node is known but what an instance is given.
struct Names<'a> {
    plan: &'a Plan,
    outer: &'a Outer,
    given: &'a ArgumentValues,
}

impl Scope for Names<'_> {
    fn lookup(&self, path: &[&str]) -> Lookup {
        if let Some((at, used)) = self.plan.resolve(path) {
            let node = &self.plan.nodes[at];
            let given = if matches!(node.kind, Kind::Argument) { self.given.get(node.block.label()) } else { None };
            return match given {
                Some(Some(value)) => Lookup::Found { value: Value::object([("value", value.clone())]), used },
                _ => Lookup::Unknown { used },
            };
        }
        match self.outer.lookup(path) {
            // The graph has reported it already.
            Lookup::Missing if path.first().is_some_and(|name| value::functions::root(name).is_none()) => Lookup::Unknown { used: 1 },
            found => found,
        }
    }

    fn type_of(&self, path: &[&str]) -> Option<value::schema::Type> {
        typed::type_of(self.plan, path)
    }
}

impl Check<'_> {
    /// Checks the module that `bodies` make up. The parser limits how deep `declare` blocks stand in each other.
    /// `given` is what an instance is known to be given.
    fn module(&mut self, place: Place, bodies: &[BodyRef], outside: Option<Arc<Definitions>>, outer: Arc<Outer>, given: &ArgumentValues) {
        let first = self.diagnostics.len();
        let blueprint = Blueprint::draw(self.environment, place, bodies, outside.as_deref(), &outer, &mut self.diagnostics);
        if !any_errors(&self.diagnostics[first..]) {
            self.diagnostics.extend(unused::warnings(&blueprint));
        }
        let plan = &blueprint.plan;
        let scope = Names { plan, outer: &outer, given };
        let imports = plan.nodes.iter().filter_map(|planned| match planned.kind {
            Kind::Import(kind) => {
                let is_used = plan.index.get(&planned.id).is_some_and(|at| !blueprint.graph.readers[*at].is_empty());
                Some((planned.block.label().to_owned(), self.import(planned, kind, &scope, is_used)))
            }
            _ => None,
        });
        let imports = imports.collect();
        let definitions =
            Arc::new(Definitions { parent: outside, outer: Arc::clone(&outer), declares: Arc::clone(&plan.declares), imports });
        for (planned, references) in plan.nodes.iter().zip(&blueprint.graph.references) {
            if self.budget.is_spent(&self.diagnostics) {
                return;
            }
            self.node(planned, &scope, &definitions);
            for reference in references.iter().filter(|r| matches!(plan.nodes[r.target].kind, Kind::Custom)) {
                self.diagnostics.extend(unknown_export(planned, &plan.nodes[reference.target], reference, &definitions));
            }
        }
    }

    fn node(&mut self, planned: &Planned, scope: &Names<'_>, definitions: &Arc<Definitions>) {
        match planned.kind {
            Kind::Declare => {
                let outer = Arc::clone(&definitions.outer);
                self.module(Place::Module, &[planned.block.inner()], Some(Arc::clone(definitions)), outer, &ArgumentValues::new());
            }
            Kind::Foreach => self.foreach(planned, scope, definitions),
            Kind::Import(_) => {}
            Kind::Custom => self.custom(&planned.block, scope, definitions),
            Kind::Component(registration) => {
                _ = self.decode(planned.kind, &planned.block, scope, |body, cx| (registration.decode)(body, cx).map(|_| ()))
            }
            Kind::Unbuilt(known) => {
                self.decode(planned.kind, &planned.block, scope, |body, cx| {
                    known.shape.check(body, cx);
                    Some(())
                });
            }
            Kind::Config(config) => _ = self.decode(planned.kind, &planned.block, scope, |body, cx| (config.decode)(body, cx).map(|_| ())),
            Kind::Argument => _ = self.decode(planned.kind, &planned.block, scope, ArgumentBlock::decode),
            Kind::Export => _ = self.decode(planned.kind, &planned.block, scope, ExportBlock::decode),
        }
    }

    /// Decodes a node's arguments as far as they are known before running.
    fn decode<T>(
        &mut self,
        kind: Kind,
        block: &BlockRef,
        scope: &dyn Scope,
        decode: impl Fn(&value::Body<'_>, &mut DecodeCx) -> Option<T>,
    ) -> Option<T> {
        let (ast, source) = (block.block(), &block.file().source);
        let read = |scope: &dyn Scope| {
            let mut cx = self.environment.decoding();
            let body = value::eval::evaluate_body(&ast.body, ast.name_span, source, scope, &mut cx.diagnostics);
            let args = decode(&body, &mut cx);
            (args, cx)
        };
        let (args, mut cx) = read(scope);
        let linted = lint::body(&ast.body, source, scope);
        let unset: Vec<Span> = linted.iter().filter(|d| d.code == lint::UNSET).map(|d| d.span).collect();
        if !unset.is_empty() && any_errors(&cx.diagnostics) {
            unset::forgive(&mut cx.diagnostics, &unset, &read(&unset::Set(scope)).1.diagnostics);
        }
        cx.diagnostics.extend(linted);
        advice::improve(self.environment, kind, block, &mut cx.diagnostics);
        self.diagnostics.append(&mut cx.diagnostics);
        args
    }

    fn custom(&mut self, block: &BlockRef, scope: &dyn Scope, definitions: &Arc<Definitions>) {
        let is_opaque = matches!(definitions.find(&block.block().name), Err(Missing::NotLoaded));
        let given = self.decode(Kind::Custom, block, scope, |body, cx| {
            if is_opaque {
                return None;
            }
            match arguments::definition_of(definitions, block) {
                Ok(definition) => Some(arguments::read(block, &definition, body, &mut cx.diagnostics)),
                Err(diagnostic) => {
                    cx.diagnostics.push(*diagnostic);
                    None
                }
            }
        });
        if let Ok(definition) = definitions.find(&block.block().name) {
            self.imported(&definition);
            self.instance(block, &definition, &given.unwrap_or_default());
        }
    }

    /// Checks a definition with what `block`, an instance of it, gives it, as far as that is known.
    fn instance(&mut self, block: &BlockRef, definition: &Definition, given: &ArgumentValues) {
        let file = Arc::as_ptr(definition.block.file()).addr();
        let is_open = self.own.contains(&file) || self.imported.contains_key(&file);
        if !is_open || given.values().all(Option::is_none) {
            return;
        }
        let hint = format!("with the arguments of `{}` at {}", block.node_id(), block.place());
        self.attempt(hint, |check| check.definition(definition, given));
    }

    fn definition(&mut self, definition: &Definition, given: &ArgumentValues) {
        let (outside, outer) = (Arc::clone(&definition.definitions), Arc::clone(&definition.definitions.outer));
        self.module(Place::Module, &[definition.block.inner()], Some(outside), outer, given);
    }

    /// The errors that a check finds, with words on what was checked.
    fn errors(&mut self, hint: &str, check: impl FnOnce(&mut Self)) -> Vec<Diagnostic> {
        let first = self.diagnostics.len();
        check(self);
        let found = self.diagnostics.split_off(first);
        found.into_iter().filter(Diagnostic::is_error).map(|d| d.hint(hint)).collect()
    }

    /// Runs a check with values that are known, of which only errors are kept.
    fn attempt(&mut self, hint: String, check: impl FnOnce(&mut Self)) {
        if self.trials == 0 {
            return;
        }
        self.trials -= 1;
        let found = self.errors(&hint, check);
        self.tried.extend(found);
    }

    /// Checks a definition that came by an import and is used, once: what is wrong in it would be found by running it.
    fn imported(&mut self, definition: &Definition) {
        let file = Arc::as_ptr(definition.block.file()).addr();
        let Some(hint) = self.imported.get(&file).cloned() else { return };
        if !self.checked.insert((file, definition.block.block().name_span.start)) {
            return;
        }
        let found = self.errors(&hint, |check| check.definition(definition, &ArgumentValues::new()));
        self.diagnostics.extend(found);
    }

    fn foreach(&mut self, planned: &Planned, scope: &Names<'_>, definitions: &Arc<Definitions>) {
        let args = foreach::decode(&planned.block, scope, &mut self.diagnostics);
        let Some(template) = foreach::template(&planned.block, &mut self.diagnostics) else { return };
        let elements = args.as_ref().map(|args| args.collection.clone()).unwrap_or_default();
        let var = args.map(|args| args.var).or_else(|| variable(&planned.block));
        // What is around the template is known by name only.
        let names = scope.plan.nodes.iter().filter(|n| n.kind.has_value()).map(|n| (n.id.clone(), None));
        let outer = Outer::new(Some(Arc::clone(&definitions.outer)), names.collect());
        let module = |check: &mut Self, outer| {
            check.module(Place::Template, &[template.inner()], Some(Arc::clone(definitions)), outer, &ArgumentValues::new());
        };
        let Some(var) = var else { return module(self, outer) };
        module(self, Outer::variable(&outer, &var, None));
        for (at, value) in elements.into_iter().enumerate().take(self.trials) {
            let hint = format!("with element {at} of the collection of `{}`", planned.id);
            self.attempt(hint, |check| module(check, Outer::variable(&outer, &var, Some(value))));
        }
    }

    /// What an import brings where that is known without running: its text, or a file that is there. What is wrong inside is
    /// an error only when something of it is used: the program would start all the same.
    fn import(&mut self, planned: &Planned, kind: SourceKind, scope: &dyn Scope, is_used: bool) -> ImportCell {
        let source = self.decode(planned.kind, &planned.block, scope, |body, cx| kind.decode(body, cx));
        let id = ComponentId::root(planned.id.clone());
        let is_secret = matches!(&source, Some(Source::String(args)) if args.content.is_secret);
        let contents = match source {
            Some(Source::String(args)) => Some(import::text_of(&args.content)),
            Some(Source::File(args)) => match import::read_file(&args.filename) {
                Ok(contents) => Some(contents),
                Err(cause) => {
                    let mut diagnostic = planned.block.error("module/source", format!("`{}`: {cause}", planned.id));
                    diagnostic.severity = Severity::Warning;
                    let hint = "what it brings is not checked; a relative path is looked up in the working directory";
                    self.diagnostics.push(diagnostic.hint(hint));
                    None
                }
            },
            _ => None,
        };
        let hint = format!("imported by `{}` at {}", planned.id, planned.block.place());
        let mut broken = Vec::new();
        let definitions = contents.and_then(|contents| import::peek(self.environment, &id, &contents, &mut broken));
        if let Some(definitions) = &definitions {
            let files = definitions.declares.values().map(|block| Arc::as_ptr(block.file()).addr());
            self.imported.extend(files.filter(|_| !is_secret).map(|file| (file, hint.clone())));
        }
        let most = if is_used { Severity::Error } else { Severity::Warning };
        for mut diagnostic in broken {
            diagnostic.severity = diagnostic.severity.min(most);
            if is_secret {
                diagnostic.source = None;
            }
            self.diagnostics.push(diagnostic.hint(hint.clone()));
        }
        Arc::new(ArcSwapOption::new(definitions))
    }
}

/// What is wrong with a reference to an export that a custom component does not have.
fn unknown_export(reader: &Planned, target: &Planned, reference: &Reference, definitions: &Arc<Definitions>) -> Option<Diagnostic> {
    let export = reference.rest.first()?;
    let definition = definitions.find(&target.block.block().name).ok()?;
    let body = definition.block.inner();
    let exports: Vec<BlockRef> = body.blocks().filter(|b| b.block().name == "export").collect();
    if exports.iter().any(|e| e.label() == export) {
        return None;
    }
    let source = &reader.block.file().source;
    let diagnostic =
        Diagnostic::error("config/unknown-export", source, reference.span, format!("`{}` has no export `{export}`", target.id));
    let names = || exports.iter().map(BlockRef::label);
    Some(match syntax::suggest(export, names()) {
        Some(name) => graph::meant(diagnostic, source, &target.id, reference, name),
        None if exports.is_empty() => diagnostic.hint("it exports nothing"),
        None => diagnostic.hint(format!("it exports {}", names().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "))),
    })
}

/// The name that `var` gives, when it is written as text.
fn variable(block: &BlockRef) -> Option<String> {
    let attr = block.block().body.attrs().find(|a| a.name.text == "var")?;
    match &attr.value.kind {
        syntax::ast::ExprKind::Literal(syntax::ast::Literal::String(text)) => Some(text.clone()),
        _ => None,
    }
}
