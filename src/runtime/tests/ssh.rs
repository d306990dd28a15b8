//! `import.git` from a server of SSH that runs here, as the user of the tests. Without sshd nothing is tested.
//!
//! The server's key has to be in a file that the environment names: each test runs in a process of its own.

use crate::git::{Repository, files_with, module};
use crate::harness::{Running, eventually, parse, wait};
use component::Stability;
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SSHD: &str = "/usr/sbin/sshd";
const PASSPHRASE: &str = "hidden-passphrase";
const KNOWN_HOSTS: &str = "SSH_KNOWN_HOSTS";

/// A server of SSH with a repository.
struct Server {
    /// Keys and known hosts; their names are of the kind that ssh would take for patterns and lists.
    folder: PathBuf,
    /// Its own keys and settings.
    own: tempfile::TempDir,
    repository: Repository,
    process: Option<Child>,
    port: u16,
}

impl Server {
    /// In the process that knows the server's key: the server. Elsewhere `None`: that process has run the test.
    async fn start(test: &str) -> Option<Self> {
        let Some(known_hosts) = std::env::var_os(KNOWN_HOSTS).filter(|_| std::env::var_os("FERROALLOY_TEST").is_some()) else {
            run_alone(test);
            return None;
        };
        // Whoever has started this process looks for secrets in what it prints.
        let _earlier = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_writer(std::io::stderr).try_init();
        let folder = Path::new(&known_hosts).parent().expect("it has one").to_owned();
        let own = tempfile::tempdir().expect("a temporary folder");
        keygen(&own.path().join("host"), "");
        for (name, passphrase) in [("key", ""), ("closed key", PASSPHRASE), ("other key", "")] {
            keygen(&folder.join(name), passphrase);
        }
        let public = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a key");
        std::fs::write(own.path().join("authorized"), public("key.pub") + &public("closed key.pub")).expect("written");
        let mut server = Self { folder, own, repository: Repository::new()?, process: None, port: free_port() };
        server.know(&server.own.path().join("host.pub"));
        server.run().await;
        Some(server)
    }

    /// Makes the public key in a file the known one.
    fn know(&self, key: &Path) {
        let key = std::fs::read_to_string(key).expect("a key");
        std::fs::write(self.path("known hosts"), format!("[127.0.0.1]:{} {key}", self.port)).expect("written");
    }

    async fn run(&mut self) {
        let own = |name: &str| self.own.path().join(name);
        let settings = format!(
            "Port {}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\nStrictModes no\n\
            PasswordAuthentication no\nKbdInteractiveAuthentication no\n",
            self.port,
            own("host").display(),
            own("authorized").display(),
        );
        std::fs::write(own("settings"), settings).expect("written");
        if whoami() == "root" {
            // Where sshd, started by root, keeps its unprivileged part.
            std::fs::create_dir_all("/run/sshd").expect("made");
        }
        let log = std::fs::File::create(own("log")).expect("made");
        let mut command = Command::new(SSHD);
        command.arg("-D").arg("-e").arg("-f").arg(own("settings")).stdin(Stdio::null()).stderr(log);
        let log = own("log");
        self.process = Some(command.spawn().expect("sshd starts"));
        let is_up = || std::fs::read_to_string(&log).is_ok_and(|log| log.contains("Server listening"));
        assert!(eventually(is_up).await, "{:?}", std::fs::read_to_string(&log));
    }

    fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().and_then(|()| process.wait()).expect("it has run");
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A configuration with this in its `ssh_key`.
    fn import(&self, key: &str) -> String {
        format!(
            "import.git \"lib\" {{\n repository = \"ssh://nobody@127.0.0.1:{}{}\"\n path = \"m.alloy\"\n pull_frequency = \"100ms\"\n \
            ssh_key {{\n username = \"{}\"\n {key}\n }}\n}}\nlib.m \"x\" {{ }}",
            self.port,
            self.repository.path().display(),
            whoami()
        )
    }

    /// `key = …` with what is in the file.
    fn key(&self, name: &str) -> String {
        format!("key = {:?}", std::fs::read_to_string(self.path(name)).expect("a key"))
    }

    fn key_file(&self, name: &str) -> String {
        format!("key_file = {:?}", self.path(name).display().to_string())
    }

    /// Why `text` is refused, and what is said to do.
    fn refusal(&self, text: &str) -> (String, String) {
        let error = Running::empty(Stability::Experimental).controller.load(&[parse(text)]).expect_err("refused");
        let found = error.diagnostics.into_iter().find(|found| found.code == "module/source").expect("the import says why");
        (found.message, found.hints.join("; "))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs the test `name` in a process that knows the server's key. None of the keys may show in what it prints.
fn run_alone(name: &str) {
    for (program, argument) in [(SSHD, "-?"), ("ssh", "-V"), ("ssh-keygen", "-?"), ("git", "--version")] {
        if Command::new(program).arg(argument).output().is_err() {
            return eprintln!("skipped: the program {program} is not installed");
        }
    }
    let folder = tempfile::Builder::new().prefix("a 100%d \"folder\"").tempdir().expect("a temporary folder");
    let mut command = Command::new(std::env::current_exe().expect("a program"));
    command.args(["--exact", &format!("ssh::{name}"), "--nocapture"]);
    command.env("FERROALLOY_TEST", "1").env(KNOWN_HOSTS, folder.path().join("known hosts")).env_remove("SSH_AUTH_SOCK");
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    for secret in secrets(folder.path()) {
        assert!(!said.contains(&secret), "{said}");
    }
}

/// The passphrase, and the lines of all private keys in `folder`.
fn secrets(folder: &Path) -> Vec<String> {
    let keys = ["key", "closed key", "other key"].map(|name| std::fs::read_to_string(folder.join(name)).expect("a key"));
    // The first lines of all keys are the same.
    let lines = keys.iter().flat_map(|key| key.lines().skip(2).filter(|line| !line.starts_with('-')));
    lines.map(str::to_owned).chain([PASSPHRASE.to_owned()]).collect()
}

fn keygen(path: &Path, passphrase: &str) {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", "ed25519", "-C", "", "-N", passphrase, "-f"]).arg(path).stdin(Stdio::null());
    assert!(command.status().expect("ssh-keygen starts").success());
}

fn whoami() -> String {
    let output = Command::new("id").arg("-un").output().expect("id starts");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

fn o(running: &Running) -> Option<String> {
    running.export("lib.m.x", "o")
}

/// Looks at the processes and the key files below a folder all the time.
struct Watch {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Seen>,
}

#[derive(Default)]
struct Seen {
    arguments: BTreeSet<String>,
    modes: BTreeSet<u32>,
}

impl Watch {
    fn new(storage: PathBuf) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let look = move || {
            let mut seen = Seen::default();
            let scratch = storage.join("import.git.lib/fetching");
            while !stopped.load(Ordering::Relaxed) {
                for process in std::fs::read_dir("/proc").expect("it is there").flatten() {
                    let arguments = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
                    seen.arguments.insert(String::from_utf8_lossy(&arguments).replace('\0', " "));
                }
                let mode = |path: &Path| std::fs::metadata(path).map(|meta| meta.permissions().mode() & 0o777);
                seen.modes.extend([&scratch, &scratch.join("key"), &scratch.join("askpass")].into_iter().flat_map(|path| mode(path)));
            }
            seen
        };
        Self { stop, thread: std::thread::spawn(look) }
    }

    fn end(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("it does not panic")
    }
}

/// Scenario: the key as text, without its last line end, in a file that everybody may read, and both with a passphrase.
/// Guarantee: the module is had with each; what is secret shows in the arguments of no process and is in no file that
/// others may read, and in none at all afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn keys_of_every_kind() {
    let Some(server) = Server::start("keys_of_every_kind").await else { return };
    let passphrase = format!("\n passphrase = \"{PASSPHRASE}\"");
    std::fs::set_permissions(server.path("key"), PermissionsExt::from_mode(0o644)).expect("its owner may");
    for key in [
        server.key("key").replace("\\n\"", "\""),
        server.key_file("key"),
        server.key("closed key") + &passphrase,
        server.key_file("closed key") + &passphrase,
    ] {
        let storage = tempfile::tempdir().expect("a temporary folder");
        let watch = Watch::new(storage.path().to_owned());
        let running = Running::with_storage(Stability::Experimental, storage);
        let loaded = running.load(&server.import(&key));
        let seen = watch.end();
        assert!(loaded.is_ok(), "{loaded:?}");
        assert_eq!(o(&running).as_deref(), Some("\"1\""));
        assert!(seen.arguments.iter().any(|arguments| arguments.starts_with("ssh -o")), "{:?}", seen.arguments);
        let with_passphrase = key.contains("passphrase");
        assert_eq!(seen.modes, if with_passphrase { [0o600, 0o700].into() } else { BTreeSet::from([0o600, 0o700]) });
        let storage = running.stop_and_keep_storage().await;
        for secret in secrets(&server.folder) {
            // Other tests make their keys at the same time.
            let of_fetch = seen.arguments.iter().filter(|arguments| !arguments.starts_with("ssh-keygen"));
            let shown: Vec<_> = of_fetch.filter(|arguments| arguments.contains(&secret)).collect();
            assert!(shown.is_empty(), "{shown:?}");
            assert_eq!(files_with(storage.path(), &secret), Vec::<PathBuf>::new());
        }
        assert!(!storage.path().join("import.git.lib/fetching").exists());
    }
}

/// Scenario: keys that the server does not take, that cannot be opened, that are none. Guarantee: each time it is said what
/// to do.
#[tokio::test(flavor = "multi_thread")]
async fn keys_that_do_not_fit() {
    let Some(server) = Server::start("keys_that_do_not_fit").await else { return };
    let wrong = "\n passphrase = \"mistaken\"";
    for (key, message, hint) in [
        (server.key("other key"), "Permission denied (publickey", "check `ssh_key` and its `username`"),
        (server.key("closed key"), "protected by a passphrase", "write it as `passphrase`"),
        (server.key("closed key") + wrong, "Permission denied (publickey", "check that `passphrase` is that of the key"),
        (server.key_file("nowhere"), "nowhere cannot be read: No such file", "check the path"),
        (format!("key_file = {:?}", server.folder.display().to_string()), "cannot be read: it is a folder", "check the path"),
        ("key = \"no key\"".to_owned(), "Load key", "its first and last line"),
    ] {
        let (said, to_do) = server.refusal(&server.import(&key));
        assert!(said.contains(message) && to_do.contains(hint), "{said}: {to_do}");
        assert!(!format!("{said}{to_do}").contains("mistaken"), "{said}: {to_do}");
    }
}

/// Scenario: a server whose key is not known, another than the known one, and no file with known keys. Guarantee: it is
/// refused, and said why.
#[tokio::test(flavor = "multi_thread")]
async fn servers_that_are_not_known() {
    let Some(server) = Server::start("servers_that_are_not_known").await else { return };
    let text = server.import(&server.key("key"));
    std::fs::write(server.path("known hosts"), "").expect("written");
    let (message, hint) = server.refusal(&text);
    assert!(message.contains("key is known for") && hint.contains("SSH_KNOWN_HOSTS"), "{message}: {hint}");
    server.know(&server.path("other key.pub"));
    let (message, hint) = server.refusal(&text);
    assert!(message.contains("has changed") && hint.contains("make sure that it is the right server"), "{message}: {hint}");
    std::fs::remove_file(server.path("known hosts")).expect("it is there");
    let (message, hint) = server.refusal(&text);
    assert!(message.contains("key is known for") && hint.contains("SSH_KNOWN_HOSTS"), "{message}: {hint}");
    server.know(&server.own.path().join("host.pub"));
    assert!(Running::empty(Stability::Experimental).load(&text).is_ok());
}

/// Scenario: the server is away at a start, comes back with something else, and then only takes connections; a stop.
/// Guarantee: the last good module is used meanwhile, and nothing of git, ssh and the key outlasts the stop.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_and_one_that_hangs() {
    let Some(mut server) = Server::start("a_server_that_goes_and_one_that_hangs").await else { return };
    let text = server.import(&server.key("key"));
    let storage = Running::start(&text).stop_and_keep_storage().await;
    server.stop();
    let (message, hint) = server.refusal(&text);
    assert!(message.contains("Connection refused") && hint.contains("whether the server runs"), "{message}: {hint}");
    let mut running = Running::with_storage(Stability::Experimental, storage);
    let report = running.load(&text).expect("starts from the copy");
    assert!(report.diagnostics[0].message.contains("the last good copy is used instead"), "{:?}", report.diagnostics);
    assert_eq!(o(&running).as_deref(), Some("\"1\""));
    running.run();
    server.repository.commit("m.alloy", &module("2"));
    server.run().await;
    assert!(eventually(|| o(&running).as_deref() == Some("\"2\"")).await);
    server.stop();
    let hanging = tokio::net::TcpListener::bind(("127.0.0.1", server.port)).await.expect("it is free again");
    let (socket, _) = hanging.accept().await.expect("ssh connects");
    let key = |storage: &Path| storage.join("import.git.lib/fetching/key").exists();
    let storage = running.stop_and_keep_storage().await;
    assert!(!key(storage.path()), "the key is deleted");
    let has_ended = || {
        let mut said = [0; 256];
        loop {
            match socket.try_read(&mut said) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
            }
        }
    };
    // Left alone, ssh would wait for 20 s.
    assert!(wait(Duration::from_secs(10), &mut { has_ended }).await, "ssh goes on");
}

/// Scenario: a process was killed while it fetched, and the import has gone from the configuration. Guarantee: the next
/// start deletes the key, and only that.
#[test]
fn what_a_killed_process_leaves() {
    let storage = tempfile::tempdir().expect("a temporary folder");
    let import = storage.path().join("m_import.git.lib");
    std::fs::create_dir_all(import.join("fetching/repository")).expect("made");
    std::fs::create_dir_all(import.join("trees")).expect("made");
    std::fs::create_dir_all(storage.path().join("loki.write.x/fetching")).expect("made");
    std::fs::write(import.join("fetching/key"), "secret").expect("written");
    std::fs::write(storage.path().join("import.git.file"), "").expect("written");
    runtime::import::clear_leftovers(storage.path());
    assert!(!import.join("fetching").exists() && import.join("trees").exists());
    assert!(storage.path().join("loki.write.x/fetching").exists());
    runtime::import::clear_leftovers(&storage.path().join("nowhere"));
}
