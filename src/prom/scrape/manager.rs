//! Keeps one running loop for each target.

use super::shared::Shared;
use super::target::Spec;
use super::target_loop::{Command, Status, TargetLoop};
use component::Shutdown;
use data::Labels;
use hashbrown::{HashMap, HashSet};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A target as the UI shows it.
#[derive(Clone)]
pub(super) struct Shown {
    pub(super) spec: Arc<Spec>,
    pub(super) status: Arc<Mutex<Status>>,
}

/// The loops of a component.
pub(super) struct Manager {
    shared: Arc<Shared>,
    stop: Shutdown,
    tasks: JoinSet<()>,
    running: Vec<Running>,
}

struct Running {
    spec: Arc<Spec>,
    commands: watch::Sender<Command>,
    status: Arc<Mutex<Status>>,
    leaving: bool,
}

impl Running {
    fn scrape(&mut self, spec: Arc<Spec>) {
        if self.leaving || *self.spec != *spec {
            self.leaving = false;
            self.commands.send_replace(Command::Scrape(Arc::clone(&spec)));
        }
        self.spec = spec;
    }
}

impl Manager {
    pub(super) fn new(shared: Arc<Shared>, stop: Shutdown) -> Self {
        Self { shared, stop, tasks: JoinSet::new(), running: Vec::new() }
    }

    /// Starts and stops loops so that each of the current targets has one. A loop whose target is there as before
    /// does not notice. A target that changed but has the same labels keeps its loop, so that its series go on.
    pub(super) fn sync(&mut self) -> Vec<Shown> {
        let start = Instant::now();
        let specs = self.specs();
        self.running.retain(|loop_| !loop_.commands.is_closed());
        let mut free: HashSet<usize> = (0..self.running.len()).collect();
        let by_identity: HashMap<u64, usize> = self.running.iter().enumerate().map(|(at, loop_)| (loop_.spec.identity, at)).collect();
        let mut rest = Vec::new();
        for spec in specs {
            match by_identity.get(&spec.identity).filter(|at| free.remove(*at)) {
                Some(at) => self.running[*at].scrape(spec),
                None => rest.push(spec),
            }
        }
        let by_labels: HashMap<Labels, usize> = free.iter().map(|at| (self.running[*at].spec.labels.clone(), *at)).collect();
        for spec in rest {
            match by_labels.get(&spec.labels).filter(|at| free.remove(*at)) {
                Some(at) => self.running[*at].scrape(spec),
                None => self.start(spec),
            }
        }
        for at in free {
            let gone = &mut self.running[at];
            if !std::mem::replace(&mut gone.leaving, true) {
                gone.commands.send_replace(Command::Leave);
            }
        }
        let metrics = &self.shared.metrics;
        metrics.syncs.inc();
        metrics.sync_length.observe(start.elapsed().as_secs_f64());
        self.check_limit()
    }

    /// The current targets, each once.
    fn specs(&self) -> Vec<Arc<Spec>> {
        let Shared { settings, context, metrics, .. } = &*self.shared;
        let settings = settings.load();
        let job = settings.job(context);
        let mut known = HashSet::new();
        let mut specs = Vec::with_capacity(settings.args.targets.len());
        for target in &settings.args.targets {
            match Spec::new(target, &settings.args, &job) {
                Ok(spec) if known.insert(spec.identity) => specs.push(Arc::new(spec)),
                Ok(_) => {}
                Err(error) => {
                    metrics.sync_failed.inc();
                    tracing::error!(component_id = %context.id, target = %target.0, %error, "a target cannot be scraped");
                }
            }
        }
        metrics.targets.set(settings.args.targets.len() as f64);
        specs
    }

    fn start(&mut self, spec: Arc<Spec>) {
        let (commands, receiver) = watch::channel(Command::Scrape(Arc::clone(&spec)));
        let status = Arc::<Mutex<Status>>::default();
        let work = TargetLoop::new(Arc::clone(&self.shared), receiver, Arc::clone(&status));
        self.tasks.spawn(work.run(self.stop.clone()));
        self.running.push(Running { spec, commands, status, leaving: false });
    }

    fn check_limit(&self) -> Vec<Shown> {
        let shown: Vec<Shown> = self
            .running
            .iter()
            .filter(|l| !l.leaving)
            .map(|l| Shown { spec: Arc::clone(&l.spec), status: Arc::clone(&l.status) })
            .collect();
        let metrics = &self.shared.metrics;
        let limit = self.shared.settings.load().args.target_limit;
        let over = limit > 0 && shown.len() as u64 > limit;
        metrics.pool_targets.set(shown.len() as f64);
        metrics.target_limit.set(limit as f64);
        metrics.target_limit_hit.add(u64::from(over));
        let message = || Arc::new(format!("target_limit exceeded (number of targets: {}, limit: {limit})", shown.len()));
        self.shared.forced.store(over.then(message));
        shown
    }

    /// Waits until a loop has ended: true when it ended badly and [`Self::sync`] has to start it again. For ever
    /// while none does.
    pub(super) async fn ended(&mut self) -> bool {
        match self.tasks.join_next().await {
            Some(Ok(())) => false,
            Some(Err(error)) => {
                tracing::error!(component_id = %self.shared.context.id, %error, "the loop of a target broke and is started again");
                true
            }
            None => std::future::pending().await,
        }
    }

    /// Waits until all loops have ended, after the stop.
    pub(super) async fn finish(mut self) {
        self.running.clear();
        while self.tasks.join_next().await.is_some() {}
    }
}
