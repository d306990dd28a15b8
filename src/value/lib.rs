//! Values of the configuration language: the value model, evaluation of expressions, the function library, and the
//! way between values and the argument structs of components.
//!
//! Never knows components, files of configuration or the network.

extern crate self as value;

pub mod body;
pub mod bytes;
pub mod capsule;
pub mod case;
pub mod decode;
pub mod encode;
pub mod eval;
pub mod functions;
mod go_regex;
pub mod json;
pub mod number;
pub mod partial;
pub mod print;
pub mod reader;
pub mod schema;
pub mod scope;
pub mod secret;
pub mod shape;
mod suggest;
mod text;
pub mod types;
mod validate;
mod value_model;

pub use body::{Attr, AttrValue, Block, Body};
pub use capsule::{Capsule, CapsuleValue};
pub use decode::{Arguments, DecodeCx, DecodeError, EnumBlocks, Exports, FromValue, IntoValue, Step};
pub use derive::{Arguments, Exports, TextEnum};
pub use encode::Node;
pub use eval::{EvalError, evaluate, evaluate_body};
pub use go_regex::GoRegex;
pub use number::Number;
pub use partial::Partial;
pub use reader::{CODES, Reader};
pub use scope::{Lookup, Scope};
pub use secret::{OptionalSecret, Secret};
pub use validate::{ValidateError, ValidateErrors};
pub use value_model::{CallError, Function, Object, Value};
