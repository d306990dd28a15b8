//! `stage.tenant` says whose line it is.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::extracted::Key;
use crate::process::pipeline::{Build, Memory, Scratch};
use value::{Arguments, ValidateError};

/// The label that `loki.write` takes the tenant from, and does not send.
const TENANT: &str = "__tenant_id__";

/// Says whose line it is, for `loki.write` to send it as.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct TenantArgs {
    /// The label whose value is the tenant.
    #[alloy(attr, default = "")]
    label: String,
    /// The extracted value that is the tenant.
    #[alloy(attr, default = "")]
    source: String,
    /// The tenant.
    #[alloy(attr, default = "")]
    value: String,
}

enum From {
    Label(String),
    Value(Key),
    Fixed(String),
}

struct Tenant {
    from: From,
    memory: Memory,
}

impl BuildStage for TenantArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        let from = match (&*self.label, &*self.source, &*self.value) {
            ("", "", "") => return Err(ValidateError::new("one of `label`, `source` and `value` is needed")),
            (label, "", "") => From::Label(label.to_owned()),
            ("", source, "") => From::Value(build.key(source)),
            ("", "", value) => From::Fixed(value.to_owned()),
            _ => return Err(ValidateError::new("only one of `label`, `source` and `value` can be written")),
        };
        Ok(Box::new(Tenant { from, memory: build.memory() }))
    }
}

impl Stage for Tenant {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        let tenant = match &self.from {
            From::Label(name) => work.labels.get(name).map(str::to_owned),
            From::Value(key) => work.extracted.get(*key).and_then(|value| value.text()).map(|text| text.into_owned()),
            From::Fixed(tenant) => Some(tenant.clone()),
        };
        if let Some(tenant) = tenant.filter(|tenant| !tenant.is_empty()) {
            work.set_label(scratch.memory(self.memory), TENANT, &tenant);
        }
        Flow::Next
    }
}
