//! Evaluation: from the syntax tree to values.

mod access;
mod body;
mod codes;
mod jsonl;
mod machine;
mod ops;
mod partial;

pub use body::evaluate_body;
pub use codes::CODES;
pub use jsonl::run_jsonl;

use crate::scope::Scope;
use crate::value_model::Value;
use std::fmt;
use std::sync::Arc;
use syntax::{Diagnostic, Source, Span, ast};

/// The longest string and the largest number of elements that an expression may build: configurations stay far below,
/// and runaway ones end with an error instead of the memory.
pub const MAX_SIZE: usize = 64 << 20;

/// The most values that one value may hold when a module hands it on: values that repeat each other's parts double with
/// each step.
pub const MAX_VALUES: usize = 16 << 20;

/// Why an expression has no value.
#[derive(Clone, Debug)]
pub enum EvalError {
    /// It is wrong.
    Diagnostic(Box<Diagnostic>),
    /// It depends on something whose value is not known yet; what could be checked is right.
    Unknown,
}

impl EvalError {
    /// An error at `span`.
    pub(crate) fn at(code: &'static str, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Self::Diagnostic(Box::new(Diagnostic::error(code, source, span, message)))
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: Option<impl Into<String>>) -> Self {
        if let Self::Diagnostic(diagnostic) = &mut self {
            diagnostic.hints.extend(hint.map(Into::into));
        }
        self
    }

    /// Adds the word that was probably meant, to stand at `span`.
    #[must_use]
    pub(crate) fn did_you_mean(self, span: Span, word: &str) -> Self {
        match self {
            Self::Diagnostic(diagnostic) => Self::Diagnostic(Box::new(diagnostic.did_you_mean(span, word))),
            Self::Unknown => Self::Unknown,
        }
    }

    /// The finding, unless the value is only not known yet.
    pub fn diagnostic(self) -> Option<Diagnostic> {
        match self {
            Self::Diagnostic(diagnostic) => Some(*diagnostic),
            Self::Unknown => None,
        }
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Diagnostic(diagnostic) => f.write_str(&diagnostic.message),
            Self::Unknown => f.write_str("the value is not known yet"),
        }
    }
}

impl std::error::Error for EvalError {}

/// Evaluates `expr`, an expression of `source`. Names stand for what `scope` says, then for the function library.
///
/// Every part is evaluated, both sides of `&&` and `||` included. An error wins over what is not known yet.
pub fn evaluate(expr: &ast::Expr, source: &Arc<Source>, scope: &dyn Scope) -> Result<Value, EvalError> {
    machine::Machine::new(source, scope).run(expr)
}
