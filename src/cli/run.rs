//! `ferroalloy run`

use crate::logging::Logging;
use crate::report::{self, Format};
use crate::run_flags::{ReloadPolicy, RunFlags};
use component::{Services, Shutdown, Watch};
use runtime::sources::{self, Sources};
use runtime::{Catalog, Controller, Environment, findings, import};
use server::{Control, ReloadRequest, Server, ServerOptions};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use syntax::Diagnostic;
use syntax::ast::File;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Reloads that wait for their turn; more are asked to wait.
const WAITING_RELOADS: usize = 16;
/// A process that only waits for the network needs no more; the data plane is a few tasks.
const MOST_THREADS: usize = 4;

/// Runs until a signal ends it.
pub fn run(flags: RunFlags, catalog: Catalog) -> ExitCode {
    let logging = Logging::install();
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(MOST_THREADS);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().thread_name("worker").build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!("no threads can be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let budget = flags.shutdown_timeout;
    let code = runtime.block_on(async move {
        match Program::start(flags, catalog, logging) {
            Ok(program) => program.run().await,
            Err(()) => ExitCode::FAILURE,
        }
    });
    // Reads that cannot be cancelled, of a hung file system, must not keep the process.
    runtime.shutdown_timeout(budget.min(Duration::from_secs(1)));
    code
}

struct Program {
    flags: RunFlags,
    controller: Arc<Controller>,
    /// What is loaded: a reload reads only what differs.
    files: Vec<Arc<File>>,
    watch: Option<Watch>,
    control: Arc<Control>,
    reloads: mpsc::Receiver<ReloadRequest>,
    server: Server,
}

impl Program {
    /// Loads and listens. What is wrong has been printed when this fails.
    fn start(flags: RunFlags, catalog: Catalog, logging: Arc<Logging>) -> Result<Self, ()> {
        logging.start_forwarding();
        let controller = Controller::new(Arc::new(environment(&flags, catalog, logging)));
        let (sender, reloads) = mpsc::channel(WAITING_RELOADS);
        let control = Control::new(sender);
        import::clear_leftovers(&flags.storage_path);
        let watch = flags.watch.then(|| sources::watch(&flags.path));
        let mut sources = sources::read(&flags.path);
        if sources.is_good() {
            match controller.load(&sources.files) {
                Ok(report) => sources.diagnostics.extend(report.diagnostics),
                Err(error) => sources.diagnostics.extend(error.diagnostics),
            }
        }
        let is_good = sources.is_good();
        let files = sources.files.clone();
        report::print(&explained(&controller, sources), Format::Pretty);
        if !is_good {
            return Err(());
        }
        control.reloaded(None);
        let options = ServerOptions {
            listen_address: flags.listen_address.clone(),
            ui_path_prefix: flags.ui_path_prefix.clone(),
            controller: Arc::clone(&controller),
            control: Arc::clone(&control),
            config_path: flags.path.clone(),
            version: crate::VERSION,
        };
        let server = Server::start(options).map_err(|error| tracing::error!("{error}"))?;
        tracing::info!("listening on http://{}", server.address());
        Ok(Self { flags, controller, files, watch, control, reloads, server })
    }

    async fn run(mut self) -> ExitCode {
        let stop = Shutdown::new();
        let graph = tokio::spawn(Arc::clone(&self.controller).run(stop.clone(), self.flags.shutdown_timeout));
        self.control.set_ready();
        let handled = self.serve().await;
        if let Err(error) = handled {
            tracing::error!("signals cannot be received: {error}");
        }
        let begun = Instant::now();
        tracing::info!("stopping");
        stop.stop();
        // The graph keeps to its own budget; its panic has been logged.
        let _ended = graph.await;
        self.server.stop();
        tracing::info!(took = ?begun.elapsed(), "stopped");
        ExitCode::SUCCESS
    }

    /// Reloads when asked to, until a signal ends the program.
    async fn serve(&mut self) -> std::io::Result<()> {
        let mut watch = self.watch.take();
        let mut hangup = signal(SignalKind::hangup())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        loop {
            tokio::select! {
                _ = interrupt.recv() => return Ok(()),
                _ = terminate.recv() => return Ok(()),
                _ = hangup.recv() => drop(self.reload("signal")),
                Some(answer) = self.reloads.recv() => {
                    // Whoever asked may have gone away.
                    let _gone = answer.send(self.reload("request"));
                }
                () = changed(&mut watch) => drop(self.reload("change on disk")),
            }
        }
    }

    /// Reads the configuration again; what runs stays as it is when that is refused.
    fn reload(&mut self, because: &str) -> Result<(), String> {
        let begun = Instant::now();
        let mut sources = sources::read_again(&self.flags.path, &self.files);
        let mut counts = (0, 0, 0);
        if sources.is_good() && self.flags.reload_policy == ReloadPolicy::Atomic {
            sources.diagnostics.extend(self.controller.check(&sources.files));
        }
        if sources.is_good() {
            match self.controller.load(&sources.files) {
                Ok(report) => {
                    counts = (report.added, report.removed, report.kept);
                    sources.diagnostics.extend(report.diagnostics);
                }
                Err(error) => sources.diagnostics.extend(error.diagnostics),
            }
        }
        let is_good = sources.is_good();
        if is_good {
            self.files.clone_from(&sources.files);
        }
        let found = explained(&self.controller, sources);
        let outcome = if is_good { Ok(()) } else { Err(report::pretty(&found, false)) };
        match &outcome {
            Ok(()) => {
                tracing::info!(because, added = counts.0, removed = counts.1, kept = counts.2, took = ?begun.elapsed(), "configuration reloaded")
            }
            Err(_) => {
                report::log(&found);
                tracing::error!(because, "configuration not reloaded; what was loaded before goes on");
            }
        }
        self.control.reloaded(outcome.clone().err());
        outcome
    }
}

/// Waits until the configuration has changed on disk, if it is watched.
async fn changed(watch: &mut Option<Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

/// What was found, and when that is a reason to refuse the configuration, everything else that is wrong with it.
fn explained(controller: &Arc<Controller>, sources: Sources) -> Vec<Diagnostic> {
    let checked = if sources.is_good() { Vec::new() } else { controller.check(&sources.files) };
    let checked = checked.into_iter().filter(Diagnostic::is_error).collect();
    findings::combine(&sources.files, sources.diagnostics, checked)
}

fn environment(flags: &RunFlags, catalog: Catalog, logging: Arc<Logging>) -> Environment {
    let mut services = Services::new(&flags.storage_path);
    services.memory_address = flags.memory_address.clone();
    services.listen_address = flags.listen_address.clone();
    services.stability = flags.stability.into();
    let mut environment = Environment::new(catalog, Arc::new(services));
    environment.community = flags.community;
    environment.logging = Some(logging);
    environment
}
