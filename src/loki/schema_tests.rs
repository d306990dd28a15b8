//! The shapes of arguments and exports against the recorded ones.

use serde_json::Value as Json;
use std::collections::BTreeMap;
use value::schema::{BodySchema, FieldKind, FieldSchema};

/// Attributes and blocks by path: type, default, whether it is needed.
type Lines = BTreeMap<String, String>;

fn recorded(path: &str, fields: &Json, lines: &mut Lines, depth: usize) {
    for field in fields.as_array().into_iter().flatten() {
        let text = |key: &str| field[key].as_str().unwrap_or_default();
        let path = format!("{path}.{}", text("name"));
        let required = field["required"].as_bool().unwrap_or_default();
        match text("kind") {
            "attr" => {
                let default = if required { "required" } else { text("default") };
                lines.insert(path, format!("{} {default}", text("type")));
            }
            _ if depth > 4 => {}
            _ => {
                lines.insert(path.clone(), format!("blocks {}", if required { "required" } else { "" }));
                recorded(&path, &field["fields"], lines, depth + 1);
            }
        }
    }
}

fn ours(path: &str, schema: &BodySchema, lines: &mut Lines, inside: &[&str]) {
    for FieldSchema { name, required, default, kind, .. } in &schema.fields {
        let path = format!("{path}.{name}");
        match kind {
            FieldKind::Attr { ty, .. } => {
                let default = if *required { "required" } else { default.as_deref().unwrap_or_default() };
                lines.insert(path, format!("{ty} {default}"));
            }
            FieldKind::Block { schema, .. } => {
                lines.insert(path.clone(), format!("blocks {}", if *required { "required" } else { "" }));
                ours(&path, schema(), lines, inside);
            }
            FieldKind::Enum { variants } => {
                lines.insert(path.clone(), "blocks ".to_owned());
                // Stages in stages are recorded once.
                for variant in variants.iter().filter(|_| !inside.contains(name)) {
                    let path = format!("{path}.{}", variant.name);
                    lines.insert(path.clone(), "blocks ".to_owned());
                    ours(&path, (variant.schema)(), lines, &[inside, &[name]].concat());
                }
            }
            FieldKind::Label => {}
        }
    }
}

#[test]
fn shapes_are_the_recorded_ones() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/components.jsonl");
    let Ok(recording) = std::fs::read_to_string(&path) else {
        eprintln!("schema: skipped, there is no recording");
        return;
    };
    for name in ["loki.process", "loki.relabel", "loki.echo"] {
        let registration = crate::FAMILY.iter().find(|registration| registration.name == name).expect(name);
        let component = recording
            .lines()
            .map(|line| serde_json::from_str::<Json>(line).expect("a recording is JSON"))
            .find(|component| component["name"] == name)
            .expect(name);
        assert_eq!(registration.stability.as_str(), component["stability"], "{name}");
        let (mut want, mut got) = (Lines::new(), Lines::new());
        recorded("", &component["arguments"], &mut want, 0);
        ours("", (registration.arguments)(), &mut got, &[]);
        let missing: Vec<_> = want.iter().filter(|(path, line)| got.get(*path) != Some(line)).collect();
        let extra: Vec<_> = got.iter().filter(|(path, line)| want.get(*path) != Some(line)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{name}\nrecorded: {missing:#?}\nours: {extra:#?}");
    }
}
