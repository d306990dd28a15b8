//! What a custom component is given, checked against the `argument` blocks of its definition.

use crate::block_ref::BlockRef;
use crate::controller::ArgumentValues;
use crate::definitions::{Definition, Definitions, Missing};
use crate::outer::Outer;
use std::sync::Arc;
use syntax::{Diagnostic, ast};
use value::{Arguments, AttrValue, Lookup, Scope, Value};

/// A value that the module is given, read as `argument.LABEL.value`.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct ArgumentBlock {
    /// True when the component may be written without it.
    #[alloy(attr, optional)]
    pub optional: bool,
    /// The value when it is optional and not given.
    #[alloy(attr, default = Value::Null)]
    pub default: Value,
    /// What it is for.
    #[alloy(attr, optional)]
    pub comment: String,
}

/// A value that the module gives to who uses it.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct ExportBlock {
    /// The value that the module gives.
    #[alloy(attr)]
    pub value: Value,
}

/// Finds what `block` is an instance of.
pub(crate) fn definition_of(definitions: &Arc<Definitions>, block: &BlockRef) -> Result<Definition, Box<Diagnostic>> {
    let name = &block.block().name;
    let diagnostic = |message: String, hint: String| Box::new(block.error("module/unknown", message).hint(hint));
    match definitions.find(name) {
        Ok(definition) if definition.block.block().body.stmts.is_empty() => {
            let message = format!("the `declare` block of `{name}` is empty: there is nothing to run");
            Err(diagnostic(message, "write what it does into the `declare` block".into()))
        }
        Ok(definition) => Ok(definition),
        Err(Missing::NotLoaded) => {
            let message = format!("`{name}`: nothing has been imported yet");
            Err(Box::new(block.error("module/not-loaded", message).hint("see what is said of the import")))
        }
        Err(Missing::Declare) => {
            Err(diagnostic(format!("no `declare` block is called `{name}`"), format!("write `declare \"{name}\" {{ … }}`")))
        }
        Err(Missing::Member(names)) => {
            let (namespace, member) = name.split_once('.').unwrap_or(("", name));
            let hint = match syntax::suggest(member, names.iter().map(String::as_str)) {
                Some(best) => format!("did you mean `{namespace}.{best}`?"),
                None if names.is_empty() => "the imported module declares nothing".into(),
                None => format!("it declares {}", list(&names)),
            };
            Err(diagnostic(format!("the import `{namespace}` brings no `{member}`"), hint))
        }
    }
}

fn list(names: &[String]) -> String {
    let mut names: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    names.sort();
    names.join(", ")
}

/// The values given to `block`, an instance of `definition`. Unknown, missing and repeated ones are reported.
pub(crate) fn read(block: &BlockRef, definition: &Definition, body: &value::Body<'_>, diagnostics: &mut Vec<Diagnostic>) -> ArgumentValues {
    let body_of_definition = definition.block.inner();
    let declared: Vec<BlockRef> = body_of_definition.blocks().filter(|b| b.block().name == "argument").collect();
    let mut values = ArgumentValues::new();
    // Arguments that mistyped names were taken for: not missing, only misspelt.
    let mut meant: Vec<String> = Vec::new();
    for attr in &body.attrs {
        if !declared.iter().any(|d| d.label() == attr.name.text) {
            meant.extend(syntax::suggest(&attr.name.text, declared.iter().map(BlockRef::label)).map(str::to_owned));
            diagnostics.push(unknown(block, &attr.name.text, attr.name.span, &declared));
            continue;
        }
        let value = match &attr.value {
            AttrValue::Known(value) => Some(value.clone()),
            AttrValue::Partial(_) | AttrValue::Unknown => None,
        };
        if values.insert(attr.name.text.clone(), value).is_some() {
            let message = format!("`{}` is given twice", attr.name.text);
            diagnostics
                .push(Diagnostic::error("module/repeated-argument", body.source, attr.name.span, message).hint("remove one of them"));
        }
    }
    for inner in &body.blocks {
        let message = format!("a custom component takes no blocks, but here is `{}`", inner.ast.name);
        let hint = format!("write `{} = …` if it has an argument of that name", inner.ast.name);
        diagnostics.push(Diagnostic::error("module/block", body.source, inner.ast.name_span, message).hint(hint));
    }
    for argument in &declared {
        let is_given = values.contains_key(argument.label()) || meant.iter().any(|name| name == argument.label());
        if !is_given && !is_optional(argument, &definition.definitions.outer) {
            diagnostics.push(missing(block, argument));
        }
    }
    values
}

fn unknown(block: &BlockRef, name: &str, span: syntax::Span, declared: &[BlockRef]) -> Diagnostic {
    let message = format!("`{}` has no argument `{name}`", block.block().name);
    let diagnostic = Diagnostic::error("module/unknown-argument", &block.file().source, span, message);
    let names: Vec<String> = declared.iter().map(|d| d.label().to_owned()).collect();
    match syntax::suggest(name, names.iter().map(String::as_str)) {
        Some(best) => diagnostic.did_you_mean(span, best),
        None if names.is_empty() => diagnostic.hint("it takes no arguments"),
        None => diagnostic.hint(format!("it takes {}", list(&names))),
    }
}

fn missing(block: &BlockRef, argument: &BlockRef) -> Diagnostic {
    let message = format!("`{}` needs the argument `{}`", block.block().name, argument.label());
    let diagnostic = block.error("module/missing-argument", message);
    let ast::Block { name_span, body, .. } = argument.block();
    let diagnostic = if Arc::ptr_eq(argument.file(), block.file()) { diagnostic.label(*name_span, "declared here") } else { diagnostic };
    let hint = format!("write `{} = …`", argument.label());
    match body.attrs().any(|a| a.name.text == "default") {
        true => diagnostic.hint(format!("{hint}, or `optional = true` beside its default")),
        false => diagnostic.hint(hint),
    }
}

struct Around<'a>(&'a Outer);

impl Scope for Around<'_> {
    fn lookup(&self, path: &[&str]) -> Lookup {
        self.0.lookup(path)
    }
}

/// What `optional` says; errors in it are reported where the module is evaluated.
fn is_optional(argument: &BlockRef, outer: &Outer) -> bool {
    let optional = argument.block().body.attrs().find(|a| a.name.text == "optional");
    optional
        .is_some_and(|attr| matches!(value::evaluate(&attr.value, &argument.file().source, &Around(outer)), Ok(Value::Bool(true)) | Err(_)))
}
