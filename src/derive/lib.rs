//! Derives that turn Rust structs into argument bodies, exports and text enums of the configuration language.
//! Use them through the `value` crate: `use value::{Arguments, Exports, TextEnum};`.
//!
//! # `#[derive(Arguments)]` on a struct: a body
//!
//! Every field carries one `#[alloy(…)]` and a doc comment, which becomes its documentation. The order of work is:
//! decode every field, put defaults where nothing is written, validate.
//!
//! ```ignore
//! /// Sends samples somewhere.
//! #[derive(Arguments, Clone, Debug, PartialEq)]
//! #[alloy(validate = Self::validate)]       // optional: fn(&self) -> Result<(), ValidateError> (or ValidateErrors)
//! struct Args {
//!     /// A required attribute.
//!     #[alloy(attr)]                                    url: String,
//!     /// Absent means `Default::default()`.
//!     #[alloy(attr, optional)]                          proxy: Option<String>,
//!     /// A default: any expression of the field's type. Literals, and arrays of literals, are converted like values
//!     /// of the configuration, so text works for durations, byte sizes, enums, `Option<_>` and so on.
//!     #[alloy(attr, default = "10s")]                   timeout: Duration,
//!     /// More defaults.
//!     #[alloy(attr, default = ["a", "b"])]              codecs: Vec<String>,
//!     /// Another name in the configuration. A raw identifier (`r#type`) needs no `name`.
//!     #[alloy(attr, optional, name = "max_bytes")]      limit: ByteSize,
//!     /// Shown by the API even when it equals its default.
//!     #[alloy(attr, default = "(.*)", always)]          regex: Regexp,
//!     /// Shown by the API unless it is zero: the original keeps this default in the struct around this one.
//!     #[alloy(attr, default = "30s", nonzero)]          read_timeout: Duration,
//!     /// Accepted with a warning.
//!     #[alloy(attr, optional, deprecated = "use `url`")] address: String,
//!     /// Accepted, but in no schema and no suggestion.
//!     #[alloy(attr, optional, hidden)]                  debug: bool,
//!     /// Refused, unless it equals its default or `--stability.level=experimental` is given.
//!     #[alloy(attr, default = false, experimental)]     preview: bool,
//!     /// Text that the schema shows as `string<config.TLSVersion>`.
//!     #[alloy(attr, optional, text = "config.TLSVersion")] min_version: String,
//!
//!     /// A required block `queue { … }`.
//!     #[alloy(block)]                                   queue: Queue,
//!     /// An optional block; absent means its defaults (`Wal::defaults()`, every field of which must have one).
//!     #[alloy(block, optional)]                         wal: Wal,
//!     /// An optional block; absent means this.
//!     #[alloy(block, default = Wal::small())]           cache: Wal,
//!     /// An optional block; absent means `None`. `Option<Box<Tls>>` works too.
//!     #[alloy(block, optional, name = "tls_config")]    tls: Option<Tls>,
//!     /// A repeated block. Without `optional` at least one is needed.
//!     #[alloy(block = "rule", optional)]                rules: Vec<Rule>,
//!     /// A block with free attribute names: `labels { a = "x" }`.
//!     #[alloy(block, optional)]                         labels: BTreeMap<String, String>,
//!
//!     /// Blocks `stage.json { … }`, `stage.drop { … }`: any number, order kept. `Stage` is an enum, see below.
//!     #[alloy(blocks = "stage")]                        stages: Vec<Stage>,
//!
//!     /// The label of the block. `#[alloy(label, optional)]` allows none.
//!     #[alloy(label)]                                   label: String,
//!
//!     // All fields of another `Arguments` struct, as if written here. Needs no doc comment.
//!     #[alloy(squash)]                                  client: ClientArgs,
//! }
//! ```
//!
//! Types of attributes: `bool`, integers, floats, `String`, `Arc<str>`, `Vec<T>`, `BTreeMap<String, T>`,
//! `HashMap<String, T>`, `Option<T>` (null is `None`), `value::Value` (anything), `value::{Secret, OptionalSecret}`,
//! `value::types::{Duration, ByteSize, Url, Regexp}`, enums with `TextEnum`, receivers and targets of the `data` crate,
//! and whatever implements `value::{FromValue, IntoValue}`. Numbers that do not fit an integer are cut off with a warning,
//! as the original does in silence; only `usize` refuses negative ones. Where `-1` has a meaning, use `i64`.
//!
//! `attr`, `block` also take `name` directly: `#[alloy(attr = "max_bytes", optional)]`. `Box<T>` may stand wherever a
//! block struct `T` may.
//!
//! On the struct:
//! * `#[alloy(validate = path)]` names a function `fn(&Self) -> Result<(), E>`, `E: Into<ValidateErrors>`. An error
//!   can name the field (`ValidateError::at("url", "…")`), and is then shown at that attribute or block; `.index(2)`
//!   points at the third element, or the third block of that name; `.warning()` only warns.
//! * `#[alloy(default = path)]` names a function `fn() -> Self`: fields marked `optional` take their default from it, squashed
//!   structs keep their own.
//!
//! When every field has a default, the derive gives `Arguments::defaults() -> Option<Self>`; a required field makes it
//! `None`.
//!
//! # `#[derive(Arguments)]` on an enum: the alternatives of `#[alloy(blocks = …)]`
//!
//! ```ignore
//! #[derive(Arguments, Clone, Debug, PartialEq)]
//! enum Stage {
//!     /// Reads JSON.                       // documentation; may be left out, the struct's is shown then
//!     Json(JsonArgs),                       // stage.json { … }: the variant's name in snake_case
//!     #[alloy(name = "geoip")] GeoIp(GeoIpArgs),
//!     Match(MatchArgs),                     // may hold a Vec<Stage> itself; Box<MatchArgs> works too
//! }
//! ```
//!
//! # `#[derive(Exports)]`
//!
//! ```ignore
//! /// What the component gives to others.
//! #[derive(Exports, Clone, PartialEq)]
//! struct Out {
//!     /// Send samples here.
//!     #[alloy(attr)] receiver: MetricsReceiver,      // also: name = "…", optional (no meaning for users, kept in the schema)
//! }
//! ```
//!
//! # `#[derive(TextEnum)]`
//!
//! Gives `FromValue`, `IntoValue`, `Display`, `FromStr`, `as_str()` and, with `#[default]`, `Default`.
//!
//! ```ignore
//! #[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
//! #[alloy(type = "relabel.Action")]        // optional: the schema says `string<relabel.Action>` instead of `string`
//! enum Action {
//!     #[default] Replace,                   // "replace": snake_case of the name
//!     #[alloy(name = "labelmap")] LabelMap,
//!     #[alloy(name = "gzip", alias = "gz")] Gzip,   // further accepted spellings
//! }
//! ```
//! `#[alloy(ignore_case)]` on the enum accepts any case.

mod arguments;
mod attrs;
mod blocks;
mod exports;
mod fields;
mod text_enum;

use proc_macro::TokenStream;
use syn::{Data, DeriveInput, parse_macro_input};

/// Implements `value::Arguments` for a struct, `value::EnumBlocks` for an enum. See the crate's documentation.
#[proc_macro_derive(Arguments, attributes(alloy))]
pub fn arguments(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let result = match &input.data {
        Data::Enum(data) => blocks::expand(&input, data),
        _ => arguments::expand(&input),
    };
    result.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Implements `value::Exports` for a struct. See the crate's documentation.
#[proc_macro_derive(Exports, attributes(alloy))]
pub fn exports(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    exports::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Implements the conversions between a unit enum and text. See the crate's documentation.
#[proc_macro_derive(TextEnum, attributes(alloy, default))]
pub fn text_enum(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    text_enum::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
