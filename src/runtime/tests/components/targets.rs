//! `testcomponents.targets` exports its targets.

use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use data::target::Target;
use value::{Arguments, Exports};

pub static COMPONENT: Registration = Registration::of::<Targets>("testcomponents.targets", Stability::PublicPreview);

/// Exports its targets.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Args {
    /// What to export.
    #[alloy(attr)]
    targets: Vec<Target>,
}

/// The targets.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// The targets.
    #[alloy(attr)]
    output: Vec<Target>,
}

struct Targets(Options<Out>);

impl Component for Targets {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        let this = Self(options);
        this.update(args)?;
        Ok(this)
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        self.0.export(Out { output: args.targets });
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        Ok(())
    }
}
