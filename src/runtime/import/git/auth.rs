//! Credentials for git: they reach it through the environment of its process, never through its arguments.

use super::super::Failure;
use super::super::args::GitArgs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use tokio::process::Command;

const USER: &str = "FERROALLOY_GIT_USERNAME";
const PASSWORD: &str = "FERROALLOY_GIT_PASSWORD";
const KEY_FILE: &str = "FERROALLOY_GIT_KEY_FILE";

/// Gives git the user name and the password, when it asks for them.
const HELPER: &str = "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' \
\"$FERROALLOY_GIT_USERNAME\" \"$FERROALLOY_GIT_PASSWORD\"; }; f";
/// Answers ssh when it asks for the passphrase of the key, and nothing else.
const ASKPASS: &str = "#!/bin/sh\ncase \"$1\" in *assphrase*) printf '%s\\n' \"$FERROALLOY_GIT_PASSWORD\" ;; *) exit 1 ;; esac\n";
const SSH: &str = "ssh -o ConnectTimeout=20 -o ServerAliveInterval=15";
/// Nobody is there to answer.
const SSH_BATCH: &str = "-o BatchMode=yes";
const SSH_ASK: &str =
    "-o StrictHostKeyChecking=yes -o PasswordAuthentication=no -o KbdInteractiveAuthentication=no -o NumberOfPasswordPrompts=1";

/// A repository: its address without credentials, and these.
pub(super) struct Remote {
    address: String,
    login: Option<(String, String)>,
    ssh: Option<Ssh>,
}

struct Ssh {
    user: String,
    key: String,
    key_file: String,
    passphrase: String,
}

impl Remote {
    pub fn of(args: &GitArgs) -> Self {
        let (address, written) = without_login(&args.repository);
        let given = args.basic_auth.as_ref().map(|auth| (auth.username.clone(), auth.password.expose().to_owned()));
        let ssh = args.ssh_key.as_ref().map(|key| Ssh {
            user: key.username.clone(),
            key: key.key.expose().to_owned(),
            key_file: key.key_file.clone(),
            passphrase: key.passphrase.expose().to_owned(),
        });
        Self { address, login: given.or(written), ssh }
    }

    /// For git.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// For messages.
    pub fn shown(&self) -> String {
        format!("the repository {}", self.address)
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
        match (&self.login, self.server(), &self.ssh) {
            (Some((user, password)), Some(_), _) => _ = command.env(USER, user).env(PASSWORD, password),
            (_, None, Some(key)) => prepare_ssh(key, command, folder)?,
            // What the user of the program has set up for ssh counts, but nobody is there to be asked.
            _ if std::env::var_os("GIT_SSH_COMMAND").is_none() => _ = command.env("GIT_SSH_COMMAND", format!("{SSH} {SSH_BATCH}")),
            _ => {}
        }
        Ok(())
    }

    /// `text` without anything secret.
    pub fn redact(&self, text: &str) -> String {
        let login = self.login.as_ref().map(|(_, password)| password.as_str());
        let passphrase = self.ssh.as_ref().map(|ssh| ssh.passphrase.as_str());
        let secrets = [login, passphrase].into_iter().flatten().filter(|secret| !secret.is_empty());
        secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "(secret)"))
    }
}

/// Makes ssh use the key.
fn prepare_ssh(key: &Ssh, command: &mut Command, folder: &Path) -> Result<(), Failure> {
    let written = folder.join("key");
    if !key.key.is_empty() {
        write_private(&written, 0o600, &key.key)?;
    }
    let mut ssh = if key.passphrase.is_empty() {
        format!("{SSH} {SSH_BATCH}")
    } else {
        let askpass = folder.join("askpass");
        write_private(&askpass, 0o700, ASKPASS)?;
        command.env("SSH_ASKPASS", askpass).env("SSH_ASKPASS_REQUIRE", "force").env("DISPLAY", ":0").env(PASSWORD, &key.passphrase);
        format!("{SSH} {SSH_ASK}")
    };
    let path = if key.key.is_empty() { Path::new(&key.key_file) } else { &written };
    // The shell that git starts puts the values in: they need no quoting and show in no list of processes but as names.
    if !path.as_os_str().is_empty() {
        ssh.push_str(&format!(" -o IdentitiesOnly=yes -i \"${KEY_FILE}\""));
        command.env(KEY_FILE, path);
    }
    if !key.user.is_empty() {
        ssh.push_str(&format!(" -l \"${USER}\""));
        command.env(USER, &key.user);
    }
    command.env("GIT_SSH_COMMAND", ssh);
    Ok(())
}

fn write_private(path: &Path, mode: u32, text: &str) -> Result<(), Failure> {
    let write = || {
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path)?;
        file.write_all(text.as_bytes())?;
        // Keys without a line end at their end are refused by ssh.
        if text.ends_with('\n') { Ok(()) } else { file.write_all(b"\n") }
    };
    write().map_err(|error: std::io::Error| Failure::from(format!("{} cannot be written: {error}", path.display())))
}

/// The address without `user:password@`, and these.
fn without_login(repository: &str) -> (String, Option<(String, String)>) {
    let web = repository.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"));
    let Some((scheme, rest)) = web else { return (repository.to_owned(), None) };
    let end = rest.find('/').unwrap_or(rest.len());
    let Some((login, host)) = rest[..end].rsplit_once('@') else { return (repository.to_owned(), None) };
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    (format!("{scheme}://{host}{}", &rest[end..]), Some((decoded(user), decoded(password))))
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
        assert_eq!(remote.redact("fatal: https://u:hidden@host"), "fatal: https://u:(secret)@host");
        let elsewhere = Remote { address: "/srv/a.git".into(), ..remote };
        assert!(elsewhere.settings().is_empty());
    }
}
