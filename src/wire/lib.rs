//! What goes over the wire: remote write, Loki's push format, and the text expositions that scrapes read.
//!
//! Encoders keep their buffers and write straight from label sets and batches; parsers borrow from what was received.

pub mod exposition;
pub mod loki_push;
mod proto;
pub mod remote_write_v1;
mod snappy;

pub use proto::DecodeError;
