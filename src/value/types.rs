//! Types of attributes: how values of the configuration become Rust values, and back.
//!
//! null is the zero value of every type, as in the original.

mod bodies;
mod byte_size;
mod containers;
mod duration;
mod numbers;
mod regexp;
mod secrets;
mod target;
mod text;

pub use byte_size::ByteSize;
pub use duration::Duration;
pub(crate) use numbers::number_text;
pub use regexp::Regexp;
pub use target::Target;
pub use text::Url;
