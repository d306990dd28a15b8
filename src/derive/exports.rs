//! `#[derive(Exports)]`.

use crate::attrs;
use crate::fields::{self, Kind};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

/// The implementation of `Exports`.
pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    if let Some(entry) = attrs::entries(&input.attrs)?.first() {
        return Err(attrs::unknown(entry, "nothing"));
    }
    let specs = fields::of(input)?;
    if let Some(spec) = specs.iter().find(|spec| spec.kind != Kind::Attr) {
        return Err(syn::Error::new(spec.ident.span(), "exports are attributes: #[alloy(attr)]"));
    }
    let ident = &input.ident;
    let doc = attrs::docs(&input.attrs);
    let fields = specs.iter().map(|spec| {
        let (name, doc, ty) = (&spec.name, &spec.doc, spec.ty);
        let text = spec.text.as_ref().map(|text| quote!(fields.text(#text);));
        quote!(fields.export::<#ty>(#name, #doc); #text)
    });
    let values = specs.iter().map(|spec| {
        let (name, ident) = (&spec.name, spec.ident);
        quote!((#name, ::value::IntoValue::into_value(&self.#ident)))
    });
    Ok(quote! {
        #[automatically_derived]
        impl ::value::Exports for #ident {
            fn schema() -> &'static ::value::schema::BodySchema {
                static SCHEMA: ::std::sync::OnceLock<::value::schema::BodySchema> = ::std::sync::OnceLock::new();
                SCHEMA.get_or_init(|| {
                    #[allow(unused_mut)]
                    let mut fields = ::value::schema::Fields::default();
                    #(#fields)*
                    fields.finish(#doc)
                })
            }
            fn encode(&self) -> ::std::vec::Vec<(&'static str, ::value::Value)> {
                ::std::vec![#(#values),*]
            }
        }
    })
}
