//! `testcomponents.passthrough` exports its input.

use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use value::types::Duration;
use value::{Arguments, Exports};

pub static COMPONENT: Registration = Registration::of::<Passthrough>("testcomponents.passthrough", Stability::PublicPreview);

/// Exports its input.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Args {
    /// What to export.
    #[alloy(attr)]
    input: String,
    /// How long that takes.
    #[alloy(attr, optional)]
    lag: Duration,
}

/// The input.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// The input.
    #[alloy(attr)]
    output: String,
}

struct Passthrough(Options<Out>);

impl Component for Passthrough {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        let this = Self(options);
        this.update(args)?;
        Ok(this)
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        if args.input == "bad" {
            return Err(BuildError::of("input", "bad input").hint("give it another one"));
        }
        #[allow(clippy::disallowed_methods, reason = "a slow update is what this component is for")]
        std::thread::sleep(args.lag.std());
        self.0.export(Out { output: args.input });
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        Ok(())
    }
}
