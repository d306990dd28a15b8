//! The model of a struct's fields, checked before anything is generated.

use crate::attrs::{self, Entry};
use syn::spanned::Spanned;
use syn::{DeriveInput, Expr, Field, GenericArgument, Ident, PathArguments, Result, Type, ext::IdentExt};

/// What a field is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// `#[alloy(attr)]`
    Attr,
    /// `#[alloy(block)]`
    Block(Shape),
    /// `#[alloy(blocks = "stage")]`
    Blocks,
    /// `#[alloy(label)]`
    Label,
    /// `#[alloy(squash)]`
    Squash,
}

/// The type around a block struct.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Shape {
    /// `T`
    One,
    /// `Option<T>`
    Option,
    /// `Vec<T>`
    Many,
}

/// One field.
pub(crate) struct Spec<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) doc: String,
    /// Need not be written.
    pub(crate) optional: bool,
    pub(crate) default: Option<Expr>,
    /// Shown even when it equals its default.
    pub(crate) always: bool,
    /// Shown unless it is the zero value, whatever its default.
    pub(crate) nonzero: bool,
    pub(crate) hidden: bool,
    pub(crate) experimental: bool,
    pub(crate) deprecated: Option<String>,
    pub(crate) text: Option<String>,
}

const KNOWN: &str = "attr, block, blocks, label, squash, name, optional, default, always, nonzero, hidden, experimental, deprecated, text";

/// The named fields of a struct.
pub(crate) fn of(input: &DeriveInput) -> Result<Vec<Spec<'_>>> {
    if !input.generics.params.is_empty() {
        return Err(syn::Error::new(input.generics.span(), "a struct with generic parameters cannot be derived"));
    }
    let syn::Data::Struct(data) = &input.data else {
        return Err(syn::Error::new(input.ident.span(), "only a struct can be derived"));
    };
    match &data.fields {
        syn::Fields::Unit => Ok(Vec::new()),
        syn::Fields::Named(fields) => collect(fields.named.iter().map(spec)),
        syn::Fields::Unnamed(fields) => Err(syn::Error::new(fields.span(), "fields need names")),
    }
}

/// All values, or all errors.
pub(crate) fn collect<T>(results: impl Iterator<Item = Result<T>>) -> Result<Vec<T>> {
    let mut errors: Option<syn::Error> = None;
    let mut out = Vec::new();
    for result in results {
        match (result, &mut errors) {
            (Ok(value), _) => out.push(value),
            (Err(error), Some(all)) => all.combine(error),
            (Err(error), None) => errors = Some(error),
        }
    }
    errors.map_or(Ok(out), Err)
}

fn spec(field: &Field) -> Result<Spec<'_>> {
    let Some(ident) = &field.ident else { return Err(syn::Error::new(field.span(), "fields need names")) };
    let mut spec = Spec {
        ident,
        ty: &field.ty,
        kind: Kind::Attr,
        name: ident.unraw().to_string(),
        doc: attrs::docs(&field.attrs),
        optional: false,
        default: None,
        always: false,
        nonzero: false,
        hidden: false,
        experimental: false,
        deprecated: None,
        text: None,
    };
    let mut kind = None;
    for entry in attrs::entries(&field.attrs)? {
        if let Some(found) = apply(&mut spec, &entry)?
            && kind.replace(found).is_some()
        {
            return Err(syn::Error::new(entry.key.span(), "only one of attr, block, blocks, label, squash"));
        }
    }
    let help = "say what the field is: #[alloy(attr)], #[alloy(block)], #[alloy(blocks = \"…\")], #[alloy(label)] or #[alloy(squash)]";
    spec.kind = kind.ok_or_else(|| syn::Error::new(ident.span(), help))?;
    check(&spec)?;
    Ok(spec)
}

fn apply(spec: &mut Spec<'_>, entry: &Entry) -> Result<Option<Kind>> {
    match entry.word().as_str() {
        word @ ("attr" | "block") => {
            if entry.value.is_some() {
                spec.name = entry.text()?;
            }
            return Ok(Some(if word == "attr" { Kind::Attr } else { Kind::Block(shape(spec.ty)) }));
        }
        "blocks" => {
            spec.name = entry.text()?;
            spec.optional = true;
            return Ok(Some(Kind::Blocks));
        }
        "label" => return entry.flag().map(|()| Some(Kind::Label)),
        "squash" => return entry.flag().map(|()| Some(Kind::Squash)),
        "name" => spec.name = entry.text()?,
        "optional" => {
            entry.flag()?;
            spec.optional = true;
        }
        "default" => {
            spec.default = Some(entry.expr()?.clone());
            spec.optional = true;
        }
        "always" => {
            entry.flag()?;
            spec.always = true;
        }
        "nonzero" => {
            entry.flag()?;
            spec.nonzero = true;
        }
        "hidden" => {
            entry.flag()?;
            spec.hidden = true;
        }
        "experimental" => {
            entry.flag()?;
            spec.experimental = true;
        }
        "deprecated" => spec.deprecated = Some(entry.text()?),
        "text" => spec.text = Some(entry.text()?),
        _ => return Err(attrs::unknown(entry, KNOWN)),
    }
    Ok(None)
}

fn check(spec: &Spec<'_>) -> Result<()> {
    let fail = |text: &str| Err(syn::Error::new(spec.ident.span(), text));
    if spec.doc.is_empty() && spec.kind != Kind::Squash {
        return fail("document this argument with a `///` comment: it becomes its reference");
    }
    if spec.hidden && !spec.optional {
        return fail("a hidden argument must be optional");
    }
    if spec.experimental && (!spec.optional || !matches!(spec.kind, Kind::Attr | Kind::Block(_))) {
        return fail("an experimental argument must be an optional attribute or block");
    }
    if spec.nonzero && (spec.kind != Kind::Attr || spec.always || spec.hidden) {
        return fail("`nonzero` is for attributes that are neither `always` nor `hidden`");
    }
    if spec.text.is_some() && spec.kind != Kind::Attr {
        return fail("`text` is for attributes");
    }
    match spec.kind {
        Kind::Squash if spec.optional || spec.always || spec.hidden => fail("`squash` stands alone"),
        Kind::Blocks if argument(spec.ty, "Vec").is_none() => fail("`blocks` needs a Vec of an enum"),
        Kind::Blocks | Kind::Label if spec.default.is_some() => fail("no default is possible here"),
        Kind::Block(Shape::Option | Shape::Many) if spec.default.is_some() => fail("only a plain block struct can have a default"),
        _ => Ok(()),
    }
}

fn shape(ty: &Type) -> Shape {
    match () {
        () if argument(ty, "Option").is_some() => Shape::Option,
        () if argument(ty, "Vec").is_some() => Shape::Many,
        () => Shape::One,
    }
}

/// The `T` of `outer<T>`.
pub(crate) fn argument<'a>(ty: &'a Type, outer: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == outer)?;
    let PathArguments::AngleBracketed(args) = &last.arguments else { return None };
    args.args.iter().find_map(|arg| match arg {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

impl Spec<'_> {
    /// The struct of a block field, without `Option` or `Vec`.
    pub(crate) fn inner(&self) -> &Type {
        argument(self.ty, "Option").or_else(|| argument(self.ty, "Vec")).unwrap_or(self.ty)
    }
}
