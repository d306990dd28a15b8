//! Which custom components a module can make: its own `declare` blocks, what it imports, and those of the modules it
//! stands in.

use crate::block_ref::BlockRef;
use crate::outer::Outer;
use arc_swap::ArcSwapOption;
use std::collections::HashMap;
use std::sync::Arc;

/// What an `import` block has brought; empty until it has brought something.
pub type ImportCell = Arc<ArcSwapOption<Definitions>>;

/// The custom components that blocks of one module can name.
#[derive(Debug, Default)]
pub struct Definitions {
    /// Those of the module this one was written in. The module that uses it does not matter.
    pub parent: Option<Arc<Definitions>>,
    /// What modules declared here see besides their own nodes.
    pub outer: Arc<Outer>,
    /// `declare` blocks by label.
    pub declares: Arc<HashMap<String, BlockRef>>,
    /// Imports by label.
    pub imports: HashMap<String, ImportCell>,
}

/// Where a custom component is declared.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The `declare` block.
    pub block: BlockRef,
    /// The module it stands in.
    pub definitions: Arc<Definitions>,
}

/// Why there is no definition.
#[derive(Debug)]
pub enum Missing {
    /// No `declare` block of that name.
    Declare,
    /// The namespace exists; it has brought these.
    Member(Vec<String>),
    /// The namespace exists, but has brought nothing yet.
    NotLoaded,
}

impl Definitions {
    /// True when `name`, the first part of a block's name, is that of a `declare` block or an import.
    pub fn knows(&self, name: &str) -> bool {
        self.declares.contains_key(name) || self.imports.contains_key(name) || self.parent.as_ref().is_some_and(|p| p.knows(name))
    }

    /// All names that [`Self::knows`] knows, for suggestions.
    pub fn names(&self) -> Vec<String> {
        let own = self.declares.keys().chain(self.imports.keys()).cloned();
        own.chain(self.parent.as_ref().map(|p| p.names()).unwrap_or_default()).collect()
    }

    /// The definition of `name`: `declared`, or `namespace.declared`.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(self: &Arc<Self>, name: &str) -> Result<Definition, Missing> {
        match name.split_once('.') {
            None => self.declared(name).ok_or(Missing::Declare),
            Some((namespace, name)) => self.imported(namespace, name),
        }
    }

    fn declared(self: &Arc<Self>, name: &str) -> Option<Definition> {
        let own = self.declares.get(name).map(|block| Definition { block: block.clone(), definitions: Arc::clone(self) });
        own.or_else(|| self.parent.as_ref()?.declared(name))
    }

    fn imported(&self, namespace: &str, name: &str) -> Result<Definition, Missing> {
        let own = self.imports.get(namespace).map(|cell| match cell.load_full() {
            None => Err(Missing::NotLoaded),
            Some(module) => match module.declares.get(name) {
                Some(block) => Ok(Definition { block: block.clone(), definitions: module }),
                None => Err(Missing::Member(module.declares.keys().cloned().collect())),
            },
        });
        match (own, &self.parent) {
            (Some(Ok(found)), _) => Ok(found),
            (own, Some(parent)) => match (parent.imported(namespace, name), own) {
                (Err(Missing::Declare), Some(own)) => own,
                (further, _) => further,
            },
            (Some(own), None) => own,
            (None, None) => Err(Missing::Declare),
        }
    }
}
