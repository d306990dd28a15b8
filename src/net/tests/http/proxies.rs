//! Requests through proxies, against proxies written by hand.

use crate::client::{client, echo_router};
use crate::support::{Authority, HUSH, LONG, args, head, public, raw, serve, serve_tls, write};
use axum::http::HeaderMap;
use net::client::{Client, ClientArgs, ClientOptions, FailureKind, TlsArgs};
use net::scrape_client::{ScrapeClient, ScrapeRequest, Target};
use parking_lot::Mutex;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A proxy that tunnels to where it is asked, answers other requests itself, and remembers their heads.
async fn http_proxy(status: &'static str) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let addr = raw(move |_, mut tcp| {
        let log = Arc::clone(&log);
        async move {
            loop {
                let head = head(&mut tcp).await;
                if head.is_empty() {
                    return;
                }
                log.lock().push(head.clone());
                let Some(authority) = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()) else {
                    write(&mut tcp, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy").await;
                    continue;
                };
                write(&mut tcp, format!("HTTP/1.1 {status}\r\nX: y\r\n\r\n")).await;
                if status.starts_with('2') {
                    let mut server = TcpStream::connect(authority).await.expect("the server is there");
                    let _ = tokio::io::copy_bidirectional(&mut tcp, &mut server).await;
                }
                return;
            }
        }
    })
    .await;
    (addr, seen)
}

async fn get(client: &Client, url: &str) -> Result<String, net::client::SendFailure> {
    let response = client.get(url, HeaderMap::new(), LONG, 1000).await?;
    Ok(String::from_utf8_lossy(&response.body).into_owned())
}

#[tokio::test]
async fn plain_requests_are_read_by_the_proxy() {
    let (proxy, seen) = http_proxy("200 OK").await;
    let text = format!("proxy_url = \"http://user:{HUSH}@{proxy}\"");
    assert_eq!(get(&client(&text), "http://server.invalid/x?q=1").await.expect("an answer"), "proxy");
    let scraper = ScrapeClient::new(&args::<ClientArgs>(&text), ClientOptions::default()).expect("good arguments");
    let target = Target::parse("http://server.invalid/x?q=1").expect("a good address");
    let mut buf = Vec::new();
    let headers = HeaderMap::new();
    let request = ScrapeRequest { target: &target, headers: &headers, timeout: LONG, body_limit: None, compression: true };
    scraper.fetch(&request, &mut buf).await.expect("an answer");
    assert_eq!(buf, b"proxy");
    let seen = seen.lock().clone();
    assert_eq!(seen.len(), 2);
    for head in seen {
        let head = head.to_lowercase();
        assert!(head.starts_with("get http://server.invalid/x?q=1 http/1.1"), "{head}");
        assert!(head.contains("host: server.invalid\r\n") && head.contains("proxy-authorization: basic "), "{head}");
    }
}

#[tokio::test]
async fn tls_goes_through_a_tunnel() {
    let ours = Authority::new("ours");
    let server = serve_tls(ours.sign(&["127.0.0.1"]).server(), echo_router()).await;
    let (proxy, seen) = http_proxy("200 Connection established").await;
    let mut args: ClientArgs =
        args(&format!("proxy_url = \"http://user:{HUSH}@{proxy}\"\nproxy_connect_header = {{ \"X-Way\" = [\"out\"] }}"));
    args.tls_config = TlsArgs { ca_pem: ours.pem(), ..TlsArgs::default() };
    let client = Client::new(&args, ClientOptions::default()).expect("good arguments");
    let answer = get(&client, &format!("https://{server}/x")).await.expect("an answer");
    assert!(answer.starts_with("GET ") && !answer.contains("proxy-authorization"), "{answer}");
    let head = seen.lock().concat().to_lowercase();
    assert!(head.starts_with(&format!("connect {server} http/1.1\r\n")), "{head}");
    assert!(head.contains("x-way: out\r\n") && head.contains("proxy-authorization: basic "), "{head}");
}

#[tokio::test]
async fn refusals_of_proxies() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let cases = [
        (http_proxy("407 Proxy Authentication Required").await.0, FailureKind::Proxy, "wants credentials"),
        (http_proxy("403 Forbidden").await.0, FailureKind::Proxy, "refused a tunnel to server.invalid:443 with status 403"),
        (free, FailureKind::Connect, "the proxy is not reached: connection refused"),
    ];
    for (proxy, kind, expected) in cases {
        let client = client(&format!("proxy_url = \"http://user:{HUSH}@{proxy}\""));
        let failure = get(&client, &format!("https://server.invalid/?{HUSH}")).await.expect_err(expected);
        assert_eq!(failure.kind, kind);
        assert!(public(&failure).contains(expected), "{failure}");
    }
}

#[tokio::test]
async fn exceptions_go_straight() {
    let server = serve(echo_router()).await;
    let (proxy, seen) = http_proxy("200 OK").await;
    let client = client(&format!("proxy_url = \"http://{proxy}\"\nno_proxy = \"10.0.0.0/8\""));
    assert!(get(&client, &format!("http://{server}/")).await.expect("an answer").starts_with("GET /"));
    assert!(seen.lock().is_empty());
}

#[tokio::test]
async fn socks_proxies() {
    let server = serve(echo_router()).await;
    let proxy = raw(move |_, mut tcp| async move {
        let mut greeting = [0; 3];
        let _ = tcp.read_exact(&mut greeting).await;
        let _ = tcp.write_all(&[5, 2]).await;
        // Name and password, each with its length.
        let mut login = vec![0; 2 + 4 + 1 + HUSH.len()];
        let _ = tcp.read_exact(&mut login).await;
        let good = login.ends_with(HUSH.as_bytes());
        let _ = tcp.write_all(&[1, u8::from(!good)]).await;
        let mut request = vec![0; 5 + "server.invalid".len() + 2];
        let _ = tcp.read_exact(&mut request).await;
        assert_eq!(request.get(5..19), Some(b"server.invalid".as_slice()));
        let _ = tcp.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await;
        let mut server = TcpStream::connect(server).await.expect("the server is there");
        let _ = tokio::io::copy_bidirectional(&mut tcp, &mut server).await;
    })
    .await;
    let answer = get(&client(&format!("proxy_url = \"socks5://user:{HUSH}@{proxy}\"")), "http://server.invalid/x").await;
    assert!(answer.expect("an answer").starts_with("GET /x"));
    let failure =
        get(&client(&format!("proxy_url = \"socks5://user:{}@{proxy}\"", "x".repeat(HUSH.len()))), "http://server.invalid/x").await;
    assert_eq!(failure.expect_err("the wrong password").kind, FailureKind::Proxy);
}
