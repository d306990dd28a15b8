//! Reading `#[alloy(…)]` attributes and doc comments.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, Meta, Result, Token, ext::IdentExt};

/// One entry between the parentheses: `word` or `word = value`.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) value: Option<Expr>,
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let key = Ident::parse_any(input)?;
        let value = if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None };
        Ok(Self { key, value })
    }
}

impl Entry {
    /// The key as text; `r#type` and `type` are the same.
    pub(crate) fn word(&self) -> String {
        self.key.unraw().to_string()
    }

    /// The value, which must be there.
    pub(crate) fn expr(&self) -> Result<&Expr> {
        let missing = || syn::Error::new(self.key.span(), format!("`{}` needs a value: `{} = …`", self.word(), self.word()));
        self.value.as_ref().ok_or_else(missing)
    }

    /// The value as the text of a string literal.
    pub(crate) fn text(&self) -> Result<String> {
        match self.expr()? {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text.value()),
            other => Err(syn::Error::new(other.span(), "expected text in quotes")),
        }
    }

    /// The value as a path, with or without quotes.
    pub(crate) fn path(&self) -> Result<syn::Path> {
        match self.expr()? {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => text.parse(),
            Expr::Path(path) => Ok(path.path.clone()),
            other => Err(syn::Error::new(other.span(), "expected the path of a function")),
        }
    }

    /// An error when there is a value.
    pub(crate) fn flag(&self) -> Result<()> {
        match &self.value {
            None => Ok(()),
            Some(value) => Err(syn::Error::new(value.span(), format!("`{}` takes no value", self.word()))),
        }
    }
}

/// Everything written in `#[alloy(…)]` attributes, which may be several.
pub(crate) fn entries(attrs: &[Attribute]) -> Result<Vec<Entry>> {
    let mut out = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("alloy")) {
        out.extend(attr.parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated)?);
    }
    Ok(out)
}

/// An error for an entry that is not known, naming what is.
pub(crate) fn unknown(entry: &Entry, known: &str) -> syn::Error {
    syn::Error::new(entry.key.span(), format!("unknown `{}`; known here: {known}", entry.word()))
}

/// The doc comment: lines joined, the blank after `///` removed, blank lines kept as paragraph breaks.
pub(crate) fn docs(attrs: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("doc")) {
        if let Meta::NameValue(pair) = &attr.meta
            && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value
        {
            // A blank line is an empty text, which has no lines.
            lines.extend(text.value().split('\n').map(|line| line.trim().to_owned()));
        }
    }
    lines.join("\n").trim().to_owned()
}

/// `GeoIpStage` → `geo_ip_stage`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut out = String::new();
    let mut previous_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && previous_lower {
            out.push('_');
        }
        previous_lower = c.is_lowercase() || c.is_ascii_digit();
        out.extend(c.to_lowercase());
    }
    out
}
