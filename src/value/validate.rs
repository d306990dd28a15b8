//! What a struct's own check reports about its fields.

use crate::decode::Step;

/// One thing wrong with decoded arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidateError {
    /// The attribute or block it is about; `None` for the struct as a whole.
    pub field: Option<String>,
    /// Which part of it: an index selects one of several blocks of that name, or an element of an array.
    pub path: Vec<Step>,
    /// The cause: lower case, no full stop.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
    /// True when the configuration is accepted nevertheless.
    pub warning: bool,
}

impl ValidateError {
    /// About the struct as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self { field: None, path: Vec::new(), message: message.into(), hint: None, warning: false }
    }

    /// About one attribute or block.
    pub fn at(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(message) }
    }

    /// Says what to write instead.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hint = Some(text.into());
        self
    }

    /// Points at the `index`th block of that name, or element of the array.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.path.push(Step::Index(index));
        self
    }

    /// Points at a member of the object.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.path.push(Step::Key(key.into()));
        self
    }

    /// Makes it a warning: the configuration is accepted.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.warning = true;
        self
    }
}

/// Everything a check found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValidateErrors(Vec<ValidateError>);

impl ValidateErrors {
    /// Adds one.
    pub fn push(&mut self, error: ValidateError) {
        self.0.push(error);
    }

    /// Adds one when `wrong`.
    pub fn check(&mut self, wrong: bool, error: impl FnOnce() -> ValidateError) {
        if wrong {
            self.0.push(error());
        }
    }

    /// `Ok` when nothing was found.
    ///
    /// # Errors
    /// Itself, when something was.
    pub fn result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl IntoIterator for ValidateErrors {
    type Item = ValidateError;
    type IntoIter = std::vec::IntoIter<ValidateError>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<ValidateError> for ValidateErrors {
    fn from(error: ValidateError) -> Self {
        Self(vec![error])
    }
}

impl From<Vec<ValidateError>> for ValidateErrors {
    fn from(errors: Vec<ValidateError>) -> Self {
        Self(errors)
    }
}
