//! An editor for tests.

use super::components::FAMILY;
use crate::options::{FolderMode, Options};
use crate::server::{Ending, serve};
use crate::transport::{self, Incoming};
use component::Stability;
use runtime::Catalog;
use serde_json::{Value, json};
use std::io::{self, BufReader, PipeWriter, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Nothing takes this long; a server that says nothing fails the test.
const LIMIT: Duration = Duration::from_secs(60);

/// A document of a folder that is not there.
pub(super) const URI: &str = "file:///configs/config.alloy";

pub(super) struct Editor {
    to: Option<PipeWriter>,
    from: Receiver<Value>,
    server: Option<JoinHandle<io::Result<Ending>>>,
    next: i64,
    /// Notifications that nobody has asked for yet.
    pub told: Vec<Value>,
}

impl Editor {
    /// A server that was told nothing.
    pub fn silent() -> Self {
        let (input, to) = io::pipe().expect("a pipe");
        let (from, output) = io::pipe().expect("a pipe");
        let options = Options { stability: Stability::GenerallyAvailable, community: false, folder: FolderMode::Auto };
        let server = std::thread::spawn(move || serve(Catalog::new(&[FAMILY]), options, BufReader::new(input), output));
        let (sender, messages) = sync_channel(1024);
        std::thread::spawn(move || {
            let mut from = BufReader::new(from);
            while let Ok(Incoming::Message(message)) = transport::read(&mut from) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self { to: Some(to), from: messages, server: Some(server), next: 0, told: Vec::new() }
    }

    /// An initialized server.
    pub fn new() -> Self {
        Self::with(json!({}), json!({}))
    }

    /// An initialized server with an open document.
    pub fn of(uri: &str, text: &str) -> Self {
        let mut editor = Self::new();
        editor.open(uri, text);
        editor
    }

    /// An initialized server, with these `initializationOptions` and capabilities of the editor.
    pub fn with(options: Value, capabilities: Value) -> Self {
        let mut editor = Self::silent();
        let params = json!({ "processId": null, "rootUri": null, "initializationOptions": options, "capabilities": capabilities });
        editor.request("initialize", params).expect("initialized");
        editor.notify("initialized", json!({}));
        editor
    }

    pub fn send(&mut self, message: &Value) {
        transport::write(self.to.as_mut().expect("open"), message).expect("the server reads");
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.to.as_mut().expect("open").write_all(bytes).expect("the server reads");
    }

    /// The next message of the server.
    pub fn receive(&mut self) -> Value {
        self.from.recv_timeout(LIMIT).expect("the server says something")
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request without waiting; its id.
    pub fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params }));
        self.next
    }

    /// The result for `id`, or its error.
    pub fn answer(&mut self, id: i64) -> Result<Value, Value> {
        loop {
            let message = self.receive();
            if message["id"] == id && message.get("method").is_none() {
                return match message.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(message["result"].clone()),
                };
            }
            self.told.push(message);
        }
    }

    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// Asks `textDocument/METHOD` about a document.
    pub fn about(&mut self, uri: &str, method: &str, mut params: Value) -> Result<Value, Value> {
        params["textDocument"] = json!({ "uri": uri });
        self.request(&format!("textDocument/{method}"), params)
    }

    pub fn open(&mut self, uri: &str, text: &str) {
        self.notify("textDocument/didOpen", json!({ "textDocument": { "uri": uri, "languageId": "alloy", "version": 1, "text": text } }));
    }

    /// Replaces the whole text.
    pub fn replace(&mut self, uri: &str, version: i64, text: &str) {
        let params = json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": [{ "text": text }] });
        self.notify("textDocument/didChange", params);
    }

    /// The diagnostics published for this version of the text.
    pub fn diagnostics(&mut self, uri: &str, version: i64) -> Vec<Value> {
        let is_it =
            |m: &Value| m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == uri && m["params"]["version"] == version;
        loop {
            if let Some(at) = self.told.iter().position(is_it) {
                return self.told.remove(at)["params"]["diagnostics"].as_array().expect("diagnostics").clone();
            }
            let message = self.receive();
            self.told.push(message);
        }
    }

    /// Closes the stream and waits for the end of the server.
    pub fn hang_up(mut self) -> io::Result<Ending> {
        drop(self.to.take());
        self.server.take().expect("running").join().expect("no panic")
    }
}

/// A position.
pub(super) fn place(line: u64, character: u64) -> Value {
    json!({ "line": line, "character": character })
}

/// The URI of a file.
pub(super) fn uri(path: &Path) -> String {
    crate::document::uri_of(path).expect("an absolute path")
}

/// Diagnostics, one on each line, further lines indented.
pub(super) fn shown(diagnostics: &[Value]) -> String {
    let mut out = String::new();
    for found in diagnostics {
        let message = found["message"].as_str().expect("a message").replace('\n', "\n    ");
        out.push_str(&format!("{} {} {}: {message}\n", range(&found["range"]), severity(found), found["code"].as_str().expect("a code")));
        for related in found["relatedInformation"].as_array().into_iter().flatten() {
            let place = range(&related["location"]["range"]);
            out.push_str(&format!("    {place} {}\n", related["message"].as_str().expect("a message")));
        }
    }
    out
}

fn severity(found: &Value) -> &'static str {
    match found["severity"].as_u64() {
        Some(1) => "error",
        Some(2) => "warning",
        _ => "information",
    }
}

/// `line:character-line:character`, from 0; the second line only where it is another.
pub(super) fn range(range: &Value) -> String {
    let (start, end) = (&range["start"], &range["end"]);
    let line = if start["line"] == end["line"] { String::new() } else { format!("{}:", end["line"]) };
    format!("{}:{}-{line}{}", start["line"], start["character"], end["character"])
}

/// The text without its cursor `$0`, and where that was, in a text of ASCII characters.
pub(super) fn cursor(text: &str) -> (String, Value) {
    let at = text.find("$0").expect("a cursor");
    let before = &text[..at];
    let (line, start) = (before.matches('\n').count(), before.rfind('\n').map_or(0, |at| at + 1));
    (text.replacen("$0", "", 1), json!({ "line": line, "character": at - start }))
}

/// The text after edits of the protocol, for texts of ASCII characters.
pub(super) fn apply(text: &str, edits: &Value) -> String {
    let offset = |place: &Value| {
        let number = |name: &str| usize::try_from(place[name].as_u64().expect("a number")).expect("it fits");
        let start: usize = text.split_inclusive('\n').take(number("line")).map(str::len).sum();
        start + number("character")
    };
    let edits = edits.as_array().expect("edits");
    let mut edits: Vec<(usize, usize, &str)> =
        edits.iter().map(|e| (offset(&e["range"]["start"]), offset(&e["range"]["end"]), e["newText"].as_str().expect("a text"))).collect();
    edits.sort_unstable();
    assert!(edits.windows(2).all(|pair| pair[0].1 <= pair[1].0), "edits overlap: {edits:?}");
    edits.iter().rev().fold(text.to_owned(), |mut text, (start, end, new)| {
        text.replace_range(start..end, new);
        text
    })
}
