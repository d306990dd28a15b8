//! `#[derive(Arguments)]` on structs.

use crate::attrs;
use crate::fields::{self, Kind, Shape, Spec};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Expr, Ident, Lit, Path, Result, Type, UnOp};

/// What stands on the struct itself.
struct Options {
    validate: Option<Path>,
    default: Option<Path>,
}

/// The implementation of `Arguments`.
pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let options = options(input)?;
    let specs = fields::of(input)?;
    let ident = &input.ident;
    let schema = schema(input, &specs, options.default.as_ref());
    let fields = decode(&specs, &options);
    let encode = encode(&specs, options.default.as_ref());
    let label = label(&specs);
    let defaults = defaults(&specs, options.default.as_ref());
    Ok(quote! {
        #[automatically_derived]
        impl ::value::Arguments for #ident {
            #schema
            #fields
            #encode
            #label
            #defaults
        }
    })
}

fn options(input: &DeriveInput) -> Result<Options> {
    let mut options = Options { validate: None, default: None };
    for entry in attrs::entries(&input.attrs)? {
        match entry.word().as_str() {
            "validate" => options.validate = Some(entry.path()?),
            "default" => options.default = Some(entry.path()?),
            _ => return Err(attrs::unknown(&entry, "validate, default")),
        }
    }
    Ok(options)
}

/// The default of a field as an expression of its type; `None` when it must be written. Blocks that take the defaults
/// of their struct are not handled here.
fn default_expr(spec: &Spec<'_>, whole: Option<&Path>) -> Option<TokenStream> {
    let (ident, ty) = (spec.ident, spec.ty);
    if !spec.optional {
        return None;
    }
    Some(match (&spec.default, whole) {
        (Some(expr), _) => match literal(expr) {
            Some(_) if is_primitive(ty) => quote!({ let it: #ty = #expr; it }),
            Some(value) => quote!(::value::decode::literal_default::<#ty>(#value)),
            None => quote!({ let it: #ty = #expr; it }),
        },
        (None, Some(path)) => quote!(#path().#ident),
        (None, None) => quote!(<#ty as ::core::default::Default>::default()),
    })
}

/// A literal, or an array of literals, as a value of the configuration language.
fn literal(expr: &Expr) -> Option<TokenStream> {
    match expr {
        Expr::Lit(lit) => Some(match &lit.lit {
            Lit::Str(text) => quote!(::value::Value::from(#text)),
            Lit::Bool(flag) => quote!(::value::Value::from(#flag)),
            Lit::Int(number) if number.suffix().is_empty() => quote!(::value::Value::from({ let it: i64 = #number; it })),
            Lit::Float(number) if number.suffix().is_empty() => quote!(::value::Value::from({ let it: f64 = #number; it })),
            _ => return None,
        }),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match &*unary.expr {
            Expr::Lit(lit) => Some(match &lit.lit {
                Lit::Int(number) => quote!(::value::Value::from({ let it: i64 = -#number; it })),
                Lit::Float(number) => quote!(::value::Value::from({ let it: f64 = -#number; it })),
                _ => return None,
            }),
            _ => None,
        },
        Expr::Array(array) => {
            let items: Vec<_> = array.elems.iter().map(literal).collect::<Option<_>>()?;
            Some(quote!(::value::Value::array(::std::vec![#(#items),*])))
        }
        _ => None,
    }
}

fn is_primitive(ty: &Type) -> bool {
    const NAMES: &[&str] = &["bool", "i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize", "f32", "f64"];
    matches!(ty, Type::Path(path) if path.path.get_ident().is_some_and(|name| NAMES.iter().any(|n| name == n)))
}

/// The default of a block field of plain struct type.
fn block_default(spec: &Spec<'_>, whole: Option<&Path>) -> TokenStream {
    let ty = spec.ty;
    match default_expr(spec, whole) {
        None => quote!(::core::option::Option::None),
        Some(_) if spec.default.is_none() && whole.is_none() => quote!(<#ty as ::value::Arguments>::defaults()),
        Some(expr) => quote!(::core::option::Option::Some(#expr)),
    }
}

fn schema(input: &DeriveInput, specs: &[Spec<'_>], whole: Option<&Path>) -> TokenStream {
    let doc = attrs::docs(&input.attrs);
    let fields = specs.iter().filter(|spec| !spec.hidden).map(|spec| field_schema(spec, whole));
    quote! {
        fn schema() -> &'static ::value::schema::BodySchema {
            static SCHEMA: ::std::sync::OnceLock<::value::schema::BodySchema> = ::std::sync::OnceLock::new();
            SCHEMA.get_or_init(|| {
                let mut fields = ::value::schema::Fields::default();
                #(#fields)*
                fields.finish(#doc)
            })
        }
    }
}

fn field_schema(spec: &Spec<'_>, whole: Option<&Path>) -> TokenStream {
    let (name, doc, ty) = (&spec.name, &spec.doc, spec.ty);
    let inner = spec.inner();
    let required = !spec.optional;
    match spec.kind {
        Kind::Attr => {
            let default = match default_expr(spec, whole) {
                Some(expr) => quote!({ let it: #ty = #expr; ::core::option::Option::Some(::value::IntoValue::into_value(&it)) }),
                None => quote!(::core::option::Option::None),
            };
            let set_text = spec.text.as_ref().map(|text| quote!(fields.text(#text);));
            let deprecated = spec.deprecated.as_ref().map(|text| quote!(fields.deprecated(#text);));
            quote!(fields.attr::<#ty>(#name, #doc, #default); #set_text #deprecated)
        }
        Kind::Block(shape) => {
            let repeated = shape == Shape::Many;
            let defaults = shape == Shape::One && spec.optional;
            let deprecated = spec.deprecated.as_ref().map(|text| quote!(fields.deprecated(#text);));
            quote!(fields.block::<#inner>(#name, #doc, #required, #repeated, #defaults); #deprecated)
        }
        Kind::Blocks => quote!(fields.enum_blocks::<#inner>(#name, #doc);),
        Kind::Label => quote!(fields.label(#doc, #required);),
        Kind::Squash => quote!(fields.squash::<#ty>();),
    }
}

fn decode(specs: &[Spec<'_>], options: &Options) -> TokenStream {
    let whole = options.default.as_ref();
    let reads = specs.iter().map(|spec| {
        let local = local(spec);
        let read = read(spec, whole);
        let name = &spec.name;
        let hidden = spec.hidden.then(|| quote!(reader.hide(#name);));
        let deprecated = spec.deprecated.as_ref().map(|text| quote!(reader.deprecated(#name, #text);));
        let experimental = spec.experimental.then(|| {
            let is_used = differs(spec, whole);
            quote!(if let ::core::option::Option::Some(it) = &#local { let is_used = #is_used; reader.experimental(#name, is_used); })
        });
        quote!(let #local = #read; #hidden #deprecated #experimental)
    });
    let idents = specs.iter().map(|spec| spec.ident);
    let locals = specs.iter().map(local);
    let validate = options.validate.as_ref().map(|path| quote!(reader.validate(#path(&this))?;));
    quote! {
        #[allow(clippy::let_unit_value)]
        fn fields(reader: &mut ::value::Reader<'_, '_>) -> ::core::option::Option<Self> {
            let _ = &reader;
            #(#reads)*
            let this = Self { #(#idents: #locals?),* };
            #validate
            ::core::option::Option::Some(this)
        }
    }
}

/// Whether `it`, what was read, is another than without writing anything.
fn differs(spec: &Spec<'_>, whole: Option<&Path>) -> TokenStream {
    match spec.kind {
        Kind::Block(Shape::One) => {
            let default = block_default(spec, whole);
            quote!(#default.as_ref() != ::core::option::Option::Some(it))
        }
        Kind::Block(Shape::Option) => quote!(it.is_some()),
        Kind::Block(Shape::Many) => quote!(!it.is_empty()),
        _ => {
            let (ty, default) = (spec.ty, default_expr(spec, whole));
            quote!({ let default: #ty = #default; *it != default })
        }
    }
}

/// The variable that holds a field until all are read: must not hide the names of the generated code.
fn local(spec: &Spec<'_>) -> Ident {
    format_ident!("field_{}", spec.ident)
}

fn read(spec: &Spec<'_>, whole: Option<&Path>) -> TokenStream {
    let (name, ty) = (&spec.name, spec.ty);
    let inner = spec.inner();
    let optional = spec.optional;
    match spec.kind {
        Kind::Attr => match default_expr(spec, whole) {
            Some(expr) => quote!(reader.attr_or::<#ty>(#name, || #expr)),
            None => quote!(reader.attr::<#ty>(#name)),
        },
        Kind::Block(Shape::One) if spec.optional => {
            let default = block_default(spec, whole);
            quote!(reader.block_or::<#ty>(#name, || #default))
        }
        Kind::Block(Shape::One) => quote!(reader.block::<#ty>(#name)),
        Kind::Block(Shape::Option) => quote!(reader.optional_block::<#inner>(#name, #optional)),
        Kind::Block(Shape::Many) => quote!(reader.blocks::<#inner>(#name, #optional)),
        Kind::Blocks => quote!(reader.enum_blocks::<#inner>(#name)),
        Kind::Label => quote!(reader.label::<#ty>(#optional)),
        Kind::Squash => quote!(<#ty as ::value::Arguments>::fields(reader)),
    }
}

fn encode(specs: &[Spec<'_>], whole: Option<&Path>) -> TokenStream {
    let writes = specs.iter().filter(|spec| !spec.hidden).map(|spec| write(spec, whole));
    quote! {
        fn encode(&self) -> ::std::vec::Vec<::value::Node> {
            #[allow(unused_mut)]
            let mut out = ::value::encode::Encoder::default();
            #(#writes)*
            out.finish()
        }
    }
}

fn write(spec: &Spec<'_>, whole: Option<&Path>) -> TokenStream {
    let (name, ident, ty) = (&spec.name, spec.ident, spec.ty);
    match spec.kind {
        Kind::Attr if spec.nonzero => {
            quote!(out.attr_unless::<#ty>(#name, &self.#ident, <#ty as ::core::default::Default>::default, false);)
        }
        Kind::Attr => match default_expr(spec, whole) {
            Some(expr) if !spec.always => {
                // A pointer in the original, whose default is never equal to another pointer: shown whenever set.
                let never_equal = spec.default.is_some() && fields::argument(ty, "Option").is_some();
                quote!(out.attr_unless::<#ty>(#name, &self.#ident, || #expr, #never_equal);)
            }
            _ => quote!(out.attr(#name, &self.#ident);),
        },
        Kind::Block(Shape::One) if spec.optional && !spec.always => {
            let default = block_default(spec, whole);
            quote!(out.block_unless::<#ty>(#name, &self.#ident, || #default);)
        }
        Kind::Block(Shape::One) => quote!(out.block(#name, &self.#ident);),
        Kind::Block(Shape::Option) => quote!(if let ::core::option::Option::Some(it) = &self.#ident { out.block(#name, it); }),
        Kind::Block(Shape::Many) => quote!(for it in &self.#ident { out.block(#name, it); }),
        Kind::Blocks => quote!(for it in &self.#ident { out.enum_block(#name, it); }),
        Kind::Label => TokenStream::new(),
        Kind::Squash => quote!(out.squash(&self.#ident);),
    }
}

fn label(specs: &[Spec<'_>]) -> Option<TokenStream> {
    let ident = specs.iter().find(|spec| spec.kind == Kind::Label)?.ident;
    Some(quote! {
        fn label(&self) -> ::core::option::Option<::std::string::String> {
            ::value::encode::label_text(&::value::IntoValue::into_value(&self.#ident))
        }
    })
}

fn defaults(specs: &[Spec<'_>], whole: Option<&Path>) -> Option<TokenStream> {
    if specs.iter().any(|spec| !spec.optional && spec.kind != Kind::Squash) {
        return None;
    }
    let body = match whole {
        Some(path) => quote!(::core::option::Option::Some(#path())),
        None => {
            let fields = specs.iter().map(|spec| {
                let (ident, ty) = (spec.ident, spec.ty);
                let value = match spec.kind {
                    Kind::Squash => quote!(<#ty as ::value::Arguments>::defaults()?),
                    Kind::Block(Shape::One) => {
                        let default = block_default(spec, None);
                        quote!(#default?)
                    }
                    _ => default_expr(spec, None).unwrap_or_default(),
                };
                quote!(#ident: #value)
            });
            quote!(::core::option::Option::Some(Self { #(#fields),* }))
        }
    };
    Some(quote! {
        fn defaults() -> ::core::option::Option<Self> {
            #body
        }
    })
}
