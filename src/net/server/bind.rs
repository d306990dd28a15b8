//! Listening, and what stands in its way.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::{TcpListener, lookup_host};

/// A server that cannot be started. The text names the address, the cause and what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct BindError(String);

impl BindError {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }
}

/// Listens on an address; an empty one means all, of both families.
pub(super) async fn listen(address: &str, port: i64) -> Result<TcpListener, BindError> {
    let port = u16::try_from(port).map_err(|_| BindError(format!("`listen_port` = {port} is not a port: ports go from 0 to 65535")))?;
    if address.is_empty() {
        let all = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
        return match TcpListener::bind(all).await {
            Ok(listener) => Ok(listener),
            // Without IPv6.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::AddrNotAvailable)
                    || error.raw_os_error() == Some(libc::EAFNOSUPPORT) =>
            {
                let all = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
                TcpListener::bind(all).await.map_err(|error| explain(all, &error))
            }
            Err(error) => Err(explain(all, &error)),
        };
    }
    let host = address.trim_start_matches('[').trim_end_matches(']');
    let fail =
        |detail: String| BindError(format!("`listen_address` = {address:?} cannot be resolved{detail}: write an address of this machine"));
    let resolved = lookup_host((host, port)).await.map_err(|error| fail(format!(" ({})", crate::error::lower(&error.to_string()))))?;
    let mut last = None;
    for addr in resolved {
        match TcpListener::bind(addr).await {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some(explain(addr, &error)),
        }
    }
    Err(last.unwrap_or_else(|| fail(String::new())))
}

fn explain(addr: SocketAddr, error: &io::Error) -> BindError {
    let port = addr.port();
    BindError(match error.kind() {
        io::ErrorKind::AddrInUse => {
            let owner = owner(port).map_or_else(|| "another program".to_owned(), |owner| format!("`{owner}`"));
            format!("cannot listen on {addr}: port {port} is in use by {owner}: stop it, or choose another `listen_port`")
        }
        io::ErrorKind::PermissionDenied => {
            format!("cannot listen on {addr}: ports below 1024 need a privilege: choose another `listen_port`")
        }
        io::ErrorKind::AddrNotAvailable => format!("cannot listen on {addr}: this machine has no such address: correct `listen_address`"),
        _ => format!("cannot listen on {addr}: {}", crate::error::lower(&error.to_string())),
    })
}

/// Name and process number of who listens on the port, where this can be seen: `nginx (1234)`.
#[cfg(target_os = "linux")]
fn owner(port: u16) -> Option<String> {
    let inode =
        ["/proc/net/tcp6", "/proc/net/tcp"].iter().find_map(|table| listening_inode(&std::fs::read_to_string(table).ok()?, port))?;
    let wanted = format!("socket:[{inode}]");
    let processes =
        std::fs::read_dir("/proc").ok()?.flatten().filter(|entry| entry.file_name().to_string_lossy().bytes().all(|b| b.is_ascii_digit()));
    for process in processes {
        let Ok(files) = std::fs::read_dir(process.path().join("fd")) else { continue };
        let is_owner = files.flatten().any(|file| std::fs::read_link(file.path()).is_ok_and(|link| link.as_os_str() == wanted.as_str()));
        if is_owner {
            let name = std::fs::read_to_string(process.path().join("comm")).ok()?;
            return Some(format!("{} ({})", name.trim(), process.file_name().to_string_lossy()));
        }
    }
    None
}

#[cfg(not(target_os = "linux"))]
fn owner(_port: u16) -> Option<String> {
    None
}

/// The inode of the listening socket (state 0A) on the port, from the kernel's table.
#[cfg(target_os = "linux")]
fn listening_inode(table: &str, port: u16) -> Option<String> {
    let suffix = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let is_it = fields.get(1)?.ends_with(&suffix) && *fields.get(3)? == "0A";
        is_it.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
    })
}
