//! Running components: started after what they read, stopped before it, started again when they end by themselves.

use crate::controller::{Controller, Loaded};
use crate::node::component::panic_text;
use crate::node::{ComponentNode, Node};
use component::{HealthState, RunError, Shutdown};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// A component that has run this long after an end by itself counts as healthy again.
const PROVEN: Duration = Duration::from_secs(10);
/// How long components that a reload removed have to stop before they are abandoned.
const REMOVAL_BUDGET: Duration = Duration::from_secs(10);

struct Task {
    node: Node,
    stop: Shutdown,
    handle: JoinHandle<()>,
}

/// Tasks must not outlive their module, even when that is abandoned.
impl Drop for Task {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

/// The running nodes of a module.
pub(crate) struct Schedule {
    tasks: HashMap<String, Task>,
    loaded: Option<Arc<Loaded>>,
    /// How long the modules inside have to stop.
    budget: Duration,
}

impl Controller {
    /// Runs the module until `stop`, then stops its components within `budget`, those that feed others first.
    pub async fn run(self: Arc<Self>, stop: Shutdown, budget: Duration) {
        let mut schedule = Schedule { tasks: HashMap::new(), loaded: None, budget };
        let propagation = {
            let (this, stop) = (Arc::clone(&self), stop.child());
            tokio::spawn(async move { this.propagate(&stop).await })
        };
        schedule.follow(self.loaded.load_full()).await;
        while stop.or(self.reloaded_signal.notified()).await.is_some() {
            schedule.follow(self.loaded.load_full()).await;
        }
        schedule.stop_all(Instant::now() + budget).await;
        // Propagation ends with `stop`; an error would be its panic, which is logged by the panic hook.
        let _ended = propagation.await;
    }
}

impl Schedule {
    /// Stops what is gone, then starts what is new.
    async fn follow(&mut self, loaded: Arc<Loaded>) {
        let gone = |task: &Task| !loaded.has(&task.node);
        let ids: Vec<String> = self.tasks.iter().filter(|(_, task)| gone(task)).map(|(id, _)| id.clone()).collect();
        if !ids.is_empty() {
            self.stop(&ids, Instant::now() + REMOVAL_BUDGET).await;
        }
        for index in &loaded.graph().order {
            self.start(&loaded.nodes[*index]);
        }
        self.loaded = Some(loaded);
    }

    fn start(&mut self, node: &Node) {
        let Some(id) = node.id() else { return };
        if self.tasks.contains_key(&id.local) {
            return;
        }
        let (stop, budget) = (Shutdown::new(), self.budget);
        let handle = match node.clone() {
            Node::Component(node) => tokio::spawn(supervise(node, stop.clone())),
            // Boxed, because the modules inside run the same way.
            Node::Custom(node) => tokio::spawn(boxed(node.run(stop.clone(), budget))),
            Node::Foreach(node) => tokio::spawn(boxed(node.run(stop.clone(), budget))),
            Node::Import(node) => tokio::spawn(boxed(node.run(stop.clone(), budget))),
            Node::Argument(_) | Node::Export(_) | Node::Inert => return,
        };
        self.tasks.insert(id.local.clone(), Task { node: node.clone(), stop, handle });
    }

    async fn stop_all(&mut self, deadline: Instant) {
        let ids: Vec<String> = self.tasks.keys().cloned().collect();
        self.stop(&ids, deadline).await;
    }

    /// Stops the tasks of `ids`: those that nobody of them reads first, each group at once.
    async fn stop(&mut self, ids: &[String], deadline: Instant) {
        let mut waiting: HashMap<String, Task> = ids.iter().filter_map(|id| self.tasks.remove_entry(id)).collect();
        for group in self.groups(&waiting) {
            let tasks: Vec<Task> = group.iter().filter_map(|id| waiting.remove(id)).collect();
            for task in &tasks {
                task.stop.stop();
            }
            for mut task in tasks {
                if tokio::time::timeout_at(deadline, &mut task.handle).await.is_err() {
                    let id = task.node.id().map(ToString::to_string).unwrap_or_default();
                    tracing::warn!(component_id = id, "component did not stop in time and is abandoned");
                    task.handle.abort();
                }
            }
        }
    }

    /// Layers of `tasks`, readers before what they read.
    fn groups(&self, tasks: &HashMap<String, Task>) -> Vec<Vec<String>> {
        let Some(loaded) = &self.loaded else { return vec![tasks.keys().cloned().collect()] };
        let mut depth = vec![0_usize; loaded.nodes.len()];
        let mut layers: Vec<Vec<String>> = Vec::new();
        for index in loaded.graph().order.iter().rev() {
            for reference in &loaded.graph().references[*index] {
                depth[reference.target] = depth[reference.target].max(depth[*index] + 1);
            }
            let id = &loaded.plan().nodes[*index].id;
            if tasks.contains_key(id) {
                layers.resize_with(layers.len().max(depth[*index] + 1), Vec::new);
                layers[depth[*index]].push(id.clone());
            }
        }
        layers
    }
}

fn boxed(run: impl Future<Output = ()> + Send + 'static) -> BoxFuture<'static, ()> {
    Box::pin(run)
}

/// Runs a component, and runs it again after a pause when it ends by itself.
async fn supervise(node: Arc<ComponentNode>, stop: Shutdown) {
    let mut pause = FIRST_PAUSE;
    let mut proven = true;
    while !stop.is_stopping() {
        let Some(instance) = node.instance() else {
            // Waits for the evaluation that builds it.
            if stop.or(tokio::time::sleep(FIRST_PAUSE / 4)).await.is_none() {
                return;
            }
            continue;
        };
        if proven {
            node.running(HealthState::Healthy, "started component");
        }
        let started = Instant::now();
        let mut run = Box::pin(AssertUnwindSafe(instance.run(stop.clone())).catch_unwind());
        let result = match tokio::time::timeout(PROVEN, &mut run).await {
            Ok(result) => result,
            Err(_) => {
                node.running(HealthState::Healthy, "started component");
                run.await
            }
        };
        if stop.is_stopping() {
            return;
        }
        proven = false;
        if started.elapsed() > PROVEN {
            pause = FIRST_PAUSE;
        }
        let cause = ended(result);
        node.running(HealthState::Exited, format!("component ended: {cause}"));
        tracing::error!(component_id = %node.context.id, restart_in = ?pause, "component ended: {cause}");
        if stop.or(tokio::time::sleep(pause)).await.is_none() {
            return;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn ended(result: Result<Result<(), RunError>, Box<dyn std::any::Any + Send>>) -> String {
    match result {
        Ok(Ok(())) => "it had nothing left to do".into(),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => format!("it panicked, which is a bug: {}", panic_text(&*panic)),
    }
}
