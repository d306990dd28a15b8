//! `prometheus.exporter.self` serves the program's own metrics to its own pipelines.

use std::sync::Arc;

use component::{BuildError, Component, Options, Registration, Registry, RunError, Shutdown, Stability};
use value::Arguments;

use crate::page::{Out, Page, Serve, host, target};

pub(crate) static COMPONENT: Registration = Registration::of::<SelfExporter>("prometheus.exporter.self", Stability::GenerallyAvailable);

/// Serves the program's own metrics, so that `prometheus.scrape` can send them on.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Args {}

struct SelfExporter {
    /// The page is taken away when this is dropped.
    _options: Options<Out>,
}

struct Own(Arc<Registry>);

impl Page for Own {
    fn page(&self) -> String {
        self.0.render()
    }
}

impl Component for SelfExporter {
    type Args = Args;
    type Exports = Out;

    fn build(_: Args, options: Options<Out>) -> Result<Self, BuildError> {
        options.mount(Arc::new(Serve(Arc::new(Own(Arc::clone(&options.services.metrics))))));
        options.export(target(&options, "self", &host(&options)));
        Ok(SelfExporter { _options: options })
    }

    fn update(&self, _: Args) -> Result<(), BuildError> {
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::testing::build;
    use component::ComponentId;

    #[tokio::test]
    async fn serves_the_registry() {
        let built = build(&COMPONENT, ComponentId::root("prometheus.exporter.self.d"), &Args {});
        let scope = built.services.metrics.scope(&[]);
        scope.read_gauge("up_to_date", "Fresh.", &[], || 1.5);
        let page = built.get("prometheus.exporter.self.d/metrics").await;
        assert!(page.contains("# TYPE up_to_date gauge\nup_to_date 1.5\n"), "{page}");
        let exports = format!("{:?}", built.seen.lock());
        assert!(exports.contains("integrations/self") && exports.contains("prometheus.exporter.self.d/metrics"), "{exports}");
    }
}
