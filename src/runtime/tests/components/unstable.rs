//! Components that need a flag.

use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};

pub static EXPERIMENTAL: Registration = Registration::of::<Idle>("testcomponents.experimental", Stability::Experimental);
pub static COMMUNITY: Registration = Registration::of::<Idle>("testcomponents.community", Stability::PublicPreview).community();

struct Idle;

impl Component for Idle {
    type Args = ();
    type Exports = ();

    fn build((): (), _options: Options<()>) -> Result<Self, BuildError> {
        Ok(Self)
    }

    fn update(&self, (): ()) -> Result<(), BuildError> {
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        Ok(())
    }
}
