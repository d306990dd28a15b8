//! Blocks that set up the program rather than make a component: `logging`, `livedebugging`.

use crate::environment::{Environment, LoggingSettings};
use component::AnyArguments;
use data::LogsReceiver;
use std::sync::atomic::Ordering;
use value::schema::BodySchema;
use value::{Arguments, Body, DecodeCx, TextEnum};

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

/// All of them.
pub static CONFIG_BLOCKS: &[ConfigBlock] = &[
    ConfigBlock { name: "livedebugging", arguments: LiveDebugging::schema, decode: decode::<LiveDebugging>, apply: apply_live_debugging },
    ConfigBlock { name: "logging", arguments: Logging::schema, decode: decode::<Logging>, apply: apply_logging },
];

/// The configuration block called `name`.
pub fn find(name: &str) -> Option<&'static ConfigBlock> {
    CONFIG_BLOCKS.iter().find(|b| b.name == name)
}

fn decode<T: Arguments + Clone + PartialEq + Send + Sync>(body: &Body<'_>, cx: &mut DecodeCx) -> Option<Box<dyn AnyArguments>> {
    T::decode(body, cx).map(|args| Box::new(args) as Box<dyn AnyArguments>)
}

/// How much is logged.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
enum Level {
    /// Everything.
    Debug,
    /// What an operator wants to know.
    #[default]
    Info,
    /// What an operator should look at.
    Warn,
    /// What is broken.
    Error,
}

/// How log lines look.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
enum Format {
    /// `key=value` pairs.
    #[default]
    Logfmt,
    /// One JSON object a line.
    Json,
}

/// The program's own log.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Logging {
    /// The least severe level that is logged: `debug`, `info`, `warn` or `error`. Raise it on noisy hosts.
    #[alloy(attr, optional)]
    level: Level,
    /// How a line looks: `logfmt` or `json`.
    #[alloy(attr, optional)]
    format: Format,
    /// Receivers that get the program's own log lines besides standard error.
    #[alloy(attr, optional)]
    write_to: Vec<LogsReceiver>,
}

fn apply_logging(args: Option<&dyn AnyArguments>, environment: &Environment) {
    let Some(control) = &environment.logging else { return };
    let logging = args.and_then(|a| a.as_any().downcast_ref::<Logging>()).cloned();
    let logging = logging.unwrap_or(Logging { level: Level::Info, format: Format::Logfmt, write_to: Vec::new() });
    control.apply(LoggingSettings { level: logging.level.to_string(), format: logging.format.to_string(), write_to: logging.write_to });
}

/// Watching the data of components live, in the UI.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct LiveDebugging {
    /// Set to false to keep data out of the UI.
    #[alloy(attr, default = true)]
    enabled: bool,
}

fn apply_live_debugging(args: Option<&dyn AnyArguments>, environment: &Environment) {
    let block = args.and_then(|a| a.as_any().downcast_ref::<LiveDebugging>());
    environment.live_debugging.store(block.is_none_or(|b| b.enabled), Ordering::Relaxed);
}
