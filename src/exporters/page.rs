//! What all exporter components share: the target they export and the way their page is served.

use std::sync::Arc;

use component::{Context, HttpHandler, HttpRequest, HttpResponse};
use futures_util::future::BoxFuture;
use value::Exports;
use value::types::Target;

use crate::base::CONTENT_TYPE;

/// What an exporter component exports.
#[derive(Exports, Clone, Debug, PartialEq)]
pub(crate) struct Out {
    /// The exporter's page as a target. Give it to `prometheus.scrape`.
    #[alloy(attr)]
    pub(crate) targets: Vec<Target>,
}

/// The one target of an exporter: its page, reached without a socket.
pub(crate) fn target(context: &Context, exporter: &str, instance: &str) -> Out {
    let id = context.id.to_string();
    let labels = [
        ("__address__", context.services.memory_address.clone()),
        ("__meta_component_id", id.clone()),
        ("__meta_component_name", name(&id, context.kind).to_owned()),
        ("__metrics_path__", format!("/api/v0/component/{id}/metrics")),
        ("__scheme__", "http".to_owned()),
        ("instance", instance.to_owned()),
        ("job", format!("integrations/{exporter}")),
    ];
    Out { targets: vec![Target(labels.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())] }
}

/// The id without its label. A component without a label is its own name.
fn name<'a>(id: &'a str, kind: &str) -> &'a str {
    if id == kind { id } else { id.rsplit_once('.').map_or(id, |(name, _)| name) }
}

/// The instance of exporters that look at this machine: `$HOSTNAME`, else the kernel's name for it.
pub(crate) fn host(context: &Context) -> String {
    std::env::var("HOSTNAME").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| context.services.hostname.clone())
}

/// Writes the page of an exporter. May block: it runs where blocking is allowed.
pub(crate) trait Page: Send + Sync + 'static {
    /// The page in the text format.
    fn page(&self) -> String;
}

/// Serves a page at every path, as the original does.
pub(crate) struct Serve<P>(pub(crate) Arc<P>);

impl<P: Page> HttpHandler for Serve<P> {
    fn handle(&self, _: HttpRequest) -> BoxFuture<'_, HttpResponse> {
        let page = Arc::clone(&self.0);
        Box::pin(async move {
            match tokio::task::spawn_blocking(move || page.page()).await {
                Ok(text) => HttpResponse::ok(CONTENT_TYPE, text),
                Err(error) => {
                    tracing::error!(%error, "cannot make the page of the exporter");
                    HttpResponse::text(500, "the page could not be made; the log tells why\n")
                }
            }
        })
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! Builds exporter components and reads their page, as the server would.

    use super::*;
    use component::{AnyArguments, ComponentId, HttpBody, Instance, Registration, Services};
    use parking_lot::Mutex;
    use value::Value;

    /// Exports in the order in which they came.
    pub(crate) type Seen = Arc<Mutex<Vec<Vec<(&'static str, Value)>>>>;

    /// A component that was built, what it exports, and the services it was given.
    pub(crate) struct Built {
        pub(crate) instance: Arc<dyn Instance>,
        pub(crate) seen: Seen,
        pub(crate) services: Arc<Services>,
    }

    pub(crate) fn build(registration: &Registration, id: ComponentId, args: &dyn AnyArguments) -> Built {
        let services = Arc::new(Services { hostname: "this-host".to_owned(), ..Services::new("/tmp") });
        let seen = Seen::default();
        let sink = Arc::clone(&seen);
        let context = Context::new(id, registration.name, Arc::clone(&services), Box::new(move |exports| sink.lock().push(exports)));
        let instance = (registration.build)(args, context).expect("the arguments are valid");
        Built { instance, seen, services }
    }

    impl Built {
        /// The page at a path below `/api/v0/component/`.
        pub(crate) async fn get(&self, path: &str) -> String {
            let (handler, rest) = self.services.mounts.find(path).expect("the page is mounted");
            let response = handler.handle(HttpRequest::get(&rest)).await;
            assert_eq!((response.status, response.headers[0].1.as_str()), (200, CONTENT_TYPE));
            match response.body {
                HttpBody::Full(bytes) => String::from_utf8(bytes.to_vec()).expect("the page is text"),
                HttpBody::Stream(_) => String::new(),
            }
        }
    }

    #[test]
    fn names() {
        assert_eq!(name("prometheus.exporter.unix.d", "prometheus.exporter.unix"), "prometheus.exporter.unix");
        assert_eq!(name("prometheus.exporter.unix", "prometheus.exporter.unix"), "prometheus.exporter.unix");
        assert_eq!(name("m.x/prometheus.exporter.unix.d", "prometheus.exporter.unix"), "m.x/prometheus.exporter.unix");
    }
}
