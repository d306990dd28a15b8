//! `testcomponents.pulse` sends 1 at each tick, `max` times.

use super::capsules::Receiver;
use component::{BuildError, Component, Counter, Options, Registration, RunError, Shutdown, Stability};
use parking_lot::Mutex;
use value::Arguments;
use value::types::Duration;

pub static COMPONENT: Registration = Registration::of::<Pulse>("testcomponents.pulse", Stability::PublicPreview);

/// Sends ones.
#[derive(Arguments, Clone, PartialEq)]
struct Args {
    /// Time between two.
    #[alloy(attr)]
    frequency: Duration,
    /// How many; 0 for no end.
    #[alloy(attr)]
    max: i64,
    /// Who gets them.
    #[alloy(attr, optional)]
    forward_to: Vec<Receiver<i64>>,
}

struct Pulse {
    args: Mutex<Args>,
    sent: Counter,
}

impl Component for Pulse {
    type Args = Args;
    type Exports = ();

    fn build(args: Args, options: Options<()>) -> Result<Self, BuildError> {
        let sent = options.metrics.counter("pulse_count", "Ones sent.");
        Ok(Self { args: Mutex::new(args), sent })
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        *self.args.lock() = args;
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        let mut count = 0;
        loop {
            let args = self.args.lock().clone();
            if stop.or(tokio::time::sleep(args.frequency.std())).await.is_none() {
                return Ok(());
            }
            if args.max == 0 || count < args.max {
                count += 1;
                self.sent.inc();
                args.forward_to.iter().for_each(|to| (to.0)(1));
            }
        }
    }
}
