//! `#[derive(Arguments)]` on enums: the alternatives of a family of blocks.

use crate::attrs;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{DataEnum, DeriveInput, Fields, Ident, Result, Type, Variant, ext::IdentExt};

struct Choice<'a> {
    ident: &'a Ident,
    ty: &'a Type,
    name: String,
    doc: String,
}

/// The implementation of `EnumBlocks`.
pub(crate) fn expand(input: &DeriveInput, data: &DataEnum) -> Result<TokenStream> {
    if let Some(entry) = attrs::entries(&input.attrs)?.first() {
        return Err(attrs::unknown(entry, "nothing"));
    }
    let choices = crate::fields::collect(data.variants.iter().map(choice))?;
    let ident = &input.ident;
    let (variants, names): (Vec<_>, Vec<_>) = choices.iter().map(|c| (c.ident, &c.name)).unzip();
    let (types, docs): (Vec<_>, Vec<_>) = choices.iter().map(|c| (c.ty, &c.doc)).unzip();
    Ok(quote! {
        #[automatically_derived]
        impl ::value::EnumBlocks for #ident {
            fn variants() -> &'static [::value::schema::Variant] {
                const VARIANTS: &[::value::schema::Variant] =
                    &[#(::value::schema::Variant { name: #names, doc: #docs, schema: <#types as ::value::Arguments>::schema }),*];
                VARIANTS
            }
            fn decode(name: &str, block: &::value::Block<'_>, cx: &mut ::value::DecodeCx) -> ::core::option::Option<Self> {
                match name {
                    #(#names => <#types as ::value::Arguments>::decode_block(block, cx).map(Self::#variants),)*
                    _ => ::core::option::Option::None,
                }
            }
            fn encode(&self, prefix: &str) -> ::value::Node {
                match self {
                    #(Self::#variants(it) => ::value::encode::block_node(::std::format!("{prefix}.{}", #names), it),)*
                }
            }
        }
    })
}

fn choice(variant: &Variant) -> Result<Choice<'_>> {
    let mut name = attrs::snake_case(&variant.ident.unraw().to_string());
    for entry in attrs::entries(&variant.attrs)? {
        match entry.word().as_str() {
            "name" => name = entry.text()?,
            _ => return Err(attrs::unknown(&entry, "name")),
        }
    }
    let ty = match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => &fields.unnamed[0].ty,
        _ => return Err(syn::Error::new(variant.ident.span(), "each variant holds one struct: `Json(JsonArgs)`")),
    };
    Ok(Choice { ident: &variant.ident, ty, name, doc: attrs::docs(&variant.attrs) })
}
