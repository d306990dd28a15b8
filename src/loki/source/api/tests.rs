//! Pushes as Promtail, the original and others send them.

use super::COMPONENT;
use bytes::Bytes;
use component::testing::Driver;
use data::{Entry, Labels};
use expect_test::expect;
use std::io::Write;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use value::{Node, Value};

const HTTP: &str = "http {\n listen_address = \"127.0.0.1\"\n listen_port = 0\n}\nforward_to = [capture.logs]\n";

async fn start(more: &str) -> Driver {
    let driver = Driver::start(&COMPONENT, &format!("{HTTP}{more}")).expect("good arguments");
    assert!(driver.wait_for(|d| address(d).is_some()).await, "{:?}", driver.health());
    driver
}

fn address(driver: &Driver) -> Option<String> {
    driver.debug_info().into_iter().find_map(|node| match node {
        Node::Attr(_, Value::String(address)) => Some(address.to_string()),
        _ => None,
    })
}

/// Posts and gives status line and body.
async fn post(driver: &Driver, path: &str, headers: &[(&str, &str)], body: &[u8]) -> String {
    let address = address(driver).expect("it listens");
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    stream.write_all(head.as_bytes()).await.expect("sent");
    // A refused request may be answered before all of it is read.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, text) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default().trim_start_matches("HTTP/1.1 ").to_owned();
    format!("{status} {text}").trim().to_owned()
}

fn protobuf(labels: &[(&str, &str)], entries: &[(i64, &str)]) -> Vec<u8> {
    let labels = Labels::from_pairs(labels.iter().copied());
    let mut encoder = wire::loki_push::Encoder::new();
    for (time, line) in entries {
        encoder.push(&labels, &Entry::new(*time, Bytes::copy_from_slice(line.as_bytes())));
    }
    encoder.finish().expect("small").body.to_vec()
}

fn shown(driver: &Driver) -> String {
    let batches = driver.logs().take();
    let streams = batches.iter().flat_map(|batch| batch.iter());
    let line = |s: &data::Stream| {
        s.entries.iter().map(|e| format!("{} {} {} {:?}\n", s.labels, e.timestamp, e.text(), e.metadata)).collect::<String>()
    };
    streams.map(line).collect()
}

const PROTOBUF: (&str, &str) = ("Content-Type", "application/x-protobuf");
const JSON: (&str, &str) = ("Content-Type", "application/json; charset=utf-8");

#[tokio::test]
async fn takes_both_formats() {
    let driver = start("use_incoming_timestamp = true\nlabels = {\"from\" = \"api\", \"empty\" = \"\"}").await;
    let body = protobuf(&[("a", "b"), ("__hidden", "x"), ("from", "client")], &[(5, "one"), (6, "two")]);
    assert_eq!(post(&driver, "/loki/api/v1/push", &[PROTOBUF, ("X-Scope-OrgID", "team")], &body).await, "204 No Content");
    let json = br#"{"streams": [{"stream": {"a": "c", "empty": "x"}, "values": [["7", "three", {"k": "v"}]]}]}"#;
    assert_eq!(post(&driver, "/api/v1/push", &[JSON], json).await, "204 No Content");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(json).expect("packed");
    assert_eq!(
        post(&driver, "/api/v1/push", &[JSON, ("Content-Encoding", "gzip")], &gzip.finish().expect("packed")).await,
        "204 No Content"
    );
    expect![[r#"
        {__tenant_id__="team", a="b", from="api"} 5 one None
        {__tenant_id__="team", a="b", from="api"} 6 two None
        {a="c", from="api"} 7 three Some([("k", "v")])
        {a="c", from="api"} 7 three Some([("k", "v")])
    "#]]
    .assert_eq(&shown(&driver));
}

#[tokio::test]
async fn raw_lines_get_the_fixed_labels() {
    let driver = start("labels = {\"x\" = \"y\"}").await;
    assert_eq!(post(&driver, "/loki/api/v1/raw", &[], b"one\r\n\ntwo\nlast").await, "204 No Content");
    assert_eq!(driver.log_lines(), ["{x=\"y\"} one", "{x=\"y\"} two", "{x=\"y\"} last"]);
    let entry_times: Vec<i64> =
        driver.logs().take().iter().flat_map(|b| b[0].entries.iter().map(|e| e.timestamp).collect::<Vec<_>>()).collect();
    assert!(entry_times.iter().all(|t| *t > 1_700_000_000_000_000_000), "{entry_times:?}");
    assert_eq!(post(&driver, "/api/v1/raw", &[], b"\n\n").await, "204 No Content");
    assert_eq!(driver.logs().take().len(), 0);
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_the_rest_taken() {
    let driver = start("max_send_message_size = \"1KiB\"").await;
    let big = vec![b'x'; 4096];
    let good = protobuf(&[("a", "b")], &[(1, "x")]);
    let half = br#"{"streams": [{"stream": {"a-b": "c"}, "values": [["7", "bad"]]}, {"stream": {"a": "c"}, "values": [["7", "good"]]}]}"#;
    let mut answers = String::new();
    for (path, headers, body) in [
        ("/loki/api/v1/push", &[PROTOBUF][..], &b"garbage"[..]),
        ("/loki/api/v1/push", &[JSON], b"[1]"),
        ("/loki/api/v1/push", &[], &good),
        ("/loki/api/v1/push", &[PROTOBUF], &big),
        ("/loki/api/v1/push", &[PROTOBUF, ("Content-Encoding", "br")], &good),
        ("/loki/api/v1/push", &[JSON], half),
        ("/nowhere", &[PROTOBUF], &good),
        ("/ready", &[], b""),
    ] {
        let answer = post(&driver, path, headers, body).await;
        answers += &format!("{}\n", answer.lines().next().unwrap_or_default());
    }
    expect![[r#"
        400 Bad Request the body is not a snappy block: snappy: corrupt input (expected valid offset but got offset 882; dst position: 0)
        400 Bad Request the body is not a push request: expected an object
        400 Bad Request the request has no Content-Type; write application/x-protobuf or application/json
        400 Bad Request message size too large than max (4096 vs 1024); raise max_send_message_size
        400 Bad Request Content-Encoding "br" not supported; use gzip, deflate or none
        400 Bad Request "a-b" is not a label set: expected a label name at byte 0
        404 Not Found
        405 Method Not Allowed
    "#]]
    .assert_eq(&answers);
    assert_eq!(driver.log_lines(), ["{a=\"c\"} good"]);
}

#[tokio::test]
async fn waits_for_the_receivers_and_says_when_they_do_not_take_it() {
    let driver = start("").await;
    let body = protobuf(&[("a", "b")], &[(1, "x")]);
    driver.logs().refuse(2);
    assert_eq!(post(&driver, "/api/v1/push", &[PROTOBUF], &body).await, "204 No Content");
    driver.logs().refuse(1_000_000);
    assert_eq!(post(&driver, "/api/v1/push", &[PROTOBUF], &body).await, "503 Service Unavailable refused by the test");
    assert_eq!(driver.log_lines().len(), 1);
}

#[tokio::test]
async fn follows_updates() {
    let driver = start("labels = {\"v\" = \"1\"}").await;
    let before = address(&driver);
    let body = protobuf(&[("a", "b")], &[(1, "x")]);
    driver.update(&format!("{HTTP}labels = {{\"v\" = \"2\"}}")).expect("good");
    assert_eq!(post(&driver, "/api/v1/push", &[PROTOBUF], &body).await, "204 No Content");
    assert_eq!(address(&driver), before);
    let moved = HTTP.replace("listen_port = 0", "listen_port = 0\n conn_limit = 7");
    driver.update(&format!("{moved}labels = {{\"v\" = \"3\"}}")).expect("good");
    assert!(driver.wait_for(|d| address(d) != before).await);
    assert_eq!(post(&driver, "/api/v1/push", &[PROTOBUF], &body).await, "204 No Content");
    assert_eq!(driver.log_lines(), ["{a=\"b\", v=\"2\"} x", "{a=\"b\", v=\"3\"} x"]);
    driver.stop().await.expect("stopped");
}
