//! Templates in Go's `text/template` language with the functions of Sprig, for `stage.template` and `stage.replace`.
//!
//! What has no meaning here, such as certificates, random texts and name lookups, is not among the functions.

mod builtins;
mod compare;
mod exec;
mod lexer;
mod parser;
mod printing;
mod sprig;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use value::Val;

use std::collections::BTreeMap;

/// A compiled template.
#[derive(Debug)]
pub(crate) struct Template {
    parsed: parser::Parsed,
}

/// What `.` is: values by name.
pub(crate) trait Data {
    /// The value of `name`.
    fn get(&self, name: &str) -> Option<Val>;
    /// All values.
    fn all(&self) -> BTreeMap<String, Val>;
}

impl Template {
    /// Compiles `text`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn compile(text: &str) -> Result<Self, String> {
        parser::parse(text).map(|parsed| Self { parsed })
    }

    /// The text of a template without actions.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.parsed.main() {
            [] => Some(""),
            [parser::Node::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Writes the result to `out`.
    ///
    /// # Errors
    /// Why the template cannot be executed; part of the result may be in `out` then.
    pub(crate) fn execute(&self, data: &dyn Data, out: &mut String) -> Result<(), String> {
        exec::execute(&self.parsed, data, out)
    }
}
