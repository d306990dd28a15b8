//! `logging`: the program's own log.

use crate::environment::{Environment, LoggingSettings};
use component::AnyArguments;
use data::LogsReceiver;
use value::{Arguments, TextEnum};

/// How much is logged.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
#[alloy(type = "logging.Level")]
enum Level {
    /// Everything.
    Debug,
    /// What an operator wants to know.
    #[default]
    // Such as an environment variable that is not set.
    #[alloy(alias = "")]
    Info,
    /// What an operator should look at.
    Warn,
    /// What is broken.
    Error,
}

/// How log lines look.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
#[alloy(type = "logging.Format")]
enum Format {
    /// `key=value` pairs.
    #[default]
    #[alloy(alias = "")]
    Logfmt,
    /// One JSON object a line.
    Json,
}

/// Where log lines go.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
#[alloy(type = "logging.LogDestination")]
enum Destination {
    /// Standard error.
    #[default]
    Stderr,
    /// The event log of Windows; elsewhere standard error.
    WindowsEventLog,
}

/// The program's own log.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct Logging {
    /// The least severe level that is logged: `debug`, `info`, `warn` or `error`. Raise it on noisy hosts.
    #[alloy(attr, optional)]
    level: Level,
    /// How a line looks: `logfmt` or `json`.
    #[alloy(attr, optional)]
    format: Format,
    /// Where log lines go besides receivers: `stderr`, or `windows_event_log`, which only Windows has.
    #[alloy(attr, optional)]
    destination: Destination,
    /// Receivers that get the program's own log lines besides standard error.
    #[alloy(attr, optional)]
    write_to: Vec<LogsReceiver>,
}

pub(super) fn apply(args: Option<&dyn AnyArguments>, environment: &Environment) {
    let Some(control) = &environment.logging else { return };
    let logging = args.and_then(|a| a.downcast_ref::<Logging>()).cloned();
    let logging =
        logging.unwrap_or(Logging { level: Level::Info, format: Format::Logfmt, destination: Destination::Stderr, write_to: Vec::new() });
    control.apply(LoggingSettings { level: logging.level.to_string(), format: logging.format.to_string(), write_to: logging.write_to });
}
