//! `#[derive(TextEnum)]`.

use crate::attrs;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Ident, Result, Variant, ext::IdentExt};

struct Word<'a> {
    ident: &'a Ident,
    name: String,
    aliases: Vec<String>,
    default: bool,
}

/// The conversions of a unit enum.
pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new(input.ident.span(), "only an enum can be derived"));
    };
    let (mut ty, mut ignore_case) = (quote!(::value::schema::Type::String), false);
    for entry in attrs::entries(&input.attrs)? {
        match entry.word().as_str() {
            "type" => {
                let name = entry.text()?;
                ty = quote!(::value::schema::Type::Text(#name));
            }
            "ignore_case" => ignore_case = true,
            _ => return Err(attrs::unknown(&entry, "type, ignore_case")),
        }
    }
    let words = crate::fields::collect(data.variants.iter().map(word))?;
    let impls = conversions(&input.ident, &words, &ty, ignore_case);
    let default = default_impl(&input.ident, &words)?;
    Ok(quote!(#impls #default))
}

fn word(variant: &Variant) -> Result<Word<'_>> {
    if !matches!(variant.fields, Fields::Unit) {
        return Err(syn::Error::new(variant.ident.span(), "only variants without fields stand for text"));
    }
    let mut word = Word {
        ident: &variant.ident,
        name: attrs::snake_case(&variant.ident.unraw().to_string()),
        aliases: Vec::new(),
        default: variant.attrs.iter().any(|attr| attr.path().is_ident("default")),
    };
    for entry in attrs::entries(&variant.attrs)? {
        match entry.word().as_str() {
            "name" => word.name = entry.text()?,
            "alias" => word.aliases.push(entry.text()?),
            _ => return Err(attrs::unknown(&entry, "name, alias")),
        }
    }
    Ok(word)
}

fn conversions(ident: &Ident, words: &[Word<'_>], ty: &TokenStream, ignore_case: bool) -> TokenStream {
    let names: Vec<_> = words.iter().map(|word| &word.name).collect();
    let variants: Vec<_> = words.iter().map(|word| word.ident).collect();
    let pairs = words.iter().flat_map(|word| {
        let variant = word.ident;
        std::iter::once(&word.name).chain(&word.aliases).map(move |name| quote!((#name, Self::#variant)))
    });
    let null = match words.iter().find(|word| word.default).map(|word| word.ident) {
        Some(variant) => quote!(::core::result::Result::Ok(Self::#variant)),
        None => quote!(::core::result::Result::Err(::value::DecodeError::null(&[#(#names),*]))),
    };
    quote! {
        #[automatically_derived]
        impl #ident {
            /// The text as the configuration writes it.
            #[allow(dead_code)]
            pub fn as_str(&self) -> &'static str {
                match self { #(Self::#variants => #names),* }
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }
        #[automatically_derived]
        impl ::core::str::FromStr for #ident {
            type Err = ::value::DecodeError;
            fn from_str(text: &str) -> ::core::result::Result<Self, ::value::DecodeError> {
                ::value::decode::one_of(text, ::std::vec![#(#pairs),*], &[#(#names),*], #ignore_case)
            }
        }
        #[automatically_derived]
        impl ::value::FromValue for #ident {
            fn ty() -> ::value::schema::Type {
                #ty
            }
            fn one_of() -> &'static [&'static str] {
                &[#(#names),*]
            }
            fn from_value(value: &::value::Value) -> ::core::result::Result<Self, ::value::DecodeError> {
                if matches!(value, ::value::Value::Null) {
                    return #null;
                }
                let text: ::std::string::String = ::value::FromValue::from_value(value)?;
                text.parse()
            }
        }
        #[automatically_derived]
        impl ::value::IntoValue for #ident {
            fn into_value(&self) -> ::value::Value {
                ::value::Value::string(self.as_str())
            }
        }
    }
}

fn default_impl(ident: &Ident, words: &[Word<'_>]) -> Result<Option<TokenStream>> {
    let mut defaults = words.iter().filter(|word| word.default);
    let Some(first) = defaults.next() else { return Ok(None) };
    if let Some(second) = defaults.next() {
        return Err(syn::Error::new(second.ident.span(), "only one variant can be the default"));
    }
    let variant = first.ident;
    Ok(Some(quote! {
        #[automatically_derived]
        impl ::core::default::Default for #ident {
            fn default() -> Self {
                Self::#variant
            }
        }
    }))
}
