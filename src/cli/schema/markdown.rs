//! Reference pages, one Markdown file for each component and configuration block.

use super::{Described, shown_default};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::Path;
use value::schema::{BodySchema, FieldKind, FieldSchema};

/// Writes the pages and removes pages of what is no longer there.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(all: &[Described], folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let pages = pages(all);
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.ends_with(".md") && !pages.contains_key(&name) {
            std::fs::remove_file(path)?;
        }
    }
    pages.iter().try_for_each(|(name, text)| std::fs::write(folder.join(name), text))
}

/// File names and their texts.
pub fn pages(all: &[Described]) -> BTreeMap<String, String> {
    let mut pages: BTreeMap<String, String> = all.iter().map(|d| (format!("{}.md", d.name), page(d))).collect();
    let list: String = all.iter().map(|d| format!("* [`{0}`]({0}.md): {1}\n", d.name, first_line(d.arguments.doc))).collect();
    pages.insert(
        "README.md".into(),
        format!("# Components and configuration blocks\n\nMade by `ferroalloy schema --markdown`; not edited by hand.\n\n{list}"),
    );
    pages
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn page(described: &Described) -> String {
    let what = if described.config { "Configuration block" } else { "Component" };
    let community = if described.community { ", community" } else { "" };
    let mut out = format!("# {}\n\n{what}, {}{community}.\n\n{}\n", described.name, described.stability.as_str(), described.arguments.doc);
    let label = if described.config { "" } else { " \"LABEL\"" };
    out.push_str(&format!("\n```alloy\n{}{label} {{\n{}}}\n```\n", described.name, required(described.arguments)));
    out.push_str("\n## Arguments\n");
    let mut open = VecDeque::from([(String::new(), described.arguments)]);
    let mut seen: Vec<(*const BodySchema, String)> = Vec::new();
    while let Some((path, body)) = open.pop_front() {
        if !path.is_empty() {
            out.push_str(&format!("\n### {path}\n"));
            if !body.doc.is_empty() {
                out.push_str(&format!("\n{}\n", body.doc));
            }
        }
        // Blocks of the same shape are described once; this also ends what holds itself.
        if let Some((_, first)) = seen.iter().find(|(known, _)| std::ptr::eq(*known, body)) {
            out.push_str(&format!("\nTakes the same as `{first}`.\n"));
            continue;
        }
        if !path.is_empty() {
            seen.push((body, path.clone()));
        }
        table(&mut out, body);
        open.extend(inner(&path, body));
    }
    if let Some(exports) = described.exports.filter(|e| !e.fields.is_empty()) {
        out.push_str("\n## Exports\n\n| Name | Type | |\n| --- | --- | --- |\n");
        for field in &exports.fields {
            if let FieldKind::Attr { ty, .. } = &field.kind {
                out.push_str(&format!("| `{}` | `{ty}` | {} |\n", field.name, cell(field.doc)));
            }
        }
    }
    out
}

fn required(body: &BodySchema) -> String {
    let line = |f: &FieldSchema| match f.kind {
        FieldKind::Attr { .. } => format!("  {} = …\n", f.name),
        FieldKind::Label => String::new(),
        _ => format!("  {} {{ … }}\n", f.name),
    };
    body.fields.iter().filter(|f| f.required).map(line).collect()
}

fn inner(path: &str, body: &BodySchema) -> Vec<(String, &'static BodySchema)> {
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path} › {name}") };
    body.fields
        .iter()
        .flat_map(|f| match &f.kind {
            FieldKind::Block { schema, .. } => vec![(join(f.name), schema())],
            FieldKind::Enum { variants } => variants.iter().map(|v| (join(&format!("{}.{}", f.name, v.name)), (v.schema)())).collect(),
            FieldKind::Attr { .. } | FieldKind::Label => Vec::new(),
        })
        .collect()
}

fn table(out: &mut String, body: &BodySchema) {
    if let Some(free) = &body.free {
        out.push_str(&format!("\nAttributes of any name, each `{free}`.\n"));
    }
    if body.fields.is_empty() {
        if body.free.is_none() {
            out.push_str("\nTakes no arguments.\n");
        }
        return;
    }
    out.push_str("\n| Name | Type | Default | |\n| --- | --- | --- | --- |\n");
    for field in &body.fields {
        let doc = cell(field.doc);
        let deprecated = field.deprecated.map(|instead| format!(" Deprecated: {}.", cell(instead))).unwrap_or_default();
        let needed = if field.required { "required" } else { "" };
        match &field.kind {
            FieldKind::Attr { ty, one_of } => {
                let default = field.default.as_ref().map(|d| format!("`{}`", cell(&shown_default(ty, d)))).unwrap_or_else(|| needed.into());
                let accepted: Vec<_> = one_of.iter().map(|text| format!("`{text}`")).collect();
                let accepted = if accepted.is_empty() { String::new() } else { format!(" One of {}.", accepted.join(", ")) };
                out.push_str(&format!("| `{}` | `{ty}` | {default} | {doc}{accepted}{deprecated} |\n", field.name));
            }
            FieldKind::Block { repeated, .. } => {
                let kind = if *repeated { "blocks" } else { "block" };
                out.push_str(&format!("| `{}` | {kind} | {needed} | {doc}{deprecated} |\n", field.name));
            }
            FieldKind::Enum { variants } => {
                let names: Vec<_> = variants.iter().map(|v| format!("`{}.{}`", field.name, v.name)).collect();
                out.push_str(&format!("| {} | blocks | | {doc} |\n", names.join(", ")));
            }
            FieldKind::Label => out.push_str(&format!("| the label | `string` | {needed} | {doc} |\n")),
        }
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
