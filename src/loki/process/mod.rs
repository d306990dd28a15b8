//! `loki.process` passes log lines through stages that parse, change and drop them.

mod component;
#[cfg(test)]
mod component_tests;
mod entry;
mod escape;
mod extracted;
mod go_time;
mod jmespath;
mod json;
mod pipeline;
mod selector;
mod stages;
mod template;
#[cfg(test)]
mod tests;
mod transitions;

pub(crate) use component::{COMPONENT, metadata_json, rfc3339_nano};
