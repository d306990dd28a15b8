//! `loki.source.file` reads lines from files as they are written.

mod args;
mod compressed;
mod generation;
mod identity;
mod lines;
mod siblings;
mod store;
mod tail;
mod targets;
mod task;
#[cfg(test)]
mod tests;
mod watch;

use crate::source::deliver::Outlet;
use crate::source::positions::Key;
use arc_swap::ArcSwap;
use args::Args;
use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use data::Labels;
use lines::Text;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::Store;
use task::{Shared, TailOptions, Task};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use value::{IntoValue, Node};
use watch::Watcher;

pub(crate) static COMPONENT: Registration = Registration::of::<FileSource>("loki.source.file", Stability::GenerallyAvailable);

/// How often positions are written.
const SAVE_EVERY: Duration = Duration::from_secs(2);
/// How often positions of files that are gone are looked for.
const FORGET_EVERY: Duration = Duration::from_secs(10);

struct FileSource {
    args: ArcSwap<Args>,
    shared: Arc<Shared>,
    stop: Shutdown,
    changed: Notify,
    tails: Mutex<HashMap<Key, Running>>,
}

/// A tail at work.
struct Running {
    options: TailOptions,
    stop: Shutdown,
    ending: Arc<AtomicBool>,
    running: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Component for FileSource {
    type Args = Args;
    type Exports = ();

    fn build(args: Args, options: Options<()>) -> Result<Self, BuildError> {
        let context = Arc::clone(options.context());
        let legacy = (!args.legacy_positions_file.is_empty()).then(|| Path::new(&args.legacy_positions_file));
        let store = Store::open(&context.data_path(), legacy).map_err(BuildError::new)?;
        let stop = Shutdown::new();
        let metrics = &context.metrics;
        let shared = Shared {
            outlet: Outlet::new(&context, args.forward_to.clone()),
            store,
            watcher: Watcher::new(stop.clone()),
            active: metrics.gauge("loki_source_file_files_active_total", "Number of active files."),
            pieces: metrics.counter("ferroalloy_source_file_cut_lines_total", "Pieces that lines longer than 1 MiB were cut into."),
            lost: metrics
                .counter("ferroalloy_source_file_unread_bytes_total", "Bytes of rotated files that were closed before they were read."),
            context,
        };
        let source =
            Self { args: ArcSwap::from_pointee(args), shared: Arc::new(shared), stop, changed: Notify::new(), tails: Mutex::default() };
        Ok(source)
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        self.shared.outlet.set(args.forward_to.clone());
        self.args.store(Arc::new(args));
        self.changed.notify_one();
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        let mut save = tokio::time::interval(SAVE_EVERY);
        let mut forget = tokio::time::interval(FORGET_EVERY);
        let mut find = Box::pin(tokio::time::sleep(Duration::ZERO));
        loop {
            let args = self.args.load_full();
            tokio::select! {
                () = stop.wait() => break,
                () = self.changed.notified() => self.reconcile(&self.args.load_full()).await,
                () = &mut find => {
                    self.reconcile(&args).await;
                    // Files that do not exist yet are waited for by their tails; only patterns need another look.
                    let period = if args.file_match.enabled { args.file_match.sync_period.std() } else { Duration::from_secs(3600) };
                    find = Box::pin(tokio::time::sleep(period));
                }
                _ = save.tick() => self.save().await,
                _ = forget.tick() => self.forget().await,
            }
        }
        self.finish().await;
        Ok(())
    }

    fn debug_info(&self) -> Vec<Node> {
        let tails = self.tails.lock();
        let mut keys: Vec<_> = tails.iter().map(|(key, tail)| (key, tail.running.load(Ordering::SeqCst))).collect();
        keys.sort();
        let block = |(key, running): (&Key, bool)| {
            let offset = self.shared.store.positions.get(key).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
            let body = vec![
                Node::Attr("path".into(), key.path.into_value()),
                Node::Attr("labels".into(), key.labels.into_value()),
                Node::Attr("is_running".into(), running.into_value()),
                Node::Attr("read_offset".into(), offset.into_value()),
            ];
            Node::Block { name: "targets_info".into(), label: None, body }
        };
        keys.into_iter().map(block).collect()
    }
}

impl FileSource {
    /// Starts tails of new targets, and lets tails of targets that are gone read the rest and end.
    async fn reconcile(&self, args: &Arc<Args>) {
        if let Err(error) = Text::by_name(&args.encoding) {
            self.shared.context.health.unhealthy(error);
            return;
        }
        let wanted = {
            let args = Arc::clone(args);
            // Walking folders blocks.
            tokio::task::spawn_blocking(move || targets::resolve(&args)).await.unwrap_or_default()
        };
        match wanted.errors.first() {
            Some(error) => self.shared.context.health.unhealthy(error.clone()),
            None => self.shared.context.health.healthy(format!("{} files", wanted.files.len())),
        }
        let options = TailOptions::of(args);
        for tail in self.outdated(&wanted.files, &options) {
            // A tail that is started again must have put down where it stopped.
            tail.stop.stop();
            let _ended = tail.task.await;
        }
        let mut tails = self.tails.lock();
        tails.retain(|key, tail| {
            if !wanted.files.contains_key(key) {
                tail.ending.store(true, Ordering::SeqCst);
            }
            !tail.task.is_finished()
        });
        // Before any of them looks at what the others have.
        wanted.files.keys().for_each(|key| self.shared.store.set_active(key, true));
        for (key, labels) in wanted.files {
            tails.entry(key.clone()).or_insert_with(|| self.start(key, labels, options.clone()));
        }
    }

    /// Takes out tails that go on with other options.
    fn outdated(&self, wanted: &HashMap<Key, Labels>, options: &TailOptions) -> Vec<Running> {
        let mut tails = self.tails.lock();
        let is_outdated =
            |(key, tail): (&Key, &Running)| wanted.contains_key(key) && (tail.options != *options || tail.ending.load(Ordering::SeqCst));
        let keys: Vec<Key> = tails.iter().filter(|pair| is_outdated(*pair)).map(|(key, _)| key.clone()).collect();
        keys.iter().filter_map(|key| tails.remove(key)).collect()
    }

    fn start(&self, key: Key, labels: Labels, options: TailOptions) -> Running {
        let (stop, ending, running) = (self.stop.child(), Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let task = Task {
            key,
            labels,
            options: options.clone(),
            shared: Arc::clone(&self.shared),
            ending: Arc::clone(&ending),
            running: Arc::clone(&running),
        };
        Running { options, task: tokio::spawn(task.run(stop.clone())), stop, ending, running }
    }

    async fn save(&self) {
        let shared = Arc::clone(&self.shared);
        // The store says itself what failed; an error to join means that the process ends.
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || shared.store.save()).await {
            tracing::error!(component_id = %self.shared.context.id, "{error}");
        }
    }

    async fn forget(&self) {
        let shared = Arc::clone(&self.shared);
        let read: Vec<Key> = self.tails.lock().keys().cloned().collect();
        let read: std::collections::HashSet<Key> = read.into_iter().collect();
        let _joined = tokio::task::spawn_blocking(move || shared.store.forget_gone(|key| read.contains(key))).await;
    }

    /// Stops all tails and writes where they stopped.
    async fn finish(&self) {
        /// A read that hangs must not hold up the program.
        const PATIENCE: Duration = Duration::from_secs(8);
        self.stop.stop();
        let tails: Vec<Running> = self.tails.lock().drain().map(|(_, tail)| tail).collect();
        let all = async {
            for tail in tails {
                let _ended = tail.task.await;
            }
        };
        let _in_time = tokio::time::timeout(PATIENCE, all).await;
        self.save().await;
    }
}
