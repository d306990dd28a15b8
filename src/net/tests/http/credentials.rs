//! Credentials: sent as configured, followed when files change, fetched when they are tokens, and never shown.

use crate::client::{client, echo_router};
use crate::support::{HUSH, LONG, args, eventually, public, serve};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use net::client::{Client, ClientArgs, ClientOptions, FailureKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The `Authorization` header that arrives.
async fn sent(client: &Client, url: &str) -> Result<String, net::client::SendFailure> {
    let response = client.get(url, HeaderMap::new(), LONG, 1 << 20).await?.ok()?;
    let body = String::from_utf8_lossy(&response.body).into_owned();
    Ok(body.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or_default().to_owned())
}

#[tokio::test]
async fn each_kind_of_credentials() {
    let addr = serve(echo_router()).await;
    let url = format!("http://{addr}/");
    let with_user = format!("http://me:p%40ss@{addr}/");
    let cases = [
        ("", &url, ""),
        ("", &with_user, "Basic bWU6cEBzcw=="),
        ("basic_auth {\nusername = \"u\"\npassword = \"p\"\n}", &url, "Basic dTpw"),
        ("basic_auth {\nusername = \"u\"\npassword = \"p\"\n}", &with_user, "Basic dTpw"),
        ("bearer_token = \"t\"", &url, "Bearer t"),
        ("authorization {\ntype = \"Token\"\ncredentials = \"t\"\n}", &url, "Token t"),
        ("authorization {\ncredentials = \"t\"\n}", &url, "Bearer t"),
    ];
    for (text, url, expected) in cases {
        assert_eq!(sent(&client(text), url).await.expect(text), expected, "{text}");
    }
}

#[tokio::test]
async fn files_are_followed() {
    let addr = serve(echo_router()).await;
    let url = format!("http://{addr}/");
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("secret");
    let cases = [
        (format!("basic_auth {{\nusername = \"u\"\npassword_file = {path:?}\n}}"), "Basic dTpvbmU=", "Basic dTp0d28tdHdv"),
        (format!("bearer_token_file = {path:?}"), "Bearer one", "Bearer two-two"),
    ];
    for (text, before, after) in cases {
        let client = client(&text);
        let _ = std::fs::remove_file(&path);
        let failure = sent(&client, &url).await.expect_err("there is no file");
        assert_eq!(failure.kind, FailureKind::Credentials);
        assert!(
            failure.message.contains("_file`: ") && failure.message.ends_with("secret cannot be read: no such file or directory"),
            "{failure}"
        );
        std::fs::write(&path, " one\n").expect("a file");
        assert_eq!(sent(&client, &url).await.expect("an answer"), before);
        std::fs::write(&path, "two-two").expect("a file");
        eventually("the new secret", async || sent(&client, &url).await.ok().filter(|sent| sent == after)).await;
    }
}

#[test]
fn unusable_secrets_are_not_shown() {
    let cases = [
        format!("bearer_token = \"{HUSH}\\n\""),
        format!("http_headers = {{ \"x\" = [\"{HUSH}\\n\"] }}"),
        "http_headers = { \"not a name\" = [\"x\"] }".to_owned(),
        format!("proxy_url = \"ftp://user:{HUSH}@x\""),
        format!("tls_config {{\ncert_pem = \"x\"\nkey_pem = \"{HUSH}\"\n}}"),
    ];
    for text in cases {
        let error = Client::new(&args::<ClientArgs>(&text), ClientOptions::default()).expect_err(&text);
        public(error);
    }
    let args =
        args::<ClientArgs>(&format!("basic_auth {{\nusername = \"u\"\npassword = \"{HUSH}\"\n}}\nproxy_url = \"http://u:{HUSH}@x\""));
    let client = Client::new(&args, ClientOptions::default()).expect("good arguments");
    public(format!("{args:?} {client:?}"));
}

/// A token server that wants the secret in the header or in the form, and counts.
#[derive(Clone)]
struct Tokens {
    in_form: bool,
    expires_in: &'static str,
    fetched: Arc<AtomicUsize>,
}

async fn token(State(server): State<Tokens>, headers: HeaderMap, body: String) -> Result<String, (StatusCode, String)> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // "i d:hush-4711", both parts encoded for forms before.
    let good = match server.in_form {
        false => header == "Basic aStkOmh1c2gtNDcxMQ==" && !body.contains("secret"),
        true => header.is_empty() && body.ends_with(&format!("&client_id=i+d&client_secret={HUSH}")),
    };
    if !good || !body.starts_with("grant_type=client_credentials&scope=a+b&audience=x%2Fy") {
        let answer = format!("{{\"error\": \"invalid_client\", \"error_description\": \"wrong secret {HUSH}\"}}");
        return Err((StatusCode::UNAUTHORIZED, answer));
    }
    let number = server.fetched.fetch_add(1, Ordering::SeqCst);
    Ok(format!("{{\"access_token\": \"token-{number}\", \"token_type\": \"bearer\", \"expires_in\": {}}}", server.expires_in))
}

fn oauth2(token_url: &str, secret: &str) -> Client {
    client(&format!(
        "oauth2 {{\nclient_id = \"i d\"\nclient_secret = \"{secret}\"\nscopes = [\"a\", \"b\"]\ntoken_url = \"{token_url}\"\nendpoint_params = {{ audience = \"x/y\" }}\n}}"
    ))
}

#[tokio::test]
async fn tokens_are_fetched_and_kept() {
    let addr = serve(echo_router()).await;
    let url = format!("http://{addr}/");
    for (in_form, expires_in, expected) in [(false, "3600", 1), (true, "\"3600\"", 1), (false, "0", 1), (false, "5", 3)] {
        let fetched = Arc::new(AtomicUsize::new(0));
        let tokens = Router::new().route("/token", post(token)).with_state(Tokens { in_form, expires_in, fetched: Arc::clone(&fetched) });
        let token_url = format!("http://{}/token?x={HUSH}", serve(tokens).await);
        let client = oauth2(&token_url, HUSH);
        for _ in 0..3 {
            let header = sent(&client, &url).await.expect("an answer");
            assert_eq!(header, format!("Bearer token-{}", fetched.load(Ordering::SeqCst) - 1));
        }
        // A token that lives for less than ten seconds is never kept.
        assert_eq!(fetched.load(Ordering::SeqCst), expected, "{expires_in}");
        let failure = sent(&oauth2(&token_url, "other"), &url).await.expect_err("the wrong secret");
        assert_eq!(failure.kind, FailureKind::Credentials);
        assert!(
            public(failure.to_string().replace(HUSH, "(their own)")).contains("answered 401 Unauthorized (invalid_client"),
            "{failure}"
        );
        public(format!("{client:?}"));
    }
}

#[tokio::test]
async fn the_token_servers_words_hide_the_secret() {
    let addr = serve(
        Router::new()
            .route("/", post(|| async { (StatusCode::BAD_REQUEST, format!("{{\"error\": \"x\", \"error_description\": \"{HUSH}\"}}")) })),
    )
    .await;
    let failure = sent(&oauth2(&format!("http://{addr}/"), HUSH), &format!("http://{addr}/")).await.expect_err("refused");
    assert_eq!(public(&failure), format!("no token from the token server: http://{addr}/ answered 400 Bad Request (x: (secret))"));
}

#[tokio::test]
async fn a_refused_token_is_fetched_anew() {
    let fetched = Arc::new(AtomicUsize::new(0));
    let state = Tokens { in_form: false, expires_in: "3600", fetched: Arc::clone(&fetched) };
    let token_url = format!("http://{}/token", serve(Router::new().route("/token", post(token)).with_state(state)).await);
    let router = Router::new().fallback(|headers: HeaderMap| async move {
        let old = headers.get(header::AUTHORIZATION).is_none_or(|value| value == "Bearer token-0");
        if old { StatusCode::UNAUTHORIZED } else { StatusCode::OK }
    });
    let url = format!("http://{}/", serve(router).await);
    let client = oauth2(&token_url, HUSH);
    assert_eq!(sent(&client, &url).await.expect_err("revoked").status(), Some(401));
    assert!(sent(&client, &url).await.is_ok());
    assert_eq!(fetched.load(Ordering::SeqCst), 2);
}
