//! The server as an editor meets it: messages over pipes, texts with a cursor.

mod components;
mod conversation;
mod diagnostics;
mod editor;
mod formatting;
