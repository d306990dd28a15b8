//! `testcomponents.tick` exports how often it has ticked, as fast as it can when `frequency` is 0.

use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use value::types::Duration;
use value::{Arguments, Exports};

pub static COMPONENT: Registration = Registration::of::<Tick>("testcomponents.tick", Stability::PublicPreview);

/// Ticks.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Args {
    /// Time between two ticks.
    #[alloy(attr)]
    frequency: Duration,
    /// How many ticks come at once.
    #[alloy(attr, default = 1)]
    burst: i64,
}

/// The ticks.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// How many there were.
    #[alloy(attr)]
    ticks: i64,
}

struct Tick {
    args: Args,
    options: Options<Out>,
}

impl Component for Tick {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        options.export(Out { ticks: 0 });
        Ok(Self { args, options })
    }

    fn update(&self, _args: Args) -> Result<(), BuildError> {
        Err(BuildError::new("it cannot be changed"))
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        let mut ticks = 0;
        while stop.or(tokio::time::sleep(self.args.frequency.std())).await.is_some() {
            for _ in 0..self.args.burst {
                ticks += 1;
                self.options.export(Out { ticks });
            }
        }
        Ok(())
    }
}
