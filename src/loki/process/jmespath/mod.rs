//! JMESPath in the community's dialect: with arithmetic, variables, slices of text and more functions.

mod eval;
mod functions;
mod lexer;
mod parser;
#[cfg(test)]
mod tests;

use serde_json::Value;

/// A compiled expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expression(parser::Node);

impl Expression {
    /// Compiles `text`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn compile(text: &str) -> Result<Self, String> {
        parser::parse(text).map(Self)
    }

    /// What the expression finds in `value`; `None` when it fails.
    pub(crate) fn search(&self, value: &Value) -> Option<Value> {
        eval::search(&self.0, value).ok()
    }

    /// The names of a path such as `a.b.c`, when the expression is nothing more.
    pub(crate) fn path(&self) -> Option<Vec<&str>> {
        fn walk<'n>(node: &'n parser::Node, out: &mut Vec<&'n str>) -> bool {
            match node {
                parser::Node::Field(name) => {
                    out.push(name);
                    true
                }
                parser::Node::Sub(left, right) => walk(left, out) && walk(right, out),
                _ => false,
            }
        }
        let mut names = Vec::new();
        walk(&self.0, &mut names).then_some(names)
    }
}
