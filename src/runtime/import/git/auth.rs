//! Credentials for git: they reach it through the environment of its process, never through its arguments.

use super::super::Failure;
use super::super::args::GitArgs;
use super::ssh::Ssh;
use std::path::Path;
use tokio::process::Command;

const USER: &str = "FERROALLOY_GIT_USERNAME";
const PASSWORD: &str = "FERROALLOY_GIT_PASSWORD";

/// What git may use.
pub(super) const ALL_PROTOCOLS: &str = "file:git:http:https:ssh";

/// Gives git the user name and the password, when it asks for them.
const HELPER: &str = "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' \
\"$FERROALLOY_GIT_USERNAME\" \"$FERROALLOY_GIT_PASSWORD\"; }; f";

/// A repository: its address without credentials, and these.
pub(super) struct Remote {
    address: String,
    login: Option<(String, String)>,
    ssh: Option<Ssh>,
}

impl Remote {
    pub fn of(args: &GitArgs) -> Self {
        let (address, written) = without_login(&args.repository);
        let given = args.basic_auth.as_ref().map(|auth| (auth.username.clone(), auth.password.expose().to_owned()));
        let ssh = args.ssh_key.as_ref().map(Ssh::of);
        Self { address, login: given.or(written), ssh }
    }

    /// One without credentials.
    #[cfg(test)]
    pub fn at(address: &str) -> Self {
        Self { address: address.to_owned(), login: None, ssh: None }
    }

    /// For git.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// For messages.
    pub fn shown(&self) -> String {
        format!("the repository {}", self.address)
    }

    /// What git may use to fetch submodules: a repository from elsewhere has no business with the files of this machine.
    pub fn submodule_protocols(&self) -> &'static str {
        let is_local = self.address.starts_with("file://") || Path::new(&self.address).exists();
        if is_local { ALL_PROTOCOLS } else { "git:http:https:ssh" }
    }

    /// Settings that stand before the command of git.
    pub fn settings(&self) -> Vec<String> {
        let server = self.server().filter(|_| self.login.is_some());
        // An empty helper makes git forget those of the system, which would remember the password.
        server.map(|server| vec!["credential.helper=".to_owned(), format!("credential.{server}.helper={HELPER}")]).unwrap_or_default()
    }

    /// `https://host:port`, for a repository on a web server: nobody else gets the password.
    fn server(&self) -> Option<&str> {
        let (scheme, rest) = self.address.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"))?;
        let host = rest.split('/').next().unwrap_or(rest);
        self.address.get(..scheme.len() + "://".len() + host.len())
    }

    /// Puts the credentials into the environment of `command`. `folder` may be written to.
    ///
    /// # Errors
    /// When a key cannot be handed over.
    pub fn prepare(&self, command: &mut Command, folder: &Path) -> Result<(), Failure> {
        if let (Some(key), None) = (&self.ssh, self.server()) {
            return key.prepare(command, folder);
        }
        // What the user of the program has set up for ssh counts; submodules of a web server's repository may need it.
        super::ssh::without_key(command);
        if let (Some((user, password)), Some(_)) = (&self.login, self.server()) {
            command.env(USER, user).env(PASSWORD, password);
        }
        Ok(())
    }

    /// `text` without anything secret.
    pub fn redact(&self, text: &str) -> String {
        let login = self.login.as_ref().map(|(_, password)| password.as_str());
        let passphrase = self.ssh.as_ref().map(Ssh::passphrase);
        let secrets = [login, passphrase].into_iter().flatten().filter(|secret| !secret.is_empty());
        secrets.fold(without_passwords(text), |text, secret| text.replace(secret, "(secret)"))
    }

    /// What to do when the server accepts no key.
    pub fn refused(&self) -> &'static str {
        self.ssh.as_ref().map_or("the server accepts no key that is known here: write an `ssh_key` block", Ssh::refused)
    }
}

/// The address without a password and, for a web server, without a user name; and these.
fn without_login(repository: &str) -> (String, Option<(String, String)>) {
    let written = repository.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https" | "ssh" | "git+ssh" | "ssh+git"));
    let Some((scheme, rest)) = written else { return (repository.to_owned(), None) };
    let end = rest.find('/').unwrap_or(rest.len());
    let Some((login, host)) = rest[..end].rsplit_once('@') else { return (repository.to_owned(), None) };
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    if !scheme.starts_with("http") {
        // As in the original, where a password in such an address is of no use.
        return (format!("{scheme}://{user}@{host}{}", &rest[end..]), None);
    }
    (format!("{scheme}://{host}{}", &rest[end..]), Some((decoded(user), decoded(password))))
}

/// `text` without the passwords of addresses in it, as those of submodules.
fn without_passwords(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + "://".len());
        let end = after.find(|c: char| c == '/' || c == '\'' || c.is_whitespace()).unwrap_or(after.len());
        out.push_str(before);
        match after[..end].rsplit_once('@') {
            Some((login, _)) if login.contains(':') || before.ends_with("http://") || before.ends_with("https://") => {
                out.push_str("(secret)");
                rest = &after[login.len()..];
            }
            _ => rest = after,
        }
    }
    out.push_str(rest);
    out
}

/// `%40` and its like as the characters they stand for.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_leave_the_address() {
        for (repository, address, login) in [
            ("https://host/a.git", "https://host/a.git", None),
            ("https://u:p%40ss@host:8443/a.git", "https://host:8443/a.git", Some(("u", "p@ss"))),
            ("http://token@host", "http://host", Some(("token", ""))),
            ("git@host:a/b.git", "git@host:a/b.git", None),
            ("ssh://git@host/a.git", "ssh://git@host/a.git", None),
            ("ssh://git:hidden@host:22/a.git", "ssh://git@host:22/a.git", None),
            ("../a.git", "../a.git", None),
        ] {
            let (left, found) = without_login(repository);
            assert_eq!(left, address);
            assert_eq!(found, login.map(|(user, password)| (user.to_owned(), password.to_owned())), "{repository}");
        }
    }

    #[test]
    fn a_password_is_for_its_server_only_and_shows_nowhere() {
        let remote = Remote { address: "https://host:8443/a.git".into(), login: Some(("u".into(), "hidden".into())), ssh: None };
        assert!(remote.settings().iter().all(|setting| !setting.contains("hidden")));
        assert!(remote.settings()[1].starts_with("credential.https://host:8443.helper=!"));
        assert_eq!(remote.redact("fatal: https://u:hidden@host"), "fatal: https://(secret)@host");
        assert_eq!(
            remote.redact("'ssh://u:other@a/b' https://token@c/d ssh://git@e"),
            "'ssh://(secret)@a/b' https://(secret)@c/d ssh://git@e"
        );
        assert_eq!(remote.redact("it is hidden"), "it is (secret)");
        let elsewhere = Remote { address: "/srv/a.git".into(), ..remote };
        assert!(elsewhere.settings().is_empty());
    }
}
