//! Modules from git repositories, through the program `git`.
//!
//! Every commit is fetched on its own, without history, into a fresh repository that is deleted once the files are checked
//! out: a process that was killed leaves nothing behind that could be in the way, and nothing grows.

mod auth;
mod command;
mod ssh;

use super::args::GitArgs;
use super::{Contents, Failure, Texts};
use crate::sources;
use auth::Remote;
use command::Git;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;

/// The folder of what is being fetched.
const SCRATCH: &str = "fetching";

/// Where the checked out files of an import are, and who is changing them.
#[derive(Debug)]
pub(crate) struct Checkouts {
    folder: PathBuf,
    busy: Mutex<()>,
}

impl Checkouts {
    /// Files below `folder`, which belongs to one import.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, busy: Mutex::default() }
    }

    /// The folder of a commit's files.
    fn tree(&self, commit: &str) -> PathBuf {
        self.folder.join("trees").join(commit)
    }

    /// Where a commit is fetched to; whatever lies there was left behind.
    fn scratch(&self) -> PathBuf {
        self.folder.join(SCRATCH)
    }
}

/// Deletes the files of all commits beside `tree`, except of the one in use.
fn keep_only(tree: &Path, used: Option<&Path>) {
    let trees = tree.parent().map(std::fs::read_dir).into_iter().flatten().flatten().flatten().map(|entry| entry.path());
    for old in trees.filter(|path| path != tree && Some(path.as_path()) != used) {
        if let Err(error) = std::fs::remove_dir_all(&old) {
            tracing::warn!(path = %old.display(), "files of an old commit cannot be deleted: {error}");
        }
    }
}

/// Runs what waits for the disk where that holds up nobody.
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err("reading files panicked, which is a bug".into()))
}

/// The module's files at the revision. `used` is the folder whose files are in use: it stays.
///
/// # Errors
/// What is wrong, in one line, without credentials.
pub(super) async fn fetch(args: &GitArgs, checkouts: &Checkouts, used: Option<&str>) -> Result<Contents, Failure> {
    let _alone = checkouts.busy.lock().await;
    let scratch = checkouts.scratch();
    let _key = KeyCopy(scratch.join(ssh::KEY));
    let remote = Remote::of(args);
    let result = async {
        let folder = scratch.clone();
        on_a_thread(move || fresh(&folder)).await?;
        let git = Git::new(&scratch, &remote)?;
        let commit = commit_of(&git, &remote, &args.revision, checkouts).await?;
        let tree = checkouts.tree(&commit);
        if !tree.is_dir() {
            check_out(&git, &commit, &tree).await?;
        }
        let (path, shown, used) = (args.path.clone(), remote.shown(), used.map(PathBuf::from));
        on_a_thread(move || {
            let contents = read(&tree, &path, &shown)?;
            keep_only(&tree, used.as_deref());
            Ok(contents)
        })
        .await
    };
    let result = result.await;
    // What cannot be deleted now is deleted by the next attempt.
    let _left = tokio::fs::remove_dir_all(&scratch).await;
    result
}

/// The copy of a private key: it goes when the fetch ends, also when that is cancelled.
struct KeyCopy(PathBuf);

impl Drop for KeyCopy {
    fn drop(&mut self) {
        // Mostly there is none, or it is deleted already.
        let _gone = std::fs::remove_file(&self.0);
    }
}

/// Deletes what imports have left below `storage` when the process that wrote it was killed: copies of private keys are
/// among it, and the import may have gone from the configuration since. To be called before anything is imported.
pub fn clear_leftovers(storage: &Path) {
    let Ok(entries) = std::fs::read_dir(storage) else { return };
    let imports = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().contains("import.git."));
    for scratch in imports.map(|entry| entry.path().join(SCRATCH)) {
        match std::fs::remove_dir_all(&scratch) {
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                tracing::warn!(path = %scratch.display(), "what is left of an import cannot be deleted: {error}");
            }
            _ => {}
        }
    }
}

/// An empty folder, readable by the owner only: a key may be written to it.
fn fresh(scratch: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    let make = || {
        match std::fs::remove_dir_all(scratch) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(scratch)
    };
    make().map_err(|error| Failure::from(format!("the folder {} cannot be made: {error}", scratch.display())))
}

/// The commit that the revision means now: a tag first, then a branch, then whatever git makes of it. Unless it was here
/// already, it has been fetched.
async fn commit_of(git: &Git<'_>, remote: &Remote, revision: &str, checkouts: &Checkouts) -> Result<String, Failure> {
    let [peeled, tag, branch] = [format!("refs/tags/{revision}^{{}}"), format!("refs/tags/{revision}"), format!("refs/heads/{revision}")];
    let listed = git.run(&["ls-remote", "--", remote.address(), &peeled, &tag, &branch]).await?;
    let named = |name: &str| listed.lines().find_map(|line| line.split_once('\t').filter(|(_, it)| *it == name)).map(|(commit, _)| commit);
    if let Some(commit) = named(&peeled).or(named(&tag)).or(named(&branch)) {
        let reference = if named(&tag).is_some() { &tag } else { &branch };
        if !checkouts.tree(commit).is_dir() {
            shallow(git, remote, reference).await?;
        }
        return Ok(commit.to_owned());
    }
    if is_whole_commit(revision) {
        // What a commit holds never changes.
        if checkouts.tree(revision).is_dir() || shallow(git, remote, revision).await.is_ok() {
            return Ok(revision.to_owned());
        }
    }
    git.prepare().await?;
    let refspecs = ["+refs/heads/*:refs/heads/*", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];
    git.run(&[&["fetch", "--quiet", "--no-tags", "--", remote.address()], &refspecs[..]].concat()).await?;
    let wanted = format!("{revision}^{{commit}}");
    let found = git.run(&["rev-parse", "--verify", "--quiet", &wanted]).await.map_err(|failure| match failure.is_verdict {
        true => Failure::from(format!("{} has no branch, tag or commit `{revision}`", remote.shown())).hint("check `revision`"),
        false => failure,
    })?;
    Ok(found.trim().to_owned())
}

fn is_whole_commit(revision: &str) -> bool {
    matches!(revision.len(), 40 | 64) && revision.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Fetches one commit without its history; with it from servers that cannot do that.
async fn shallow(git: &Git<'_>, remote: &Remote, reference: &str) -> Result<(), Failure> {
    git.prepare().await?;
    let fetch = |depth: &'static [&'static str]| [&["fetch", "--quiet", "--no-tags"], depth, &["--", remote.address(), reference]].concat();
    match git.run(&fetch(&["--depth=1"])).await {
        Err(failure) if failure.message.contains("shallow") => git.run(&fetch(&[])).await.map(|_| ()),
        other => other.map(|_| ()),
    }
}

/// Writes the files of a commit to `tree`, all or none.
async fn check_out(git: &Git<'_>, commit: &str, tree: &Path) -> Result<(), Failure> {
    let partial = git.folder().join("tree");
    let io = |error: std::io::Error| Failure::from(format!("the files cannot be written to {}: {error}", tree.display()));
    tokio::fs::create_dir_all(&partial).await.map_err(io)?;
    let work_tree = format!("--work-tree={}", partial.display());
    git.run(&[&work_tree, "checkout", "--quiet", "--force", "--detach", commit]).await?;
    // A link would lead to settings that are none of the repository's.
    if tokio::fs::symlink_metadata(partial.join(".gitmodules")).await.is_ok_and(|meta| meta.is_file()) {
        git.update_submodules(&partial).await?;
    }
    let whole = partial.clone();
    on_a_thread(move || on_disk(&whole).map_err(|error| format!("the files of the repository cannot be written: {error}").into())).await?;
    if let Some(parent) = tree.parent() {
        tokio::fs::create_dir_all(parent).await.map_err(io)?;
    }
    tokio::fs::rename(&partial, tree).await.map_err(io)
}

/// Waits until the disk has the files below `folder`: their folder's name says later that they are whole.
fn on_disk(folder: &Path) -> std::io::Result<()> {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            match entry.file_type()? {
                kind if kind.is_dir() => open.push(entry.path()),
                // Leads from a submodule to where it was fetched, which is deleted.
                kind if kind.is_file() && entry.file_name() == ".git" => std::fs::remove_file(entry.path())?,
                kind if kind.is_file() => std::fs::File::open(entry.path())?.sync_all()?,
                _ => {}
            }
        }
        std::fs::File::open(&folder)?.sync_all()?;
    }
    Ok(())
}

/// The texts of the file, or of the `.alloy` files directly in the folder, `path`.
fn read(tree: &Path, path: &str, repository: &str) -> Result<Contents, Failure> {
    let target = tree.join(path);
    let is_inside = target.canonicalize().is_ok_and(|target| tree.canonicalize().is_ok_and(|tree| target.starts_with(tree)));
    if !is_inside {
        let message = format!("{repository} has no file or folder `{path}` at this revision");
        return Err(Failure::from(message).hint("check `path`, which begins at the top of the repository"));
    }
    let paths = if target.is_dir() { super::file::alloy_files(&target)? } else { vec![target] };
    let text = |path: &PathBuf| {
        let name = path.strip_prefix(tree).unwrap_or(path).display().to_string();
        sources::read_regular(path).map(|text| (name, text)).map_err(|diagnostic| Failure::from(diagnostic.message))
    };
    let texts = paths.iter().map(text).collect::<Result<Texts, _>>()?;
    Ok(Contents { texts, folder: Some(tree.display().to_string()) })
}
