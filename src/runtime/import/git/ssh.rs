//! What git is told about ssh: which key, whose known hosts, and that nobody is there to be asked.

use super::super::Failure;
use super::super::args::GitSshKey;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use tokio::process::Command;

const USER: &str = "FERROALLOY_GIT_USERNAME";
const PASSPHRASE: &str = "FERROALLOY_GIT_PASSWORD";
const KEY_FILE: &str = "FERROALLOY_GIT_KEY_FILE";
const KNOWN_HOSTS: &str = "FERROALLOY_GIT_KNOWN_HOSTS";

/// Answers ssh when it asks for the passphrase of the key, and nothing else.
const ASKPASS: &str = "#!/bin/sh\ncase \"$1\" in *assphrase*) printf '%s\\n' \"$FERROALLOY_GIT_PASSWORD\" ;; *) exit 1 ;; esac\n";
/// Whatever the user's settings say: unknown servers are refused, as in the original; a connection that is open already may
/// have been made with another key; nothing is remembered.
const SSH: &str = "ssh -o ConnectTimeout=20 -o ServerAliveInterval=15 -o StrictHostKeyChecking=yes -o UpdateHostKeys=no \
    -o ControlMaster=no -o ControlPath=none";
/// Nobody is there to answer.
const BATCH: &str = "-o BatchMode=yes";
/// The program that answers can tell a passphrase only.
const ASK: &str = "-o PasswordAuthentication=no -o KbdInteractiveAuthentication=no -o NumberOfPasswordPrompts=1";

/// No key is larger, in bytes.
const LARGEST_KEY: u64 = 1 << 20;

/// The name of the key's copy, which lies in a folder that only the user may enter.
pub(super) const KEY: &str = "key";

/// An `ssh_key` block.
#[derive(Default)]
pub(super) struct Ssh {
    user: String,
    key: String,
    key_file: String,
    passphrase: String,
}

impl Ssh {
    /// What the block says.
    pub fn of(args: &GitSshKey) -> Self {
        Self {
            user: args.username.clone(),
            key: args.key.expose().to_owned(),
            key_file: args.key_file.clone(),
            passphrase: args.passphrase.expose().to_owned(),
        }
    }

    /// For taking it out of messages.
    pub fn passphrase(&self) -> &str {
        &self.passphrase
    }

    /// Makes git use the key. `folder` belongs to the user alone.
    ///
    /// # Errors
    /// When the key cannot be read or handed over.
    pub fn prepare(&self, command: &mut Command, folder: &Path) -> Result<(), Failure> {
        let mut ssh = if self.passphrase.is_empty() {
            format!("{SSH} {BATCH}")
        } else {
            let askpass = folder.join("askpass");
            write_private(&askpass, 0o700, ASKPASS)?;
            command.env("SSH_ASKPASS", askpass).env("SSH_ASKPASS_REQUIRE", "force").env("DISPLAY", ":0").env(PASSPHRASE, &self.passphrase);
            format!("{SSH} {ASK}")
        };
        // The shell that git starts puts the values in: they need no quoting for it.
        if let Some(key) = self.key()? {
            // A copy of a file, too: ssh refuses keys that a group may read, as those in volumes of containers often are.
            let path = folder.join(KEY);
            write_private(&path, 0o600, &key)?;
            ssh.push_str(&format!(" -o IdentitiesOnly=yes -i \"${KEY_FILE}\""));
            command.env(KEY_FILE, without_tokens(&path));
        }
        if !self.user.is_empty() {
            ssh.push_str(&format!(" -l \"${USER}\""));
            command.env(USER, &self.user);
        }
        use_command(command, ssh, std::env::var_os("SSH_KNOWN_HOSTS"));
        Ok(())
    }

    fn key(&self) -> Result<Option<String>, Failure> {
        let key = if !self.key.is_empty() {
            self.key.clone()
        } else if !self.key_file.is_empty() {
            read_key(Path::new(&self.key_file)).map_err(|error| {
                Failure::from(format!("`key_file`: {} cannot be read: {error}", self.key_file))
                    .hint("check the path, the owner and the mode of the file")
            })?
        } else {
            return Ok(None);
        };
        if self.passphrase.is_empty() && is_encrypted(&key) {
            return Err(Failure::from("the key of `ssh_key` is protected by a passphrase").hint("write it as `passphrase`"));
        }
        Ok(Some(key))
    }

    /// What to do when the server refuses.
    pub fn refused(&self) -> &'static str {
        match (self.passphrase.is_empty(), self.key.is_empty() && self.key_file.is_empty()) {
            (true, true) => "the server accepts no key: write `key` or `key_file` in `ssh_key`, or check who may read the repository",
            (true, false) => "the server does not accept the key: check `ssh_key` and its `username`, and who may read the repository",
            (false, _) => "check that `passphrase` is that of the key, and that the server accepts the key for the `username` of `ssh_key`",
        }
    }
}

/// Lets git use ssh as the user of the program has set it up, without asking.
pub(super) fn without_key(command: &mut Command) {
    if std::env::var_os("GIT_SSH_COMMAND").is_none() {
        use_command(command, format!("{SSH} {BATCH}"), std::env::var_os("SSH_KNOWN_HOSTS"));
    }
}

/// `known_hosts`: files that take the place of the user's and the system's, separated as in `PATH`.
fn use_command(command: &mut Command, mut ssh: String, known_hosts: Option<OsString>) {
    let files: Vec<String> = known_hosts.iter().flat_map(std::env::split_paths).filter_map(|path| quoted(&path)).collect();
    if !files.is_empty() {
        ssh.push_str(&format!(" -o GlobalKnownHostsFile=/dev/null -o \"UserKnownHostsFile=${KNOWN_HOSTS}\""));
        command.env(KNOWN_HOSTS, files.join(" "));
    }
    command.env("GIT_SSH_COMMAND", ssh);
}

/// A path in a setting of ssh; `None` for an empty one.
fn quoted(path: &Path) -> Option<String> {
    let path = std::path::absolute(path).ok()?;
    Some(format!("\"{}\"", without_tokens(&path).replace('\\', "\\\\").replace('"', "\\\"")))
}

/// ssh puts other things in place of `%` and a letter.
fn without_tokens(path: &Path) -> String {
    path.display().to_string().replace('%', "%%")
}

fn read_key(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    component::open_regular(path)?.take(LARGEST_KEY + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST_KEY {
        return Err(std::io::Error::other("it is larger than any key"));
    }
    Ok(text)
}

/// True when a key in one of the formats of OpenSSH and OpenSSL says so itself.
fn is_encrypted(key: &str) -> bool {
    /// `openssh-key-v1`, and `none` as the name of the cipher.
    const PLAIN: &str = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU";
    (key.contains("BEGIN OPENSSH PRIVATE KEY") && !key.contains(PLAIN)) || key.contains("ENCRYPTED")
}

fn write_private(path: &PathBuf, mode: u32, text: &str) -> Result<(), Failure> {
    let write = || {
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path)?;
        file.write_all(text.as_bytes())?;
        // Keys without a line end at their end are refused by ssh.
        if text.ends_with('\n') { Ok(()) } else { file.write_all(b"\n") }
    };
    write().map_err(|error: std::io::Error| Failure::from(format!("{} cannot be written: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_no_patterns_for_ssh() {
        assert_eq!(quoted(Path::new("/a b/100%/c\"d")).as_deref(), Some("\"/a b/100%%/c\\\"d\""));
        assert_eq!(quoted(Path::new("")), None);
    }

    #[test]
    fn keys_say_that_they_are_encrypted() {
        for (key, encrypted) in [
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz", false),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABDJ", true),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA", false),
            ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", true),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", true),
            ("no key", false),
        ] {
            assert_eq!(is_encrypted(key), encrypted, "{key}");
        }
    }
}
