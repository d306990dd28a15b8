//! `testcomponents.summation` adds up the inputs it has seen.

use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use parking_lot::Mutex;
use value::{Arguments, Exports};

pub static COMPONENT: Registration = Registration::of::<Summation>("testcomponents.summation", Stability::PublicPreview);

/// Adds up.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Args {
    /// What to add.
    #[alloy(attr)]
    input: i64,
}

/// The sum.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// The sum.
    #[alloy(attr)]
    sum: i64,
    /// What was added last.
    #[alloy(attr)]
    last_added: i64,
}

struct Summation {
    sum: Mutex<i64>,
    options: Options<Out>,
}

impl Component for Summation {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        let this = Self { sum: Mutex::new(0), options };
        this.update(args)?;
        Ok(this)
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        let sum = {
            let mut sum = self.sum.lock();
            *sum += args.input;
            *sum
        };
        self.options.export(Out { sum, last_added: args.input });
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        Ok(())
    }
}
