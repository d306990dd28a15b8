//! `testcomponents.count` exports a number that goes up by one each tick, until `max`.

use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use parking_lot::Mutex;
use value::types::Duration;
use value::{Arguments, Exports};

pub static COMPONENT: Registration = Registration::of::<Count>("testcomponents.count", Stability::PublicPreview);

/// Counts.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Args {
    /// Time between two steps.
    #[alloy(attr)]
    frequency: Duration,
    /// The last number; 0 for no end.
    #[alloy(attr)]
    max: i64,
}

/// The number.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// The number.
    #[alloy(attr)]
    count: i64,
}

struct Count {
    args: Mutex<Args>,
    options: Options<Out>,
}

impl Component for Count {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        options.export(Out { count: 0 });
        Ok(Self { args: Mutex::new(args), options })
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        *self.args.lock() = args;
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        let mut count = 0;
        loop {
            let Args { frequency, max } = self.args.lock().clone();
            if stop.or(tokio::time::sleep(frequency.std())).await.is_none() {
                return Ok(());
            }
            if max == 0 || count < max {
                count += 1;
                self.options.export(Out { count });
            }
        }
    }
}
