//! The conversation: who may say what when, and what is checked when.

use crate::convert;
use crate::document::Document;
use crate::options::Options;
use crate::requests;
use crate::session::{Client, Findings, Session};
use crate::transport::{self, Incoming};
use crate::worker::{self, Job};
use runtime::Catalog;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

/// How long after the last change a document is checked.
const DEBOUNCE: Duration = Duration::from_millis(150);
/// Messages that are taken before the first of them is answered, to find what was cancelled meanwhile.
const MOST_WAITING: usize = 256;

/// Error codes of the protocol.
pub(crate) mod code {
    pub const PARSE_ERROR: i32 = -32700;
    pub const INVALID_REQUEST: i32 = -32600;
    pub const METHOD_NOT_FOUND: i32 = -32601;
    pub const INVALID_PARAMS: i32 = -32602;
    pub const INTERNAL_ERROR: i32 = -32603;
    pub const NOT_INITIALIZED: i32 = -32002;
    pub const CANCELLED: i32 = -32800;
    pub const REQUEST_FAILED: i32 = -32803;
}

/// How a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The editor said `shutdown` and `exit`.
    Clean,
    /// The editor said `exit` or closed the stream without `shutdown`.
    Abrupt,
}

/// What happens to the server.
pub(crate) enum Event {
    /// Something was read.
    Incoming(Incoming),
    /// Nothing more can be read.
    Failed(io::Error),
    /// A document was checked.
    Checked(Findings),
}

/// Speaks with an editor until it ends the conversation.
///
/// # Errors
/// When the streams fail or hold something else than the protocol.
pub fn serve(catalog: Catalog, options: Options, input: impl BufRead + Send + 'static, output: impl Write) -> io::Result<Ending> {
    let (sender, events) = sync_channel(64);
    let jobs = worker::start(sender.clone())?;
    std::thread::Builder::new().name("editor".into()).spawn(move || read_all(input, &sender))?;
    let phase = Phase::Fresh(Box::new((catalog, options)));
    let server = Server { output, events, jobs, is_checking: false, waiting: VecDeque::new(), dirty: Vec::new(), due: None, phase };
    server.run()
}

fn read_all(mut input: impl BufRead, events: &SyncSender<Event>) {
    loop {
        let event = match transport::read(&mut input) {
            Ok(incoming) => Event::Incoming(incoming),
            Err(error) => Event::Failed(error),
        };
        let is_last = matches!(event, Event::Failed(_) | Event::Incoming(Incoming::End));
        if events.send(event).is_err() || is_last {
            return;
        }
    }
}

enum Phase {
    /// Before `initialize`.
    Fresh(Box<(Catalog, Options)>),
    /// From `initialize` to `shutdown`.
    Running(Box<Session>),
    /// After `shutdown`.
    Down,
}

struct Server<W> {
    output: W,
    events: Receiver<Event>,
    jobs: SyncSender<Job>,
    is_checking: bool,
    waiting: VecDeque<Event>,
    /// URIs of documents to check, the one that changed last at the end.
    dirty: Vec<String>,
    /// When they are to be checked.
    due: Option<Instant>,
    phase: Phase,
}

impl<W: Write> Server<W> {
    fn run(mut self) -> io::Result<Ending> {
        loop {
            self.check_what_is_due();
            let Some(event) = self.next()? else { continue };
            let message = match event {
                Event::Checked(findings) => {
                    self.is_checking = false;
                    self.publish(findings)?;
                    continue;
                }
                Event::Failed(error) => return Err(error),
                Event::Incoming(Incoming::End) => return Ok(self.ending()),
                Event::Incoming(Incoming::NotJson(cause)) => {
                    self.refuse(&Value::Null, code::PARSE_ERROR, &format!("not JSON: {cause}"))?;
                    continue;
                }
                Event::Incoming(Incoming::Message(message)) => message,
            };
            if message.get("method").is_some_and(|method| method == "exit") {
                return Ok(self.ending());
            }
            self.message(&message)?;
        }
    }

    fn ending(&self) -> Ending {
        if matches!(self.phase, Phase::Down) { Ending::Clean } else { Ending::Abrupt }
    }

    /// The next event; `None` when a check is due before there is one.
    fn next(&mut self) -> io::Result<Option<Event>> {
        while self.waiting.len() < MOST_WAITING {
            match self.events.try_recv() {
                Ok(event) => self.queue(event)?,
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        if let Some(event) = self.waiting.pop_front() {
            return Ok(Some(event));
        }
        let gone = || io::Error::other("the threads of the server have ended");
        match self.due.filter(|_| !self.is_checking) {
            None => self.events.recv().map(Some).map_err(|_| gone()),
            Some(due) => match self.events.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(event) => Ok(Some(event)),
                Err(RecvTimeoutError::Timeout) => Ok(None),
                Err(RecvTimeoutError::Disconnected) => Err(gone()),
            },
        }
    }

    /// Puts an event behind those that wait; a cancellation is carried out at once.
    fn queue(&mut self, event: Event) -> io::Result<()> {
        if let Event::Incoming(Incoming::Message(message)) = &event
            && message.get("method").is_some_and(|method| method == "$/cancelRequest")
        {
            let Some(id) = message.pointer("/params/id") else { return Ok(()) };
            let is_it = |event: &Event| matches!(event, Event::Incoming(Incoming::Message(m)) if m.get("method").is_some() && m.get("id") == Some(id));
            return match self.waiting.iter().position(is_it) {
                Some(at) => {
                    self.waiting.remove(at);
                    self.refuse(id, code::CANCELLED, "cancelled")
                }
                // Answered already.
                None => Ok(()),
            };
        }
        self.waiting.push_back(event);
        Ok(())
    }

    fn message(&mut self, message: &Value) -> io::Result<()> {
        let (id, method) = (message.get("id"), message.get("method").and_then(Value::as_str));
        let params = message.get("params").unwrap_or(&Value::Null);
        match (id, method) {
            (Some(id), Some(method)) => self.request(id, method, params),
            (None, Some(method)) => self.notification(method, params),
            // An answer to what the server asked: nothing depends on it.
            (Some(_), None) if message.get("result").is_some() || message.get("error").is_some() => Ok(()),
            (id, None) => self.refuse(id.unwrap_or(&Value::Null), code::INVALID_REQUEST, "a message needs a method"),
        }
    }

    fn request(&mut self, id: &Value, method: &str, params: &Value) -> io::Result<()> {
        match (&mut self.phase, method) {
            (Phase::Fresh(_), "initialize") => self.initialize(id, params),
            (Phase::Fresh(_), _) => self.refuse(id, code::NOT_INITIALIZED, "`initialize` comes first"),
            (Phase::Down, _) => self.refuse(id, code::INVALID_REQUEST, "the server is shut down"),
            (Phase::Running(_), "initialize") => self.refuse(id, code::INVALID_REQUEST, "`initialize` may be sent once"),
            (Phase::Running(_), "shutdown") => {
                self.phase = Phase::Down;
                self.due = None;
                self.answer(id, Value::Null)
            }
            (Phase::Running(session), method) => {
                let answer = catch_unwind(AssertUnwindSafe(|| requests::answer(session, method, params)));
                match answer {
                    Ok(Ok(result)) => self.answer(id, result),
                    Ok(Err(failure)) => self.refuse(id, failure.code, &failure.message),
                    Err(_) => self.refuse(id, code::INTERNAL_ERROR, "a defect in the server; standard error tells where"),
                }
            }
        }
    }

    fn initialize(&mut self, id: &Value, params: &Value) -> io::Result<()> {
        let Phase::Fresh(given) = std::mem::replace(&mut self.phase, Phase::Down) else { return Ok(()) };
        let (catalog, options) = *given;
        let (options, wrong) = options.with(params.get("initializationOptions").unwrap_or(&Value::Null));
        let client = Client::of(params);
        self.phase = Phase::Running(Box::new(Session::new(catalog, options, client)));
        let server = json!({ "name": "ferroalloy", "version": env!("CARGO_PKG_VERSION") });
        self.answer(id, json!({ "capabilities": requests::capabilities(client), "serverInfo": server }))?;
        wrong.iter().try_for_each(|text| self.notify("window/showMessage", json!({ "type": 2, "message": text })))
    }

    fn notification(&mut self, method: &str, params: &Value) -> io::Result<()> {
        let Phase::Running(session) = &mut self.phase else { return Ok(()) };
        let document = &params["textDocument"];
        let uri = document["uri"].as_str();
        match (method, uri) {
            ("initialized", _) if session.client.watched_files => self.watch_files(),
            ("textDocument/didOpen", Some(uri)) => {
                let text = document["text"].as_str().unwrap_or_default().to_owned();
                session.open(uri, document["version"].as_i64().unwrap_or_default(), text);
                self.touched(uri, Duration::ZERO);
                Ok(())
            }
            ("textDocument/didChange", Some(uri)) => {
                let version = document["version"].as_i64().unwrap_or_default();
                let changed = session.documents.get(uri).and_then(|old| old.changed(version, &params["contentChanges"]));
                let Some(changed) = changed else {
                    return self.log(&format!("a change of {uri} was not understood: its text is no longer the editor's"));
                };
                session.documents.insert(uri.to_owned(), changed);
                self.touched(uri, DEBOUNCE);
                Ok(())
            }
            ("textDocument/didSave", Some(uri)) => {
                self.touched(uri, Duration::ZERO);
                Ok(())
            }
            ("textDocument/didClose", Some(uri)) => {
                session.documents.remove(uri);
                session.findings.remove(uri);
                self.notify("textDocument/publishDiagnostics", json!({ "uri": uri, "diagnostics": [] }))
            }
            ("workspace/didChangeWatchedFiles", _) => {
                self.dirty = session.documents.keys().cloned().collect();
                self.due = Some(Instant::now() + DEBOUNCE);
                Ok(())
            }
            // Whatever else is told may be ignored.
            _ => Ok(()),
        }
    }

    /// Asks for news of files that are open in no editor.
    fn watch_files(&mut self) -> io::Result<()> {
        let watched = json!({ "watchers": [{ "globPattern": "**/*.alloy" }] });
        let registration = json!({ "id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": watched });
        let params = json!({ "registrations": [registration] });
        self.send(&json!({ "jsonrpc": "2.0", "id": "files", "method": "client/registerCapability", "params": params }))
    }

    /// Has the document checked after `pause`, and those of its folder, for which it may define names.
    fn touched(&mut self, uri: &str, pause: Duration) {
        let Phase::Running(session) = &self.phase else { return };
        let folder = |document: &Document| document.path.as_ref().and_then(|path| path.parent().map(std::path::Path::to_owned));
        let Some(touched) = session.documents.get(uri) else { return };
        let own = folder(touched);
        let mut dirty: Vec<String> = std::mem::take(&mut self.dirty);
        if own.is_some() {
            dirty.extend(session.documents.values().filter(|other| folder(other) == own).map(|other| other.uri.clone()));
        }
        dirty.sort();
        dirty.dedup();
        dirty.retain(|other| other != uri);
        dirty.push(uri.to_owned());
        self.dirty = dirty;
        self.due = Some(Instant::now() + pause);
    }

    /// Hands the document that changed last to the thread that checks, when it is time and the thread is free.
    fn check_what_is_due(&mut self) {
        let Phase::Running(session) = &self.phase else { return };
        if self.is_checking || self.due.is_none_or(|due| due > Instant::now()) {
            return;
        }
        while let Some(uri) = self.dirty.pop() {
            if let Some(document) = session.documents.get(&uri) {
                // The thread is free, so the channel has room.
                self.is_checking = self.jobs.try_send(Job::new(session, document)).is_ok();
                break;
            }
        }
        if self.dirty.is_empty() {
            self.due = None;
        }
    }

    fn publish(&mut self, findings: Findings) -> io::Result<()> {
        let Phase::Running(session) = &mut self.phase else { return Ok(()) };
        let document = Arc::clone(&findings.document);
        // What has changed meanwhile will be checked again.
        if session.documents.get(&document.uri).is_none_or(|now| !Arc::ptr_eq(now, &document)) {
            return Ok(());
        }
        let related = session.client.related;
        let diagnostics: Vec<Value> = findings.diagnostics.iter().map(|found| convert::diagnostic(&document, found, related)).collect();
        session.findings.insert(document.uri.clone(), findings);
        let params = json!({ "uri": document.uri, "version": document.version, "diagnostics": diagnostics });
        self.notify("textDocument/publishDiagnostics", params)
    }

    fn log(&mut self, text: &str) -> io::Result<()> {
        self.notify("window/logMessage", json!({ "type": 2, "message": text }))
    }

    fn notify(&mut self, method: &str, params: Value) -> io::Result<()> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    fn answer(&mut self, id: &Value, result: Value) -> io::Result<()> {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }))
    }

    fn refuse(&mut self, id: &Value, code: i32, message: &str) -> io::Result<()> {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } }))
    }

    fn send(&mut self, message: &Value) -> io::Result<()> {
        transport::write(&mut self.output, message)
    }
}
