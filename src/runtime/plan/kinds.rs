//! What kind of node a block becomes, and whether it may stand where it stands.

use super::{Kind, Place};
use crate::advice;
use crate::block_ref::{BlockRef, BodyRef};
use crate::config_blocks;
use crate::definitions::Definitions;
use crate::environment::Environment;
use crate::import::SourceKind;
use crate::unbuilt;
use component::Stability;
use std::collections::HashSet;
use syntax::{Diagnostic, Span};

/// First parts of block names that mean custom components.
pub(super) struct Names<'a> {
    own: HashSet<String>,
    outside: Option<&'a Definitions>,
}

impl<'a> Names<'a> {
    pub(super) fn of(bodies: &[BodyRef], outside: Option<&'a Definitions>) -> Self {
        let blocks = bodies.iter().flat_map(BodyRef::blocks);
        let own = blocks.filter(|b| b.block().name == "declare" || b.block().name.starts_with("import."));
        Self { own: own.map(|b| b.label().to_owned()).collect(), outside }
    }

    fn know(&self, block_name: &str) -> bool {
        let first = block_name.split('.').next().unwrap_or(block_name);
        self.own.contains(first) || self.outside.is_some_and(|outside| outside.knows(first))
    }

    fn all(&self) -> Vec<String> {
        let outside = self.outside.map(Definitions::names).unwrap_or_default();
        self.own.iter().cloned().chain(outside).collect()
    }
}

/// What `block` is; `None` when it is nothing that may stand there.
pub(super) fn kind_of(
    environment: &Environment,
    place: Place,
    names: &Names<'_>,
    block: &BlockRef,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Kind> {
    let kind = special(&block.block().name);
    let may_be_custom = !block.label().is_empty() && !ignores_label(&block.block().name);
    let kind = match kind {
        Some(Kind::Config(_)) if may_be_custom && names.know(&block.block().name) => Some(Kind::Custom),
        Some(kind) => Some(kind),
        None if names.know(&block.block().name) => Some(Kind::Custom),
        None => component(environment, names, block, diagnostics),
    }?;
    if let Some(diagnostic) = misplaced(place, kind, block) {
        diagnostics.push(diagnostic);
        return None;
    }
    if matches!(kind, Kind::Foreach) && environment.stability() > Stability::Experimental {
        diagnostics.push(unstable(environment, block, "`foreach`", Stability::Experimental));
        return None;
    }
    diagnostics.extend(label(place, kind, block));
    Some(kind)
}

/// True for blocks whose label the original ignores. It takes others like them for components when they have one.
fn ignores_label(name: &str) -> bool {
    matches!(name, "logging" | "tracing")
}

/// The kinds that the language itself has.
fn special(name: &str) -> Option<Kind> {
    match name {
        "argument" => Some(Kind::Argument),
        "export" => Some(Kind::Export),
        "declare" => Some(Kind::Declare),
        "foreach" => Some(Kind::Foreach),
        _ => SourceKind::of(name).map(Kind::Import).or_else(|| config_blocks::find(name).map(Kind::Config)),
    }
}

/// True for blocks that set up the program.
fn is_config(kind: Kind) -> bool {
    matches!(kind, Kind::Config(_)) || matches!(kind, Kind::Unbuilt(known) if known.config)
}

fn misplaced(place: Place, kind: Kind, block: &BlockRef) -> Option<Diagnostic> {
    let name = &block.block().name;
    let (message, hint) = match (place, kind) {
        (Place::Root, Kind::Argument | Kind::Export) => (format!("`{name}` may stand only in a module"), "put it into a `declare` block"),
        (Place::Template, Kind::Argument | Kind::Export) => (
            format!("`{name}` may not stand in a template"),
            "a template is given its element by the name that `var` says, and gives nothing: put this into a `declare` block",
        ),
        (Place::Module | Place::Template, kind) if is_config(kind) => {
            (format!("`{name}` may not stand in a module"), "put it at the top of the main configuration")
        }
        (Place::Import, Kind::Declare | Kind::Import(_)) => return None,
        (Place::Import, _) => (
            format!("`{name}` may not stand at the top of an imported module"),
            "put it into a `declare` block: only `declare` and `import` blocks are imported",
        ),
        _ => return None,
    };
    Some(block.error("config/misplaced", message).hint(hint))
}

fn label(place: Place, kind: Kind, block: &BlockRef) -> Option<Diagnostic> {
    let name = &block.block().name;
    let empty = block.block().label.as_ref().filter(|label| label.text.is_empty());
    match (kind, block.block().label.as_ref().filter(|label| !label.text.is_empty())) {
        (kind, Some(label)) if is_config(kind) => {
            let make = if ignores_label(name) { Diagnostic::warning } else { Diagnostic::error };
            Some(make("config/label", &block.file().source, label.span, format!("`{name}` takes no label")).hint("remove it"))
        }
        (kind, None) if is_config(kind) => None,
        // An imported one is called by its namespace, too.
        (Kind::Declare, Some(label)) if label.text == "declare" && place != Place::Import => Some(
            Diagnostic::error("config/label", &block.file().source, label.span, "a custom component cannot be called `declare`")
                .hint("choose another name"),
        ),
        (_, None) => {
            let message = format!("`{name}` needs a label");
            let end = block.block().name_span.end;
            let diagnostic = block.error("config/label", message).hint(format!("write `{name} \"default\" {{ … }}`"));
            Some(match empty {
                Some(empty) => diagnostic.fix(empty.span, "\"default\""),
                None => diagnostic.fix(Span { start: end, end }, " \"default\""),
            })
        }
        (_, Some(_)) => None,
    }
}

fn component(environment: &Environment, names: &Names<'_>, block: &BlockRef, diagnostics: &mut Vec<Diagnostic>) -> Option<Kind> {
    let name = &block.block().name;
    let (kind, stability, community) = if let Some(built) = environment.catalog.get(name) {
        (Kind::Component(built), built.stability, built.community)
    } else if let Some(known) = unbuilt::find(name) {
        // Asked last: the table is read when it is first needed, which most configurations spare.
        (Kind::Unbuilt(known), known.stability, known.community)
    } else {
        diagnostics.push(unknown_component(environment, names, block));
        return None;
    };
    if let Some(refusal) = refused(environment, block, stability, community) {
        diagnostics.push(refusal);
        return None;
    }
    if let Kind::Unbuilt(known) = kind {
        diagnostics.push(unbuilt::refusal(known, block));
    }
    Some(kind)
}

fn unknown_component(environment: &Environment, names: &Names<'_>, block: &BlockRef) -> Diagnostic {
    let name = &block.block().name;
    let diagnostic = block.error("config/unknown-component", format!("there is no component called `{name}`"));
    advice::unknown_component(environment, diagnostic, name, &names.all())
}

fn refused(environment: &Environment, block: &BlockRef, is: Stability, community: bool) -> Option<Diagnostic> {
    let name = &block.block().name;
    if community && !environment.community {
        let diagnostic = block.error("config/stability", format!("`{name}` is a community component"));
        return Some(diagnostic.hint("start with `--feature.community-components.enabled` to use it"));
    }
    if community || is >= environment.stability() {
        return None;
    }
    Some(unstable(environment, block, &format!("`{name}`"), is))
}

fn unstable(environment: &Environment, block: &BlockRef, what: &str, is: Stability) -> Diagnostic {
    let message = format!("{what} is {}, and only what is {} is allowed", is.as_str(), environment.stability().as_str());
    block.error("config/stability", message).hint(format!("start with `--stability.level={}` to use it", is.as_str()))
}
