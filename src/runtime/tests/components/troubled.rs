//! Components that show the order of stopping, and that panic.

use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use value::{Arguments, Exports};

pub static ORDERED: Registration = Registration::of::<Ordered>("testcomponents.ordered", Stability::PublicPreview);
pub static PANICKING: Registration = Registration::of::<Panicking>("testcomponents.panicking", Stability::PublicPreview);

static STOPPED: Mutex<BTreeMap<String, Vec<String>>> = Mutex::new(BTreeMap::new());
static RUNS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

/// Components of one test in the order in which they stopped.
pub struct Stops;

impl Stops {
    pub fn of(test: &str) -> Vec<String> {
        STOPPED.lock().get(test).cloned().unwrap_or_default()
    }
}

/// How often the panicking components of a test were run.
pub fn runs_of(test: &str) -> usize {
    RUNS.lock().get(test).copied().unwrap_or_default()
}

/// Notes when it stops.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct OrderedArgs {
    /// The test.
    #[alloy(attr)]
    test: String,
    /// What it reads.
    #[alloy(attr, optional)]
    reads: Vec<String>,
}

/// Its name.
#[derive(Exports, Clone, PartialEq)]
struct Name {
    /// Its name.
    #[alloy(attr)]
    name: String,
}

struct Ordered {
    args: OrderedArgs,
    options: Options<Name>,
}

impl Component for Ordered {
    type Args = OrderedArgs;
    type Exports = Name;

    fn build(args: OrderedArgs, options: Options<Name>) -> Result<Self, BuildError> {
        options.export(Name { name: options.id.local.clone() });
        Ok(Self { args, options })
    }

    fn update(&self, _args: OrderedArgs) -> Result<(), BuildError> {
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        STOPPED.lock().entry(self.args.test.clone()).or_default().push(self.options.id.local.clone());
        Ok(())
    }
}

/// Panics when it runs for the first time.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct PanickingArgs {
    /// The test.
    #[alloy(attr)]
    test: String,
}

struct Panicking(Arc<str>);

impl Component for Panicking {
    type Args = PanickingArgs;
    type Exports = ();

    fn build(args: PanickingArgs, _options: Options<()>) -> Result<Self, BuildError> {
        Ok(Self(args.test.into()))
    }

    fn update(&self, _args: PanickingArgs) -> Result<(), BuildError> {
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        let run = {
            let mut runs = RUNS.lock();
            let runs = runs.entry(self.0.to_string()).or_default();
            *runs += 1;
            *runs
        };
        assert!(run > 1, "the first run panics on purpose");
        stop.wait().await;
        Ok(())
    }
}
