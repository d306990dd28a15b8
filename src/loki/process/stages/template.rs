//! `stage.template` makes a value of others.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::extracted::{Key, Value};
use crate::process::pipeline::{Build, Scratch};
use crate::process::template::{Data, Template, Val};
use std::collections::BTreeMap;
use value::{Arguments, ValidateError};

/// Makes a value of others, by a template.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct TemplateArgs {
    /// The name of the value. An empty result removes it.
    #[alloy(attr)]
    source: String,
    /// The template, in Go's language. `.Value` is the value so far, `.Entry` the line, and every value has its name.
    #[alloy(attr, text = "stages.Template")]
    template: String,
}

struct TemplateStage {
    source: Key,
    template: Template,
}

impl BuildStage for TemplateArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        if self.source.is_empty() {
            return Err(ValidateError::at("source", "the source must not be empty"));
        }
        let template = compile("template", &self.template)?;
        Ok(Box::new(TemplateStage { source: build.key(&self.source), template }))
    }
}

/// Compiles a template that is an argument.
pub(super) fn compile(field: &str, text: &str) -> Result<Template, ValidateError> {
    Template::compile(text).map_err(|cause| ValidateError::at(field, format!("the template cannot be read: {cause}")))
}

/// What a template sees: every value that is not null, and a few of its own.
pub(super) struct Values<'a> {
    pub(super) work: &'a Work,
    /// `Value`
    pub(super) value: Option<Val>,
    /// `Entry` is the line.
    pub(super) entry: bool,
}

impl Data for Values<'_> {
    fn get(&self, name: &str) -> Option<Val> {
        match name {
            "Entry" if self.entry => Some(Val::text(&*self.work.text())),
            "Value" if self.value.is_some() => self.value.clone(),
            name => self.work.extracted.find(name)?.text().map(|text| Val::text(&*text)),
        }
    }

    fn all(&self) -> BTreeMap<String, Val> {
        let values = self.work.extracted.sorted().into_iter();
        let mut all: BTreeMap<String, Val> =
            values.filter_map(|(name, value)| Some((name.to_owned(), Val::text(&*value.text()?)))).collect();
        for name in ["Entry", "Value"] {
            if let Some(value) = self.get(name) {
                all.insert(name.to_owned(), value);
            }
        }
        all
    }
}

impl Stage for TemplateStage {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        let out = &mut scratch.text;
        out.clear();
        let value = work.extracted.get(self.source).and_then(|value| value.text()).map(|text| Val::text(&*text));
        if let Err(error) = self.template.execute(&Values { work, value, entry: true }, out) {
            tracing::debug!(error, "a template cannot be executed, the value stays");
            return Flow::Next;
        }
        if out.is_empty() {
            work.extracted.delete(self.source);
        } else {
            work.extracted.set(self.source, Value::text(out.as_bytes().to_vec()));
        }
        Flow::Next
    }
}
