//! The server as an editor meets it: messages over pipes, texts with a cursor.

mod actions;
mod completion;
mod components;
mod conversation;
mod diagnostics;
mod editor;
mod formatting;
mod hover;
mod navigation;
mod rename;
