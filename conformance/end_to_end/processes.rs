//! Programs that a test starts, asks over HTTP, and stops for certain.

use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Waits until `condition` holds; fails when it does not within `limit`.
pub fn wait_for(what: &str, limit: Duration, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + limit;
    while !condition() {
        assert!(Instant::now() < end, "waited {limit:?} in vain for {what}");
        pause(Duration::from_millis(2));
    }
}

/// The only sleep of these tests: between two looks at a condition, or before a kill whose moment is to vary.
#[allow(clippy::disallowed_methods, reason = "the thread of a test has nothing else to do")]
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// An address on loopback that was free a moment ago.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").to_string()
}

/// The body of a 2xx answer to `GET path`.
fn get(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    // HTTP/1.0: the end of the connection ends the body.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.split(' ').nth(1)?.starts_with('2').then(|| body.to_owned())
}

/// A child that does not outlive the test.
#[derive(Default)]
pub struct Process(Option<Child>);

impl Process {
    pub fn start(&mut self, command: &mut Command, log: &Path) {
        assert!(self.0.is_none(), "it runs already");
        let log: File = OpenOptions::new().create(true).append(true).open(log).expect("a log file");
        let errors = log.try_clone().expect("a second handle of the log");
        self.0 = Some(command.stdin(Stdio::null()).stdout(log).stderr(errors).spawn().expect("the program starts"));
    }

    /// SIGTERM, and SIGKILL when that is not enough.
    pub fn stop(&mut self) {
        let Some(mut child) = self.0.take() else { return };
        let asked = Command::new("kill").arg(child.id().to_string()).status();
        let end = Instant::now() + Duration::from_secs(30);
        while asked.is_ok() && Instant::now() < end && matches!(child.try_wait(), Ok(None)) {
            pause(Duration::from_millis(20));
        }
        end_now(&mut child);
    }

    /// SIGKILL.
    fn kill(&mut self) {
        if let Some(mut child) = self.0.take() {
            end_now(&mut child);
        }
    }

    pub fn has_ended(&mut self) -> bool {
        self.0.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)))
    }
}

fn end_now(child: &mut Child) {
    // Both fail only when the child is gone already, which is what is wanted.
    let _gone = child.kill();
    let _reaped = child.wait();
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Prometheus with its receiver of remote writes.
pub struct Prometheus {
    process: Process,
    address: String,
    dir: PathBuf,
}

impl Prometheus {
    /// `None` when it is not installed.
    pub fn new(dir: &Path) -> Option<Self> {
        let version = Command::new("prometheus").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        version.ok().filter(std::process::ExitStatus::success)?;
        let dir = dir.join("prometheus");
        std::fs::create_dir_all(&dir).expect("a folder for Prometheus");
        std::fs::write(dir.join("prometheus.yml"), "global: {}\n").expect("its configuration");
        Some(Self { process: Process::default(), address: free_address(), dir })
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn start(&mut self) {
        let mut command = Command::new("prometheus");
        command.arg(format!("--config.file={}", self.dir.join("prometheus.yml").display()));
        command.arg(format!("--storage.tsdb.path={}", self.dir.join("data").display()));
        command.arg(format!("--web.listen-address={}", self.address)).arg("--web.enable-remote-write-receiver");
        self.process.start(&mut command, &self.dir.join("log"));
        let address = &self.address;
        wait_for("Prometheus", Duration::from_secs(60), || get(address, "/-/ready").is_some());
    }

    pub fn stop(&mut self) {
        self.process.stop();
    }

    /// The result of an instant query; empty also while Prometheus does not answer.
    pub fn query(&self, query: &str) -> Vec<Value> {
        let escaped: String =
            query.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect();
        let answer =
            get(&self.address, &format!("/api/v1/query?query={escaped}")).and_then(|text| serde_json::from_str::<Value>(&text).ok());
        answer.and_then(|a| a["data"]["result"].as_array().cloned()).unwrap_or_default()
    }

    /// The values of all samples of a counter, in the order of their timestamps.
    pub fn values(&self, metric: &str) -> Vec<u64> {
        let result = self.query(&format!("{metric}[1h]"));
        let samples = result.iter().flat_map(|series| series["values"].as_array().into_iter().flatten());
        let mut samples: Vec<(f64, u64)> =
            samples.filter_map(|sample| Some((sample[0].as_f64()?, sample[1].as_str()?.parse().ok()?))).collect();
        samples.sort_by(|a, b| a.0.total_cmp(&b.0));
        samples.into_iter().map(|(_, value)| value).collect()
    }
}

/// The program of this project.
pub struct Ferroalloy {
    process: Process,
    address: String,
    dir: PathBuf,
}

impl Ferroalloy {
    pub fn new(dir: &Path, config: &str) -> Self {
        let dir = dir.join("ferroalloy");
        std::fs::create_dir_all(&dir).expect("a folder for the program");
        std::fs::write(dir.join("config.alloy"), config).expect("its configuration");
        Self { process: Process::default(), address: free_address(), dir }
    }

    pub fn start(&mut self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ferroalloy"));
        command.arg("run").arg(format!("--storage.path={}", self.dir.join("data").display()));
        command.arg(format!("--server.http.listen-addr={}", self.address)).arg(self.dir.join("config.alloy"));
        self.process.start(&mut command, &self.dir.join("log"));
        wait_for("ferroalloy", Duration::from_secs(60), || {
            let is_ready = get(&self.address, "/-/ready").is_some();
            self.checked(is_ready)
        });
    }

    /// `condition`; fails with the log when the program has ended meanwhile.
    pub fn checked(&mut self, condition: bool) -> bool {
        assert!(condition || !self.process.has_ended(), "the program ended:\n{}", self.log());
        condition
    }

    /// Kills the program without a chance to do anything, `wait` from now.
    pub fn kill_after(&mut self, wait: Duration) {
        pause(wait);
        self.process.kill();
    }

    /// The end of what it has logged.
    pub fn log(&self) -> String {
        let text = std::fs::read_to_string(self.dir.join("log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}
