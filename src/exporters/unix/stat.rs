//! `stat`: interrupts, context switches, forks, boot time and the length of the run queue.

use super::Collector;
use super::context::{Collected, Ctx, parse_float};
use crate::base::{Exposition, Kind};

pub(super) struct Stat;

/// First word of the line, metric, type and help text.
const LINES: [(&str, &str, Kind, &str); 6] = [
    ("btime", "node_boot_time_seconds", Kind::Gauge, "When the machine was started, in seconds since 1970."),
    ("ctxt", "node_context_switches_total", Kind::Counter, "Context switches."),
    ("intr", "node_intr_total", Kind::Counter, "Interrupts served."),
    ("processes", "node_forks_total", Kind::Counter, "Processes started."),
    ("procs_blocked", "node_procs_blocked", Kind::Gauge, "Processes waiting for a disk."),
    ("procs_running", "node_procs_running", Kind::Gauge, "Processes that could run."),
];

impl Collector for Stat {
    fn name(&self) -> &'static str {
        "stat"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("stat")?;
        let mut values = [0.0; LINES.len()];
        for line in text.lines() {
            let mut fields = line.split_whitespace();
            let (Some(word), Some(field)) = (fields.next(), fields.next()) else { continue };
            if let Some(at) = LINES.iter().position(|(wanted, ..)| *wanted == word) {
                values[at] = parse_float(field, "stat")?;
            }
        }
        for ((_, name, kind, help), value) in LINES.iter().zip(values) {
            out.sample(*kind, name, help, &[], value);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn one_metric_per_line() {
        let text = "cpu  1 2\nintr 8885917 17 0\nctxt 38014093\nbtime 1418183276\nprocesses 26442\nprocs_running 2\nprocs_blocked 1\nsoftirq 5057579 250191\n";
        check(
            "stat",
            &[("proc/stat", text)],
            |_| {},
            &expect![[r#"
            # TYPE node_boot_time_seconds gauge
            node_boot_time_seconds 1.418183276e+09
            # TYPE node_context_switches_total counter
            node_context_switches_total 3.8014093e+07
            # TYPE node_forks_total counter
            node_forks_total 26442
            # TYPE node_intr_total counter
            node_intr_total 8.885917e+06
            # TYPE node_procs_blocked gauge
            node_procs_blocked 1
            # TYPE node_procs_running gauge
            node_procs_running 2
        "#]],
        );
    }
}
