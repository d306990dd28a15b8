//! Running the program `git`: without a terminal, without the settings of a surrounding repository, with an end.

use super::super::Failure;
use super::auth::{ALL_PROTOCOLS, Remote};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

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
    (
        "has changed and you have requested strict checking",
        "the server shows another key than the one in `known_hosts`: make sure that it is the right server before you put the new one there",
    ),
    ("key is known for", UNKNOWN_HOST),
    ("Host key verification failed", UNKNOWN_HOST),
    ("Load key", "the key of `ssh_key` is none that ssh can read: give the whole private key with its first and last line"),
    ("No user exists for uid", "ssh needs an entry in /etc/passwd for the user that runs the program"),
    ("Permission denied (", REFUSED),
    ("Could not resolve host", "check the host's name in `repository`, and the DNS of this machine"),
    ("Connection refused", "check the host and the port in `repository`, and whether the server runs"),
    ("Connection timed out", "check the network, and whether a firewall or a proxy is in the way"),
    ("cannot run ssh", "install the program `ssh` (Debian: openssh-client)"),
    ("dubious ownership", "the repository belongs to another user: `git config --global --add safe.directory PATH` allows it"),
    ("does not appear to be a git repository", "check `repository`"),
    ("not found", "check `repository`; some servers say this, too, to those who may not read it"),
];

/// Besides the key's own file, as `ssh-keyscan` prints it.
const UNKNOWN_HOST: &str = "the server's key is not known: add it to `known_hosts` of the user that runs the program, or name a file \
    that has it in the environment variable SSH_KNOWN_HOSTS";
/// Stands for what the `ssh_key` block makes likely.
const REFUSED: &str = "";

/// What git adds when another program has said what is wrong.
const EMPTY_TALK: [&str; 3] = ["Could not read from remote repository", "correct access rights", "and the repository exists"];

/// Runs commands on a repository of its own.
pub(super) struct Git<'a> {
    folder: PathBuf,
    repository: String,
    remote: &'a Remote,
    /// How long one command may take.
    patience: Duration,
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
        Ok(Self { folder, repository, remote, patience: PATIENCE })
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
        self.finish(self.command(arguments)?, name).await
    }

    /// Fetches the submodules of what is checked out in `work_tree`, and theirs.
    ///
    /// # Errors
    /// As for [`Self::run`].
    pub async fn update_submodules(&self, work_tree: &Path) -> Result<(), Failure> {
        self.run(&["config", "remote.origin.url", self.remote.address()]).await?;
        let shown = format!("--work-tree={}", work_tree.display());
        let update = |depth: &'static [&'static str]| {
            let arguments = [&[&shown, "submodule", "--quiet", "update", "--init", "--recursive", "--checkout"], depth].concat();
            let mut command = self.command(&arguments)?;
            command.current_dir(work_tree).env("GIT_ALLOW_PROTOCOL", self.remote.submodule_protocols());
            Ok::<_, Failure>(self.finish(command, "submodule update"))
        };
        match update(&["--depth=1"])?.await {
            // Not every server gives a commit that is no tip.
            Err(failure) if failure.is_verdict => update(&[])?.await.map(|_| ()),
            other => other.map(|_| ()),
        }
    }

    async fn finish(&self, mut command: Command, name: &str) -> Result<String, Failure> {
        let mut child = command.spawn().map_err(|error| not_started(&error))?;
        let mut group = Group::of(&child);
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let finished = async { tokio::join!(text_of(out), text_of(err), child.wait()) };
        let Ok((out, err, status)) = tokio::time::timeout(self.patience, finished).await else {
            let message = format!("`git {name}` on {} was not done after {:?}", self.remote.shown(), self.patience);
            return Err(Failure::from(message).hint("check the network, and the size of the repository"));
        };
        group.has_ended();
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
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).process_group(0);
        for name in AROUND {
            command.env_remove(name);
        }
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "").env("GIT_ALLOW_PROTOCOL", ALL_PROTOCOLS).env("LC_ALL", "C");
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
        let hint = |hint: &'static str| if hint == REFUSED { self.remote.refused() } else { hint };
        Failure { is_verdict: true, ..known.map_or(failure.clone(), |(_, known)| failure.hint(hint(known))) }
    }
}

/// A program and those that it has started, ssh for one: they end with it unless it has ended by itself.
struct Group(Option<libc::pid_t>);

impl Group {
    /// The group that `child` leads.
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| libc::pid_t::try_from(id).ok()))
    }

    fn has_ended(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // SAFETY: a plain system call. The leader has not been waited for, so that no other has its number.
            unsafe { libc::kill(-leader, libc::SIGKILL) };
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Scenario: a server that takes the connection and says nothing. Guarantee: the command ends, and so does what it has
    /// started: the connection closes.
    #[tokio::test]
    async fn a_server_that_says_nothing_is_given_up() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has one");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let remote = Remote::at(&format!("git://{address}/a.git"));
        let git = Git { patience: Duration::from_millis(200), ..Git::new(folder.path(), &remote).expect("an absolute path") };
        let failure = git.run(&["ls-remote", "--", remote.address()]).await.expect_err("there is no answer");
        if failure.message.contains("is not installed") {
            return eprintln!("skipped: {}", failure.message);
        }
        assert!(failure.message.contains("was not done after 200ms"), "{}", failure.message);
        let (mut socket, _) = listener.accept().await.expect("git has connected");
        let mut request = Vec::new();
        socket.read_to_end(&mut request).await.expect("the connection ends");
        assert!(String::from_utf8_lossy(&request).contains("git-upload-pack"));
    }
}
