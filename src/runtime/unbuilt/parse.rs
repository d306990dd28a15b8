//! The table's format; its head explains it.

use super::Unbuilt;
use component::Stability;
use std::collections::{BTreeMap, HashMap};
use value::schema::{Type, Variant};
use value::shape::{Bound, Condition, Form, Rule, Shape, ShapeField, ShapeKind};

/// A line and the lines that are indented below it.
struct Entry {
    text: &'static str,
    below: Vec<Entry>,
}

/// Reads the table. Lines that make no sense are left out; a test proves that there are none.
pub(super) fn table(text: &'static str) -> BTreeMap<&'static str, Unbuilt> {
    let entries = entries(text);
    let mut context = Context::default();
    for entry in &entries {
        let mut words = entry.text.split(' ');
        match (words.next(), words.next()) {
            (Some("enum"), Some(name)) => _ = context.texts.insert(name, words.collect()),
            (Some("shape"), Some(number)) => _ = context.shapes.insert(number, &entry.below),
            _ => {}
        }
    }
    entries.iter().filter_map(|entry| component(entry, &context)).map(|c| (c.name, c)).collect()
}

fn entries(text: &'static str) -> Vec<Entry> {
    let mut open: Vec<Vec<Entry>> = vec![Vec::new()];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let rest = line.trim_start_matches(' ');
        let depth = line.len() - rest.len();
        close(&mut open, depth);
        while open.len() <= depth {
            open.push(Vec::new());
        }
        if let Some(level) = open.last_mut() {
            level.push(Entry { text: rest, below: Vec::new() });
        }
    }
    close(&mut open, 0);
    open.pop().unwrap_or_default()
}

/// Hands finished levels to the lines above them.
fn close(open: &mut Vec<Vec<Entry>>, depth: usize) {
    while open.len() > depth + 1 {
        let below = open.pop().unwrap_or_default();
        if let Some(above) = open.last_mut().and_then(|level| level.last_mut()) {
            above.below = below;
        }
    }
}

#[derive(Default)]
struct Context<'t> {
    texts: HashMap<&'static str, Vec<&'static str>>,
    shapes: HashMap<&'static str, &'t [Entry]>,
}

fn component(entry: &Entry, context: &Context<'_>) -> Option<Unbuilt> {
    let mut words = entry.text.strip_prefix("component ")?.split(' ');
    let name = words.next()?;
    let stability = match words.next()? {
        "experimental" => Stability::Experimental,
        "public-preview" => Stability::PublicPreview,
        _ => Stability::GenerallyAvailable,
    };
    let flags: Vec<&str> = words.collect();
    let exports = entry.below.iter().filter_map(|e| e.text.strip_prefix("> ")?.split_once(' ')).map(|(ty, name)| (name, type_of(ty)));
    Some(Unbuilt {
        name,
        stability,
        community: flags.contains(&"community"),
        config: flags.contains(&"config"),
        shape: shape(&entry.below, context, 0),
        exports: exports.collect(),
    })
}

/// Shapes stand in shapes, a few levels deep; `depth` keeps a mistake in the table from being endless.
fn shape(entries: &[Entry], context: &Context<'_>, depth: usize) -> Shape {
    let (mut fields, mut rules) = (Vec::new(), Vec::new());
    for entry in entries.iter().filter(|_| depth < 32) {
        let mut words = entry.text.split(' ');
        let first = words.next().unwrap_or_default();
        match first {
            ">" => {}
            "&" => {
                let included = words.next().and_then(|name| context.shapes.get(name)).map(|lines| shape(lines, context, depth + 1));
                if let Some(included) = included {
                    fields.extend(included.fields);
                    rules.extend(included.rules);
                }
            }
            "?" => rules.extend(rule(&words.collect::<Vec<_>>(), &|name| rules_of(name, context, depth))),
            "label" | "label!" => fields.push(ShapeField { name: "", required: first.ends_with('!'), kind: ShapeKind::Label }),
            "{}" | "<>" => fields.extend(words.next().map(|name| block(name, first, words.next(), entry, context, depth))),
            _ => fields.extend(words.map(|name| attr(name, first, context))),
        }
    }
    Shape { fields, rules }
}

/// `? at-most-one a b`, `? when a=x|y|- given b`, `? in block &shape`; `shared` gives the rules of a shape.
pub(super) fn rule(words: &[&'static str], shared: &dyn Fn(&str) -> Option<Vec<Rule>>) -> Option<Rule> {
    let (first, rest) = words.split_first()?;
    if let Some(name) = first.strip_prefix('&') {
        return shared(name).map(Rule::All);
    }
    let bound = |bound| Some(Rule::Bound(bound, rest.first()?, rest.get(1..)?.to_vec()));
    Some(match *first {
        "none" => Rule::Count(0..=0, rest.to_vec()),
        "at-most-one" => Rule::Count(0..=1, rest.to_vec()),
        "exactly-one" => Rule::Count(1..=1, rest.to_vec()),
        "at-least-one" => Rule::Count(1..=usize::MAX, rest.to_vec()),
        "given" => Rule::Given(rest.to_vec()),
        "filled" => Rule::Filled(rest.to_vec()),
        "texts" => Rule::Texts(rest.first()?, rest.get(1..)?.to_vec()),
        "never" => Rule::Never(rest.first()?, rest.get(1)?),
        "above" => bound(Bound::Above)?,
        "least" => bound(Bound::Least)?,
        "most" => bound(Bound::Most)?,
        "experimental" => Rule::Experimental(rest.to_vec()),
        "experimental-text" => Rule::ExperimentalText(rest.first()?, rest.get(1)?),
        "below" => Rule::Below(rest.try_into().ok()?),
        "not-above" => Rule::NotAbove(rest.try_into().ok()?),
        "matches" => Rule::Matches(rest.first()?, rest.get(1)?, rest.get(2..)?.to_vec()),
        "paired" => Rule::Form(Form::Paired, rest.to_vec()),
        "regexp" => Rule::Form(Form::Regexp, rest.to_vec()),
        "url" => Rule::Form(Form::Url, rest.to_vec()),
        "yaml" => Rule::Yaml(rest.first()?, rest.get(1..)?.to_vec()),
        "members" => Rule::Members(rest.first()?, rest.get(1..)?.to_vec()),
        "refused" => Rule::Refused(rest.to_vec()),
        "in" => Rule::In(rest.first()?, Box::new(rule(rest.get(1..)?, shared)?)),
        "when" => {
            let (condition, rest) = rest.split_first()?;
            let (names, texts) = match condition.split_once('=') {
                Some((names, texts)) => (names, texts.split('|').collect()),
                None => (*condition, Vec::new()),
            };
            Rule::When(Condition { names: names.split('|').collect(), texts }, Box::new(rule(rest, shared)?))
        }
        _ => return None,
    })
}

/// The rules of a shape of that name.
fn rules_of(name: &str, context: &Context<'_>, depth: usize) -> Option<Vec<Rule>> {
    context.shapes.get(name).map(|lines| shape(lines, context, depth + 1).rules)
}

fn attr(name: &'static str, ty: &'static str, context: &Context<'_>) -> ShapeField {
    let inner = ty.strip_prefix("list(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(ty);
    let text = inner.strip_prefix("string<").and_then(|rest| rest.strip_suffix('>'));
    let one_of = text.and_then(|text| context.texts.get(text)).cloned().unwrap_or_default();
    let (name, required, _) = marks(name);
    ShapeField { name, required, kind: ShapeKind::Attr { ty: type_of(ty), one_of } }
}

fn block(name: &'static str, kind: &str, reference: Option<&str>, entry: &Entry, context: &Context<'_>, depth: usize) -> ShapeField {
    let (name, required, repeated) = marks(name);
    let referred = reference.and_then(|r| r.strip_prefix('@')).and_then(|number| context.shapes.get(number).copied());
    let inner = shape(referred.unwrap_or(&entry.below), context, depth + 1);
    if kind == "{}" {
        return ShapeField { name, required, kind: ShapeKind::Block { shape: inner, repeated } };
    }
    let (mut variants, mut shapes) = (Vec::new(), Vec::new());
    for field in inner.fields {
        if let ShapeKind::Block { shape, .. } = field.kind {
            variants.push(Variant { name: field.name, doc: "", schema: <() as value::Arguments>::schema });
            shapes.push(shape);
        }
    }
    // The table is read once and stays.
    ShapeField { name, required, kind: ShapeKind::Enum { variants: Vec::leak(variants), shapes } }
}

fn marks(name: &'static str) -> (&'static str, bool, bool) {
    let bare = name.trim_end_matches(['!', '*']);
    let marks = &name[bare.len()..];
    (bare, marks.contains('!'), marks.contains('*'))
}

/// The type that [`Type`] prints as `text`; anything where it is none.
pub(super) fn type_of(text: &'static str) -> Type {
    let inside = |prefix: &str, end: char| text.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(end));
    match text {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "float" => Type::Float,
        "string" => Type::String,
        "duration" => Type::Duration,
        "secret" => Type::Secret,
        "optional_secret" => Type::OptionalSecret,
        _ => {
            if let Some(inner) = inside("list(", ')') {
                Type::List(Box::new(type_of(inner)))
            } else if let Some(inner) = inside("map(", ')') {
                Type::Map(Box::new(type_of(inner)))
            } else if let Some(kind) = inside("capsule(", ')') {
                Type::Capsule(kind)
            } else {
                inside("string<", '>').map_or(Type::Any, Type::Text)
            }
        }
    }
}
