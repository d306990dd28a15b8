//! `ferroalloy schema`: what components and configuration blocks of this build take and give.

use clap::{Args, ValueEnum};
use component::Stability;
use runtime::Catalog;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use value::schema::{BodySchema, FieldKind, FieldSchema, Type};

mod markdown;

/// Flags of `schema`.
#[derive(Args, Debug)]
pub struct SchemaFlags {
    /// Components and configuration blocks to show; all when none is named. `prometheus.` shows a family
    names: Vec<String>,
    /// How they are shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write a reference page for each into this folder instead
    #[arg(long, value_name = "DIR")]
    markdown: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON array.
    Json,
}

/// A component or configuration block.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    /// Its name.
    pub name: &'static str,
    /// How settled it is.
    pub stability: Stability,
    /// Needs `--feature.community-components.enabled`.
    pub community: bool,
    /// Sets up the program rather than being a component.
    pub config: bool,
    /// Its arguments.
    pub arguments: &'static BodySchema,
    /// Its exports.
    pub exports: Option<&'static BodySchema>,
}

/// Everything of the build, by name, configuration blocks last.
pub fn all(catalog: &Catalog) -> Vec<Described> {
    let components = catalog.iter().map(|r| Described {
        name: r.name,
        stability: r.stability,
        community: r.community,
        config: false,
        arguments: (r.arguments)(),
        exports: Some((r.exports)()),
    });
    let blocks = runtime::config_blocks::CONFIG_BLOCKS.iter().map(|b| Described {
        name: b.name,
        stability: Stability::GenerallyAvailable,
        community: false,
        config: true,
        arguments: (b.arguments)(),
        exports: None,
    });
    components.chain(blocks).collect()
}

/// Prints what was asked for.
pub fn run(flags: &SchemaFlags, catalog: &Catalog) -> ExitCode {
    let all = all(catalog);
    let asked = |d: &Described, name: &str| d.name == name || (name.ends_with('.') && d.name.starts_with(name));
    for name in &flags.names {
        if !all.iter().any(|d| asked(d, name)) {
            eprintln!("{}", unknown(name, &all));
            return ExitCode::FAILURE;
        }
    }
    let shown: Vec<Described> = all.into_iter().filter(|d| flags.names.is_empty() || flags.names.iter().any(|n| asked(d, n))).collect();
    if let Some(folder) = &flags.markdown {
        return match markdown::write(&shown, folder) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("cannot write {}: {error}; check that the folder is writable", folder.display());
                ExitCode::FAILURE
            }
        };
    }
    let text = match flags.format {
        Format::Json => format!("{:#}\n", Value::Array(shown.iter().map(to_json).collect())),
        Format::Text => shown.iter().map(to_text).collect::<Vec<_>>().join("\n"),
    };
    // Nobody can be told that standard output is closed.
    let _closed = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn unknown(name: &str, all: &[Described]) -> String {
    if runtime::unbuilt::find(name).is_some() {
        return format!("`{name}` is known, but not in this build");
    }
    match syntax::suggest(name, all.iter().map(|d| d.name)) {
        Some(close) => format!("there is no component called `{name}`; did you mean `{close}`?"),
        None => format!("there is no component called `{name}`; `ferroalloy schema` without a name shows all"),
    }
}

/// One component as JSON.
pub fn to_json(described: &Described) -> Value {
    let exports = described.exports.map(|e| fields(e, &mut Open::default())).unwrap_or_default();
    json!({
        "name": described.name,
        "stability": if described.community { "community" } else { described.stability.as_str() },
        "community": described.community,
        "docs": described.arguments.doc,
        "arguments": fields(described.arguments, &mut Open::default()),
        "exports": exports,
    })
}

/// Shapes and families of blocks that are being shown: what holds itself is shown once.
#[derive(Default)]
struct Open(Vec<*const ()>);

impl Open {
    /// What `show` gives, unless `shape` is being shown already.
    fn enter(&mut self, shape: *const (), out: &mut Map<String, Value>, show: impl FnOnce(&mut Self) -> Vec<Value>) {
        if self.0.contains(&shape) {
            out.insert("recursive".into(), true.into());
            return;
        }
        self.0.push(shape);
        let fields = show(self);
        self.0.pop();
        if !fields.is_empty() {
            out.insert("fields".into(), fields.into());
        }
    }
}

fn fields(body: &BodySchema, open: &mut Open) -> Vec<Value> {
    body.fields.iter().map(|f| Value::Object(field(f, open))).collect()
}

fn field(field: &FieldSchema, open: &mut Open) -> Map<String, Value> {
    let mut out = Map::new();
    if !matches!(field.kind, FieldKind::Label) {
        out.insert("name".into(), field.name.into());
    }
    match &field.kind {
        FieldKind::Attr { ty, one_of } => {
            out.insert("kind".into(), "attr".into());
            out.insert("type".into(), ty.to_string().into());
            if !one_of.is_empty() {
                out.insert("one_of".into(), json!(one_of));
            }
            if let Some(default) = &field.default {
                out.insert("default".into(), shown_default(ty, default).into());
            }
        }
        FieldKind::Block { schema, repeated, defaults_when_absent } => {
            out.insert("kind".into(), "block".into());
            if *repeated {
                out.insert("repeated".into(), true.into());
            } else {
                out.insert("when_absent".into(), if *defaults_when_absent { "defaults" } else { "none" }.into());
            }
            let body = schema();
            if let Some(free) = &body.free {
                out.insert("free".into(), free.to_string().into());
            }
            open.enter(std::ptr::from_ref(body).cast(), &mut out, |open| fields(body, open));
        }
        FieldKind::Enum { variants } => {
            out.insert("kind".into(), "enum".into());
            out.insert("repeated".into(), true.into());
            let of = |v: &value::schema::Variant, open: &mut Open| {
                let mut variant = Map::from_iter([
                    ("name".into(), v.name.into()),
                    ("kind".into(), "block".into()),
                    ("when_absent".into(), "none".into()),
                    ("docs".into(), v.documentation().into()),
                ]);
                let body = (v.schema)();
                open.enter(std::ptr::from_ref(body).cast(), &mut variant, |open| fields(body, open));
                Value::Object(variant)
            };
            open.enter(variants.as_ptr().cast(), &mut out, |open| variants.iter().map(|v| of(v, open)).collect());
        }
        FieldKind::Label => _ = out.insert("kind".into(), "label".into()),
    }
    if field.required {
        out.insert("required".into(), true.into());
    }
    if !field.doc.is_empty() {
        out.insert("docs".into(), field.doc.into());
    }
    if let Some(instead) = field.deprecated {
        out.insert("deprecated".into(), instead.into());
    }
    out
}

/// What is hidden has no visible default.
fn shown_default(ty: &Type, default: &str) -> String {
    if matches!(ty, Type::Secret) && default != "null" { "(secret)".into() } else { default.to_owned() }
}

fn to_text(described: &Described) -> String {
    let kind = if described.config { "configuration block" } else { "component" };
    let community = if described.community { ", community" } else { "" };
    let mut out = format!("{} ({kind}, {}{community})\n", described.name, described.stability.as_str());
    paragraph(&mut out, 1, described.arguments.doc);
    body_text(&mut out, described.arguments, 1, 0);
    if let Some(exports) = described.exports.filter(|e| !e.fields.is_empty()) {
        out.push_str("  exports\n");
        body_text(&mut out, exports, 2, 0);
    }
    out
}

fn body_text(out: &mut String, body: &BodySchema, indent: usize, depth: usize) {
    let blanks = "  ".repeat(indent);
    for field in &body.fields {
        let required = if field.required { ", required" } else { "" };
        match &field.kind {
            FieldKind::Attr { ty, .. } => {
                let default = field.default.as_ref().map(|d| format!(" = {}", shown_default(ty, d))).unwrap_or_default();
                out.push_str(&format!("{blanks}{}: {ty}{default}{required}\n", field.name));
            }
            FieldKind::Block { repeated, .. } => {
                let repeated = if *repeated { ", repeated" } else { "" };
                out.push_str(&format!("{blanks}{} {{ }}{required}{repeated}\n", field.name));
            }
            FieldKind::Enum { .. } => out.push_str(&format!("{blanks}{}.* {{ }}, any number\n", field.name)),
            FieldKind::Label => out.push_str(&format!("{blanks}a label{required}\n")),
        }
        paragraph(out, indent + 1, field.doc);
        match &field.kind {
            FieldKind::Block { schema, .. } if depth < 3 => body_text(out, schema(), indent + 1, depth + 1),
            FieldKind::Enum { variants } if depth == 0 => {
                for variant in *variants {
                    out.push_str(&format!("{blanks}  {}.{} {{ }}\n", field.name, variant.name));
                    paragraph(out, indent + 2, variant.documentation());
                    body_text(out, (variant.schema)(), indent + 2, depth + 1);
                }
            }
            _ => {}
        }
    }
}

fn paragraph(out: &mut String, indent: usize, text: &str) {
    for line in text.lines() {
        out.push_str(&format!("{}{line}\n", "  ".repeat(indent)));
    }
}
