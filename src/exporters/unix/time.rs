//! `time`: the clock, its zone and where the kernel takes it from.

use std::ffi::CStr;
use std::time::{SystemTime, UNIX_EPOCH};

use super::Collector;
use super::context::{Collected, Ctx};
use crate::base::Exposition;

pub(super) struct Time;

impl Collector for Time {
    fn name(&self) -> &'static str {
        "time"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        #[allow(clippy::disallowed_methods, reason = "the system's time is what is measured")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        out.gauge("node_time_seconds", "The system's time, in seconds since 1970.", &[], now.as_secs_f64());
        let (zone, offset) = zone(now.as_secs() as libc::time_t);
        out.gauge("node_time_zone_offset_seconds", "Offset of the time zone, in seconds east of UTC.", &[("time_zone", &zone)], offset);
        sources(ctx, out)
    }
}

fn sources(ctx: &Ctx, out: &mut Exposition) -> Collected {
    let folder = format!("{}/devices/system/clocksource", ctx.sys);
    for (index, (_, name)) in ctx.numbered(&folder, "clocksource").into_iter().enumerate() {
        let source = format!("{folder}/{name}");
        let device = index.to_string();
        for available in ctx.join(&source, "available_clocksource")?.split_whitespace() {
            out.gauge(
                "node_time_clocksource_available_info",
                "A clock the kernel could use.",
                &[("clocksource", available), ("device", &device)],
                1.0,
            );
        }
        let current = ctx.join(&source, "current_clocksource")?;
        out.gauge(
            "node_time_clocksource_current_info",
            "The clock the kernel uses.",
            &[("clocksource", current.trim()), ("device", &device)],
            1.0,
        );
    }
    Ok(())
}

/// Name and offset of the local time zone at `seconds` since 1970.
fn zone(seconds: libc::time_t) -> (String, f64) {
    // SAFETY: all-zero bytes are a valid `tm`: numbers and a null pointer.
    let mut parts: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are valid for the call; `localtime_r` keeps neither.
    let filled = unsafe { libc::localtime_r(&raw const seconds, &raw mut parts) };
    if filled.is_null() || parts.tm_zone.is_null() {
        return ("UTC".to_owned(), 0.0);
    }
    // SAFETY: `tm_zone` is not null and points to a string with an end that the C library keeps for the life of the program.
    let name = unsafe { CStr::from_ptr(parts.tm_zone) };
    (name.to_string_lossy().into_owned(), parts.tm_gmtoff as f64)
}

#[cfg(test)]
mod tests {
    use super::zone;
    use crate::base::Exposition;
    use crate::unix::context::Ctx;
    use expect_test::expect;

    #[test]
    fn clock_sources() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let source = folder.path().join("devices/system/clocksource/clocksource0");
        std::fs::create_dir_all(&source).expect("a fixture can be written");
        std::fs::write(source.join("available_clocksource"), "tsc hpet \n").expect("a fixture can be written");
        std::fs::write(source.join("current_clocksource"), "tsc\n").expect("a fixture can be written");
        let mut out = Exposition::new();
        super::sources(&Ctx::new("/", &folder.path().display().to_string(), "/", "/"), &mut out).expect("the fixture can be read");
        let mut page = String::new();
        out.render(&mut page);
        expect![[r#"
            # HELP node_time_clocksource_available_info A clock the kernel could use.
            # TYPE node_time_clocksource_available_info gauge
            node_time_clocksource_available_info{clocksource="hpet",device="0"} 1
            node_time_clocksource_available_info{clocksource="tsc",device="0"} 1
            # HELP node_time_clocksource_current_info The clock the kernel uses.
            # TYPE node_time_clocksource_current_info gauge
            node_time_clocksource_current_info{clocksource="tsc",device="0"} 1
        "#]]
        .assert_eq(&page);
    }

    #[test]
    fn the_zone_has_a_name_and_at_most_fourteen_hours() {
        let (name, offset) = zone(1_700_000_000);
        assert!(!name.is_empty());
        assert!(offset.abs() <= 14.0 * 3600.0);
    }
}
