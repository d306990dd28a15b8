//! `runit`: state of services that runit looks after.

use std::path::Path;

use super::Collector;
use super::config::{ConfigError, UnixConfig};
use super::context::{Collected, Ctx};
use crate::base::Exposition;

struct Runit {
    folder: String,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    Ok(Box::new(Runit { folder: config.runit.service_dir.clone() }))
}

/// Second zero of 1970 on the clock that runit writes.
const TAI_EPOCH: u64 = (1 << 62) + 10;

impl Collector for Runit {
    fn name(&self) -> &'static str {
        "runit"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        for service in ctx.names(&self.folder)? {
            let path = Path::new(&self.folder).join(&service);
            // Twenty bytes: time of the last change, nanoseconds, process, paused, wanted state, terminated, state.
            let Some(status) = std::fs::read(path.join("supervise/status")).ok().and_then(|bytes| <[u8; 20]>::try_from(bytes).ok()) else {
                continue;
            };
            let mut seconds = [0; 8];
            seconds.copy_from_slice(&status[..8]);
            let changed = u64::from_be_bytes(seconds).wrapping_sub(TAI_EPOCH);
            let normally_up = !path.join("down").exists();
            let figures = [
                ("node_service_state", "State of the service: 0 down, 1 up, 2 finishing.", f64::from(status[19])),
                ("node_service_desired_state", "Wanted state of the service.", f64::from(u8::from(status[17] == b'u'))),
                ("node_service_normal_state", "Whether the service is up unless told otherwise.", f64::from(u8::from(normally_up))),
                ("node_service_state_last_change_timestamp_seconds", "When the state changed, in seconds since 1970.", changed as f64),
            ];
            for (name, help, value) in figures {
                out.gauge(name, help, &[("service", &service), ("supervisor", "runit")], value);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let service = folder.path().join("one/supervise");
        std::fs::create_dir_all(&service).expect("a fixture can be written");
        let mut status = [0; 20];
        status[..8].copy_from_slice(&(TAI_EPOCH + 1_700_000_000).to_be_bytes());
        (status[17], status[19]) = (b'u', 1);
        std::fs::write(service.join("status"), status).expect("a fixture can be written");
        std::fs::create_dir(folder.path().join("empty")).expect("a fixture can be written");
        let mut out = Exposition::new();
        let collector = Runit { folder: folder.path().display().to_string() };
        collector.collect(&Ctx::new("/", "/", "/", "/"), &mut out).expect("the fixture can be read");
        let mut page = String::new();
        out.render(&mut page);
        for line in [
            "node_service_state{service=\"one\",supervisor=\"runit\"} 1",
            "node_service_state_last_change_timestamp_seconds{service=\"one\",supervisor=\"runit\"} 1.7e+09",
        ] {
            assert!(page.contains(line), "{page}");
        }
        assert_eq!(out.samples(), 4);
    }
}
