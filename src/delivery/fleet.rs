//! The endpoints of one component: opened, reconfigured and closed as its arguments change.

use crate::Endpoint;
use crate::sender::{Meter, Settings};
use component::Shutdown;
use parking_lot::Mutex;
use queue::{OpenError, Options};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// A stopping endpoint gets rid of what it has for so long, unless the far end fails.
const GRACE: Duration = Duration::from_secs(5);

/// What an endpoint is made of.
pub struct Spec {
    /// What makes it the same endpoint after a reload and after a restart: its name, or its address.
    pub key: String,
    /// The limits of its queue; they count from the next start.
    pub options: Options,
    /// Where its requests go.
    pub settings: Settings,
    /// Is told what becomes of them; counts from the next start.
    pub meter: Arc<dyn Meter>,
}

/// The endpoints of one component, by key.
pub struct Fleet {
    dir: PathBuf,
    live: Mutex<BTreeMap<String, Arc<Endpoint>>>,
    changed: Notify,
}

struct Running {
    endpoint: Arc<Endpoint>,
    stop: Shutdown,
    task: JoinHandle<()>,
}

impl Fleet {
    /// No endpoints yet; their queues will lie in folders below `dir`.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), live: Mutex::default(), changed: Notify::new() }
    }

    /// Opens what is new, reconfigures what stays and lets go of what is gone. Gives the endpoints in the order of `specs`.
    ///
    /// # Errors
    /// When a queue cannot be opened; nothing is changed then.
    pub fn apply(&self, specs: Vec<Spec>) -> Result<Vec<Arc<Endpoint>>, OpenError> {
        let mut live = self.live.lock();
        let mut next = BTreeMap::new();
        let mut endpoints = Vec::with_capacity(specs.len());
        let mut reconfigured = Vec::new();
        for spec in specs {
            let known = live.get(&spec.key).or_else(|| next.get(&spec.key)).cloned();
            let endpoint = match known {
                Some(endpoint) => {
                    reconfigured.push((Arc::clone(&endpoint), spec.settings));
                    endpoint
                }
                None => Endpoint::open(&self.dir.join(folder_of(&spec.key)), spec.options, spec.settings, spec.meter)?,
            };
            next.insert(spec.key, Arc::clone(&endpoint));
            endpoints.push(endpoint);
        }
        for (endpoint, settings) in reconfigured {
            endpoint.configure(settings);
        }
        *live = next;
        self.changed.notify_one();
        Ok(endpoints)
    }

    /// Sends for all endpoints until `stop`, then closes their queues.
    pub async fn run(&self, stop: &Shutdown) {
        let mut running: BTreeMap<String, Running> = BTreeMap::new();
        loop {
            let live = self.live.lock().clone();
            let is_gone = |key: &String, r: &Running| !live.get(key).is_some_and(|e| Arc::ptr_eq(e, &r.endpoint));
            let gone: Vec<String> = running.iter().filter(|(k, r)| is_gone(k, r)).map(|(k, _)| k.clone()).collect();
            end(gone.iter().filter_map(|key| running.remove(key)).collect()).await;
            for (key, endpoint) in live {
                running.entry(key).or_insert_with(|| start(endpoint));
            }
            if stop.or(self.changed.notified()).await.is_none() {
                break;
            }
        }
        end(running.into_values().collect()).await;
    }
}

fn start(endpoint: Arc<Endpoint>) -> Running {
    let stop = Shutdown::new();
    let (sender, stopping) = (Arc::clone(&endpoint), stop.clone());
    let task = tokio::spawn(async move {
        if let Err(error) = sender.run(stopping, GRACE).await {
            tracing::error!("an endpoint does not send: {error}");
        }
    });
    Running { endpoint, stop, task }
}

async fn end(all: Vec<Running>) {
    for one in &all {
        one.stop.stop();
    }
    for one in all {
        // A panic there has been logged by the panic hook; the queue has everything.
        let _ended = one.task.await;
        let waiting = one.endpoint.pending();
        if waiting > 0 {
            tracing::info!(items = waiting, "what is not delivered stays on disk");
        }
        one.endpoint.close().await;
    }
}

/// A folder name for `key` that holds nothing of it: an address may hold credentials. FNV-1a, 64 bits.
fn folder_of(key: &str) -> PathBuf {
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    Path::new("queue").join(format!("{hash:016x}"))
}
