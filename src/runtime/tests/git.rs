//! `import.git`, with repositories that the program git makes here. Without it nothing is tested.

use crate::harness::{Running, eventually, write};
use component::Stability;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository on disk, with a folder to commit from.
pub struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    /// A repository whose branch `main` has `m.alloy`; `None`, with a message, where there is no git.
    pub fn new() -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            eprintln!("skipped: the program git is not installed");
            return None;
        }
        let this = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        this.git(&["init", "--quiet", "--initial-branch=main", "."]);
        this.commit("m.alloy", &module("1"));
        Some(this)
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            command.env_remove(name);
        }
        let identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
        let output = command.current_dir(self.path()).args(identity).args(arguments).output().expect("git starts");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub fn commit(&self, file: &str, text: &str) -> String {
        write(self.path(), file, text);
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message=change"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A configuration that imports from it and uses `m`.
    fn import(&self, more: &str) -> String {
        format!(
            "import.git \"lib\" {{\n repository = \"file://{}\"\n path = \"m.alloy\"\n pull_frequency = \"100ms\"\n {more}\n}}\nlib.m \"x\" {{ }}",
            self.path().display()
        )
    }
}

pub fn module(value: &str) -> String {
    format!("declare \"m\" {{\n export \"o\" {{\n value = \"{value}\"\n}}\n}}")
}

fn o(running: &Running) -> Option<String> {
    running.export("lib.m.x", "o")
}

fn health(running: &Running) -> String {
    running.controller.import_health("import.git.lib").map(|health| health.message).unwrap_or_default()
}

/// Scenario: a branch goes on. Guarantee: its module is used; the files of older commits do not pile up.
#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_followed() {
    let Some(repository) = Repository::new() else { return };
    let running = Running::start(&repository.import(""));
    assert_eq!(o(&running).as_deref(), Some("\"1\""));
    for value in ["2", "3", "4"] {
        repository.commit("m.alloy", &module(value));
        let wanted = format!("\"{value}\"");
        assert!(eventually(|| o(&running).as_deref() == Some(&wanted)).await, "{}", health(&running));
    }
    let storage = running.stop_and_keep_storage().await;
    let trees = std::fs::read_dir(storage.path().join("import.git.lib/trees")).expect("it is there").count();
    assert!(trees <= 2, "{trees} commits are kept");
    assert!(!storage.path().join("import.git.lib/fetching").exists(), "nothing is left of fetching");
}

/// Scenario: a tag, an annotated tag, another branch, a commit, the beginning of a commit, a commit further back. Guarantee:
/// each is what it is in git, and a tag wins over a branch of the same name.
#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_revision() {
    let Some(repository) = Repository::new() else { return };
    let first = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["tag", "light"]);
    repository.commit("m.alloy", &module("2"));
    repository.git(&["tag", "--annotate", "--message=two", "heavy"]);
    repository.git(&["branch", "heavy", &first]);
    repository.git(&["branch", "side/one", &first]);
    repository.commit("m.alloy", &module("3"));
    for (revision, value) in [
        ("main", "3"),
        ("light", "1"),
        ("heavy", "2"),
        ("side/one", "1"),
        (first.as_str(), "1"),
        (&first[..9], "1"),
        ("main~1", "2"),
        ("origin/main", "3"),
    ] {
        let running = Running::empty(Stability::GenerallyAvailable);
        let loaded = running.load(&repository.import(&format!("revision = \"{revision}\"")));
        assert!(loaded.is_ok(), "{revision}: {loaded:?}");
        assert_eq!(o(&running), Some(format!("\"{value}\"")), "{revision}");
    }
}

/// Scenario: a folder with a file beside it that is read by a path in the module. Guarantee: all its `.alloy` files are one
/// module, and `module_path` leads to the files of the same commit.
#[tokio::test(flavor = "multi_thread")]
async fn folders_and_the_files_around_them() {
    let Some(repository) = Repository::new() else { return };
    repository.commit("lib/a.alloy", "import.file \"inner\" {\n filename = file.path_join(module_path, \"lib/inner/b.alloy\")\n}");
    repository.commit("lib/inner/b.alloy", "declare \"deep\" {\n export \"o\" {\n value = \"5\"\n}\n}");
    let inside = "import.file \"own\" {\n filename = file.path_join(module_path, \"lib/inner/b.alloy\")\n}\nown.deep \"e\" { }";
    let m =
        format!("declare \"m\" {{\n {inside}\n inner.deep \"d\" {{ }}\n export \"o\" {{\n value = inner.deep.d.o + own.deep.e.o\n}}\n}}");
    repository.commit("lib/m.alloy", &m);
    repository.commit("lib/notes.txt", "declare {");
    let text = repository.import("").replace("\"m.alloy\"", "\"lib\"");
    let running = Running::start(&text);
    assert_eq!(o(&running).as_deref(), Some("\"55\""));
    repository.commit("lib/inner/b.alloy", "declare \"deep\" {\n export \"o\" {\n value = \"6\"\n}\n}");
    assert!(eventually(|| o(&running).as_deref() == Some("\"66\"")).await, "{}", health(&running));
    running.stop().await;
}

/// Scenario: a repository in a repository in a repository, and a commit of the innermost that goes up to the outermost.
/// Guarantee: the files of all are those that the commit names; one that cannot be had refuses the commit and is named.
#[tokio::test(flavor = "multi_thread")]
async fn submodules_come_with_the_commit() {
    let (Some(deep), Some(middle), Some(outer)) = (Repository::new(), Repository::new(), Repository::new()) else { return };
    let local = ["-c", "protocol.file.allow=always", "submodule", "--quiet"];
    let sibling = format!("../{}", deep.path().file_name().expect("it has one").display());
    middle.git(&[&local[..], &["add", "--", &sibling, "deep"]].concat());
    let first = middle.commit("notes.txt", "1");
    outer.git(&[&local[..], &["add", "--", &format!("file://{}", middle.path().display()), "lib"]].concat());
    let inside = "import.file \"d\" {\n filename = file.path_join(module_path, \"lib/deep/m.alloy\")\n}\nd.m \"x\" { }";
    outer.commit("m.alloy", &format!("declare \"m\" {{\n {inside}\n export \"o\" {{\n value = d.m.x.o\n}}\n}}"));
    let running = Running::start(&outer.import(""));
    assert_eq!(o(&running).as_deref(), Some("\"1\""));
    // The submodule's branch goes on, and the repository stays at the commit before.
    deep.commit("m.alloy", &module("2"));
    middle.git(&[&local[..], &["update", "--remote"]].concat());
    middle.commit("notes.txt", "2");
    let again = Running::start(&outer.import(""));
    assert_eq!((again.export("lib.m.x", "o").as_deref(), first.len()), (Some("\"1\""), 40));
    outer.git(&[&local[..], &["update", "--remote"]].concat());
    outer.commit("notes.txt", "2");
    assert!(eventually(|| o(&running).as_deref() == Some("\"2\"")).await, "{}", health(&running));
    let away = PathBuf::from(format!("{}-away", deep.path().display()));
    std::fs::rename(deep.path(), &away).expect("moved");
    let errors = Running::empty(Stability::Experimental).load(&outer.import("")).expect_err("refused");
    std::fs::rename(&away, deep.path()).expect("moved back");
    assert!(errors[0].contains("git submodule update") && errors[0].contains(&sibling[3..]), "{errors:?}");
    let storage = running.stop_and_keep_storage().await;
    assert_eq!(files_with(storage.path(), "gitdir: "), Vec::<PathBuf>::new());
}

/// Scenario: the repository is away at a start, then back. Guarantee: the last good module is used, health says so, and the
/// new one is taken when it can be.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_the_repository() {
    let Some(repository) = Repository::new() else { return };
    let text = repository.import("");
    let first = Running::start(&text);
    let storage = first.stop_and_keep_storage().await;
    let away = PathBuf::from(format!("{}-away", repository.path().display()));
    std::fs::rename(repository.path(), &away).expect("moved");
    let mut second = Running::with_storage(Stability::Experimental, storage);
    let report = second.load(&text).expect("starts from the copy");
    let warning = &report.diagnostics[0];
    assert_eq!((warning.code, warning.is_error()), ("module/source", false));
    assert!(warning.message.contains("the last good copy is used instead"), "{}", warning.message);
    assert!(health(&second).contains("the last good copy is used instead"), "{}", health(&second));
    assert_eq!(o(&second).as_deref(), Some("\"1\""));
    second.run();
    std::fs::rename(&away, repository.path()).expect("moved back");
    repository.commit("m.alloy", &module("2"));
    assert!(eventually(|| o(&second).as_deref() == Some("\"2\"")).await, "{}", health(&second));
    assert!(eventually(|| !health(&second).contains("copy")).await, "{}", health(&second));
    second.stop().await;
}

/// Scenario: another repository, revision or path that cannot be had. Guarantee: the copy of the former one does not stand
/// in for it, and the message says what is missing.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_is_refused() {
    let Some(repository) = Repository::new() else { return };
    let storage = Running::start(&repository.import("")).stop_and_keep_storage().await;
    let running = Running::with_storage(Stability::Experimental, storage);
    let good = repository.import("");
    for (text, wanted) in [
        (repository.import("revision = \"nowhere\""), "has no branch, tag or commit `nowhere`"),
        (good.replace("m.alloy", "n.alloy"), "has no file or folder `n.alloy`"),
        (good.replace("m.alloy", "../m.alloy"), "has no file or folder `../m.alloy`"),
        (good.replace("file:///", "file:///nowhere/"), "does not appear to be a git repository"),
        (good.replace("file://", "ext::"), "transport 'ext' not allowed"),
    ] {
        let errors = running.load(&text).expect_err(wanted);
        assert!(errors[0].starts_with("1: ") && errors[0].contains(wanted), "{wanted}: {errors:?}");
    }
}

/// Scenario: a module with a mistake, and a component in it with one. Guarantee: the import, the file and the line are named.
#[tokio::test(flavor = "multi_thread")]
async fn failures_name_the_import_the_file_and_the_line() {
    let Some(repository) = Repository::new() else { return };
    repository.commit("m.alloy", "// a module\ndeclare \"m\" {\n");
    let running = Running::empty(Stability::Experimental);
    let error = running.controller.load(&[crate::harness::parse(&repository.import(""))]).expect_err("refused");
    let [found] = &error.diagnostics[..] else { unreachable!("{:?}", error.diagnostics) };
    assert_eq!((found.code, found.source.as_ref().map(|source| source.name())), ("syntax/unclosed", Some("import.git.lib/m.alloy")));
    assert!(found.hints.iter().any(|hint| hint == "imported by `import.git.lib` at main.alloy:1:1"), "{:?}", found.hints);
}

/// Scenario: a password, in a block and in the address, for a server that is not there. Guarantee: it is in no message.
#[tokio::test(flavor = "multi_thread")]
async fn passwords_show_nowhere() {
    if Repository::new().is_none() {
        return;
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has one");
    drop(listener);
    for text in [
        format!("repository = \"http://{address}/a.git\"\n basic_auth {{\n username = \"u\"\n password = \"hidden\"\n}}"),
        format!("repository = \"http://u:hidden@{address}/a.git\""),
    ] {
        let running = Running::empty(Stability::Experimental);
        let errors = running.load(&format!("import.git \"lib\" {{\n path = \"m.alloy\"\n {text}\n}}\n")).expect_err("refused");
        assert!(errors[0].contains(&format!("the repository http://{address}/a.git")), "{errors:?}");
        assert!(!errors.concat().contains("hidden"), "{errors:?}");
    }
}

/// Scenario: a web server that asks for a password and knows nothing of git. Guarantee: it gets the password of the block or
/// of the address, a wrong one is refused by name, and none lies in the program's folder.
#[tokio::test(flavor = "multi_thread")]
async fn a_web_server_that_asks_for_a_password() {
    let Some(repository) = Repository::new() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    repository.git(&["clone", "--quiet", "--bare", ".", &folder.path().join("a.git").display().to_string()]);
    repository.git(&["--git-dir", &folder.path().join("a.git").display().to_string(), "update-server-info"]);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it has one");
    let server = tokio::spawn(serve(listener, folder.path().to_owned()));
    let text = |repository: String, password: &str| {
        let auth = format!("basic_auth {{\n username = \"u\"\n password = \"{password}\"\n}}");
        let auth = if password.is_empty() { String::new() } else { auth };
        format!("import.git \"lib\" {{\n repository = \"{repository}\"\n path = \"m.alloy\"\n {auth}\n}}\nlib.m \"x\" {{ }}")
    };
    for (repository, password) in [(format!("http://{address}/a.git"), "hidden"), (format!("http://u:hidden@{address}/a.git"), "")] {
        let running = Running::start(&text(repository, password));
        assert_eq!(o(&running).as_deref(), Some("\"1\""));
        let storage = running.stop_and_keep_storage().await;
        assert_eq!(files_with(storage.path(), "hidden"), Vec::<PathBuf>::new());
    }
    let running = Running::empty(Stability::Experimental);
    let errors = running.load(&text(format!("http://{address}/a.git"), "mistaken")).expect_err("refused");
    assert!(errors[0].contains("Authentication failed") && !errors.concat().contains("mistaken"), "{errors:?}");
    server.abort();
}

/// The files below `folder` that hold `text`.
pub fn files_with(folder: &Path, text: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let inside = |path: PathBuf| {
        if path.is_dir() {
            return files_with(&path, text);
        }
        let holds = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).contains(text);
        if holds { vec![path] } else { Vec::new() }
    };
    entries.flat_map(inside).collect()
}

/// Gives the files of `folder` to those who say that they are `u` with the password `hidden`.
async fn serve(listener: tokio::net::TcpListener, folder: PathBuf) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    while let Ok((mut socket, _)) = listener.accept().await {
        let mut request = vec![0; 8192];
        let read = socket.read(&mut request).await.unwrap_or(0);
        let request = String::from_utf8_lossy(&request[..read]).into_owned();
        let path = request.split(' ').nth(1).unwrap_or("/").split('?').next().unwrap_or("/").trim_start_matches('/').to_owned();
        let (status, body) = match (request.contains("Authorization: Basic dTpoaWRkZW4="), std::fs::read(folder.join(path))) {
            (false, _) => ("401 Unauthorized\r\nwww-authenticate: Basic realm=\"a\"", Vec::new()),
            (true, Ok(body)) => ("200 OK", body),
            (true, Err(_)) => ("404 Not Found", Vec::new()),
        };
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        // Git may have gone.
        let _gone = socket.write_all(&[head.as_bytes(), &body].concat()).await;
    }
}
