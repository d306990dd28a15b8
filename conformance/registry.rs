//! Every component of this build: documented throughout, and with the arguments of the original.

use crate::program::FAMILIES;
use crate::{assert_none, recording};
use component::{Registration, Stability};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use value::schema::{BodySchema, FieldKind, FieldSchema, Variant};

fn components() -> impl Iterator<Item = &'static Registration> {
    FAMILIES.iter().flat_map(|family| family.iter().copied())
}

#[test]
fn names_are_registered_once() {
    let mut seen = BTreeSet::new();
    let twice = components().filter(|c| !seen.insert(c.name)).map(|c| c.name.to_owned());
    assert_none("components registered twice", &twice.collect::<Vec<_>>());
}

#[test]
fn everything_a_user_may_write_is_documented() {
    let mut silent = Vec::new();
    for component in components() {
        let arguments = (component.arguments)();
        if arguments.doc.trim().is_empty() {
            silent.push(format!("{}: nothing says what it does", component.name));
        }
        let mut path = vec![component.name.to_owned()];
        undocumented(arguments, &mut path, &mut Vec::new(), &mut silent);
        undocumented((component.exports)(), &mut path, &mut Vec::new(), &mut silent);
    }
    assert_none("undocumented", &silent);
}

/// Notes each field of `body` and of what it holds that has no documentation; `open` stops shapes that hold themselves.
fn undocumented(body: &'static BodySchema, path: &mut Vec<String>, open: &mut Vec<*const BodySchema>, silent: &mut Vec<String>) {
    if open.contains(&std::ptr::from_ref(body)) {
        return;
    }
    open.push(body);
    for field in &body.fields {
        path.push(field.name.to_owned());
        let is_label = matches!(field.kind, FieldKind::Label);
        if field.doc.trim().is_empty() && !is_label {
            silent.push(path.join(" "));
        }
        match &field.kind {
            FieldKind::Block { schema, .. } => undocumented(schema(), path, open, silent),
            FieldKind::Enum { variants } => {
                for variant in *variants {
                    path.push(variant.name.to_owned());
                    if variant.documentation().trim().is_empty() {
                        silent.push(path.join(" "));
                    }
                    undocumented((variant.schema)(), path, open, silent);
                    path.pop();
                }
            }
            FieldKind::Attr { .. } | FieldKind::Label => {}
        }
        path.pop();
    }
    open.pop();
}

/// Places that differ from the recording on purpose: the path as printed by the test, and why.
const SCHEMA_DIFFERS: &[(&str, &str)] = &[
    ("livedebugging arguments.enabled", "data may be watched in the UI unless that is switched off"),
    ("remotecfg arguments.id", "the recorded default is a random one, made when the original starts"),
    (
        "prometheus.remote_write arguments.endpoint.enable_http2",
        "the argument is shared with other components; HTTP/2 by default is compatible",
    ),
];

#[test]
fn arguments_and_exports_are_the_recorded_ones() {
    let Some(text) = recording("components.jsonl") else { return };
    let recorded: BTreeMap<String, Value> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(&line.replace('\u{27c2}', "")).expect("a line of the recording is JSON"))
        .map(|component| (component["name"].as_str().unwrap_or_default().to_owned(), component))
        .collect();
    let (mut agree, mut extra, mut wrong) = (0, 0, Vec::new());
    let mut all = 0;
    let blocks = runtime::config_blocks::CONFIG_BLOCKS.iter().map(|b| (b.name, Stability::GenerallyAvailable, (b.arguments)(), None));
    let components = components().map(|c| (c.name, c.stability, (c.arguments)(), Some((c.exports)())));
    for (name, stability, arguments, exports) in components.chain(blocks) {
        let Some(want) = recorded.get(name) else {
            extra += 1;
            continue;
        };
        let differences = differences(name, stability, arguments, exports, want);
        all += 1;
        agree += usize::from(differences.is_empty());
        wrong.extend(differences);
    }
    eprintln!("schema: {agree} of {all} components agree, {extra} are not in the recording");
    let known: BTreeSet<&str> = SCHEMA_DIFFERS.iter().map(|(place, _)| *place).collect();
    let stale =
        known.iter().filter(|place| !wrong.iter().any(|w| w.starts_with(**place))).map(|place| format!("listed, but agrees: {place}"));
    let stale: Vec<String> = stale.collect();
    wrong.retain(|w| !known.iter().any(|place| w.starts_with(place)));
    wrong.extend(stale);
    assert_none("not as recorded", &wrong);
}

fn differences(name: &str, stability: Stability, arguments: &BodySchema, exports: Option<&BodySchema>, want: &Value) -> Vec<String> {
    let mut ours = BTreeMap::from([("stability".to_owned(), stability.as_str().to_owned())]);
    let mut theirs = BTreeMap::from([("stability".to_owned(), want["stability"].as_str().unwrap_or_default().to_owned())]);
    flatten_ours("arguments", arguments, &mut Vec::new(), &mut ours);
    if let Some(exports) = exports {
        flatten_ours("exports", exports, &mut Vec::new(), &mut ours);
    }
    flatten_recorded("arguments", &want["arguments"], &mut theirs);
    flatten_recorded("exports", &want["exports"], &mut theirs);
    let places: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let differ = places.into_iter().filter(|place| ours.get(*place) != theirs.get(*place));
    differ.map(|p| format!("{name} {p}: recorded {}, here {}", shown(theirs.get(p)), shown(ours.get(p)))).collect()
}

fn shown(entry: Option<&String>) -> &str {
    entry.map_or("nothing", String::as_str)
}

/// `open` are the families of blocks around: the recording, too, leaves out what a family holds within itself.
fn flatten_ours(prefix: &str, body: &BodySchema, open: &mut Vec<*const Variant>, out: &mut BTreeMap<String, String>) {
    for field in &body.fields {
        let place = format!("{prefix}.{}", field.name);
        match &field.kind {
            FieldKind::Attr { .. } | FieldKind::Label => {
                out.insert(place, our_line(field, prefix.starts_with("exports")));
            }
            FieldKind::Block { schema, .. } => {
                out.insert(place.clone(), our_line(field, false));
                flatten_ours(&place, schema(), open, out);
            }
            FieldKind::Enum { variants } => {
                out.insert(place.clone(), "enum".to_owned());
                if open.contains(&variants.as_ptr()) {
                    continue;
                }
                open.push(variants.as_ptr());
                for variant in *variants {
                    let place = format!("{place}.{}", variant.name);
                    flatten_ours(&place, (variant.schema)(), open, out);
                    out.insert(place, "variant".to_owned());
                }
                open.pop();
            }
        }
    }
}

fn our_line(field: &FieldSchema, is_export: bool) -> String {
    let required = if field.required && !is_export { " required" } else { "" };
    match &field.kind {
        FieldKind::Attr { ty, .. } => {
            let default = field.default.as_deref().filter(|_| !is_export);
            format!("attr {ty}{required}{}", default.map(|d| format!(" = {d}")).unwrap_or_default())
        }
        FieldKind::Block { repeated, .. } => format!("block{}{required}", if *repeated { " repeated" } else { "" }),
        FieldKind::Enum { .. } => "enum".to_owned(),
        FieldKind::Label => "label".to_owned(),
    }
}

fn flatten_recorded(prefix: &str, fields: &Value, out: &mut BTreeMap<String, String>) {
    for field in fields.as_array().into_iter().flatten() {
        let text = |key: &str| field[key].as_str().unwrap_or_default();
        let place = format!("{prefix}.{}", text("name"));
        let is_export = prefix.starts_with("exports");
        let required = if field["required"] == true && !is_export { " required" } else { "" };
        let line = match text("kind") {
            "attr" => {
                let default = field["default"].as_str().filter(|_| !is_export);
                format!("attr {}{required}{}", text("type"), default.map(|d| format!(" = {d}")).unwrap_or_default())
            }
            "block" => format!("block{}{required}", if field["repeated"] == true { " repeated" } else { "" }),
            kind => kind.to_owned(),
        };
        let is_enum = text("kind") == "enum";
        out.insert(place.clone(), line);
        flatten_recorded(&place, &field["fields"], out);
        if is_enum {
            for variant in field["fields"].as_array().into_iter().flatten() {
                out.insert(format!("{place}.{}", variant["name"].as_str().unwrap_or_default()), "variant".to_owned());
            }
        }
    }
}
