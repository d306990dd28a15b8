//! Loki's push format: `logproto.PushRequest` as a snappy block, and the JSON form that clients may send.

mod decode;
mod encode;
mod json;
mod labels;
#[cfg(test)]
mod tests;

pub use decode::{Pushed, decode};
pub use encode::{Counts, Encoder, Request, entry_len};
pub use json::decode_json;
pub use labels::{LabelsError, parse_labels, stream_labels};

/// The `Content-Type` of requests.
pub const CONTENT_TYPE: &str = "application/x-protobuf";
