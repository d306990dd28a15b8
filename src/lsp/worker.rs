//! Checks documents on a thread of its own, so that typing never waits for a check.

use crate::check::check;
use crate::document::Document;
use crate::folder::{Folder, Open};
use crate::lines::Encoding;
use crate::options::FolderMode;
use crate::server::Event;
use crate::session::{Findings, Session};
use runtime::Environment;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

/// A document to check, and everything that has a say in it.
pub(crate) struct Job {
    document: Arc<Document>,
    open: Open,
    environment: Arc<Environment>,
    folder: Arc<Folder>,
    mode: FolderMode,
    encoding: Encoding,
}

impl Job {
    /// Checks `document` as things are now.
    pub fn new(session: &Session, document: &Arc<Document>) -> Self {
        Self {
            document: Arc::clone(document),
            open: session.open_files(),
            environment: Arc::clone(&session.environment),
            folder: Arc::clone(&session.folder),
            mode: session.options.folder,
            encoding: session.client.encoding,
        }
    }

    fn run(self) -> Findings {
        let neighbours = || self.folder.neighbours(&self.document, &self.open, self.encoding);
        // A defect in a check must not end the server; its place is on standard error.
        let found = catch_unwind(AssertUnwindSafe(|| check(&self.environment, &self.document, neighbours, self.mode)));
        Findings { diagnostics: found.unwrap_or_default(), document: self.document }
    }
}

/// Starts the thread. It takes one job at a time and answers each with [`Event::Checked`]; it ends with either channel.
///
/// # Errors
/// When the system has no thread left.
pub(crate) fn start(events: SyncSender<Event>) -> io::Result<SyncSender<Job>> {
    let (jobs, waiting) = sync_channel::<Job>(1);
    let work = move || {
        while let Ok(job) = waiting.recv() {
            if events.send(Event::Checked(job.run())).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("check".into()).spawn(work)?;
    Ok(jobs)
}
