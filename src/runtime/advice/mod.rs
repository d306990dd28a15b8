//! What to do about mistakes, from knowledge of all components: where a misplaced argument belongs, what took the place of
//! a former name, which export of a component is meant. Nothing here decides what is an error.

mod names;
mod places;

use crate::block_ref::BlockRef;
use crate::config_blocks;
use crate::environment::Environment;
use crate::import::SourceKind;
use crate::plan::Kind;
use crate::unbuilt;
use places::Place;
use syntax::ast::Body;
use syntax::{Diagnostic, Span};

pub(crate) use names::foreign_name;

/// A hint longer than this is left out beside a better one.
const LONG: usize = 120;
/// Components that are named, at most.
const SHOWN: usize = 3;

/// Whether a component of this build, or one that is known, has this name.
pub(crate) fn is_component(environment: &Environment, name: &str) -> bool {
    environment.catalog.get(name).is_some() || unbuilt::find(name).is_some_and(|known| !known.config)
}

/// Says in `diagnostic`, which stands at the name, what to do about a block at the top of a file or module that is no component; `custom` are the names of `declare` blocks
/// and imports.
pub(crate) fn unknown_component(environment: &Environment, diagnostic: Diagnostic, name: &str, custom: &[String]) -> Diagnostic {
    if let Some(hint) = names::gone(name) {
        return diagnostic.hint(hint);
    }
    if let Some(hint) = names::foreign_block(name) {
        return diagnostic.hint(hint);
    }
    if name.starts_with("stage.") {
        return diagnostic.hint(stage(name));
    }
    let known = environment.catalog.iter().map(|r| r.name).chain(config_blocks::CONFIG_BLOCKS.iter().map(|b| b.name));
    let known = known
        .chain(SourceKind::ALL.iter().map(|k| k.block_name()))
        .chain(["declare", "foreach", "argument", "export"])
        .chain(unbuilt::iter().map(|known| known.name))
        .chain(custom.iter().map(String::as_str));
    let dotted = name.replace(['_', '-'], ".");
    let known: Vec<&str> = known.collect();
    // Separators mixed up are more likely than another word.
    let same = known.iter().find(|known| known.replace('_', ".") == dotted);
    if let Some(best) = same.copied().or_else(|| syntax::suggest(name, known.iter().copied())) {
        let place = diagnostic.span;
        return diagnostic.did_you_mean(place, best);
    }
    let owners = owners(&nearest(places::find(environment, name, true)));
    diagnostic.hint(match owners.is_empty() {
        false => format!("`{name}` is a block of {}: put it into one of these", owners.join(", ")),
        true => "`ferroalloy schema` lists all components of this build".to_owned(),
    })
}

fn stage(name: &str) -> String {
    format!(
        "`{name}` is a stage: stages stand in a `loki.process \"name\" {{ … }}`, and whoever sends lines to them says \
`forward_to = [loki.process.name.receiver]`"
    )
}

/// What to do about an attribute at the top of a file.
pub(crate) fn stray_attribute(environment: &Environment, name: &str) -> String {
    if config_blocks::find(name).is_some() || is_component(environment, name) {
        return format!("`{name}` is a block: write `{name} {{ … }}` without `=`, and one `name = value` on each line");
    }
    let owners = owners(&nearest(places::find(environment, name, false)));
    match owners.is_empty() {
        false => format!("only blocks may stand at the top of a file; `{name}` is an argument of {}", owners.join(", ")),
        true => "only blocks may stand at the top of a file: put the attribute into the component it belongs to".to_owned(),
    }
}

/// Completes what is said of the node `block`, and says to which component it belongs.
pub(crate) fn improve(environment: &Environment, kind: Kind, block: &BlockRef, diagnostics: &mut [Diagnostic]) {
    for diagnostic in diagnostics.iter_mut().filter(|d| d.is_error() && d.source.is_some()) {
        match diagnostic.code {
            "decode/unknown-attribute" => misplaced(environment, kind, block, diagnostic, false),
            "decode/unknown-block" => misplaced(environment, kind, block, diagnostic, true),
            "decode/value" => whole_component(environment, diagnostic),
            _ => {}
        }
    }
    belongs_to(block, diagnostics);
}

/// Says of errors on other lines than the block's first one to which component they belong: long components scroll away.
fn belongs_to(block: &BlockRef, diagnostics: &mut [Diagnostic]) {
    let begin = block.file().source.position(block.block().name_span.start);
    for diagnostic in diagnostics.iter_mut().filter(|d| d.is_error() && d.source.is_some()) {
        if diagnostic.position().is_some_and(|at| at.line != begin.line) {
            diagnostic.hints.push(format!("in `{}` at {}", block.node_id(), block.place()));
        }
    }
}

/// An attribute or a block that is not known where it stands.
fn misplaced(environment: &Environment, kind: Kind, block: &BlockRef, diagnostic: &mut Diagnostic, is_block: bool) {
    let source = &block.file().source;
    let name = source.slice(diagnostic.span).to_owned();
    let own = &block.block().name;
    let path = path_to(&block.block().body, diagnostic.span);
    if path.is_empty() {
        let what = if is_block { "block" } else { "attribute" };
        diagnostic.message =
            diagnostic.message.replace(&format!("there is no {what} `{name}` here"), &format!("`{own}` has no {what} `{name}`"));
    }
    if diagnostic.hints.iter().any(|hint| hint.starts_with("did you mean")) || matches!(kind, Kind::Custom) {
        return;
    }
    let hint = if is_block { misplaced_block(environment, own, &name) } else { None };
    let hint = hint.or_else(|| belongs_elsewhere(&places::find(environment, &name, is_block), own, &path, &name, is_block));
    if let Some(hint) = hint {
        // A long list of everything else would hide it.
        diagnostic.hints.retain(|listed| listed.len() < LONG || !(listed.starts_with("accepted ") || listed.starts_with("there are ")));
        diagnostic.hints.insert(0, hint);
    }
}

fn misplaced_block(environment: &Environment, own: &str, name: &str) -> Option<String> {
    if is_component(environment, name) {
        return Some(format!("`{name}` is a component of its own: put it at the top of the file, and refer to it from here"));
    }
    if name.starts_with("stage.") && own != "loki.process" {
        return Some(stage(name));
    }
    names::gone(name).or_else(|| names::gone_block(name).map(str::to_owned))
}

/// Where `name` belongs, when it is known elsewhere: in the same component first.
fn belongs_elsewhere(places: &[Place], own: &str, path: &[String], name: &str, is_block: bool) -> Option<String> {
    let written = if is_block { format!("{name} {{ … }}") } else { format!("{name} = …") };
    let here = places.iter().filter(|place| place.owner == own && place.path != path).min_by_key(|place| place.path.len());
    match here {
        Some(place) if place.path.is_empty() => {
            return Some(format!("it belongs to `{own}` itself: put it outside of `{}`", path.first().map_or("", String::as_str)));
        }
        Some(place) => {
            let opened: String = place.path.iter().map(|block| format!("{block} {{ ")).collect();
            return Some(format!("it belongs into a block: `{opened}{written}{}`", " }".repeat(place.path.len())));
        }
        None => {}
    }
    let mut places: Vec<Place> = places.iter().filter(|place| place.owner != own).cloned().collect();
    // Components of the same family are meant more often.
    let family = |name: &str| name.split('.').next().map(str::to_owned);
    places.sort_by_key(|place| (family(place.owner) != family(own), place.path.len()));
    let owners = owners(&places);
    let what = if is_block { "a block" } else { "an argument" };
    (!owners.is_empty()).then(|| format!("`{name}` is {what} of {}", owners.join(", ")))
}

/// Those that are least deep inside of components; blocks that set up the program first.
fn nearest(mut places: Vec<Place>) -> Vec<Place> {
    places.sort_by_key(|place| (place.path.len(), config_blocks::find(place.owner).is_none()));
    let least = places.first().map_or(0, |place| place.path.len());
    places.retain(|place| place.path.len() == least);
    places
}

/// The first few places as text.
fn owners(places: &[Place]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for place in places {
        let text = match place.path.is_empty() {
            true => format!("`{}`", place.owner),
            false => format!("`{}` (in `{}`)", place.owner, place.path.join(" > ")),
        };
        if texts.len() < SHOWN && !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// The names of the blocks of `body` around `span`, outermost first.
fn path_to(body: &Body, span: Span) -> Vec<String> {
    let mut path = Vec::new();
    let mut body = body;
    while let Some(inner) = body.blocks().find(|b| b.open.start <= span.start && span.start < b.close.end) {
        path.push(inner.name.clone());
        body = &inner.body;
    }
    path
}

/// A component stands where one of its exports is meant.
fn whole_component(environment: &Environment, diagnostic: &mut Diagnostic) {
    let Some(text) = diagnostic.source.as_ref().map(|source| source.slice(diagnostic.span).to_owned()) else { return };
    let Some((name, _)) = text.rsplit_once('.').filter(|_| diagnostic.message.contains("got object")) else { return };
    let exports: Vec<&str> = match (environment.catalog.get(name), unbuilt::find(name)) {
        (Some(built), _) => (built.exports)().fields.iter().map(|field| field.name).collect(),
        (None, Some(known)) => known.exports.iter().map(|(name, _)| *name).collect(),
        (None, None) => return,
    };
    let shown: Vec<String> = exports.iter().map(|export| format!("`{text}.{export}`")).collect();
    if !shown.is_empty() {
        diagnostic.message = diagnostic.message.replace("got object of any value", "got a component");
        diagnostic.hints.insert(0, format!("name what is meant of it: {}", shown.join(", ")));
    }
}
