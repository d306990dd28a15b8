//! The client: what it sends, what it makes of answers, how it words failures.

use crate::support::{HUSH, LONG, args, head, public, raw, serve, write};
use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{any, get, post};
use flate2::Compression;
use flate2::write::GzEncoder;
use net::client::{Client, ClientArgs, ClientOptions, FailureKind, Response, SendFailure};
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

pub fn client(text: &str) -> Client {
    Client::new(&args::<ClientArgs>(text), ClientOptions::default()).expect("good arguments")
}

async fn get_from(client: &Client, addr: SocketAddr, path: &str) -> Result<Response, SendFailure> {
    client.get(&format!("http://{addr}{path}"), HeaderMap::new(), LONG, 1 << 20).await
}

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

/// Answers with method, path and the headers that tests look at.
pub async fn echo(request: Request) -> String {
    let mut lines = vec![format!("{} {}", request.method(), request.uri())];
    for (name, value) in request.headers() {
        if !matches!(name.as_str(), "host" | "accept-encoding" | "content-length") {
            lines.push(format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())));
        }
    }
    lines.join("\n")
}

pub fn echo_router() -> Router {
    Router::new().fallback(any(echo))
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()).expect("memory does not fail")
}

#[tokio::test]
async fn posts_with_headers() {
    let addr = serve(Router::new().route("/push", post(|headers: HeaderMap, body: Bytes| async move { (headers, body) }))).await;
    let client = client("http_headers = { \"X-Scope-OrgID\" = [\"t1\", \"t2\"] }");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"))]);
    let response = client.post(&format!("http://{addr}/push"), headers, Bytes::from_static(b"abc"), LONG).await.expect("an answer");
    assert!(response.is_success());
    assert_eq!(response.body, "abc");
    assert_eq!(response.headers.get_all("x-scope-orgid").iter().collect::<Vec<_>>(), ["t1", "t2"]);
    assert_eq!(response.headers["content-type"], "application/x-protobuf");
    assert!(response.headers["user-agent"].to_str().is_ok_and(|agent| agent.starts_with("ferroalloy/")));
}

#[tokio::test]
async fn statuses_become_failures() {
    let router = Router::new()
        .route("/busy", get(|| async { (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "7")], "slow down\nsecond line") }))
        .route(
            "/bad",
            get(|headers: HeaderMap| async move { (StatusCode::BAD_REQUEST, format!("no: {:?}", headers.get(header::AUTHORIZATION))) }),
        )
        .route("/empty", get(|| async { StatusCode::BAD_GATEWAY }));
    let addr = serve(router).await;
    let client = client(&format!("bearer_token = \"{HUSH}\""));
    let cases = [
        ("/busy", FailureKind::Status(429), "answered 429 Too Many Requests: slow down", true),
        ("/bad", FailureKind::Status(400), "answered 400 Bad Request: no: Some(\"(secret)\")", false),
        ("/empty", FailureKind::Status(502), "answered 502 Bad Gateway", true),
    ];
    for (path, kind, message, transient) in cases {
        let failure = get_from(&client, addr, &format!("{path}?token={HUSH}")).await.expect("an answer").ok().expect_err(path);
        assert_eq!((failure.kind, failure.is_transient()), (kind, transient), "{path}");
        assert_eq!(public(&failure), format!("http://{addr}{path} {message}"));
        assert_eq!(failure.retry_after, (path == "/busy").then_some(Duration::from_secs(7)));
    }
}

#[tokio::test]
async fn follows_redirects() {
    let other = serve(echo_router()).await;
    let router = Router::new()
        .route("/see", any(|| async { Redirect::to("/end") }))
        .route("/same", any(|| async { Redirect::temporary("end?q=1") }))
        .route("/away", any(move || async move { Redirect::temporary(&format!("http://localhost:{}/away", other.port())) }))
        .route("/circle", any(|| async { Redirect::permanent("/circle") }))
        .route("/bad", any(|| async { (StatusCode::FOUND, [(header::LOCATION, "ftp://x/")]) }))
        .route("/nowhere", any(|| async { StatusCode::FOUND }))
        .route(
            "/end",
            any(|request: Request| async move {
                let (parts, body) = request.into_parts();
                let length = axum::body::to_bytes(body, 100).await.map_or(0, |body| body.len());
                format!("{length} {}", echo(Request::from_parts(parts, axum::body::Body::empty())).await)
            }),
        );
    let addr = serve(router).await;
    let client = client(&format!("bearer_token = \"{HUSH}\"\nhttp_headers = {{ \"x-key\" = [\"{HUSH}\"] }}"));
    let send = async |path: &str| client.post(&format!("http://{addr}{path}"), HeaderMap::new(), Bytes::from_static(b"abc"), LONG).await;

    let see = text(&send("/see").await.expect("an answer"));
    assert!(see.starts_with("0 GET /end") && see.contains(HUSH), "{see}");
    let same = text(&send("/same").await.expect("an answer"));
    assert!(same.starts_with("3 POST /end?q=1") && same.contains(HUSH), "{same}");
    // Another host gets neither the token nor secret headers.
    let away = text(&send("/away").await.expect("an answer"));
    assert!(away.starts_with("POST /away"), "{away}");
    public(away);
    for (path, expected) in [("/circle", "redirects more than 10 times"), ("/bad", "the scheme \"ftp\" is not supported")] {
        let failure = send(path).await.expect_err(path);
        assert_eq!(failure.kind, FailureKind::Redirect);
        assert!(failure.message.contains(expected), "{failure}");
    }
    assert_eq!(send("/nowhere").await.expect("an answer").status, 302);
    let stays = self::client("follow_redirects = false");
    assert_eq!(get_from(&stays, addr, "/see").await.expect("an answer").status, 303);
}

#[tokio::test]
async fn unpacks_and_bounds_bodies() {
    let long = "x".repeat(200_000);
    let packed = gzip(&long);
    let bomb = packed.clone();
    let router = Router::new()
        .route("/plain", any(move || async move { "x".repeat(200_000) }))
        .route("/packed", any(move || async move { ([(header::CONTENT_ENCODING, "gzip")], bomb) }))
        .route("/broken", any(|| async { ([(header::CONTENT_ENCODING, "gzip")], "not gzip") }));
    let addr = serve(router).await;
    let client = client("");
    for path in ["/plain", "/packed"] {
        let url = format!("http://{addr}{path}");
        let whole = client.get(&url, HeaderMap::new(), LONG, 200_000).await.expect("an answer");
        assert_eq!(whole.body.len(), 200_000);
        let failure = client.get(&url, HeaderMap::new(), LONG, 199_999).await.expect_err("too long");
        assert_eq!(failure.kind, FailureKind::TooLarge);
        let posted = client.post(&url, HeaderMap::new(), Bytes::new(), LONG).await.expect("an answer");
        assert_eq!(posted.body.len(), 64 << 10);
    }
    assert_eq!(get_from(&client, addr, "/broken").await.expect_err("not gzip").kind, FailureKind::Protocol);
}

#[tokio::test]
async fn failures_name_place_and_cause() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let silent = raw(|_, tcp| async move {
        let _open = tcp;
        std::future::pending::<()>().await;
    })
    .await;
    let garbage = raw(|_, mut tcp| async move {
        head(&mut tcp).await;
        write(&mut tcp, "what?\r\n\r\n").await;
    })
    .await;
    let closing = raw(|_, mut tcp| async move {
        head(&mut tcp).await;
    })
    .await;
    let cut = raw(|_, mut tcp| async move {
        head(&mut tcp).await;
        write(&mut tcp, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc").await;
    })
    .await;
    let slow = raw(|_, mut tcp| async move {
        head(&mut tcp).await;
        write(&mut tcp, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc").await;
        std::future::pending::<()>().await;
    })
    .await;
    let short = Duration::from_millis(200);
    let cases = [
        (
            free.to_string(),
            LONG,
            FailureKind::Connect,
            format!("connection refused by {free}: is the receiver running, and is this its port?"),
        ),
        ("nowhere.invalid:80".into(), LONG, FailureKind::Dns, "the name `nowhere.invalid` was not resolved".into()),
        (silent.to_string(), short, FailureKind::Timeout, format!("no answer from http://{silent}/x within 200ms")),
        (slow.to_string(), short, FailureKind::Timeout, format!("the answer of http://{slow}/x was not complete within 200ms")),
        (garbage.to_string(), LONG, FailureKind::Protocol, format!("the answer of {garbage} is not valid HTTP")),
        (closing.to_string(), LONG, FailureKind::Connect, format!("{closing} closed the connection before its answer was complete")),
        (cut.to_string(), LONG, FailureKind::Connect, format!("{cut}")),
    ];
    let client = client("");
    for (authority, timeout, kind, message) in cases {
        let url = format!("http://bob:{HUSH}@{authority}/x?token={HUSH}");
        let failure = client.get(&url, HeaderMap::new(), timeout, 1000).await.expect_err(&authority);
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(public(&failure).contains(&message), "{failure}");
        assert!(failure.is_transient());
    }
    for url in ["x", "ftp://x", "http://"] {
        assert_eq!(client.get(url, HeaderMap::new(), LONG, 10).await.expect_err(url).kind, FailureKind::Invalid);
    }
}

#[tokio::test]
async fn a_closed_connection_is_replaced() {
    // Every connection answers once, claims to stay, and is closed.
    let addr = raw(|number, mut tcp| async move {
        head(&mut tcp).await;
        write(&mut tcp, format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{number}", number.to_string().len())).await;
    })
    .await;
    let client = client("");
    for number in 0..3 {
        // The end of the connection may not have arrived when the next request is sent.
        let answer = crate::support::eventually("an answer", async || get_from(&client, addr, "/").await.ok()).await;
        assert!(text(&answer).parse::<usize>().is_ok_and(|got| got >= number));
    }
}

#[tokio::test]
async fn same_settings_share_connections() {
    let addr = raw(|number, mut tcp| async move {
        while !head(&mut tcp).await.is_empty() {
            write(&mut tcp, format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{number}")).await;
        }
    })
    .await;
    let (first, second) = (client("basic_auth {\nusername = \"a\"\n}"), client("bearer_token = \"b\""));
    assert_eq!(text(&get_from(&first, addr, "/").await.expect("an answer")), "0");
    let second =
        crate::support::eventually("the connection is back", async || get_from(&second, addr, "/").await.ok().map(|it| text(&it))).await;
    assert_eq!(second, "0");
    let other = client("enable_http2 = false");
    assert_eq!(text(&get_from(&other, addr, "/").await.expect("an answer")), "1");
}

#[tokio::test]
async fn other_methods() {
    let addr = serve(Router::new().fallback(any(|request: Request| async move { echo(request).await.into_response() }))).await;
    let url = format!("http://{addr}/x");
    let request = net::client::Request {
        method: Method::PUT,
        url: &url,
        headers: HeaderMap::new(),
        body: Bytes::new(),
        timeout: LONG,
        max_body: 100,
        cut: true,
    };
    let answer = client("").execute(request).await.expect("an answer");
    assert!(text(&answer).starts_with("PUT /x"));
}
