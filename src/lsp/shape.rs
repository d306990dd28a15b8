//! What may stand in a block, whatever says so: the schema of a component of this build, what is known of one that is
//! not, a block of the language, or the `argument` blocks of a custom component.

use crate::names::{ModuleKind, Names, Sort, is_special};
use component::Stability;
use runtime::Environment;
use runtime::config_blocks::CONFIG_BLOCKS;
use runtime::language::{self, LanguageBlock};
use runtime::unbuilt;
use std::borrow::Cow;
use syntax::ast::{Block, ExprKind, Literal};
use value::schema::{BodySchema, FieldKind, FieldSchema, Type};
use value::shape::{Shape as KnownShape, ShapeField, ShapeKind};

/// What may stand in a block.
#[derive(Clone, Debug)]
pub(crate) enum Shape<'a> {
    /// What a struct says.
    Schema(&'static BodySchema),
    /// What is known without a struct.
    Known(&'static KnownShape),
    /// The `argument` blocks of a definition.
    Arguments(Vec<&'a Block>),
    /// A `foreach`: what its struct says, and its template.
    Foreach(&'static BodySchema),
    /// A module.
    Module(ModuleKind),
}

/// An attribute or block.
#[derive(Clone, Debug)]
pub(crate) struct Field<'a> {
    pub name: Cow<'a, str>,
    pub doc: Cow<'a, str>,
    pub required: bool,
    pub default: Option<Cow<'a, str>>,
    pub deprecated: Option<&'static str>,
    pub kind: Kind<'a>,
}

/// What a field is.
#[derive(Clone, Debug)]
pub(crate) enum Kind<'a> {
    /// `name = value`
    Attr { ty: Type, one_of: &'a [&'static str] },
    /// `name { … }`
    Block { shape: Shape<'a>, repeated: bool, labelled: bool },
}

impl<'a> Field<'a> {
    fn block(name: impl Into<Cow<'a, str>>, doc: &'a str, required: bool, shape: Shape<'a>, repeated: bool) -> Self {
        let labelled = shape.takes_label();
        let kind = Kind::Block { shape, repeated, labelled };
        Self { name: name.into(), doc: doc.into(), required, default: None, deprecated: None, kind }
    }

    /// True for attributes.
    pub fn is_attr(&self) -> bool {
        matches!(self.kind, Kind::Attr { .. })
    }

    /// True for what may stand more than once.
    pub fn is_repeated(&self) -> bool {
        matches!(self.kind, Kind::Block { repeated: true, .. })
    }
}

impl<'a> Shape<'a> {
    /// Every attribute and block, labels left out.
    pub fn fields(&self) -> Vec<Field<'a>> {
        match self {
            Self::Schema(schema) => schema.fields.iter().flat_map(of_schema).collect(),
            Self::Known(shape) => shape.fields.iter().flat_map(of_known).collect(),
            Self::Arguments(blocks) => blocks.iter().map(|block| of_argument(block)).collect(),
            Self::Foreach(schema) => {
                let doc = "What is made for each element.";
                let template = Field::block("template", doc, true, Shape::Module(ModuleKind::Template), false);
                schema.fields.iter().flat_map(of_schema).chain([template]).collect()
            }
            Self::Module(_) => Vec::new(),
        }
    }

    /// The field called `name`.
    pub fn field(&self, name: &str) -> Option<Field<'a>> {
        self.fields().into_iter().find(|field| field.name == name)
    }

    /// The shape of the block called `name`.
    fn block(&self, name: &str) -> Option<Shape<'a>> {
        match self.field(name)?.kind {
            Kind::Block { shape, .. } => Some(shape),
            Kind::Attr { .. } => None,
        }
    }

    fn takes_label(&self) -> bool {
        match self {
            Self::Schema(schema) => schema.fields.iter().any(|f| matches!(f.kind, FieldKind::Label)),
            Self::Known(shape) => shape.fields.iter().any(|f| matches!(f.kind, ShapeKind::Label)),
            _ => false,
        }
    }

    /// The type of any attribute, where every name is accepted.
    pub fn free(&self) -> Option<&'static Type> {
        match self {
            Self::Schema(schema) => schema.free.as_ref(),
            _ => None,
        }
    }
}

fn of_schema<'a>(field: &'static FieldSchema) -> Vec<Field<'a>> {
    let one = |kind| Field {
        name: field.name.into(),
        doc: field.doc.into(),
        required: field.required,
        default: field.default.as_deref().map(Cow::Borrowed),
        deprecated: field.deprecated,
        kind,
    };
    match &field.kind {
        FieldKind::Label => Vec::new(),
        FieldKind::Attr { ty, one_of } => vec![one(Kind::Attr { ty: ty.clone(), one_of })],
        FieldKind::Block { schema, repeated, .. } => {
            let shape = Shape::Schema(schema());
            let labelled = shape.takes_label();
            vec![one(Kind::Block { shape, repeated: *repeated, labelled })]
        }
        FieldKind::Enum { variants } => {
            let each = variants.iter().map(|v| {
                let shape = Shape::Schema((v.schema)());
                Field::block(format!("{}.{}", field.name, v.name), v.documentation(), false, shape, true)
            });
            each.collect()
        }
    }
}

fn of_known<'a>(field: &'static ShapeField) -> Vec<Field<'a>> {
    match &field.kind {
        ShapeKind::Label => Vec::new(),
        ShapeKind::Attr { ty, one_of } => {
            let kind = Kind::Attr { ty: ty.clone(), one_of };
            vec![Field { name: field.name.into(), doc: "".into(), required: field.required, default: None, deprecated: None, kind }]
        }
        ShapeKind::Block { shape, repeated } => vec![Field::block(field.name, "", field.required, Shape::Known(shape), *repeated)],
        ShapeKind::Enum { variants, shapes } => {
            let each = variants
                .iter()
                .zip(shapes)
                .map(|(variant, shape)| Field::block(format!("{}.{}", field.name, variant.name), "", false, Shape::Known(shape), true));
            each.collect()
        }
    }
}

/// The attribute that gives a custom component its argument.
fn of_argument<'a>(block: &&'a Block) -> Field<'a> {
    let value = |name: &str| block.body.attrs().find(|attr| attr.name.text == name).map(|attr| &attr.value.kind);
    let doc = match value("comment") {
        Some(ExprKind::Literal(Literal::String(text))) => text.as_str(),
        _ => "",
    };
    let default = match value("default") {
        Some(ExprKind::Literal(Literal::String(text))) => Some(format!("{text:?}")),
        Some(ExprKind::Literal(Literal::Number(text) | Literal::Float(text))) => Some(text.clone()),
        Some(ExprKind::Literal(Literal::Bool(value))) => Some(value.to_string()),
        _ => None,
    };
    let name = block.label.as_ref().map_or("", |label| label.text.as_str());
    let required = !matches!(value("optional"), Some(ExprKind::Literal(Literal::Bool(true))));
    let kind = Kind::Attr { ty: Type::Any, one_of: &[] };
    Field { name: name.into(), doc: doc.into(), required, default: default.map(Cow::Owned), deprecated: None, kind }
}

/// A block that may stand in a module.
#[derive(Clone, Debug)]
pub(crate) struct Described<'a> {
    pub name: Cow<'a, str>,
    pub doc: Cow<'a, str>,
    /// What it is, in a few words.
    pub what: String,
    pub shape: Shape<'a>,
    pub exports: Vec<Export<'a>>,
    pub labelled: bool,
    /// False for what is known, but not part of this build.
    pub is_built: bool,
}

/// What a component exports.
#[derive(Clone, Debug)]
pub(crate) struct Export<'a> {
    pub name: Cow<'a, str>,
    pub doc: &'a str,
    pub ty: Type,
}

/// Says what blocks are.
#[derive(Clone, Copy)]
pub(crate) struct Vocabulary<'n, 'a> {
    pub environment: &'n Environment,
    pub names: &'n Names<'a>,
}

impl<'a> Vocabulary<'_, 'a> {
    /// The block called `name` in this module; `None` for what nobody knows.
    pub fn describe(&self, module: usize, name: &str) -> Option<Described<'a>> {
        if is_special(name) {
            return language::blocks().into_iter().find(|block| block.name == name).map(of_language);
        }
        if let Some(custom) = self.custom(module, name) {
            return Some(custom);
        }
        if let Some(registration) = self.environment.catalog.get(name) {
            let (arguments, exports) = ((registration.arguments)(), (registration.exports)());
            let community = if registration.community { ", community" } else { "" };
            return Some(Described {
                name: registration.name.into(),
                doc: arguments.doc.into(),
                what: format!("component, {}{community}", registration.stability.as_str()),
                shape: Shape::Schema(arguments),
                exports: exports.fields.iter().filter_map(of_export).collect(),
                labelled: true,
                is_built: true,
            });
        }
        if let Some(block) = CONFIG_BLOCKS.iter().find(|block| block.name == name) {
            return Some(Described {
                name: block.name.into(),
                doc: (block.arguments)().doc.into(),
                what: "configuration block".into(),
                shape: Shape::Schema((block.arguments)()),
                exports: Vec::new(),
                labelled: false,
                is_built: true,
            });
        }
        unbuilt::find(name).map(|known| Described {
            name: known.name.into(),
            doc: "".into(),
            what: if known.config { "configuration block, not in this build" } else { "component, not in this build" }.into(),
            shape: Shape::Known(&known.shape),
            exports: known.exports.iter().map(|(name, ty)| Export { name: (*name).into(), doc: "", ty: ty.clone() }).collect(),
            labelled: !known.config,
            is_built: false,
        })
    }

    fn custom(&self, module: usize, name: &str) -> Option<Described<'a>> {
        let declare = self.names.declare_of(module, name)?;
        let blocks = |sort| self.names.members_of(declare, sort).into_iter().map(|at| self.names.symbols[at].block);
        let symbol = &self.names.symbols[declare];
        let exports =
            blocks(Sort::Export).filter_map(|b| Some(Export { name: b.label.as_ref()?.text.as_str().into(), doc: "", ty: Type::Any }));
        Some(Described {
            name: name.to_owned().into(),
            doc: comment_above(self.names.files[symbol.file].file(), symbol.block).into(),
            what: format!("custom component, declared in {}", self.names.files[symbol.file].source.name()),
            shape: Shape::Arguments(blocks(Sort::Argument).collect()),
            exports: exports.collect(),
            labelled: true,
            is_built: true,
        })
    }

    /// Every block that may stand in a module of this kind.
    pub fn blocks(&self, module: usize, kind: ModuleKind) -> Vec<Described<'a>> {
        let is_root = kind == ModuleKind::Root;
        let has_parameters = matches!(kind, ModuleKind::Declare | ModuleKind::ImportedRoot);
        let is_allowed = |stability: Stability, community: bool| match community {
            true => self.environment.community,
            false => stability >= self.environment.stability(),
        };
        let mut names: Vec<String> = Vec::new();
        let fits = |block: &LanguageBlock| if matches!(block.name, "argument" | "export") { has_parameters } else { block.in_root };
        names.extend(language::blocks().iter().filter(|b| fits(b) && is_allowed(b.stability, false)).map(|b| b.name.to_owned()));
        let customs = self.names.visible(module, false).into_iter().flat_map(|m| &self.names.modules[m].members);
        for at in customs {
            let symbol = &self.names.symbols[*at];
            match symbol.sort {
                Sort::Declare => names.push(symbol.name.to_owned()),
                Sort::Import => {
                    let brought = self.names.brought(*at).map(|member| format!("{}.{}", symbol.name, self.names.symbols[member].name));
                    names.extend(brought);
                }
                _ => {}
            }
        }
        let built = self.environment.catalog.iter().filter(|r| is_allowed(r.stability, r.community));
        names.extend(built.map(|r| r.name.to_owned()));
        if is_root {
            names.extend(CONFIG_BLOCKS.iter().map(|block| block.name.to_owned()));
        }
        let known = unbuilt::iter().filter(|known| (is_root || !known.config) && is_allowed(known.stability, known.community));
        names.extend(known.map(|known| known.name.to_owned()));
        names.sort_unstable();
        names.dedup();
        names.iter().filter_map(|name| self.describe(module, name)).collect()
    }

    /// What may stand inside of these blocks of a file, outermost first. `module` is the one that the innermost stands in:
    /// it sees all definitions that count for the others.
    pub fn inside(&self, module: usize, blocks: &[&str]) -> Option<Shape<'a>> {
        let file = self.names.modules[module].file;
        let root = self.names.modules.iter().find(|m| m.file == file && m.parent.is_none());
        let mut shape = Shape::Module(root.map_or(ModuleKind::Root, |root| root.kind));
        for name in blocks {
            shape = match shape {
                Shape::Module(_) => self.describe(module, name)?.shape,
                shape => shape.block(name)?,
            };
        }
        Some(shape)
    }
}

fn of_language<'a>(block: LanguageBlock) -> Described<'a> {
    let shape = match (block.name, block.arguments) {
        ("foreach", Some(schema)) => Shape::Foreach(schema),
        (_, Some(schema)) => Shape::Schema(schema),
        (_, None) => Shape::Module(ModuleKind::Declare),
    };
    Described {
        name: block.name.into(),
        doc: block.doc.into(),
        what: "block of the language".into(),
        shape,
        exports: Vec::new(),
        labelled: true,
        is_built: true,
    }
}

fn of_export<'a>(field: &'static FieldSchema) -> Option<Export<'a>> {
    match &field.kind {
        FieldKind::Attr { ty, .. } => Some(Export { name: field.name.into(), doc: field.doc, ty: ty.clone() }),
        _ => None,
    }
}

/// The comment that ends on the line above a block: who wrote it meant it as documentation.
pub(crate) fn comment_above(file: &syntax::ast::File, block: &Block) -> String {
    let line = |offset: u32| file.source.position(offset).line;
    let mut above = line(block.name_span.start);
    let mut found: Vec<&str> = Vec::new();
    let before = file.comments.partition_point(|comment| comment.span.start < block.name_span.start);
    for comment in file.comments[..before].iter().rev() {
        let text = file.source.slice(comment.span);
        let begins_line = file
            .source
            .line(line(comment.span.start))
            .is_some_and(|l| file.source.slice(syntax::Span { start: l.start, end: comment.span.start }).trim().is_empty());
        if !begins_line || line(comment.span.end) + 1 != above {
            break;
        }
        above = line(comment.span.start);
        found.push(text);
    }
    let lines = found.iter().rev().flat_map(|text| text.lines());
    let plain = lines.map(|l| l.trim().trim_start_matches("//").trim_start_matches("/*").trim_end_matches("*/").trim());
    plain.collect::<Vec<_>>().join("\n").trim().to_owned()
}
