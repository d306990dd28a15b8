//! The server: binding, limits, stopping.

use crate::client::echo_router;
use crate::support::{LONG, head, serve_with, server_args, write};
use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use net::server::Server;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

const LOCAL: &str = "listen_address = \"127.0.0.1\"\nlisten_port = 0";

async fn connect(addr: SocketAddr) -> TcpStream {
    TcpStream::connect(addr).await.expect("the server listens")
}

/// Everything until the server closes the connection.
async fn rest(tcp: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let read = timeout(LONG, tcp.read_to_end(&mut text)).await;
    assert!(read.is_ok(), "the connection stays open");
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn a_port_in_use_names_who_uses_it() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("it is bound").port();
    let error = Server::bind(&server_args(&format!("listen_address = \"127.0.0.1\"\nlisten_port = {port}")), Router::new())
        .await
        .expect_err("in use")
        .to_string();
    assert!(error.starts_with(&format!("cannot listen on 127.0.0.1:{port}: port {port} is in use by ")), "{error}");
    assert!(error.ends_with("stop it, or choose another `listen_port`"), "{error}");
    if cfg!(target_os = "linux") {
        assert!(error.contains(&format!("({})", std::process::id())), "{error}");
    }
}

#[tokio::test]
async fn addresses_that_cannot_be_bound() {
    let cases = [
        ("listen_port = 65536", "`listen_port` = 65536 is not a port"),
        ("listen_port = -1", "is not a port"),
        ("listen_address = \"192.0.2.1\"\nlisten_port = 0", "this machine has no such address"),
        ("listen_address = \"nowhere.invalid\"\nlisten_port = 0", "`listen_address` = \"nowhere.invalid\" cannot be resolved"),
    ];
    for (text, expected) in cases {
        let error = Server::bind(&server_args(text), Router::new()).await.expect_err(text).to_string();
        assert!(error.contains(expected), "{error} instead of {expected}");
    }
}

#[tokio::test]
async fn all_addresses_of_both_families() {
    let addr = serve_with(&server_args("listen_port = 0"), echo_router()).await;
    let mut tcp = connect(SocketAddr::from(([127, 0, 0, 1], addr.port()))).await;
    write(&mut tcp, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(rest(&mut tcp).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn clients_that_keep_the_server_waiting() {
    let text = format!("{LOCAL}\nserver_read_timeout = \"200ms\"\nserver_idle_timeout = \"300ms\"");
    let router = Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() }).get(|| async { "hello" }));
    let addr = serve_with(&server_args(&text), router).await;
    let started = Instant::now();
    // Nothing at all, half a head, and half a body.
    let mut silent = connect(addr).await;
    assert_eq!(rest(&mut silent).await, "");
    let mut half = connect(addr).await;
    write(&mut half, "GET / HT").await;
    assert_eq!(rest(&mut half).await, "");
    let mut body = connect(addr).await;
    write(&mut body, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc").await;
    let answer = rest(&mut body).await;
    assert!(answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.1 408"), "{answer}");
    // One request, and then silence.
    let mut idle = connect(addr).await;
    write(&mut idle, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let answer = rest(&mut idle).await;
    assert!(answer.ends_with("hello"), "{answer}");
    assert!(started.elapsed() >= Duration::from_millis(900), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_slow_answer_is_not_a_slow_client() {
    let text = format!("{LOCAL}\nserver_read_timeout = \"100ms\"\nserver_idle_timeout = \"100ms\"");
    let router = Router::new().route(
        "/",
        get(|| async {
            tokio::time::sleep(Duration::from_millis(400)).await;
            "late"
        }),
    );
    let addr = serve_with(&server_args(&text), router).await;
    let mut tcp = connect(addr).await;
    write(&mut tcp, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(rest(&mut tcp).await.ends_with("late"));
}

#[tokio::test]
async fn a_client_that_does_not_read() {
    let text = format!("{LOCAL}\nserver_write_timeout = \"200ms\"");
    let router = Router::new().route("/", get(|| async { "x".repeat(50 << 20) }));
    let addr = serve_with(&server_args(&text), router).await;
    let mut tcp = connect(addr).await;
    write(&mut tcp, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    // Long enough for buffers to fill and the limit to pass; only then it reads.
    tokio::time::sleep(Duration::from_millis(800)).await;
    let mut text = Vec::new();
    let _ = timeout(LONG, tcp.read_to_end(&mut text)).await.expect("the server ends it");
    assert!(text.len() < 50 << 20);
}

#[tokio::test]
async fn connections_over_the_limit_wait() {
    let addr = serve_with(&server_args(&format!("{LOCAL}\nconn_limit = 1")), echo_router()).await;
    let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut first = connect(addr).await;
    write(&mut first, request).await;
    assert!(head(&mut first).await.starts_with("HTTP/1.1 200"));
    let mut second = connect(addr).await;
    write(&mut second, request).await;
    assert!(timeout(Duration::from_millis(200), second.read_u8()).await.is_err(), "the second is answered too early");
    drop(first);
    assert!(timeout(LONG, head(&mut second)).await.expect("its turn").starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn stopping_lets_requests_finish() {
    for (grace, finishes) in [("10s", true), ("100ms", false)] {
        let (entered, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (inner_entered, inner_go) = (Arc::clone(&entered), Arc::clone(&go));
        let router = Router::new().route(
            "/",
            get(move || async move {
                inner_entered.notify_one();
                inner_go.notified().await;
                "done"
            }),
        );
        let mut args = server_args(LOCAL);
        args.graceful_shutdown_timeout = grace.parse().expect("a duration");
        let server = Server::bind(&args, router).await.expect("a free port is free");
        let (addr, stop) = (server.addr(), Arc::new(Notify::new()));
        let waiter = Arc::clone(&stop);
        let task = tokio::spawn(server.serve(async move { waiter.notified().await }));
        let mut idle = connect(addr).await;
        let mut tcp = connect(addr).await;
        write(&mut tcp, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        entered.notified().await;
        stop.notify_one();
        // An idle connection ends at once, a busy one may finish.
        assert_eq!(rest(&mut idle).await, "");
        if finishes {
            go.notify_one();
        }
        assert_eq!(rest(&mut tcp).await.ends_with("done"), finishes);
        timeout(LONG, task).await.expect("the server stops").expect("no panic");
        assert!(TcpStream::connect(addr).await.is_err());
    }
}

#[tokio::test]
async fn http2_without_tls() {
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0";
    for (enabled, accepts) in [(true, true), (false, false)] {
        let addr = serve_with(&server_args(&format!("{LOCAL}\nhttp2 {{\nenabled = {enabled}\n}}")), echo_router()).await;
        let mut tcp = connect(addr).await;
        write(&mut tcp, preface).await;
        let mut frame = [0; 4];
        let answered = timeout(LONG, tcp.read_exact(&mut frame)).await.expect("an answer or the end").is_ok();
        // A frame of settings has type 4.
        assert_eq!(answered && frame[3] == 4, accepts);
    }
}
