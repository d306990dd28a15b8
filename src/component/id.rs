//! Names of components.

use std::fmt;

/// A component's place in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ComponentId {
    /// The module it lives in, `""` for the main configuration.
    pub module: String,
    /// Its name and label, `prometheus.scrape.default`.
    pub local: String,
}

impl ComponentId {
    /// An id in the main configuration.
    pub fn root(local: impl Into<String>) -> Self {
        Self { module: String::new(), local: local.into() }
    }
}

/// `module/local`, or `local` in the main configuration.
impl fmt::Display for ComponentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.module.is_empty() { f.write_str(&self.local) } else { write!(f, "{}/{}", self.module, self.local) }
    }
}
