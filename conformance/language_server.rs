//! `ferroalloy lsp` as an editor starts it.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

struct Server {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
}

impl Server {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ferroalloy"));
        let mut child = command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
        let input = child.stdin.take().expect("a pipe");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, messages) = sync_channel(64);
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self { child, input, messages }
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("the server reads");
    }

    /// The first message that fits.
    fn wait_for(&self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.messages.recv_timeout(LIMIT).expect("the server answers");
            if fits(&message) {
                return message;
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails only when it has ended already.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        output.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
        match line.trim_end().strip_prefix("Content-Length: ") {
            Some(number) => length = number.parse().ok()?,
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

#[test]
fn an_editor_is_served_from_initialize_to_exit() {
    const URI: &str = "file:///configs/config.alloy";
    const TEXT: &str = "prometheus.scrape \"host\" {\n  target     = []\n  forward_to = [prometheus.remote_write.main.reciever]\n}\n\n\
                        prometheus.remote_write \"main\" { }\n";
    let mut server = Server::start();
    server.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "processId": null, "capabilities": {} } }));
    let answer = server.wait_for(|m| m["id"] == 1);
    assert_eq!(answer["result"]["serverInfo"]["name"], "ferroalloy");
    server.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));

    let document = json!({ "uri": URI, "languageId": "alloy", "version": 1, "text": TEXT });
    server.send(&json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } }));
    let published = server.wait_for(|m| m["method"] == "textDocument/publishDiagnostics");
    let found = published["params"]["diagnostics"].as_array().expect("diagnostics");
    let places: Vec<(&str, u64)> =
        found.iter().map(|d| (d["code"].as_str().unwrap_or_default(), d["range"]["start"]["line"].as_u64().unwrap_or(99))).collect();
    assert_eq!(places, [("decode/unknown-attribute", 1), ("config/unknown-export", 2)]);

    let params = json!({ "textDocument": { "uri": URI } });
    server.send(&json!({ "jsonrpc": "2.0", "id": 2, "method": "textDocument/formatting", "params": params }));
    assert!(server.wait_for(|m| m["id"] == 2)["result"].as_array().is_some_and(|edits| !edits.is_empty()));

    // Not complete, as texts are while they are written.
    let text = "loki.write \"main\" { }\n\nloki.process \"p\" {\n  forward_to = [loki.]\n\n  stage.\n";
    let change = json!({ "textDocument": { "uri": URI, "version": 2 }, "contentChanges": [{ "text": text }] });
    server.send(&json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": change }));
    let mut labels = |id: u64, line: u64, character: u64| {
        let params = json!({ "textDocument": { "uri": URI }, "position": { "line": line, "character": character } });
        server.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "textDocument/completion", "params": params }));
        let items = server.wait_for(|m| m["id"] == id)["result"].clone();
        items.as_array().expect("items").iter().map(|item| item["label"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(labels(3, 3, 21), ["loki.write.main.receiver"]);
    let stages = labels(4, 5, 8);
    assert!(["stage.json", "stage.match", "stage.timestamp"].iter().all(|stage| stages.iter().any(|label| label == stage)), "{stages:?}");

    server.send(&json!({ "jsonrpc": "2.0", "id": 9, "method": "shutdown" }));
    assert_eq!(server.wait_for(|m| m["id"] == 9)["result"], Value::Null);
    server.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
    assert!(server.child.wait().expect("it ends").success());
}
