//! The scrape client: pages into buffers, kept connections, limits.

use crate::client::echo;
use crate::support::{Authority, HUSH, LONG, args, head, public, raw, serve, serve_tls, write};
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Redirect;
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use net::client::{ClientArgs, ClientOptions, TlsArgs};
use net::scrape_client::{FailureKind, FetchError, ScrapeClient, ScrapeRequest, ScrapeResponse, Target};
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

fn scraper(text: &str) -> ScrapeClient {
    ScrapeClient::new(&args::<ClientArgs>(text), ClientOptions::default()).expect("good arguments")
}

async fn fetch_with(
    client: &ScrapeClient,
    url: &str,
    timeout: Duration,
    body_limit: Option<usize>,
) -> Result<(String, ScrapeResponse), FetchError> {
    let target = Target::parse(url).expect("a good address");
    let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("text/plain"))]);
    let request = ScrapeRequest { target: &target, headers: &headers, timeout, body_limit, compression: true };
    let mut buf = b"left over".to_vec();
    let response = client.fetch(&request, &mut buf).await?;
    Ok((String::from_utf8_lossy(&buf).into_owned(), response))
}

async fn fetch(client: &ScrapeClient, url: &str) -> Result<String, FetchError> {
    fetch_with(client, url, LONG, None).await.map(|(text, _)| text)
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()).expect("memory does not fail")
}

fn page() -> String {
    (0..3000).map(|n| format!("metric_{n}{{label=\"value\"}} {n}\n")).collect()
}

#[tokio::test]
async fn pages_plain_and_packed() {
    let (plain, packed, twice) = (page(), gzip(&page()), [gzip(&page()), gzip(&page())].concat());
    let wire = packed.len();
    let router = Router::new()
        .route("/plain", get(move || async move { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], plain) }))
        .route("/packed", get(move || async move { ([(header::CONTENT_ENCODING, "gzip")], packed) }))
        .route("/twice", get(move || async move { ([(header::CONTENT_ENCODING, "gzip")], twice) }))
        .route("/broken", get(|| async { ([(header::CONTENT_ENCODING, "gzip")], "not gzip") }))
        .route("/short", get(|| async { ([(header::CONTENT_ENCODING, "gzip")], gzip("a 1\n")) }))
        .route("/empty", get(|| async { "" }));
    let addr = serve(router).await;
    let client = scraper("");
    let (text, response) = fetch_with(&client, &format!("http://{addr}/plain"), LONG, None).await.expect("a page");
    assert_eq!(text, page());
    assert_eq!(
        response,
        ScrapeResponse { content_type: Some(HeaderValue::from_static("text/plain; version=0.0.4")), wire_bytes: text.len() }
    );
    let (text, response) = fetch_with(&client, &format!("http://{addr}/packed"), LONG, None).await.expect("a page");
    assert_eq!((text == page(), response.wire_bytes), (true, wire));
    assert_eq!(fetch(&client, &format!("http://{addr}/twice")).await.expect("a page").len(), 2 * page().len());
    let (text, response) = fetch_with(&client, &format!("http://{addr}/short"), LONG, Some(5)).await.expect("a page");
    assert!(text == "a 1\n" && response.wire_bytes > 5);
    assert_eq!(fetch(&client, &format!("http://{addr}/empty")).await.expect("a page"), "");
    assert_eq!(fetch(&client, &format!("http://{addr}/broken")).await.expect_err("not gzip").kind, FailureKind::Protocol);
}

#[tokio::test]
async fn limits_are_of_the_unpacked_page() {
    let size = page().len();
    let packed = gzip(&page());
    let router = Router::new()
        .route("/plain", get(|| async { page() }))
        .route("/packed", get(move || async move { ([(header::CONTENT_ENCODING, "gzip")], packed) }));
    let addr = serve(router).await;
    let client = scraper("");
    for path in ["plain", "packed"] {
        let url = format!("http://{addr}/{path}?token={HUSH}");
        assert!(fetch_with(&client, &url, LONG, Some(size + 1)).await.is_ok());
        for limit in [size, size / 2, 10] {
            let failure = fetch_with(&client, &url, LONG, Some(limit)).await.expect_err("too large");
            assert_eq!(failure.kind, FailureKind::TooLarge);
            assert_eq!(public(failure), format!("the page http://{addr}/{path} has {limit} bytes or more, the limit"));
        }
    }
}

#[tokio::test]
async fn statuses_and_redirects() {
    let router = Router::new()
        .route("/old", get(|| async { Redirect::permanent("/new?x=1") }))
        .route("/new", get(echo))
        .route("/circle", get(|| async { Redirect::to("/circle") }))
        .route("/login", get(|| async { StatusCode::UNAUTHORIZED }));
    let addr = serve(router).await;
    let client = scraper("bearer_token = \"t\"");
    let text = fetch(&client, &format!("http://{addr}/old")).await.expect("a page");
    assert!(text.starts_with("GET /new?x=1\n") && text.contains("\nauthorization: Bearer t"), "{text}");
    assert!(text.contains("\naccept: text/plain") && text.contains("\nuser-agent: ferroalloy/"), "{text}");
    for (path, kind, message) in [
        ("/circle", FailureKind::Redirect, "redirects more than 10 times"),
        ("/login", FailureKind::Status(401), "answered 401 Unauthorized: check the credentials"),
        ("/nothing", FailureKind::Status(404), "answered 404 Not Found: check the path"),
    ] {
        let failure = fetch(&client, &format!("http://{addr}{path}?{HUSH}")).await.expect_err(path);
        assert_eq!(failure.kind, kind);
        assert!(public(&failure).contains(message), "{failure}");
    }
    let stays = scraper("follow_redirects = false");
    assert_eq!(fetch(&stays, &format!("http://{addr}/old")).await.expect_err("a redirect").status(), Some(308));
}

/// Answers each request with the number of its connection; `close` says when a connection ends without a word.
async fn counting(close: fn(usize, usize) -> bool) -> SocketAddr {
    raw(move |number, mut tcp| async move {
        for request in 0.. {
            if head(&mut tcp).await.is_empty() || close(number, request) {
                return;
            }
            write(&mut tcp, format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{number}\r\n0\r\n\r\n")).await;
        }
    })
    .await
}

#[tokio::test]
async fn connections_are_kept() {
    let addr = counting(|_, _| false).await;
    let client = scraper("");
    for _ in 0..5 {
        assert_eq!(fetch(&client, &format!("http://{addr}/")).await.expect("a page"), "0");
    }
}

#[tokio::test]
async fn closed_connections_are_replaced() {
    // Closed after the second request came in, unanswered: the worst moment.
    let addr = counting(|_, request| request == 1).await;
    let client = scraper("");
    for number in 0..5 {
        assert_eq!(fetch(&client, &format!("http://{addr}/")).await.expect("a page"), number.to_string());
    }
    // A new connection that ends so is a failure.
    let addr = counting(|_, _| true).await;
    let failure = fetch(&client, &format!("http://{addr}/")).await.expect_err("no answer");
    assert_eq!(
        (failure.kind, failure.message),
        (FailureKind::Connect, format!("{addr} closed the connection before its answer was complete"))
    );
}

#[tokio::test]
async fn slow_pages_are_given_up() {
    let addr = raw(|_, mut tcp| async move {
        head(&mut tcp).await;
        write(&mut tcp, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n").await;
        // A byte now and then: never silent, never done.
        for _ in 0..1000 {
            write(&mut tcp, "x").await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let failure = fetch_with(&scraper(""), &format!("http://{addr}/m"), Duration::from_millis(300), None).await.expect_err("too slow");
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert!(failure.message.contains("was not complete within 300ms"), "{failure}");
}

#[tokio::test]
async fn over_tls() {
    let ours = Authority::new("ours");
    let addr = serve_tls(ours.sign(&["127.0.0.1"]).server(), Router::new().route("/metrics", get(|| async { page() }))).await;
    let args = ClientArgs { tls_config: TlsArgs { ca_pem: ours.pem(), ..TlsArgs::default() }, ..ClientArgs::default() };
    let client = ScrapeClient::new(&args, ClientOptions::default()).expect("good arguments");
    for _ in 0..3 {
        assert_eq!(fetch(&client, &format!("https://{addr}/metrics")).await.expect("a page"), page());
    }
    let failure = fetch(&scraper(""), &format!("https://{addr}/metrics")).await.expect_err("not trusted");
    assert_eq!(failure.kind, FailureKind::Tls);
}

#[tokio::test]
async fn many_at_once() {
    let addr = serve(Router::new().route("/metrics", get(|| async { page() }))).await;
    let client = std::sync::Arc::new(scraper(""));
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let client = std::sync::Arc::clone(&client);
            tokio::spawn(async move { fetch(&client, &format!("http://{addr}/metrics")).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.expect("no panic").expect("a page"), page());
    }
}
