//! Running the program `git`: without a terminal, without the settings of a surrounding repository, with an end.

use super::super::Failure;
use super::auth::Remote;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

/// How long one command may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is read of its output, in bytes.
const MOST_OUTPUT: u64 = 256 << 10;
/// Variables that would point git at another repository.
const AROUND: [&str; 6] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE"];

/// What git says, and what to do about it.
const KNOWN: &[(&str, &str)] = &[
    ("terminal prompts disabled", "the server asks for a user name and a password: write a `basic_auth` block"),
    ("Authentication failed", "the user name or the password of `basic_auth` is not accepted"),
    ("Host key verification failed", "the server's key is not known: add it to `known_hosts` of the user that runs the program"),
    ("Permission denied (publickey", "the server does not accept the key: check `ssh_key`, and who may read the repository"),
    ("Could not resolve host", "check the host's name in `repository`, and the DNS of this machine"),
    ("Connection refused", "check the host and the port in `repository`, and whether the server runs"),
    ("Connection timed out", "check the network, and whether a firewall or a proxy is in the way"),
    ("cannot run ssh", "install the program `ssh` (Debian: openssh-client)"),
    ("dubious ownership", "the repository belongs to another user: `git config --global --add safe.directory PATH` allows it"),
    ("does not appear to be a git repository", "check `repository`"),
    ("not found", "check `repository`; some servers say this, too, to those who may not read it"),
];

/// What git adds when another program has said what is wrong.
const EMPTY_TALK: [&str; 3] = ["Could not read from remote repository", "correct access rights", "and the repository exists"];

/// Runs commands on a repository of its own.
pub(super) struct Git<'a> {
    folder: PathBuf,
    repository: String,
    remote: &'a Remote,
}

impl<'a> Git<'a> {
    /// Commands on a repository in `folder`.
    ///
    /// # Errors
    /// When the folder has no place in the file system.
    pub fn new(folder: &Path, remote: &'a Remote) -> Result<Self, Failure> {
        // Absolute, because the repository's own address may be relative to the working directory.
        let folder = std::path::absolute(folder).map_err(|error| Failure::from(format!("{}: {error}", folder.display())))?;
        let repository = format!("--git-dir={}", folder.join("repository").display());
        Ok(Self { folder, repository, remote })
    }

    /// May be written to.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the repository.
    ///
    /// # Errors
    /// As for [`Self::run`].
    pub async fn prepare(&self) -> Result<(), Failure> {
        self.run(&["init", "--quiet", "--bare", "--template="]).await.map(|_| ())
    }

    /// Runs a command; gives what it printed.
    ///
    /// # Errors
    /// When it cannot be run, takes too long, or says no; in one line, without credentials.
    pub async fn run(&self, arguments: &[&str]) -> Result<String, Failure> {
        let name = arguments.iter().find(|argument| !argument.starts_with('-')).copied().unwrap_or_default();
        let mut command = self.command(arguments)?;
        let mut child = command.spawn().map_err(|error| not_started(&error))?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let finished = async { tokio::join!(text_of(out), text_of(err), child.wait()) };
        let Ok((out, err, status)) = tokio::time::timeout(PATIENCE, finished).await else {
            // The child is killed when it is dropped.
            let message = format!("`git {name}` on {} was not done after {} s", self.remote.shown(), PATIENCE.as_secs());
            return Err(Failure::from(message).hint("check the network, and the size of the repository"));
        };
        match status {
            Ok(status) if status.success() => Ok(out),
            Ok(_) => Err(self.said(name, &err)),
            Err(error) => Err(format!("`git {name}`: {error}").into()),
        }
    }

    fn command(&self, arguments: &[&str]) -> Result<Command, Failure> {
        let mut command = Command::new("git");
        command.arg(&self.repository);
        let fixed = ["core.hooksPath=/dev/null", "http.lowSpeedLimit=1", "http.lowSpeedTime=30", "gc.auto=0"].map(str::to_owned);
        for setting in fixed.into_iter().chain(self.remote.settings()) {
            command.arg("-c").arg(setting);
        }
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        for name in AROUND {
            command.env_remove(name);
        }
        command
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "")
            .env("GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh")
            .env("LC_ALL", "C");
        self.remote.prepare(&mut command, &self.folder)?;
        Ok(command)
    }

    /// The line of git's complaint that says most.
    fn said(&self, name: &str, complaint: &str) -> Failure {
        let complaint = self.remote.redact(complaint);
        let is_empty_talk = |line: &str| EMPTY_TALK.iter().any(|talk| line.contains(talk));
        let all = || complaint.lines().map(str::trim).filter(|line| !line.is_empty());
        let lines = || all().filter(|line| !is_empty_talk(line));
        let known = KNOWN.iter().find(|(text, _)| complaint.contains(text));
        let telling = known.and_then(|(text, _)| lines().find(|line| line.contains(text)));
        let verdict = || lines().find(|line| line.starts_with("fatal:") || line.starts_with("error:"));
        let line = telling.or_else(verdict).or_else(|| lines().next()).or_else(|| all().next());
        let line =
            line.map(|line| line.trim_start_matches("fatal: ").trim_start_matches("error: ")).unwrap_or("it failed and said nothing");
        let failure = Failure::from(format!("`git {name}` on {}: {line}", self.remote.shown()));
        Failure { is_verdict: true, ..known.map_or(failure.clone(), |(_, hint)| failure.hint(hint)) }
    }
}

fn not_started(error: &std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::NotFound => Failure::from("the program `git`, which `import.git` needs, is not installed")
            .hint("install git (Debian: `apt-get install git`), or bring the module with `import.http` or `import.file`"),
        _ => Failure::from(format!("the program `git` cannot be started: {error}")),
    }
}

/// What is printed, up to a limit; the rest is read and forgotten, so that the program does not wait.
async fn text_of(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let Some(pipe) = pipe else { return String::new() };
    let mut bytes = Vec::new();
    let mut head = pipe.take(MOST_OUTPUT);
    // A pipe that breaks has ended.
    let _broken = head.read_to_end(&mut bytes).await;
    let _forgotten = tokio::io::copy(&mut head.into_inner(), &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&bytes).into_owned()
}
