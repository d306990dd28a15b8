//! A language server for editors: diagnostics, completion, documentation, navigation, renaming and formatting.
//!
//! Speaks the Language Server Protocol, version 3.17, over a pair of byte streams. The messages are read and written as
//! JSON values: of the protocol's hundreds of types a few dozen fields are used. Knows how components are described, never
//! how they work; nothing is built or started.

mod actions;
mod check;
mod completion;
mod convert;
mod cursor;
mod docs;
mod document;
mod folder;
mod format;
mod functions;
mod hover;
mod imports;
mod lines;
mod names;
mod navigate;
mod options;
mod requests;
mod server;
mod session;
mod shape;
mod symbols;
mod transport;
mod worker;

#[cfg(test)]
mod tests;

pub use options::{FolderMode, Options};
pub use server::{Ending, serve};
