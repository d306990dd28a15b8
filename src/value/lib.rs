//! Values of the configuration language: the value model, evaluation of expressions, the function library, and the
//! way between values and the argument structs of components.
//!
//! Never knows components, files of configuration or the network.

pub mod body;
pub mod capsule;
pub mod decode;
pub mod number;
pub mod scope;
pub mod schema;
pub mod secret;
mod value_model;

pub use body::{Attr, AttrValue, Block, Body};
pub use capsule::{Capsule, CapsuleValue};
pub use decode::{Arguments, DecodeCx, DecodeError, Exports, FromValue, IntoValue, Node, Step};
pub use number::Number;
pub use scope::{Lookup, Scope};
pub use secret::{OptionalSecret, Secret};
pub use value_model::{CallError, Function, Object, Value};
