//! A Docker daemon of a test's own: nothing of the machine's daemon is seen or touched.

use super::processes::{Process, wait_for};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// An image with a shell and nothing else.
const IMAGE: &str = "shell:1";

/// A daemon without networks, in a folder. It ends with its containers when this is dropped.
pub struct Daemon {
    process: Process,
    socket: String,
    dir: PathBuf,
}

impl Daemon {
    /// `None`, with a message, where no daemon can be started.
    pub fn start(dir: &Path) -> Option<Self> {
        let dir = dir.join("dockerd");
        std::fs::create_dir_all(&dir).expect("a folder for the daemon");
        let works = |program: &str| {
            let version = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            version.is_ok_and(|status| status.success())
        };
        if !works("dockerd") || !works("docker") || busybox().is_none() {
            eprintln!("skipped: dockerd, docker and a busybox that needs no libraries are not all installed");
            return None;
        }
        let mut daemon = Self { process: Process::default(), socket: format!("unix://{}/socket", dir.display()), dir };
        let at = |name: &str| daemon.dir.join(name).display().to_string();
        let mut command = Command::new("dockerd");
        command.args(["--host", &daemon.socket, "--data-root", &at("data"), "--exec-root", &at("exec"), "--pidfile", &at("pid")]);
        command.args(["--bridge", "none", "--iptables=false", "--ip6tables=false"]);
        daemon.process.start(&mut command, &daemon.dir.join("log"));
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            if daemon.docker(&["info"]).is_ok() {
                break;
            }
            if daemon.process.has_ended() || Instant::now() > end {
                eprintln!("skipped: dockerd does not start here:\n{}", std::fs::read_to_string(daemon.dir.join("log")).unwrap_or_default());
                return None;
            }
            super::processes::pause(Duration::from_millis(50));
        }
        daemon.import();
        Some(daemon)
    }

    /// The daemon's address.
    pub fn host(&self) -> &str {
        &self.socket
    }

    /// Runs `docker`; what it prints on stdout and stderr, or on stderr when it fails.
    pub fn docker(&self, arguments: &[&str]) -> Result<String, String> {
        let output = Command::new("docker").args(["--host", &self.socket]).args(arguments).output().map_err(|e| e.to_string())?;
        let errors = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(errors.into_owned());
        }
        Ok(format!("{}{errors}", String::from_utf8_lossy(&output.stdout)))
    }

    /// Starts a container that runs `script`.
    pub fn run(&self, name: &str, script: &str) {
        let started = self.docker(&["run", "-d", "--network", "none", "--name", name, IMAGE, "/bin/sh", "-c", script]);
        assert!(started.is_ok(), "the container does not start: {started:?}");
    }

    /// All lines a container has written to its outputs so far, through all of its restarts.
    pub fn lines(&self, name: &str) -> Vec<String> {
        let text = self.docker(&["logs", name]).expect("its lines");
        text.lines().map(str::to_owned).collect()
    }

    fn import(&self) {
        let bin = self.dir.join("image/bin");
        std::fs::create_dir_all(&bin).expect("a folder for the image");
        std::fs::copy(busybox().expect("it was found before"), bin.join("busybox")).expect("copied");
        for name in ["sh", "usleep", "sleep", "echo", "cat"] {
            std::fs::hard_link(bin.join("busybox"), bin.join(name)).expect("linked");
        }
        let (image, archive) = (self.dir.join("image"), self.dir.join("image.tar"));
        let packed = Command::new("tar").arg("-C").arg(&image).arg("-cf").arg(&archive).arg("bin").status();
        assert!(packed.is_ok_and(|status| status.success()), "the image cannot be packed");
        self.docker(&["import", &archive.display().to_string(), IMAGE]).expect("imported");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Containers that were left running would be processes without a parent.
        for id in self.docker(&["ps", "-aq"]).unwrap_or_default().lines() {
            let _removed = self.docker(&["rm", "-f", id]);
        }
        self.process.stop();
        // Its own children leave when it has; only then the folder can be removed.
        wait_for("the end of containerd", Duration::from_secs(20), || {
            !self.dir.join("exec/containerd/containerd.sock").exists() || !is_running(&self.dir)
        });
    }
}

/// True while the daemon's own containerd runs.
fn is_running(dir: &Path) -> bool {
    let pid = std::fs::read_to_string(dir.join("exec/containerd/containerd.pid")).unwrap_or_default();
    !pid.trim().is_empty() && Path::new("/proc").join(pid.trim()).exists()
}

/// A busybox that runs in an empty file system.
fn busybox() -> Option<PathBuf> {
    let found = ["/bin/busybox", "/usr/bin/busybox"].into_iter().map(PathBuf::from).find(|path| path.exists())?;
    let libraries = Command::new("ldd").arg(&found).output().ok()?;
    let text = [libraries.stdout, libraries.stderr].concat();
    (!String::from_utf8_lossy(&text).contains("=>")).then_some(found)
}
