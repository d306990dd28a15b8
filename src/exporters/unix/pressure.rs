//! `pressure`: how long work waited for processor, disk and memory.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Pressure;

/// File, first word of the line, metric and help text.
const LINES: [(&str, &str, &str, &str); 5] = [
    ("pressure/cpu", "some", "node_pressure_cpu_waiting_seconds_total", "Seconds in which something waited for a processor."),
    ("pressure/io", "some", "node_pressure_io_waiting_seconds_total", "Seconds in which something waited for a disk."),
    ("pressure/io", "full", "node_pressure_io_stalled_seconds_total", "Seconds in which everything waited for a disk."),
    ("pressure/memory", "some", "node_pressure_memory_waiting_seconds_total", "Seconds in which something waited for memory."),
    ("pressure/memory", "full", "node_pressure_memory_stalled_seconds_total", "Seconds in which everything waited for memory."),
];

impl Collector for Pressure {
    fn name(&self) -> &'static str {
        "pressure"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        for (file, word, name, help) in LINES {
            let text = match ctx.proc(file) {
                // A kernel built with the figures but started without them says so on reading.
                Err(error) if error.os_code() == Some(libc::EOPNOTSUPP) => return Err(CollectError::NoData(error.to_string())),
                other => other.map_err(CollectError::missing_is_no_data)?,
            };
            let line = text.lines().find(|line| line.split(' ').next() == Some(word));
            let total = line
                .and_then(|line| line.rsplit_once("total="))
                .ok_or_else(|| CollectError::parse(file, format!("no line `{word}` with a total")))?
                .1;
            out.counter(name, help, &[], parse_float(total, file)? / 1000.0 / 1000.0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn totals_in_seconds() {
        let files = [
            ("proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=14036781\n"),
            (
                "proc/pressure/io",
                "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=500000\n",
            ),
            ("proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1\n"),
        ];
        check(
            "pressure",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_pressure_cpu_waiting_seconds_total counter
            node_pressure_cpu_waiting_seconds_total 14.036781000000001
            # TYPE node_pressure_io_stalled_seconds_total counter
            node_pressure_io_stalled_seconds_total 0.5
            # TYPE node_pressure_io_waiting_seconds_total counter
            node_pressure_io_waiting_seconds_total 1.5
            # TYPE node_pressure_memory_stalled_seconds_total counter
            node_pressure_memory_stalled_seconds_total 1e-06
            # TYPE node_pressure_memory_waiting_seconds_total counter
            node_pressure_memory_waiting_seconds_total 0
        "#]],
        );
        check(
            "pressure",
            &[],
            |_| {},
            &expect!["error: no data: cannot read DIR/proc/pressure/cpu: No such file or directory (os error 2)\n"],
        );
    }
}
