//! The component around the loops.

use super::args::Args;
use super::manager::{Manager, Shown};
use super::metrics::Metrics;
use super::shared::{Settings, Shared};
use super::target_loop::rfc3339;
use crate::forward::Forward;
use arc_swap::{ArcSwap, ArcSwapOption};
use component::{BuildError, Component, Context, Options, RunError, Shutdown, Stability};
use parking_lot::Mutex;
use std::hash::BuildHasher;
use std::sync::Arc;
use tokio::sync::Notify;
use value::types::Duration;
use value::{IntoValue, Node, Value};

/// `prometheus.scrape`
pub(super) struct Scrape {
    shared: Arc<Shared>,
    changed: Notify,
    targets: Mutex<Vec<Shown>>,
}

impl Component for Scrape {
    type Args = Args;
    type Exports = ();

    fn build(args: Args, options: Options<()>) -> Result<Self, BuildError> {
        let context = Arc::clone(options.context());
        check(&args, &context)?;
        let out = Forward::new(&context);
        out.set(args.forward_to.clone());
        let settings = Settings::new(args)?;
        let metrics = Metrics::new(&context, &settings.job(&context));
        let seed = foldhash::fast::FixedState::with_seed(0x0ff5).hash_one(&context.services.hostname);
        let settings = ArcSwap::from_pointee(settings);
        let shared = Shared { context, settings, out, metrics, forced: ArcSwapOption::empty(), seed, intervals: Mutex::default() };
        Ok(Self { shared: Arc::new(shared), changed: Notify::new(), targets: Mutex::default() })
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        let metrics = &self.shared.metrics;
        metrics.reloads.inc();
        let made = check(&args, &self.shared.context).and_then(|()| Ok((args.forward_to.clone(), Settings::new(args)?)));
        let (forward_to, settings) = made.inspect_err(|_| metrics.reloads_failed.inc())?;
        self.shared.out.set(forward_to);
        self.shared.settings.store(Arc::new(settings));
        self.changed.notify_one();
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        let mut manager = Manager::new(Arc::clone(&self.shared), stop.clone());
        loop {
            *self.targets.lock() = manager.sync();
            loop {
                tokio::select! {
                    () = stop.wait() => {
                        manager.finish().await;
                        return Ok(());
                    }
                    () = self.changed.notified() => break,
                    broken = manager.ended() => if broken { break },
                }
            }
        }
    }

    fn debug_info(&self) -> Vec<Node> {
        let job = self.shared.settings.load().job(&self.shared.context);
        let mut targets = self.targets.lock().clone();
        targets.sort_by(|a, b| a.spec.url.cmp(&b.spec.url).then_with(|| a.spec.labels.cmp(&b.spec.labels)));
        targets.iter().map(|target| show(target, &job)).collect()
    }
}

/// Checks what depends on the process.
fn check(args: &Args, context: &Context) -> Result<(), BuildError> {
    let experimental = [
        ("honor_metadata", args.honor_metadata),
        ("enable_type_and_unit_labels", args.enable_type_and_unit_labels),
        ("start_timestamp_zero_ingestion", args.start_timestamp_zero_ingestion),
    ];
    match experimental.iter().find(|(_, set)| *set) {
        Some((name, _)) if context.services.stability != Stability::Experimental => {
            Err(BuildError::of(name, format!("`{name}` is experimental")).hint("start the program with --stability.level=experimental"))
        }
        _ => Ok(()),
    }
}

fn show(target: &Shown, job: &str) -> Node {
    let status = target.status.lock().clone();
    let health = match (&status.at, &status.error) {
        (None, _) => "unknown",
        (Some(_), None) => "up",
        (Some(_), Some(_)) => "down",
    };
    let at = match status.at {
        Some(at) => rfc3339(at),
        None => "0001-01-01T00:00:00Z".to_owned(),
    };
    let labels = Value::object(target.spec.labels.iter().map(|(name, value)| (name, Value::string(value))));
    let mut body = vec![
        Node::Attr("job".into(), Value::string(job)),
        Node::Attr("url".into(), Value::string(&target.spec.url)),
        Node::Attr("health".into(), Value::string(health)),
        Node::Attr("labels".into(), labels),
    ];
    if let Some(error) = &status.error {
        body.push(Node::Attr("last_error".into(), Value::string(error)));
    }
    body.push(Node::Attr("last_scrape".into(), Value::string(&at)));
    if !status.took.is_zero() {
        body.push(Node::Attr("last_scrape_duration".into(), Duration::from(status.took).into_value()));
    }
    Node::Block { name: "target".into(), label: None, body }
}
