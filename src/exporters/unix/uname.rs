//! `uname`: name and version of the kernel and of the machine.

use std::ffi::{CStr, c_char};

use super::Collector;
use super::context::{CollectError, Collected, Ctx};
use crate::base::Exposition;

pub(super) struct Uname;

impl Collector for Uname {
    fn name(&self) -> &'static str {
        "uname"
    }

    fn collect(&self, _: &Ctx, out: &mut Exposition) -> Collected {
        // SAFETY: all-zero bytes are a valid `utsname`: arrays of characters.
        let mut names: libc::utsname = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is valid for the call.
        if unsafe { libc::uname(&raw mut names) } != 0 {
            return Err(CollectError::Read { path: "uname".into(), source: std::io::Error::last_os_error() });
        }
        let labels = [
            ("domainname", text(&names.domainname)),
            ("machine", text(&names.machine)),
            ("nodename", text(&names.nodename)),
            ("release", text(&names.release)),
            ("sysname", text(&names.sysname)),
            ("version", text(&names.version)),
        ];
        let labels = labels.each_ref().map(|(label, value)| (*label, value.as_str()));
        out.gauge("node_uname_info", "What the uname system call says.", &labels, 1.0);
        Ok(())
    }
}

fn text(field: &[c_char]) -> String {
    let bytes: Vec<u8> = field.iter().map(|character| *character as u8).collect();
    CStr::from_bytes_until_nul(&bytes).map(|text| text.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::base::Exposition;
    use crate::unix::Collector;
    use crate::unix::context::Ctx;

    #[test]
    fn names_the_kernel() {
        let mut out = Exposition::new();
        super::Uname.collect(&Ctx::new("/", "/", "/", "/"), &mut out).expect("every kernel has a name");
        let mut page = String::new();
        out.render(&mut page);
        assert!(page.contains("sysname=\"Linux\""), "{page}");
    }
}
