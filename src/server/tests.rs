//! The server over its socket: the UI's files, redirects and the prefix; and that the built UI is current.

use crate::{Control, Server, ServerOptions, StartError, assets};
use component::{HttpRequest, HttpResponse, Services};
use runtime::{Catalog, Controller, Environment};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

fn start(prefix: &str) -> Result<Server, StartError> {
    let services = Services::new(std::env::temp_dir());
    let page = |request: HttpRequest| -> futures_util::future::BoxFuture<'static, HttpResponse> {
        Box::pin(async move { HttpResponse::text(200, format!("page {} {}", request.path, request.query)) })
    };
    services.mounts.mount("local.recent.default", Arc::new(page));
    let controller = Controller::new(Arc::new(Environment::new(Catalog::new(&[]), Arc::new(services))));
    Server::start(ServerOptions {
        listen_address: "127.0.0.1:0".into(),
        ui_path_prefix: prefix.into(),
        controller,
        control: Control::new(mpsc::channel(1).0),
        config_path: "test.alloy".into(),
        version: "0.0.0",
    })
}

/// The whole answer, headers in lower case.
fn ask(server: &Server, method: &str, path: &str, headers: &str) -> String {
    let mut socket = TcpStream::connect(server.address()).expect("the server listens");
    write!(socket, "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n").expect("sent");
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("answered");
    String::from_utf8_lossy(&answer).into_owned()
}

/// `200 text/html`, `302 ./#/graph`, `404`.
fn short(answer: &str) -> String {
    let status = answer.split(' ').nth(1).unwrap_or_default();
    let header = |name: &str| answer.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default();
    let more = if status == "302" { header("location: ") } else { header("content-type: ").split(';').next().unwrap_or_default() };
    format!("{status} {more}")
}

#[test]
fn files_calls_and_old_addresses_with_and_without_a_prefix() {
    let below = [
        ("", "200 text/html"),
        ("index.html", "200 text/html"),
        ("assets/app.js", "200 text/javascript"),
        ("assets/app.css", "200 text/css"),
        ("favicon.svg", "200 image/svg+xml"),
        ("source.sha256", "404 text/plain"),
        ("api/v0/web/components", "200 application/json"),
        ("api/v0/web/status", "200 application/json"),
        ("api/v0/web/nothing", "404 text/plain"),
        ("api/v0/component/local.recent.default/stats", "200 text/plain"),
        ("-/healthy", "200 text/plain"),
        ("component/prometheus.scrape.a", "302 ../#/component/prometheus.scrape.a"),
        ("component/m.x/b.c", "302 ../../#/component/m.x/b.c"),
        ("remotecfg/component/a.b", "302 ../../#/component/a.b"),
        ("debug/a.b", "302 ../#/component/a.b"),
        ("graph", "302 ./#/graph"),
        ("graph/m.x", "302 ../#/graph/m.x"),
        ("clustering", "302 ./#/clustering"),
        ("remotecfg", "302 ./#/components"),
        ("component", "404 text/plain"),
        ("anything/else", "404 text/plain"),
    ];
    for prefix in ["/", "", "/alloy/", "/a/b"] {
        let server = start(prefix).expect("started");
        let base = if prefix.trim_matches('/').is_empty() { String::new() } else { format!("/{}", prefix.trim_matches('/')) };
        for (path, expected) in below {
            let answer = ask(&server, "GET", &format!("{base}/{path}"), "");
            assert_eq!(short(&answer), expected, "{prefix} {path}");
        }
        assert_eq!(short(&ask(&server, "GET", "/api/v0/web/components", "")), "200 application/json", "{prefix}");
        assert!(ask(&server, "GET", "/api/v0/component/local.recent.default/logs?q=a", "").ends_with("page /logs q=a"));
        assert_eq!(short(&ask(&server, "POST", &format!("{base}/"), "")), "404 text/plain");
        server.stop();
    }
}

#[test]
fn the_prefix_without_its_slash_leads_to_the_page_and_nothing_else_does() {
    let server = start("/a/b/").expect("started");
    let cases = [
        ("/a/b", "302 b/"),
        ("/a/bc", "404 text/plain"),
        ("/", "404 text/plain"),
        ("/assets/app.js", "404 text/plain"),
        ("/a", "404 text/plain"),
    ];
    for (path, expected) in cases {
        assert_eq!(short(&ask(&server, "GET", path, "")), expected, "{path}");
    }
    for prefix in ["/{x}", "/:x", "/a b", "/*y", "/ü", "/a?b"] {
        assert!(matches!(start(prefix), Err(StartError::Prefix(_))), "{prefix}");
    }
}

#[test]
fn files_are_checked_by_their_tag_and_cannot_load_from_elsewhere() {
    let server = start("/").expect("started");
    let first = ask(&server, "GET", "/", "");
    assert!(first.contains("content-security-policy: default-src 'self';"), "{first}");
    let tag = first.lines().find_map(|l| l.strip_prefix("etag: ")).expect("a tag").to_owned();
    let again = ask(&server, "GET", "/", &format!("if-none-match: \"other\", W/{tag}\r\n"));
    assert!(again.starts_with("HTTP/1.1 304"), "{again}");
    assert!(ask(&server, "GET", "/", "if-none-match: \"other\"\r\n").starts_with("HTTP/1.1 200"));
    assert!(ask(&server, "HEAD", "/assets/app.js", "").ends_with("\r\n\r\n"), "no body for HEAD");
}

fn web_ui() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../web-ui"))
}

/// Paths of all files below `folder`, relative to `web-ui`, with `/` between parts.
fn files_below(folder: &str) -> Vec<String> {
    let entries = walkdir::WalkDir::new(web_ui().join(folder)).into_iter().map(|entry| entry.expect("readable"));
    let files = entries.filter(|entry| entry.file_type().is_file());
    let relative = |entry: walkdir::DirEntry| entry.path().strip_prefix(web_ui()).expect("below").to_string_lossy().replace('\\', "/");
    files.map(relative).collect()
}

/// The rule stands in `web-ui/README.md`.
#[test]
fn the_built_ui_was_built_from_these_sources() {
    let fixed = ["index.html", "package-lock.json", "package.json", "tsconfig.json", "vite.config.ts"];
    let mut paths: Vec<String> = fixed.map(str::to_owned).into();
    paths.extend(files_below("public"));
    paths.extend(files_below("src"));
    paths.sort();
    let mut hash = Sha256::new();
    for path in paths {
        let content = std::fs::read(web_ui().join(&path)).expect("readable");
        hash.update(format!("{path}\0{}\0", content.len()));
        hash.update(&content);
    }
    let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let built = std::fs::read_to_string(web_ui().join("dist/source.sha256")).expect("readable");
    assert_eq!(built.trim(), hash, "web-ui/dist is not built from these sources: run `npm run build` in web-ui and commit dist");
}

#[test]
fn every_built_file_is_served() {
    let mut built = files_below("dist");
    built.sort();
    let mut served: Vec<String> = assets::FILES.iter().filter(|f| !f.0.is_empty()).map(|f| format!("dist/{}", f.0)).collect();
    served.push("dist/source.sha256".into());
    served.sort();
    assert_eq!(built, served);
}
