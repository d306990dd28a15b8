//! Text that must not be shown.

use crate::capsule::{Capsule, CapsuleValue};
use std::fmt;
use std::sync::Arc;

/// Text that never reaches a log, a page, a file name or an error.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(Arc::from(text.as_ref()))
    }

    /// The hidden text: for the wire only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True when there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl CapsuleValue for Secret {
    fn kind(&self) -> &'static str {
        "alloytypes.Secret"
    }
    fn display(&self) -> String {
        "(secret)".into()
    }
    fn same(&self, other: &dyn CapsuleValue) -> bool {
        other.downcast_ref::<Self>() == Some(self)
    }
}

impl From<Secret> for Capsule {
    fn from(secret: Secret) -> Self {
        Capsule::new(secret)
    }
}

/// Text that may be secret: what `local.file` and `remote.*` export.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OptionalSecret {
    /// True when the text must not be shown.
    pub is_secret: bool,
    value: Arc<str>,
}

impl OptionalSecret {
    /// Text that may be shown.
    pub fn plain(text: impl AsRef<str>) -> Self {
        Self { is_secret: false, value: Arc::from(text.as_ref()) }
    }

    /// Text that must not be shown.
    pub fn secret(text: impl AsRef<str>) -> Self {
        Self { is_secret: true, value: Arc::from(text.as_ref()) }
    }

    /// The text, secret or not: for the wire only.
    pub fn expose(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for OptionalSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_secret { f.write_str("(secret)") } else { write!(f, "{:?}", self.value) }
    }
}

impl CapsuleValue for OptionalSecret {
    fn kind(&self) -> &'static str {
        "alloytypes.OptionalSecret"
    }
    fn display(&self) -> String {
        if self.is_secret { "(secret)".into() } else { self.value.to_string() }
    }
    fn text(&self) -> Option<&str> {
        (!self.is_secret).then_some(&*self.value)
    }
    fn same(&self, other: &dyn CapsuleValue) -> bool {
        other.downcast_ref::<Self>() == Some(self)
    }
}

impl From<OptionalSecret> for Capsule {
    fn from(secret: OptionalSecret) -> Self {
        Capsule::new(secret)
    }
}
