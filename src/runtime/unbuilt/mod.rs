//! Components that the original has and this build has not: `validate` checks their arguments, `run` refuses them by
//! name. Nothing of it is read unless a configuration names one of them.

mod parse;
#[cfg(test)]
mod tests;

use crate::block_ref::BlockRef;
use component::Stability;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use syntax::Diagnostic;
use syntax::diag::Severity;
use value::schema::Type;
use value::shape::Shape;

/// A component, or a block that sets up the program, that is known but not built.
#[derive(Debug)]
pub struct Unbuilt {
    /// Its name.
    pub name: &'static str,
    /// How settled the original calls it.
    pub stability: Stability,
    /// Needs `--feature.community-components.enabled`.
    pub community: bool,
    /// Sets up the program: takes no label and exports nothing.
    pub config: bool,
    /// What may be written in it.
    pub shape: Shape,
    /// What it exports.
    pub exports: Vec<(&'static str, Type)>,
}

/// Of a component that is only known.
pub(crate) const CODE: &str = "config/not-in-this-build";

static TABLE: LazyLock<BTreeMap<&'static str, Unbuilt>> = LazyLock::new(|| parse::table(include_str!("table.txt")));

/// The component called `name`.
pub fn find(name: &str) -> Option<&'static Unbuilt> {
    TABLE.get(name)
}

/// All of them, by name.
pub fn iter() -> impl Iterator<Item = &'static Unbuilt> {
    TABLE.values()
}

/// What `run` says of it.
pub(crate) fn refusal(unbuilt: &Unbuilt, block: &BlockRef) -> Diagnostic {
    let diagnostic = block.error(CODE, format!("`{}` is not in this build", unbuilt.name));
    diagnostic.hint("remove it to run the rest; `ferroalloy schema` lists the components of this build")
}

/// What `validate` says of them: everything around them is right.
pub(crate) fn only_warn(diagnostics: &mut [Diagnostic]) {
    for diagnostic in diagnostics.iter_mut().filter(|d| d.code == CODE) {
        diagnostic.severity = Severity::Warning;
        diagnostic.message = diagnostic.message.replace(" is not in this build", " is known, but not in this build");
        diagnostic.hints = vec!["its arguments are checked, but `run` refuses it".into()];
    }
}
