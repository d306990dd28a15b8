//! Who may say what when, and what happens on nonsense.

use super::editor::{Editor, apply, shown};
use crate::server::Ending;
use serde_json::{Value, json};

const URI: &str = "untitled:config";

#[test]
fn shutdown_and_exit_end_the_server_in_peace_and_all_else_does_not() {
    let mut editor = Editor::new();
    assert_eq!(editor.request("shutdown", Value::Null), Ok(Value::Null));
    assert_eq!(editor.request("textDocument/hover", json!({})).expect_err("shut down")["code"], -32600);
    editor.notify("exit", Value::Null);
    assert_eq!(editor.hang_up().expect("an end"), Ending::Clean);

    let mut editor = Editor::new();
    editor.notify("exit", Value::Null);
    assert_eq!(editor.hang_up().expect("an end"), Ending::Abrupt);
    assert_eq!(Editor::new().hang_up().expect("an end"), Ending::Abrupt);
}

#[test]
fn nothing_is_answered_before_initialize_and_it_counts_once() {
    let mut editor = Editor::silent();
    assert_eq!(editor.request("textDocument/hover", json!({})).expect_err("too early")["code"], -32002);
    editor.open(URI, "ignored");
    let result = editor.request("initialize", json!({ "capabilities": {} })).expect("initialized");
    assert_eq!(result["serverInfo"]["name"], "ferroalloy");
    assert_eq!(result["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(editor.request("initialize", json!({})).expect_err("twice")["code"], -32600);
}

#[test]
fn nonsense_is_refused_and_the_server_goes_on() {
    let mut editor = Editor::new();
    let mut refused = |bytes: &[u8]| {
        editor.send_bytes(format!("content-length: {}\r\nContent-Type: x; charset=utf-8\r\n\r\n", bytes.len()).as_bytes());
        editor.send_bytes(bytes);
        editor.receive()["error"]["code"].as_i64().expect("a code")
    };
    assert_eq!(refused(b"{nonsense"), -32700);
    assert_eq!(refused(b"\xff\xfe"), -32700);
    assert_eq!(refused("[".repeat(100_000).as_bytes()), -32700);
    assert_eq!(refused(b"{}"), -32600);
    assert_eq!(refused(b"[1, 2]"), -32600);
    assert_eq!(refused(br#"{"id": 7, "method": "no/such"}"#), -32601);
    assert_eq!(refused(br#"{"id": "x", "method": "textDocument/formatting", "params": [3]}"#), -32602);
    editor.notify("textDocument/didOpen", json!("nonsense"));
    editor.notify("textDocument/didChange", json!({ "textDocument": { "uri": 3 } }));
    editor.notify("$/cancelRequest", json!({ "id": 99 }));
    editor.notify("no/such/notification", json!({}));
    editor.send(&json!({ "id": 5, "result": null }));
    editor.open(URI, "a");
    assert_eq!(editor.diagnostics(URI, 1).len(), 1);
}

#[test]
fn a_stream_without_messages_ends_the_server_with_the_cause() {
    for bytes in [
        "GET / HTTP/1.1\r\n\r\n",
        "Content-Length: many\r\n\r\n",
        "Content-Length: 99999999999999\r\n\r\n",
        "\r\n",
        "Content-Length: 5\r\n\r\n{}",
    ] {
        let mut editor = Editor::silent();
        editor.send_bytes(bytes.as_bytes());
        assert!(editor.hang_up().is_err(), "{bytes:?}");
    }
}

#[test]
fn what_is_cancelled_while_it_waits_is_not_carried_out() {
    let mut editor = Editor::new();
    // Written in one piece, all of it is there when the server looks.
    let mut bytes = Vec::new();
    let mut add = |message: Value| crate::transport::write(&mut bytes, &message).expect("memory");
    let text = "test.sink \"a\" { url = \"x\" }\n".repeat(20_000);
    add(json!({ "method": "textDocument/didOpen", "params": { "textDocument": { "uri": URI, "version": 1, "text": text } } }));
    for id in 1..=3 {
        add(json!({ "id": id, "method": "textDocument/formatting", "params": { "textDocument": { "uri": URI } } }));
    }
    add(json!({ "method": "$/cancelRequest", "params": { "id": 3 } }));
    editor.send_bytes(&bytes);
    assert_eq!(editor.answer(3).expect_err("cancelled")["code"], -32800);
    assert!(editor.told.iter().any(|m| m["id"] == 1) || editor.answer(1).is_ok());
    assert!(editor.told.iter().any(|m| m["id"] == 2) || editor.answer(2).is_ok());
}

#[test]
fn changes_are_followed_in_units_of_the_negotiated_encoding() {
    for (encoding, offered, end) in [("utf-16", json!(["utf-16"]), 11), ("utf-8", json!(["utf-16", "utf-8"]), 15)] {
        let mut editor = Editor::silent();
        let capabilities = json!({ "general": { "positionEncodings": offered } });
        let result = editor.request("initialize", json!({ "capabilities": capabilities })).expect("initialized");
        assert_eq!(result["capabilities"]["positionEncoding"], encoding);
        editor.open(URI, "// \u{e9}\u{1d11e}\na = \"\u{1d11e}\u{e9}\" x\n");
        // The value is followed by a stray name.
        let found = editor.diagnostics(URI, 1);
        let start = found[0]["range"]["start"]["character"].as_u64().expect("a number");
        assert_eq!(start, if encoding == "utf-8" { 13 } else { 10 }, "{encoding}: {}", shown(&found));
        let change = |line: u64, from: u64, to: u64, text: &str| json!({ "range": { "start": { "line": line, "character": from }, "end": { "line": line, "character": to } }, "text": text });
        // The second change counts in the text after the first.
        let changes = json!([change(1, start - 1, end, ""), change(0, 0, 99, ""), change(0, 0, 0, "b=1\n")]);
        editor.notify("textDocument/didChange", json!({ "textDocument": { "uri": URI, "version": 2 }, "contentChanges": changes }));
        let edits = editor.about(URI, "formatting", json!({})).expect("formatted");
        let texts: Vec<&str> = edits.as_array().expect("edits").iter().filter_map(|e| e["newText"].as_str()).collect();
        assert_eq!(texts.concat(), "b = 1\n", "{encoding}: {edits}");
        assert_eq!(apply("b=1\n\n", &edits).lines().next(), Some("b = 1"));
    }
}

#[test]
fn options_that_make_no_sense_are_named() {
    let mut editor = Editor::with(json!({ "folder": "none", "stabilityLevel": "experimental" }), json!({}));
    let told = loop {
        match editor.told.iter().position(|m| m["method"] == "window/showMessage") {
            Some(at) => break editor.told.remove(at),
            None => {
                let message = editor.receive();
                editor.told.push(message);
            }
        }
    };
    assert_eq!(told["params"]["message"], "the option `folder` is not understood: \"none\"");
    editor.open(URI, "test.unsettled \"a\" { }\n");
    assert_eq!(editor.diagnostics(URI, 1), [] as [Value; 0]);
}
