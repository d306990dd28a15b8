//! Imports: changes, broken sources, copies on disk, servers.

use crate::harness::{Running, eventually, messages, write};
use component::Stability;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn module(value: &str) -> String {
    format!("declare \"m\" {{\n export \"o\" {{\n value = \"{value}\"\n}}\n}}")
}

fn main(file: &Path) -> String {
    format!("import.file \"lib\" {{\n filename = \"{}\"\n poll_frequency = \"20ms\"\n}}\nlib.m \"x\" {{ }}\n", file.display())
}

fn o(running: &Running) -> Option<String> {
    running.export("lib.m.x", "o")
}

/// Scenario: a module is broken, then right again. Guarantee: the last good one is used meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_good_module_stays() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("lib.alloy");
    write(folder.path(), "lib.alloy", &module("1"));
    let running = Running::start(&main(&file));
    assert_eq!(o(&running).as_deref(), Some("\"1\""));
    write(folder.path(), "lib.alloy", "declare {");
    let message = || running.controller.import_health("import.file.lib").map(|h| h.message).unwrap_or_default();
    assert!(eventually(|| message() == "imported content is invalid; the last good one is used").await, "{}", message());
    assert_eq!(o(&running).as_deref(), Some("\"1\""));
    write(folder.path(), "lib.alloy", &module("2"));
    assert!(eventually(|| o(&running).as_deref() == Some("\"2\"")).await);
    assert_eq!(message(), "content updated");
    running.stop().await;
}

/// Scenario: the file is away at a start. Guarantee: the copy on disk serves; without one the load is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_on_disk_serves_a_start_without_the_source() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("lib.alloy");
    let running = Running::empty(Stability::Experimental);
    let errors = running.load(&main(&file)).expect_err("refused");
    assert!(errors[0].starts_with("1: there is no file or folder"), "{errors:?}");
    write(folder.path(), "lib.alloy", &module("1"));
    let first = Running::start(&main(&file));
    let storage = first.stop_and_keep_storage().await;
    std::fs::remove_file(&file).expect("removed");
    let second = Running::with_storage(Stability::Experimental, storage);
    let report = second.load(&main(&file)).expect("starts from the copy");
    assert!(messages(&report.diagnostics).is_empty());
    assert_eq!(o(&second).as_deref(), Some("\"1\""));
}

/// Scenario: pipes: as a module, as the configuration, and as the configuration that is to be read again. Guarantee: only the
/// configuration is read from one, once; nothing waits for somebody to write.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_is_a_configuration_and_no_module() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo starts").success());
    let errors = Running::empty(Stability::Experimental).load(&main(&pipe)).expect_err("refused");
    assert!(errors[0].starts_with("1: ") && errors[0].ends_with("pipe cannot be read: it is a pipe, not a file"), "{errors:?}");
    let source = pipe.clone();
    let writer = std::thread::spawn(move || std::fs::write(source, "declare \"m\" { }"));
    let sources = runtime::sources::read(&pipe);
    writer.join().expect("no panic").expect("written");
    assert!(sources.is_good() && sources.files[0].body.blocks().count() == 1, "{:?}", sources.diagnostics);
    let again = runtime::sources::read_again(&pipe, &sources.files);
    assert!(again.diagnostics[0].message.ends_with("it is a pipe, not a file"), "{:?}", again.diagnostics);
}

/// Scenario: a module imports itself. Guarantee: it ends, and says why.
#[tokio::test]
async fn a_module_that_imports_itself_ends() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("lib.alloy");
    write(folder.path(), "lib.alloy", &format!("import.file \"again\" {{\n filename = \"{}\"\n}}\n{}", file.display(), module("1")));
    let running = Running::empty(Stability::Experimental);
    let loaded = running.load(&main(&file));
    let errors = match loaded {
        Ok(report) => report.diagnostics.into_iter().map(|d| d.message).collect::<Vec<_>>(),
        Err(errors) => errors,
    };
    assert!(errors.iter().any(|e| e.contains("deep")), "{errors:?}");
}

/// Scenario: a module from a server that changes. Guarantee: it is asked again, and dependants are evaluated.
#[tokio::test(flavor = "multi_thread")]
async fn modules_from_a_server() {
    net::install_crypto();
    let text = Arc::new(parking_lot::Mutex::new(module("1")));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let address = listener.local_addr().expect("it has one");
    let serving = Arc::clone(&text);
    let server = tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            if socket.read(&mut request).await.is_ok() {
                let body = serving.lock().clone();
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
                // The client may have gone.
                let _gone = socket.write_all(answer.as_bytes()).await;
            }
        }
    });
    let running = Running::start(&format!(
        "import.http \"lib\" {{\n url = \"http://{address}/lib.alloy\"\n poll_frequency = \"20ms\"\n}}\nlib.m \"x\" {{ }}"
    ));
    assert_eq!(o(&running).as_deref(), Some("\"1\""));
    *text.lock() = module("2");
    assert!(eventually(|| o(&running).as_deref() == Some("\"2\"")).await);
    server.abort();
    running.stop().await;
}

/// Scenario: a server is away at a start, then back with another module; its address is changed to one that never answered.
/// Guarantee: the copy on disk serves, is told of, and gives way; it never serves for another address.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_the_server() {
    net::install_crypto();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = listener.local_addr().expect("it has one");
    drop(listener);
    let text = |address: &str| {
        format!("import.http \"lib\" {{\n url = \"http://{address}/lib.alloy\"\n poll_frequency = \"20ms\"\n}}\nlib.m \"x\" {{ }}")
    };
    let config = text(&address.to_string());
    let server = serve(address, module("1")).await;
    let storage = Running::start(&config).stop_and_keep_storage().await;
    server.abort();
    // Aborted, but only gone when it has been waited for.
    let _cancelled = server.await;
    let mut second = Running::with_storage(Stability::Experimental, storage);
    let report = second.load(&config).expect("starts from the copy");
    assert!(report.diagnostics[0].message.ends_with("the last good copy is used instead"), "{:?}", report.diagnostics);
    let health = |running: &Running| running.controller.import_health("import.http.lib").map(|h| h.message).unwrap_or_default();
    assert!(health(&second).contains("the last good copy is used instead"), "{}", health(&second));
    assert_eq!(o(&second).as_deref(), Some("\"1\""));
    second.run();
    let server = serve(address, module("2")).await;
    assert!(eventually(|| o(&second).as_deref() == Some("\"2\"")).await, "{}", health(&second));
    assert!(eventually(|| !health(&second).contains("copy")).await, "{}", health(&second));
    server.abort();
    let _cancelled = server.await;
    let storage = second.stop_and_keep_storage().await;
    let third = Running::with_storage(Stability::Experimental, storage);
    assert!(third.load(&text(&format!("{address}/other"))).is_err());
}

/// Answers every request with `body`.
async fn serve(address: std::net::SocketAddr, body: String) -> tokio::task::JoinHandle<()> {
    let listener = tokio::net::TcpListener::bind(address).await.expect("the address is free");
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            if socket.read(&mut request).await.is_ok() {
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
                // The client may have gone.
                let _gone = socket.write_all(answer.as_bytes()).await;
            }
        }
    })
}

/// Scenario: modules with mistakes beside what is used of them, at a first start. Guarantee: as in the original the program
/// starts, with a warning; what stands after the mistake is not there; `validate` says the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_right_of_an_imported_module_is_used() {
    let m = module("1");
    let cases = [
        (format!("{m}\nx = 1"), "`x` stands outside of a block"),
        (format!("{m}\nlogging {{ }}"), "`logging` may not stand at the top of an imported module"),
        (format!("{m}\n{}", module("2")), "`declare.m` is declared twice"),
        (format!("{m}\ndeclare {{ }}"), "`declare` needs a label"),
        (format!("{m}\ndeclare \"n\" {{\n n \"x\" {{ }}\n}}"), "`declare.n` contains itself"),
    ];
    for (text, warning) in cases {
        let main = |name: &str| format!("import.string \"lib\" {{\n content = `{text}`\n}}\nlib.{name} \"x\" {{ }}\n");
        let running = Running::empty(Stability::Experimental);
        let report = running.load(&main("m")).expect("starts");
        assert!(report.diagnostics.iter().any(|d| !d.is_error() && d.message == warning), "{text}: {:?}", report.diagnostics);
        assert_eq!(o(&running).as_deref(), Some("\"1\""), "{text}");
        let checked = running.controller.check(&[crate::harness::parse(&main("m"))]);
        assert!(checked.iter().any(|d| d.message == warning) && !checked.iter().any(syntax::Diagnostic::is_error), "{text}: {checked:?}");
        // Neither after the mistake nor in it is anything to use.
        let wrong = format!("import.string \"lib\" {{\n content = `x = 1\n{m}`\n}}\nlib.m \"x\" {{ }}\n");
        for text in [main("n"), wrong] {
            let errors = Running::empty(Stability::Experimental).load(&text).expect_err("refused");
            assert!(errors.iter().any(|e| e.contains("the import `lib` brings no")), "{text}: {errors:?}");
            let checked = running.controller.check(&[crate::harness::parse(&text)]);
            assert!(checked.iter().any(|d| d.message.starts_with("the import `lib` brings no")), "{text}: {checked:?}");
        }
    }
}

/// Scenario: a module imports a file that is not there, at a first start. Guarantee: what needs the file is refused, and nothing
/// else.
#[tokio::test(flavor = "multi_thread")]
async fn a_nested_import_that_is_missing_hurts_only_who_needs_it() {
    let m = module("1");
    let nested = "import.file \"in\" {\n filename = \"/nowhere/in.alloy\"\n}\ndeclare \"n\" {\n in.m \"x\" { }\n}";
    let main = |name: &str| format!("import.string \"lib\" {{\n content = `{nested}\n{m}`\n}}\nlib.{name} \"x\" {{ }}\n");
    let running = Running::empty(Stability::Experimental);
    running.load(&main("m")).expect("starts");
    assert_eq!(o(&running).as_deref(), Some("\"1\""));
    let errors = Running::empty(Stability::Experimental).load(&main("n")).expect_err("refused");
    assert!(errors.iter().any(|e| e.contains("nothing has been imported yet")), "{errors:?}");
}
