//! The table itself.

use super::*;
use value::shape::ShapeKind;

fn types<'a>(shape: &'a Shape, out: &mut Vec<(&'static str, &'a Type)>) {
    for field in &shape.fields {
        match &field.kind {
            ShapeKind::Attr { ty, .. } => out.push((field.name, ty)),
            ShapeKind::Block { shape, .. } => types(shape, out),
            ShapeKind::Enum { shapes, .. } => shapes.iter().for_each(|shape| types(shape, out)),
            ShapeKind::Label => {}
        }
    }
}

#[test]
fn every_line_of_the_table_is_understood() {
    let text = include_str!("table.txt");
    let components = text.lines().filter(|line| line.starts_with("component ")).count();
    assert_eq!(iter().count(), components);
    let printed: std::collections::BTreeSet<String> = TABLE.values().flat_map(|c| {
        let mut out = Vec::new();
        types(&c.shape, &mut out);
        out.into_iter().map(|(_, ty)| ty.to_string()).chain(c.exports.iter().map(|(_, ty)| ty.to_string())).collect::<Vec<_>>()
    }).collect();
    for line in text.lines().filter(|line| line.starts_with(' ')) {
        let mut words = line.trim_start().split(' ');
        let mut first = words.next().unwrap_or_default();
        if first == ">" {
            first = words.next().unwrap_or_default();
        }
        if first == "?" {
            assert!(matches!(words.next(), Some("at-most-one" | "exactly-one" | "at-least-one" | "texts" | "never" | "least")), "no rule: {line}");
            continue;
        }
        assert!(matches!(first, "{}" | "<>" | "label" | "label!") || printed.contains(first), "not understood: {line}");
    }
}

#[test]
fn shapes_are_shared() {
    let scrape = find("prometheus.operator.probes").expect("it is in the table");
    let tls = scrape.shape.fields.iter().find(|f| f.name == "clustering").expect("a block of it");
    assert!(matches!(&tls.kind, ShapeKind::Block { shape, .. } if shape.fields.iter().any(|f| f.name == "enabled")));
}
