//! `timex`: how well the kernel's clock is kept in step.

use super::Collector;
use super::context::{CollectError, Collected, Ctx};
use crate::base::{Exposition, Kind};

pub(super) struct Timex;

const MICROSECOND: f64 = 1e6;
const NANOSECOND: f64 = 1e9;
/// Frequencies are parts per million with a fraction of 16 bits.
const SCALED_PPM: f64 = 1e6 * 65536.0;

impl Collector for Timex {
    fn name(&self) -> &'static str {
        "timex"
    }

    fn collect(&self, _: &Ctx, out: &mut Exposition) -> Collected {
        // SAFETY: all-zero bytes are a valid `timex`, and no mode bit set means that the call only reads.
        let mut timex: libc::timex = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is valid for the call.
        let state = unsafe { libc::adjtimex(&raw mut timex) };
        if state < 0 {
            let source = std::io::Error::last_os_error();
            let error = CollectError::Read { path: "adjtimex".into(), source };
            return Err(if error.is_forbidden() || error.os_code() == Some(libc::EPERM) {
                CollectError::NoData(error.to_string())
            } else {
                error
            });
        }
        add(state, &timex, out);
        Ok(())
    }
}

fn add(state: libc::c_int, timex: &libc::timex, out: &mut Exposition) {
    let unit = if timex.status & libc::STA_NANO != 0 { NANOSECOND } else { MICROSECOND };
    let synchronised = f64::from(u8::from(state != libc::TIME_ERROR));
    let gauges = [
        ("node_timex_sync_status", "Whether the clock is in step with a trusted server.", synchronised),
        ("node_timex_offset_seconds", "Offset between the clock and its reference.", timex.offset as f64 / unit),
        ("node_timex_frequency_adjustment_ratio", "Correction of the clock's frequency.", 1.0 + timex.freq as f64 / SCALED_PPM),
        ("node_timex_maxerror_seconds", "Largest possible error.", timex.maxerror as f64 / MICROSECOND),
        ("node_timex_estimated_error_seconds", "Estimated error.", timex.esterror as f64 / MICROSECOND),
        ("node_timex_status", "Status bits.", f64::from(timex.status)),
        ("node_timex_loop_time_constant", "Time constant of the phase-locked loop.", timex.constant as f64),
        ("node_timex_tick_seconds", "Seconds between two ticks.", timex.tick as f64 / MICROSECOND),
        ("node_timex_pps_frequency_hertz", "Frequency of the pulse-per-second signal.", timex.ppsfreq as f64 / SCALED_PPM),
        ("node_timex_pps_jitter_seconds", "Jitter of the pulse-per-second signal.", timex.jitter as f64 / unit),
        ("node_timex_pps_shift_seconds", "Interval of the pulse-per-second signal.", f64::from(timex.shift)),
        (
            "node_timex_pps_stability_hertz",
            "Mean of the recent changes of the pulse-per-second frequency.",
            timex.stabil as f64 / SCALED_PPM,
        ),
        ("node_timex_tai_offset_seconds", "Offset to international atomic time.", f64::from(timex.tai)),
    ];
    let counters = [
        ("node_timex_pps_jitter_total", "Pulses with more jitter than allowed.", timex.jitcnt),
        ("node_timex_pps_calibration_total", "Calibration intervals.", timex.calcnt),
        ("node_timex_pps_error_total", "Calibration errors.", timex.errcnt),
        ("node_timex_pps_stability_exceeded_total", "Pulses with less stability than allowed.", timex.stbcnt),
    ];
    gauges.into_iter().for_each(|(name, help, value)| out.sample(Kind::Gauge, name, help, &[], value));
    counters.into_iter().for_each(|(name, help, value)| out.sample(Kind::Counter, name, help, &[], value as f64));
}

#[cfg(test)]
mod tests {
    use crate::base::Exposition;

    #[test]
    fn units_follow_the_status_bit() {
        for (status, offset) in [(0, "0.0005"), (libc::STA_NANO, "5e-07")] {
            // SAFETY: all-zero bytes are a valid `timex`.
            let mut timex: libc::timex = unsafe { std::mem::zeroed() };
            (timex.status, timex.offset, timex.freq) = (status, 500, 65536);
            let mut out = Exposition::new();
            super::add(libc::TIME_ERROR, &timex, &mut out);
            let mut page = String::new();
            out.render(&mut page);
            assert!(page.contains(&format!("\nnode_timex_offset_seconds {offset}\n")), "{page}");
            assert!(page.contains("\nnode_timex_sync_status 0\n"));
            assert!(page.contains("\nnode_timex_frequency_adjustment_ratio 1.000001\n"));
            assert_eq!(out.samples(), 17);
        }
    }
}
