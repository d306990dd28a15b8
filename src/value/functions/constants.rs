//! `constants`: facts about the machine and this program.

use crate::value_model::Value;

/// `hostname`, `os`, `arch` and `version`, with the names that the original uses for systems and processors.
pub(super) fn constants() -> Value {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        "powerpc64" => "ppc64",
        other => other,
    };
    Value::object([
        ("hostname", Value::from(hostname())),
        ("os", Value::from(os)),
        ("arch", Value::from(arch)),
        ("version", Value::from(concat!("v", env!("CARGO_PKG_VERSION")))),
    ])
}

/// The name of the machine; empty when the system does not tell.
fn hostname() -> String {
    #[cfg(unix)]
    {
        let mut buffer = [0u8; 256];
        // SAFETY: the pointer and the length belong to one live buffer; the last byte is never handed out, so the name
        // is terminated even when it is cut off.
        let status = unsafe { libc::gethostname(buffer.as_mut_ptr().cast(), buffer.len() - 1) };
        let end = buffer.iter().position(|byte| *byte == 0).unwrap_or(buffer.len());
        if status == 0 { String::from_utf8_lossy(&buffer[..end]).into_owned() } else { String::new() }
    }
    #[cfg(not(unix))]
    {
        std::env::var("COMPUTERNAME").unwrap_or_default()
    }
}
