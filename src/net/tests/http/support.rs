//! Servers on free ports, certificates made on the spot, and arguments from configuration text.

use axum::Router;
use net::server::{HttpArgs, Server, ServerArgs, ServerTlsArgs};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use syntax::{Source, Span, ast};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use value::{Arguments, Attr, AttrValue, Block, Body, DecodeCx};

/// What no error, debug text or message may hold. Put it into passwords, tokens and queries.
pub const HUSH: &str = "hush-4711";

/// Long enough for anything that happens, on a busy machine too.
pub const LONG: Duration = Duration::from_secs(20);

/// Asserts that a text is without secrets, and gives it back.
#[track_caller]
pub fn public(text: impl ToString) -> String {
    let text = text.to_string();
    assert!(!text.contains(HUSH), "a secret is in {text:?}");
    text
}

fn body<'a>(source: &'a Arc<Source>, body: &'a ast::Body, span: Span) -> Body<'a> {
    let attrs = body.attrs().map(|attr| {
        let value = value::eval::evaluate(&attr.value, source, &value::scope::Empty).expect("test configurations evaluate");
        Attr { name: &attr.name, expr: &attr.value, value: AttrValue::Known(value) }
    });
    let blocks = body.blocks().map(|b| Block { ast: b, body: self::body(source, &b.body, b.name_span) });
    Body { source, span, attrs: attrs.collect(), blocks: blocks.collect() }
}

/// Arguments from text, or what is wrong with it.
pub fn decode<T: Arguments>(text: &str) -> Result<T, String> {
    let source = Source::new("test.alloy", text);
    let parsed = syntax::parse(&source);
    assert!(parsed.diagnostics.is_empty(), "{text} is no configuration: {:?}", parsed.diagnostics);
    let mut cx = DecodeCx::default();
    let decoded = T::decode(&body(&source, &parsed.file.body, Span::default()), &mut cx);
    let messages: Vec<_> = cx.diagnostics.iter().map(|d| d.message.clone()).collect();
    decoded.ok_or_else(|| messages.join("\n"))
}

/// Arguments from text that is right.
#[track_caller]
pub fn args<T: Arguments>(text: &str) -> T {
    match decode(text) {
        Ok(args) => args,
        Err(error) => unreachable!("{text}: {error}"),
    }
}

/// Serves a router on a free port, for as long as the test runs.
pub async fn serve(router: Router) -> SocketAddr {
    serve_with(&server_args("listen_address = \"127.0.0.1\"\nlisten_port = 0"), router).await
}

/// Serves a router over TLS.
pub async fn serve_tls(tls: ServerTlsArgs, router: Router) -> SocketAddr {
    let args = server_args("listen_address = \"127.0.0.1\"\nlisten_port = 0");
    let http = HttpArgs { tls: Some(tls), ..args.http };
    serve_with(&ServerArgs { http, ..args }, router).await
}

/// Serves a router with any settings.
pub async fn serve_with(args: &ServerArgs, router: Router) -> SocketAddr {
    let server = Server::bind(args, router).await.expect("a free port is free");
    let addr = server.addr();
    tokio::spawn(server.serve(std::future::pending()));
    addr
}

/// Arguments of a server from the text of its `http` block.
pub fn server_args(http: &str) -> ServerArgs {
    args(&format!("http {{\n{http}\n}}"))
}

/// A server that is written by hand: `handle` gets each connection with its number.
pub async fn raw<F, R>(handle: F) -> SocketAddr
where
    F: Fn(usize, TcpStream) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port is free");
    let addr = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        for number in 0.. {
            let Ok((tcp, _)) = listener.accept().await else { return };
            tokio::spawn(handle(number, tcp));
        }
    });
    addr
}

/// Reads until the end of a request's head.
pub async fn head(tcp: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match tcp.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Writes, and does not care whether anyone reads.
pub async fn write(tcp: &mut TcpStream, text: impl AsRef<[u8]>) {
    let _ = tcp.write_all(text.as_ref()).await;
}

/// Tries again until there is a result, within a deadline.
pub async fn eventually<T, R: Future<Output = Option<T>>>(what: &str, mut attempt: impl FnMut() -> R) -> T {
    let start = Instant::now();
    loop {
        if let Some(result) = attempt().await {
            return result;
        }
        assert!(start.elapsed() < LONG, "{what} did not come about");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An authority that signs certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as PEM.
pub struct Pair {
    pub cert: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("keys can be made")).expect("a good certificate"))
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    pub fn sign(&self, names: &[&str]) -> Pair {
        let key = KeyPair::generate().expect("keys can be made");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let cert = CertificateParams::new(names).and_then(|params| params.signed_by(&key, &self.0)).expect("a good certificate");
        Pair { cert: cert.pem(), key: key.serialize_pem() }
    }
}

impl Pair {
    /// Signed by itself, and an authority at the same time, as `openssl req -x509` makes them.
    pub fn self_signed(names: &[&str]) -> Self {
        let key = KeyPair::generate().expect("keys can be made");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("good names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let cert = params.self_signed(&key).expect("a good certificate");
        Self { cert: cert.pem(), key: key.serialize_pem() }
    }

    pub fn server(&self) -> ServerTlsArgs {
        ServerTlsArgs { cert_pem: self.cert.clone(), key_pem: value::Secret::new(&self.key), ..ServerTlsArgs::default() }
    }
}
