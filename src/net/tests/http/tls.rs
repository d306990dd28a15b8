//! TLS: whom the client trusts, whom the server lets in, and how refusals are worded.

use crate::client::echo_router;
use crate::support::{Authority, HUSH, LONG, Pair, eventually, public, serve, serve_tls};
use axum::http::HeaderMap;
use net::client::{Client, ClientArgs, ClientError, ClientOptions, FailureKind, SendFailure, TlsArgs, TlsVersion};
use net::server::{BindError, Server, ServerTlsArgs};
use value::Secret;

fn client(tls_config: TlsArgs) -> Result<Client, ClientError> {
    Client::new(&ClientArgs { tls_config, ..ClientArgs::default() }, ClientOptions::default())
}

async fn fetch(tls_config: TlsArgs, url: &str) -> Result<String, SendFailure> {
    let response = client(tls_config).expect("good arguments").get(url, HeaderMap::new(), LONG, 1000).await?;
    Ok(String::from_utf8_lossy(&response.body).into_owned())
}

fn trust(pem: &str) -> TlsArgs {
    TlsArgs { ca_pem: pem.to_owned(), ..TlsArgs::default() }
}

#[tokio::test]
async fn whom_the_client_trusts() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let addr = serve_tls(ours.sign(&["localhost", "inner.example"]).server(), echo_router()).await;
    let (named, plain) = (format!("https://localhost:{}/", addr.port()), format!("https://{addr}/"));
    let good = trust(&ours.pem());
    let inner = TlsArgs { server_name: "inner.example".into(), ..good.clone() };
    let wrong = TlsArgs { server_name: "outer.example".into(), ..good.clone() };
    let all = TlsArgs { insecure_skip_verify: true, ..TlsArgs::default() };
    let newest = TlsArgs { min_version: TlsVersion::Tls13, ..good.clone() };
    for (args, url) in [(&good, &named), (&inner, &plain), (&all, &plain), (&newest, &named)] {
        assert!(fetch(args.clone(), url).await.expect("an answer").starts_with("GET "));
    }
    let port = addr.port();
    let cases = [
        (trust(&theirs.pem()), &named, format!("the certificate of localhost:{port} is from an authority that is not trusted")),
        (TlsArgs::default(), &named, format!("the certificate of localhost:{port} is from an authority that is not trusted")),
        (good.clone(), &plain, format!("the certificate of {addr} is for")),
        (wrong, &plain, "not for `outer.example`".to_owned()),
    ];
    for (args, url, expected) in cases {
        let failure = fetch(args, &format!("{url}?token={HUSH}")).await.expect_err(&expected);
        assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
        assert!(public(&failure).contains(&expected), "{failure} instead of {expected}");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_can_be_trusted() {
    let pair = Pair::self_signed(&["localhost"]);
    let addr = serve_tls(pair.server(), echo_router()).await;
    let url = format!("https://localhost:{}/", addr.port());
    assert!(fetch(trust(&pair.cert), &url).await.is_ok());
    let failure = fetch(trust(&pair.cert), &format!("https://{addr}/")).await.expect_err("another name");
    assert!(failure.message.contains("is for"), "{failure}");
    let other = Pair::self_signed(&["localhost"]);
    assert_eq!(fetch(trust(&other.cert), &url).await.expect_err("another certificate").kind, FailureKind::Tls);
}

#[tokio::test]
async fn http2_where_it_is_wanted() {
    let ours = Authority::new("ours");
    let router = axum::Router::new().fallback(|request: axum::extract::Request| async move { format!("{:?}", request.version()) });
    let addr = serve_tls(ours.sign(&["localhost"]).server(), router).await;
    for (enable_http2, version) in [(true, "HTTP/2.0"), (false, "HTTP/1.1")] {
        let args = ClientArgs { tls_config: trust(&ours.pem()), enable_http2, ..ClientArgs::default() };
        let client = Client::new(&args, ClientOptions::default()).expect("good arguments");
        let answer = client.get(&format!("https://localhost:{}/", addr.port()), HeaderMap::new(), LONG, 100).await.expect("an answer");
        assert_eq!(answer.body, version);
    }
}

#[tokio::test]
async fn protocols_that_do_not_match() {
    let (ours, plain) = (Authority::new("ours"), serve(echo_router()).await);
    let failure = fetch(trust(&ours.pem()), &format!("https://{plain}/")).await.expect_err("no TLS there");
    assert_eq!(failure.message, format!("{plain} does not speak TLS on this port: should the address begin with `http://`?"));
}

#[tokio::test]
async fn client_certificates() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let mutual = |kind: &str| ServerTlsArgs { client_auth_type: kind.into(), client_ca: ours.pem(), ..ours.sign(&["localhost"]).server() };
    let with = |pair: Pair| TlsArgs { cert_pem: pair.cert, key_pem: Secret::new(pair.key), ..trust(&ours.pem()) };
    let cases = [
        ("RequireAndVerifyClientCert", None, Err("wants a client certificate: set `cert_file` and `key_file`")),
        ("RequireAndVerifyClientCert", Some(&ours), Ok(())),
        ("RequireAndVerifyClientCert", Some(&theirs), Err("does not accept the client certificate")),
        ("VerifyClientCertIfGiven", None, Ok(())),
        ("VerifyClientCertIfGiven", Some(&theirs), Err("does not accept the client certificate")),
        ("RequireAnyClientCert", Some(&theirs), Ok(())),
        ("RequireAnyClientCert", None, Err("wants a client certificate")),
        ("NoClientCert", None, Ok(())),
    ];
    for (kind, signer, expected) in cases {
        let addr = serve_tls(mutual(kind), echo_router()).await;
        let args = signer.map_or_else(|| trust(&ours.pem()), |signer| with(signer.sign(&["client"])));
        let result = fetch(args, &format!("https://localhost:{}/", addr.port())).await;
        match (expected, result) {
            (Ok(()), Ok(_)) => {}
            (Err(expected), Err(failure)) => assert!(failure.message.contains(expected), "{kind}: {failure}"),
            (_, result) => unreachable!("{kind}: {result:?}"),
        }
    }
}

#[tokio::test]
async fn files_are_followed() {
    let (first, second) = (Authority::new("first"), Authority::new("second"));
    let dir = tempfile::tempdir().expect("a folder");
    let path = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
    let write = |authority: &Authority| {
        let pair = authority.sign(&["localhost"]);
        std::fs::write(path("cert"), pair.cert).and_then(|()| std::fs::write(path("key"), pair.key)).expect("files");
    };
    write(&first);
    let server = ServerTlsArgs { cert_file: path("cert"), key_file: path("key"), ..ServerTlsArgs::default() };
    let url = format!("https://localhost:{}/", serve_tls(server, echo_router()).await.port());
    assert!(fetch(trust(&first.pem()), &url).await.is_ok());
    std::fs::write(path("ca"), first.pem()).expect("a file");
    let from_file = TlsArgs { ca_file: path("ca"), ..TlsArgs::default() };
    let client = client(from_file).expect("good arguments");
    // Both ends change: the server's certificate, then whom the client trusts. Each connection is closed by the server.
    let get = async || {
        client.get(&url, HeaderMap::from_iter([(axum::http::header::CONNECTION, "close".parse().expect("a header"))]), LONG, 1000).await
    };
    assert!(get().await.is_ok());
    write(&second);
    eventually("the new certificate", async || fetch(trust(&second.pem()), &url).await.ok()).await;
    std::fs::write(path("ca"), second.pem()).expect("a file");
    eventually("the new authority", async || get().await.ok()).await;
}

#[test]
fn mistakes_in_pem_are_explained() {
    let (pair, other) = (Pair::self_signed(&["a"]), Pair::self_signed(&["b"]));
    let cut = pair.cert.get(..60).unwrap_or_default().to_owned();
    let base = TlsArgs::default;
    let cases = [
        (TlsArgs { ca_pem: "x".into(), ..base() }, "`ca_pem` holds no certificate"),
        (TlsArgs { ca_pem: cut, ..base() }, "`ca_pem` is not valid PEM"),
        (TlsArgs { ca_file: "/nowhere".into(), ..base() }, "`ca_file`: /nowhere cannot be read: no such file or directory"),
        (
            TlsArgs { cert_pem: pair.cert.clone(), key_pem: Secret::new(&other.key), ..base() },
            "the key in `key_pem` does not belong to the certificate in `cert_pem`",
        ),
        (TlsArgs { cert_pem: pair.cert.clone(), key_pem: Secret::new(&pair.cert), ..base() }, "`key_pem` holds no private key"),
        (
            TlsArgs {
                cert_pem: pair.cert.clone(),
                key_pem: Secret::new("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"),
                ..base()
            },
            "`key_pem` holds an encrypted key",
        ),
        (TlsArgs { cert_pem: pair.key.clone(), key_pem: Secret::new(&pair.key), ..base() }, "`cert_pem` holds no certificate"),
    ];
    for (args, expected) in cases {
        let error = client(args).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error} instead of {expected}");
    }
    assert!(client(TlsArgs { cert_pem: pair.cert.clone(), key_pem: Secret::new(&pair.key), ..base() }).is_ok());
}

#[tokio::test]
async fn without_certificate_and_key_it_is_plain() {
    let pair = Pair::self_signed(&["a"]);
    for tls in [ServerTlsArgs::default(), ServerTlsArgs { key_pem: Secret::default(), ..pair.server() }] {
        let addr = serve_tls(tls, echo_router()).await;
        assert!(fetch(TlsArgs::default(), &format!("http://{addr}/")).await.is_ok());
    }
}

#[tokio::test]
async fn mistakes_in_a_servers_tls_are_explained() {
    let pair = Pair::self_signed(&["a"]);
    let base = || pair.server();
    let cases = [
        (ServerTlsArgs { cert_file: "x".into(), ..base() }, "at most one of `cert_pem` and `cert_file`"),
        (ServerTlsArgs { min_version: "TLS13".into(), ..base() }, "`min_version`: \"TLS13\" is not known"),
        (ServerTlsArgs { cipher_suites: "TLS_X".into(), ..base() }, "`cipher_suites`: \"TLS_X\" is not known"),
        (ServerTlsArgs { client_auth_type: "x".into(), ..base() }, "`client_auth_type`: \"x\" is not known"),
        (ServerTlsArgs { client_auth_type: "RequireAndVerifyClientCert".into(), ..base() }, "needs the clients' authorities"),
    ];
    for (tls, expected) in cases {
        let args = crate::support::server_args("listen_port = 0");
        let http = net::server::HttpArgs { tls: Some(tls), ..args.http };
        let error: BindError = Server::bind(&net::server::ServerArgs { http, ..args }, echo_router()).await.expect_err(expected);
        assert!(error.to_string().contains(expected), "{error} instead of {expected}");
    }
    let suites =
        ServerTlsArgs { cipher_suites: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_RSA_WITH_AES_128_CBC_SHA".into(), ..base() };
    serve_tls(suites, echo_router()).await;
}
