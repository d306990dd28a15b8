//! From syntax trees to nodes: which blocks there are, what kind each is, and what is wrong with them as a whole.
//! Pure: evaluates nothing and starts nothing.

use crate::block_ref::{BlockRef, BodyRef};
use crate::config_blocks::{self, ConfigBlock};
use crate::environment::Environment;
use component::{Registration, Stability};
use std::collections::HashMap;
use syntax::{Diagnostic, ast};

/// What kind of thing a node is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A component of the catalog.
    Component(&'static Registration),
    /// A block that sets up the program.
    Config(&'static ConfigBlock),
}

/// A block that becomes a node.
#[derive(Clone, Debug)]
pub struct Planned {
    /// `name.label`: unique in its module.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub block: BlockRef,
}

/// All nodes of a module, in the order of the text.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The nodes.
    pub nodes: Vec<Planned>,
    /// Node ids to indices.
    pub index: HashMap<String, usize>,
}

/// Plans the blocks of `bodies`, which together are one module.
pub fn plan(environment: &Environment, bodies: &[BodyRef], diagnostics: &mut Vec<Diagnostic>) -> Plan {
    let mut plan = Plan::default();
    for body in bodies {
        for attr in body.body().attrs() {
            diagnostics.push(stray_attribute(body, attr));
        }
        for block in body.blocks() {
            if let Some(kind) = kind_of(environment, &block, diagnostics) {
                add(&mut plan, Planned { id: block.node_id(), kind, block }, diagnostics);
            }
        }
    }
    plan
}

fn stray_attribute(body: &BodyRef, attr: &ast::Attr) -> Diagnostic {
    let message = format!("`{}` stands outside of a block", attr.name.text);
    let hint = "only blocks may stand at the top of a file: put the attribute into the component it belongs to";
    Diagnostic::error("config/stray-attribute", &body.file.source, attr.name.span, message).hint(hint)
}

fn add(plan: &mut Plan, node: Planned, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(first) = plan.index.get(&node.id) {
        let (file, block) = (node.block.file(), node.block.block());
        let message = format!("`{}` is declared twice", node.id);
        let mut diagnostic = Diagnostic::error("config/duplicate", &file.source, block.name_span, message);
        let first = &plan.nodes[*first].block;
        if std::sync::Arc::ptr_eq(first.file(), file) {
            diagnostic = diagnostic.label(first.block().name_span, "first declared here");
        } else {
            let at = first.file().source.position(first.block().name_span.start);
            diagnostic = diagnostic.hint(format!("the first one stands at {}:{}:{}", first.file().source.name(), at.line, at.column));
        }
        diagnostics.push(diagnostic.hint("give one of them another label"));
        return;
    }
    plan.index.insert(node.id.clone(), plan.nodes.len());
    plan.nodes.push(node);
}

fn kind_of(environment: &Environment, block_ref: &BlockRef, diagnostics: &mut Vec<Diagnostic>) -> Option<Kind> {
    let (source, block) = (&block_ref.file().source, block_ref.block());
    if let Some(config) = config_blocks::find(&block.name) {
        if let Some(label) = &block.label {
            diagnostics.push(Diagnostic::error("config/label", source, label.span, format!("`{}` takes no label", block.name)).hint("remove it"));
        }
        return Some(Kind::Config(config));
    }
    let Some(registration) = environment.catalog.get(&block.name) else {
        diagnostics.push(unknown_component(environment, block_ref));
        return None;
    };
    if let Some(refusal) = refused(environment, registration) {
        diagnostics.push(Diagnostic::error("config/stability", source, block.name_span, refusal.0).hint(refusal.1));
        return None;
    }
    if block.label.is_none() {
        let message = format!("`{}` needs a label", block.name);
        let hint = format!("write `{} \"default\" {{ … }}`", block.name);
        diagnostics.push(Diagnostic::error("config/label", source, block.name_span, message).hint(hint));
    }
    Some(Kind::Component(registration))
}

fn unknown_component(environment: &Environment, block_ref: &BlockRef) -> Diagnostic {
    let (source, block) = (&block_ref.file().source, block_ref.block());
    let message = format!("there is no component called `{}`", block.name);
    let diagnostic = Diagnostic::error("config/unknown-component", source, block.name_span, message);
    let names = environment.catalog.iter().map(|r| r.name).chain(config_blocks::CONFIG_BLOCKS.iter().map(|b| b.name));
    match syntax::suggest(&block.name, names) {
        Some(name) => diagnostic.hint(format!("did you mean `{name}`?")),
        None if block.name.starts_with("stage.") => diagnostic.hint(format!("`{}` is a stage: put it into a `loki.process` block", block.name)),
        None => diagnostic.hint("`ferroalloy schema` lists all components of this build"),
    }
}

fn refused(environment: &Environment, registration: &Registration) -> Option<(String, String)> {
    if registration.community && !environment.community {
        let message = format!("`{}` is a community component", registration.name);
        return Some((message, "start with `--feature.community-components.enabled` to use it".into()));
    }
    if registration.community || registration.stability >= environment.stability() {
        return None;
    }
    let stability = |s: Stability| s.as_str();
    let message = format!("`{}` is {}, and only what is {} is allowed", registration.name, stability(registration.stability), stability(environment.stability()));
    Some((message, format!("start with `--stability.level={}` to use it", stability(registration.stability))))
}
