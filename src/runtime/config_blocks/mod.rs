//! Blocks that set up the program rather than make a component.

mod http;
mod live_debugging;
mod logging;
mod remotecfg;
mod tracing;

use crate::environment::Environment;
use component::AnyArguments;
use value::schema::BodySchema;
use value::{Arguments, Body, DecodeCx};

pub(crate) use http::Protection;

/// A kind of configuration block. Each may stand once.
#[derive(Debug)]
pub struct ConfigBlock {
    /// Its name.
    pub name: &'static str,
    /// The shape of its arguments.
    pub arguments: fn() -> &'static BodySchema,
    /// Reads its arguments.
    pub decode: fn(&Body<'_>, &mut DecodeCx) -> Option<Box<dyn AnyArguments>>,
    /// Applies them; `None` when the block is gone and its defaults count again.
    pub apply: fn(Option<&dyn AnyArguments>, &Environment),
}

impl ConfigBlock {
    const fn of<T: Arguments + Clone + PartialEq + Send + Sync>(
        name: &'static str,
        apply: fn(Option<&dyn AnyArguments>, &Environment),
    ) -> Self {
        Self { name, arguments: T::schema, decode: decode::<T>, apply }
    }
}

/// All of them.
pub static CONFIG_BLOCKS: &[ConfigBlock] = &[
    ConfigBlock::of::<http::Http>("http", http::apply),
    ConfigBlock::of::<live_debugging::LiveDebugging>("livedebugging", live_debugging::apply),
    ConfigBlock::of::<logging::Logging>("logging", logging::apply),
    ConfigBlock::of::<remotecfg::RemoteCfg>("remotecfg", remotecfg::apply),
    ConfigBlock::of::<tracing::Tracing>("tracing", tracing::apply),
];

/// The configuration block called `name`.
pub fn find(name: &str) -> Option<&'static ConfigBlock> {
    CONFIG_BLOCKS.iter().find(|b| b.name == name)
}

fn decode<T: Arguments + Clone + PartialEq + Send + Sync>(body: &Body<'_>, cx: &mut DecodeCx) -> Option<Box<dyn AnyArguments>> {
    T::decode(body, cx).map(|args| Box::new(args) as Box<dyn AnyArguments>)
}
