//! For tests of components: a [`Driver`] that runs one from configuration text, as production would.
//!
//! The text is the inside of the component's block. In it `capture.metrics` and `capture.logs` are receivers whose
//! batches the driver keeps. Not covered: references between components, reload of a whole configuration, the server.

use crate::contract::Instance;
use crate::health::Health;
use crate::id::ComponentId;
use crate::options::Context;
use crate::registration::Registration;
use crate::services::Services;
use crate::shutdown::Shutdown;
use arc_swap::ArcSwap;
use data::receiver::{Receiver, SendError, Signal, Sink};
use data::{LogBatch, LogsReceiver, MetricBatch, MetricsReceiver};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use syntax::diag::any_errors;
use syntax::{Diagnostic, Source, Span};
use tokio::task::JoinHandle;
use value::{DecodeCx, FromValue, IntoValue, Lookup, Scope, Value};

/// How long a test waits for a condition.
const PATIENCE: Duration = Duration::from_secs(20);

/// Keeps the batches it is sent.
pub struct Capture<B> {
    batches: Mutex<Vec<B>>,
    refusals: AtomicUsize,
}

impl<B> Default for Capture<B> {
    fn default() -> Self {
        Self { batches: Mutex::default(), refusals: AtomicUsize::new(0) }
    }
}

impl<B: Clone> Capture<B> {
    /// What came so far.
    pub fn batches(&self) -> Vec<B> {
        self.batches.lock().clone()
    }

    /// What came so far, taken out.
    pub fn take(&self) -> Vec<B> {
        std::mem::take(&mut self.batches.lock())
    }

    /// Asks the next `n` senders to try again later.
    pub fn refuse(&self, n: usize) {
        self.refusals.store(n, Ordering::SeqCst);
    }
}

impl<B: Signal> Sink<B> for Capture<B> {
    fn send(&self, batch: B) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            let refuse = |n: usize| n.checked_sub(1);
            if self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, refuse).is_ok() {
                return Err(SendError::Retry("refused by the test".into()));
            }
            self.batches.lock().push(batch);
            Ok(())
        })
    }
}

/// One component, running.
pub struct Driver {
    registration: &'static Registration,
    instance: Arc<dyn Instance>,
    context: Arc<Context>,
    exports: Arc<ArcSwap<Value>>,
    scope: Captured,
    stop: Shutdown,
    task: JoinHandle<Result<(), crate::RunError>>,
}

struct Captured {
    metrics: Arc<Capture<MetricBatch>>,
    logs: Arc<Capture<LogBatch>>,
    values: Value,
    given: Value,
}

impl Captured {
    fn new() -> Self {
        let (metrics, logs) = (Arc::<Capture<MetricBatch>>::default(), Arc::<Capture<LogBatch>>::default());
        let metrics_receiver: MetricsReceiver = Receiver::new("capture.metrics", metrics.clone());
        let logs_receiver: LogsReceiver = Receiver::new("capture.logs", logs.clone());
        let values = Value::object([("metrics", metrics_receiver.into_value()), ("logs", logs_receiver.into_value())]);
        Self { metrics, logs, values, given: Value::Null }
    }
}

impl Scope for Captured {
    fn lookup(&self, path: &[&str]) -> Lookup {
        match path {
            ["capture", ..] => Lookup::Found { value: self.values.clone(), used: 1 },
            ["given", ..] => Lookup::Found { value: self.given.clone(), used: 1 },
            _ => Lookup::Missing,
        }
    }
}

impl Driver {
    /// Builds and runs the component with these arguments, with files in a folder of its own under the system's
    /// temporary folder.
    ///
    /// # Errors
    /// The diagnostics as text when the arguments are refused.
    pub fn start(registration: &'static Registration, text: &str) -> Result<Self, String> {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("ferroalloy-test-{}-{run}", std::process::id()));
        Self::start_with(registration, text, Services::new(folder))
    }

    /// The same with other services: a storage folder that outlives the driver, a fixed clock.
    ///
    /// # Errors
    /// The diagnostics as text when the arguments are refused.
    pub fn start_with(registration: &'static Registration, text: &str, services: Services) -> Result<Self, String> {
        Self::start_given(registration, text, services, Value::Null)
    }

    /// The same with values that text cannot write, such as relabelling rules: `given` is what `given` stands for.
    ///
    /// # Errors
    /// The diagnostics as text when the arguments are refused.
    pub fn start_given(registration: &'static Registration, text: &str, services: Services, given: Value) -> Result<Self, String> {
        let exports: Arc<ArcSwap<Value>> = Arc::new(ArcSwap::from_pointee(Value::Null));
        let cell = Arc::clone(&exports);
        let export = Box::new(move |values: Vec<(&'static str, Value)>| cell.store(Arc::new(Value::object(values))));
        let id = ComponentId::root(format!("{}.test", registration.name));
        let context = Context::new(id, registration.name, Arc::new(services), export);
        let scope = Captured { given, ..Captured::new() };
        let args = decode(registration, text, &scope)?;
        let instance = (registration.build)(&*args, Arc::clone(&context)).map_err(|e| e.to_string())?;
        let stop = Shutdown::new();
        let task = tokio::spawn(Arc::clone(&instance).run(stop.clone()));
        Ok(Self { registration, instance, context, exports, scope, stop, task })
    }

    /// Gives it new arguments.
    ///
    /// # Errors
    /// The diagnostics as text when they are refused.
    pub fn update(&self, text: &str) -> Result<(), String> {
        let args = decode(self.registration, text, &self.scope)?;
        self.instance.update(&*args).map_err(|e| e.to_string())
    }

    /// An export, or `null`.
    pub fn export(&self, name: &str) -> Value {
        match &**self.exports.load() {
            Value::Object(object) => object.get(name).cloned().unwrap_or_default(),
            _ => Value::Null,
        }
    }

    /// Sends to the exported `receiver`.
    ///
    /// # Errors
    /// When there is no such export, or when the receiver refuses.
    pub async fn send<B: Signal>(&self, batch: B) -> Result<(), SendError> {
        let receiver = Receiver::<B>::from_value(&self.export("receiver")).map_err(|e| SendError::Retry(e.message))?;
        receiver.send(batch).await
    }

    /// Samples that came to `capture.metrics`.
    pub fn metrics(&self) -> &Capture<MetricBatch> {
        &self.scope.metrics
    }

    /// Lines that came to `capture.logs`.
    pub fn logs(&self) -> &Capture<LogBatch> {
        &self.scope.logs
    }

    /// Every line that came, as `{labels} line`, for comparing text.
    pub fn log_lines(&self) -> Vec<String> {
        let batches = self.scope.logs.batches();
        let streams = batches.iter().flat_map(|batch| batch.iter());
        streams.flat_map(|s| s.entries.iter().map(|e| format!("{} {}", s.labels, e.text()))).collect()
    }

    /// What the component says of itself.
    pub fn health(&self) -> Option<Health> {
        self.context.health.get()
    }

    /// What the component was given.
    pub fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// What the UI would show of its inner state.
    pub fn debug_info(&self) -> Vec<value::Node> {
        self.instance.debug_info()
    }

    /// Waits until `condition` holds; false when it does not for a long time.
    pub async fn wait_for(&self, condition: impl Fn(&Self) -> bool) -> bool {
        let poll = async {
            while !condition(self) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, poll).await.is_ok()
    }

    /// Stops it and waits for its end.
    ///
    /// # Errors
    /// What it ended with, or that it did not end.
    pub async fn stop(self) -> Result<(), String> {
        self.stop.stop();
        match tokio::time::timeout(PATIENCE, self.task).await {
            Ok(Ok(result)) => result.map_err(|e| e.to_string()),
            Ok(Err(panic)) => Err(panic.to_string()),
            Err(_) => Err("it did not stop".into()),
        }
    }
}

fn decode(registration: &'static Registration, text: &str, scope: &dyn Scope) -> Result<Box<dyn crate::AnyArguments>, String> {
    let source = Source::new("test.alloy", text);
    let parsed = syntax::parse(&source);
    let mut diagnostics = parsed.diagnostics;
    let mut cx = DecodeCx::default();
    let body = value::eval::evaluate_body(&parsed.file.body, Span::default(), &parsed.file.source, scope, &mut diagnostics);
    let args = (registration.decode)(&body, &mut cx);
    diagnostics.append(&mut cx.diagnostics);
    match args {
        Some(args) if !any_errors(&diagnostics) => Ok(args),
        _ => Err(diagnostics.iter().map(one_line).collect::<Vec<_>>().join("\n")),
    }
}

fn one_line(diagnostic: &Diagnostic) -> String {
    let at = diagnostic.position().map(|at| format!("{}:{}: ", at.line, at.column)).unwrap_or_default();
    let hints: String = diagnostic.hints.iter().map(|h| format!(" ({h})")).collect();
    format!("{at}{}{hints}", diagnostic.message)
}
