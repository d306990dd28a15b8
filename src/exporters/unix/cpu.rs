//! `cpu`: where the processors spent their time; on request what they are, and when heat slowed them down.

mod info;
mod throttle;

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use regex::Regex;

use super::Collector;
use super::config::{ConfigError, UnixConfig, pattern};
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

/// The kernel counts time in ticks of this many per second towards user space, whatever its own clock is.
const TICKS_PER_SECOND: f64 = 100.0;
/// A processor whose idle time falls by this many seconds was taken away and came back: its counters start anew.
const HOTPLUG_SECONDS: f64 = 3.0;
/// Modes in the order of the columns in `/proc/stat`.
const MODES: [&str; 8] = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];
const IDLE: usize = 3;
const GUEST: usize = 8;
const COLUMNS: usize = 10;

type Times = [f64; COLUMNS];

struct Cpu {
    guest: bool,
    info: Option<info::Info>,
    /// Highest value seen per processor, because the kernel's idle and iowait figures may step back a little.
    seen: RefCell<BTreeMap<u32, (String, Times)>>,
    isolated: OnceCell<Vec<String>>,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    let compile =
        |option, text: &str| -> Result<Option<Regex>, ConfigError> { (!text.is_empty()).then(|| pattern(option, text)).transpose() };
    let flags = compile("cpu.flags_include", &config.cpu.flags_include)?;
    let bugs = compile("cpu.bugs_include", &config.cpu.bugs_include)?;
    let wanted = config.cpu.info || flags.is_some() || bugs.is_some();
    let info = wanted.then(|| info::Info { flags, bugs, frequency: !config.runs("cpufreq", true) });
    Ok(Box::new(Cpu { guest: config.cpu.guest, info, seen: RefCell::default(), isolated: OnceCell::new() }))
}

impl Collector for Cpu {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        if let Some(info) = &self.info {
            info.collect(ctx, out)?;
        }
        self.times(ctx, out)?;
        let isolated = self.isolated.get_or_init(|| ctx.sys("devices/system/cpu/isolated").map(|text| cpu_list(&text)).unwrap_or_default());
        for cpu in isolated {
            out.gauge("node_cpu_isolated", "Processors the scheduler leaves alone.", &[("cpu", cpu)], 1.0);
        }
        throttle::collect(ctx, out);
        Ok(())
    }
}

impl Cpu {
    fn times(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("stat")?;
        let mut seen = self.seen.borrow_mut();
        let mut online = Vec::with_capacity(seen.len());
        for line in text.lines() {
            let Some((cpu, figures)) = line.strip_prefix("cpu").and_then(|rest| rest.split_once(' ')) else { continue };
            if cpu.is_empty() {
                continue; // The sum over all processors.
            }
            let number: u32 = cpu.parse().map_err(|_| CollectError::parse("stat", format!("`cpu{cpu}` is no processor")))?;
            let mut times = [0.0; COLUMNS];
            for (slot, field) in times.iter_mut().zip(figures.split_whitespace()) {
                *slot = parse_float(field, "stat")? / TICKS_PER_SECOND;
            }
            remember(&mut seen.entry(number).or_insert_with(|| (cpu.to_owned(), times)).1, &times);
            online.push(number);
        }
        seen.retain(|number, _| online.contains(number));
        for (cpu, times) in seen.values() {
            for (mode, seconds) in MODES.iter().zip(times) {
                out.counter(
                    "node_cpu_seconds_total",
                    "Seconds the processors spent in each mode.",
                    &[("cpu", cpu), ("mode", mode)],
                    *seconds,
                );
            }
            if self.guest {
                let help = "Seconds the processors spent in guests, which user and nice contain too.";
                out.counter("node_cpu_guest_seconds_total", help, &[("cpu", cpu), ("mode", "user")], times[GUEST]);
                out.counter("node_cpu_guest_seconds_total", help, &[("cpu", cpu), ("mode", "nice")], times[GUEST + 1]);
            }
        }
        Ok(())
    }
}

fn remember(known: &mut Times, new: &Times) {
    if known[IDLE] - new[IDLE] >= HOTPLUG_SECONDS {
        *known = *new;
    }
    for (known, new) in known.iter_mut().zip(new) {
        *known = known.max(*new);
    }
}

/// `0-2,5` as `0`, `1`, `2`, `5`. What is no list gives nothing.
fn cpu_list(text: &str) -> Vec<String> {
    let number = |part: &str| part.trim().parse::<u16>().ok();
    let range = |part: &str| match part.split_once('-') {
        Some((first, last)) => Some(number(first)?..=number(last)?),
        None => number(part).map(|only| only..=only),
    };
    text.trim().split(',').filter_map(range).flatten().map(|cpu| cpu.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, IDLE, remember};
    use crate::unix::testing::check;
    use expect_test::expect;

    const STAT: &str = "cpu  300 0 0 0 0 0 0 0 0 0\ncpu0 100 2 30 4000 5 6 7 8 9 10\nintr 5 0\n";

    #[test]
    fn ticks_become_seconds() {
        check(
            "cpu",
            &[("proc/stat", STAT)],
            |config| config.cpu.guest = true,
            &expect![[r#"
            # TYPE node_cpu_guest_seconds_total counter
            node_cpu_guest_seconds_total{cpu="0",mode="nice"} 0.1
            node_cpu_guest_seconds_total{cpu="0",mode="user"} 0.09
            # TYPE node_cpu_seconds_total counter
            node_cpu_seconds_total{cpu="0",mode="idle"} 40
            node_cpu_seconds_total{cpu="0",mode="iowait"} 0.05
            node_cpu_seconds_total{cpu="0",mode="irq"} 0.06
            node_cpu_seconds_total{cpu="0",mode="nice"} 0.02
            node_cpu_seconds_total{cpu="0",mode="softirq"} 0.07
            node_cpu_seconds_total{cpu="0",mode="steal"} 0.08
            node_cpu_seconds_total{cpu="0",mode="system"} 0.3
            node_cpu_seconds_total{cpu="0",mode="user"} 1
        "#]],
        );
    }

    #[test]
    fn isolation_and_throttling_come_from_sysfs() {
        let files = [
            ("proc/stat", "intr 5\n"),
            ("sys/devices/system/cpu/isolated", "1,3-4\n"),
            ("sys/devices/system/cpu/cpu0/topology/physical_package_id", "0\n"),
            ("sys/devices/system/cpu/cpu0/topology/core_id", "2\n"),
            ("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "5\n"),
            ("sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count", "30\n"),
            ("sys/devices/system/cpu/cpu1/topology/physical_package_id", "0\n"),
            ("sys/devices/system/cpu/cpu1/topology/core_id", "2\n"),
            ("sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "6\n"),
        ];
        check(
            "cpu",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_cpu_core_throttles_total counter
            node_cpu_core_throttles_total{core="2",package="0"} 5
            # TYPE node_cpu_isolated gauge
            node_cpu_isolated{cpu="1"} 1
            node_cpu_isolated{cpu="3"} 1
            node_cpu_isolated{cpu="4"} 1
            # TYPE node_cpu_package_throttles_total counter
            node_cpu_package_throttles_total{package="0"} 30
        "#]],
        );
    }

    #[test]
    fn a_small_step_back_is_hidden_and_a_large_one_starts_anew() {
        let at = |user: f64, idle: f64| {
            let mut times = [0.0; COLUMNS];
            (times[0], times[IDLE]) = (user, idle);
            times
        };
        let cases = [
            (at(10.0, 100.0), at(9.0, 99.0), at(10.0, 100.0)),
            (at(10.0, 100.0), at(1.0, 97.0), at(1.0, 97.0)),
            (at(1.0, 1.0), at(2.0, 3.0), at(2.0, 3.0)),
        ];
        for (mut known, new, expected) in cases {
            remember(&mut known, &new);
            assert_eq!(known, expected);
        }
    }
}
