//! Arguments of the four kinds of imports.

use super::git::{self, Checkouts};
use super::{Contents, Failure, file, http, text_of, wait_for};
use component::{Detector, Shutdown};
use net::client::ClientArgs;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use value::schema::BodySchema;
use value::types::Duration as DurationValue;
use value::{Arguments, Body, DecodeCx, OptionalSecret, Secret, ValidateError};

/// Where a module comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// `import.file`
    File,
    /// `import.string`
    String,
    /// `import.http`
    Http,
    /// `import.git`
    Git,
}

impl SourceKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::File, Self::String, Self::Http, Self::Git];

    /// The kind whose blocks are called `name`.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.block_name() == name)
    }

    /// The name of its blocks.
    pub fn block_name(self) -> &'static str {
        match self {
            Self::File => "import.file",
            Self::String => "import.string",
            Self::Http => "import.http",
            Self::Git => "import.git",
        }
    }

    /// The shape of its arguments.
    pub fn schema(self) -> &'static BodySchema {
        match self {
            Self::File => FileArgs::schema(),
            Self::String => StringArgs::schema(),
            Self::Http => HttpArgs::schema(),
            Self::Git => GitArgs::schema(),
        }
    }

    /// Reads its arguments.
    pub(crate) fn decode(self, body: &Body<'_>, cx: &mut DecodeCx) -> Option<Source> {
        match self {
            Self::File => FileArgs::decode(body, cx).map(Source::File),
            Self::String => StringArgs::decode(body, cx).map(Source::String),
            Self::Http => HttpArgs::decode(body, cx).map(|args| Source::Http(Box::new(args))),
            Self::Git => GitArgs::decode(body, cx).map(|args| Source::Git(Box::new(args))),
        }
    }
}

/// A module's source with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    File(FileArgs),
    String(StringArgs),
    Http(Box<HttpArgs>),
    Git(Box<GitArgs>),
}

impl Source {
    /// What modules from here read as `module_path`; `around` is that of the module the import stands in.
    pub fn module_path(&self, around: impl FnOnce() -> String) -> String {
        match self {
            Self::File(args) => file::folder_of(&args.filename),
            Self::String(_) => around(),
            Self::Http(args) => args.url.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/")),
            Self::Git(args) => args.repository.clone(),
        }
    }

    /// What tells it from other sources, whatever is written about how it is read.
    pub fn origin(&self) -> String {
        match self {
            Self::File(args) => args.filename.clone(),
            Self::String(_) => String::new(),
            Self::Http(args) => format!("{} {}\n{}", args.method, args.url, args.body),
            Self::Git(args) => format!("{}\n{}\n{}", args.repository, args.revision, args.path),
        }
    }

    /// What it holds now. Waits for the network, at most as long as the timeouts say. `used` is the folder of a commit that
    /// is in use.
    ///
    /// # Errors
    /// The cause, in one line.
    pub fn read(&self, checkouts: &Checkouts, used: Option<&str>) -> Result<Contents, Failure> {
        match self {
            Self::File(args) => Ok(file::read(&args.filename)?),
            Self::String(args) => Ok(text_of(&args.content)),
            Self::Http(args) => wait_for(http::fetch(args)),
            Self::Git(args) => wait_for(git::fetch(args, checkouts, used)),
        }
    }

    /// Calls `refresh` with what the source holds each time it may have changed. `used` tells the folder of the commit that
    /// is in use.
    pub async fn follow(
        &self,
        stop: &Shutdown,
        checkouts: &Checkouts,
        used: impl Fn() -> Option<String>,
        refresh: impl Fn(Result<Contents, Failure>),
    ) {
        match self {
            Self::File(args) => file::follow(args, stop, || refresh(file::read(&args.filename).map_err(Failure::from))).await,
            Self::Http(args) => {
                while stop.or(tokio::time::sleep(pause(args.poll_frequency))).await.is_some() {
                    refresh(http::fetch(args).await);
                }
            }
            Self::Git(args) if !args.pull_frequency.is_zero() => {
                while stop.or(tokio::time::sleep(pause(args.pull_frequency))).await.is_some() {
                    let used = used();
                    // A stop ends git, too.
                    let Some(result) = stop.or(git::fetch(args, checkouts, used.as_deref())).await else { return };
                    refresh(result);
                }
            }
            Self::String(_) | Self::Git(_) => {}
        }
    }
}

/// Never so short that polling takes all the time.
pub(super) fn pause(frequency: DurationValue) -> Duration {
    frequency.std().max(Duration::from_millis(10))
}

/// Imports a file, or all `.alloy` files directly in a folder.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct FileArgs {
    /// The file or folder; a relative one is looked up in the working directory.
    #[alloy(attr)]
    pub filename: String,
    /// How changes are noticed: `fsnotify` or `poll`.
    #[alloy(attr, optional)]
    pub detector: Detector,
    /// How often the file is looked at.
    #[alloy(attr, default = "1m")]
    pub poll_frequency: DurationValue,
}

impl FileArgs {
    pub fn path(&self) -> PathBuf {
        PathBuf::from(&self.filename)
    }
}

/// Imports text.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct StringArgs {
    /// The module.
    #[alloy(attr)]
    pub content: OptionalSecret,
}

/// Imports a module from a web server.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct HttpArgs {
    /// The address of the module.
    #[alloy(attr)]
    pub url: String,
    /// How often it is asked for.
    #[alloy(attr, default = "1m")]
    pub poll_frequency: DurationValue,
    /// How long one answer may take.
    #[alloy(attr, default = "10s")]
    pub poll_timeout: DurationValue,
    /// The method of the request.
    #[alloy(attr, default = "GET")]
    pub method: String,
    /// Headers of the request.
    #[alloy(attr, optional)]
    pub headers: BTreeMap<String, String>,
    /// The body of the request.
    #[alloy(attr, optional)]
    pub body: String,
    /// Credentials, TLS, proxies.
    #[alloy(block, optional)]
    pub client: ClientArgs,
}

/// Imports a module from a git repository, submodules included. Needs the program `git`, and `ssh` for addresses of SSH.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub(crate) struct GitArgs {
    /// The address of the repository.
    #[alloy(attr)]
    pub repository: String,
    /// A branch, tag or commit.
    #[alloy(attr, default = "main")]
    pub revision: String,
    /// The file or folder in the repository.
    #[alloy(attr)]
    pub path: String,
    /// How often the repository is asked for changes; 0 never asks again.
    #[alloy(attr, default = "1m")]
    pub pull_frequency: DurationValue,
    /// A user name and a password.
    #[alloy(block, optional)]
    pub basic_auth: Option<GitBasicAuth>,
    /// An SSH key. The server's key must be in `known_hosts` of the user or of the system, or in the files that the environment
    /// variable SSH_KNOWN_HOSTS names: others are refused.
    #[alloy(block, optional)]
    pub ssh_key: Option<GitSshKey>,
}

impl GitArgs {
    fn validate(&self) -> Result<(), ValidateError> {
        const SPECIAL: [&str; 5] = ["HEAD", "FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD"];
        if SPECIAL.contains(&self.revision.as_str()) {
            return Err(
                ValidateError::at("revision", "a special reference such as HEAD is not accepted").hint("name a branch, a tag or a commit")
            );
        }
        for (name, text) in [("repository", &self.repository), ("revision", &self.revision)] {
            if text.starts_with('-') {
                return Err(ValidateError::at(name, "it begins with `-`, as options do"));
            }
        }
        Ok(())
    }
}

/// A user name and a password for a repository.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct GitBasicAuth {
    /// The user name.
    #[alloy(attr)]
    pub username: String,
    /// The password.
    #[alloy(attr)]
    pub password: Secret,
}

/// An SSH key for a repository.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct GitSshKey {
    /// The user name.
    #[alloy(attr)]
    pub username: String,
    /// The key itself.
    #[alloy(attr, optional)]
    pub key: Secret,
    /// A file with the key. It is read for each fetch.
    #[alloy(attr, optional)]
    pub key_file: String,
    /// The passphrase of the key.
    #[alloy(attr, optional)]
    pub passphrase: Secret,
}
