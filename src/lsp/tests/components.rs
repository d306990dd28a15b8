//! A few components to write configurations with.

use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use data::LogsReceiver;
use std::collections::BTreeMap;
use value::types::Duration;
use value::{Arguments, Exports, Secret, TextEnum};

pub(super) static FAMILY: &[&Registration] = &[&SINK, &SOURCE, &PROCESS, &UNSETTLED];

static SINK: Registration = Registration::of::<Sink>("test.sink", Stability::GenerallyAvailable);
static SOURCE: Registration = Registration::of::<Source>("test.source", Stability::GenerallyAvailable);
static PROCESS: Registration = Registration::of::<Process>("test.process", Stability::GenerallyAvailable);
static UNSETTLED: Registration = Registration::of::<Unsettled>("test.unsettled", Stability::Experimental);

/// Takes lines and sends them somewhere.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct SinkArgs {
    /// Where the lines go.
    #[alloy(attr)]
    url: String,
    /// How much is written.
    #[alloy(attr, optional)]
    level: Level,
    /// How long one request may take.
    #[alloy(attr, default = "10s")]
    timeout: Duration,
    /// Who asks.
    #[alloy(block = "auth", optional)]
    auth: Option<Auth>,
}

/// How much is written.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
pub(super) enum Level {
    /// Everything.
    Debug,
    /// What matters.
    #[default]
    Info,
}

/// A name and a password.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct Auth {
    /// The name.
    #[alloy(attr)]
    user: String,
    /// The password.
    #[alloy(attr, optional)]
    password: Secret,
}

/// Where others send lines.
#[derive(Exports, Clone, PartialEq)]
pub(super) struct Receiver {
    /// Takes lines.
    #[alloy(attr)]
    receiver: LogsReceiver,
}

/// Reads lines and sends them on.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct SourceArgs {
    /// Receivers of every line.
    #[alloy(attr)]
    forward_to: Vec<LogsReceiver>,
    /// What is read.
    #[alloy(attr, optional)]
    targets: Vec<BTreeMap<String, String>>,
    /// Also reads what was there before.
    #[alloy(attr, default = false)]
    from_start: bool,
    /// A former name of `from_start`.
    #[alloy(attr, optional, deprecated = "from_start")]
    whole: bool,
}

/// What a source tells.
#[derive(Exports, Clone, PartialEq)]
pub(super) struct Told {
    /// How the source is called.
    #[alloy(attr)]
    name: String,
}

/// Changes lines, stage by stage.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct ProcessArgs {
    /// Receivers of every line.
    #[alloy(attr)]
    forward_to: Vec<LogsReceiver>,
    /// What is done, in this order.
    #[alloy(blocks = "stage")]
    stages: Vec<Stage>,
}

/// One stage.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) enum Stage {
    /// Lets lines through.
    Keep(Keep),
    /// Stages for some lines.
    Match(Match),
}

/// Lets lines through that hold a text.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct Keep {
    /// The text.
    #[alloy(attr)]
    text: String,
}

/// Stages for some lines.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct Match {
    /// Which lines.
    #[alloy(attr)]
    selector: String,
    /// What is done with them.
    #[alloy(blocks = "stage")]
    stages: Vec<Stage>,
}

/// Nothing.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct Nothing {}

/// Nothing.
#[derive(Exports, Clone, PartialEq)]
pub(super) struct NoExports {}

macro_rules! never_built {
    ($($name:ident, $args:ty, $exports:ty;)*) => {$(
        pub(super) struct $name;

        impl Component for $name {
            type Args = $args;
            type Exports = $exports;

            fn build(_: $args, _: Options<$exports>) -> Result<Self, BuildError> {
                unreachable!("an editor builds nothing")
            }

            fn update(&self, _: $args) -> Result<(), BuildError> {
                Ok(())
            }

            async fn run(&self, _: Shutdown) -> Result<(), RunError> {
                Ok(())
            }
        }
    )*};
}

never_built! {
    Sink, SinkArgs, Receiver;
    Source, SourceArgs, Told;
    Process, ProcessArgs, Receiver;
    Unsettled, Nothing, NoExports;
}
