//! `tapestats`: what tape drives read and wrote.

use regex::Regex;

use super::Collector;
use super::config::{ConfigError, UnixConfig, pattern};
use super::context::{CollectError, Collected, Ctx};
use crate::base::{Exposition, Kind};

struct Tapestats {
    ignored: Regex,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    Ok(Box::new(Tapestats { ignored: pattern("tapestats.ignored_devices", &config.tapestats.ignored_devices)? }))
}

/// File, metric, type, factor and help text.
const FIGURES: [(&str, &str, Kind, f64, &str); 10] = [
    ("in_flight", "node_tape_io_now", Kind::Gauge, 1.0, "Requests in progress."),
    ("io_ns", "node_tape_io_time_seconds_total", Kind::Counter, 1e-9, "Seconds spent waiting for requests of all kinds."),
    ("other_cnt", "node_tape_io_others_total", Kind::Counter, 1.0, "Requests that were neither reads nor writes."),
    ("read_byte_cnt", "node_tape_read_bytes_total", Kind::Counter, 1.0, "Bytes read."),
    ("read_cnt", "node_tape_reads_completed_total", Kind::Counter, 1.0, "Reads."),
    ("read_ns", "node_tape_read_time_seconds_total", Kind::Counter, 1e-9, "Seconds spent waiting for reads."),
    ("resid_cnt", "node_tape_residual_total", Kind::Counter, 1.0, "Requests that moved less than they asked for."),
    ("write_byte_cnt", "node_tape_written_bytes_total", Kind::Counter, 1.0, "Bytes written."),
    ("write_cnt", "node_tape_writes_completed_total", Kind::Counter, 1.0, "Writes."),
    ("write_ns", "node_tape_write_time_seconds_total", Kind::Counter, 1e-9, "Seconds spent waiting for writes."),
];

impl Collector for Tapestats {
    fn name(&self) -> &'static str {
        "tapestats"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/class/scsi_tape", ctx.sys);
        ctx.names(&folder).map_err(CollectError::missing_is_no_data)?;
        // The folder also holds a device for each way to open a drive: `nst0`, `st0a`.
        for (_, device) in ctx.numbered(&folder, "st").iter().filter(|(_, device)| !self.ignored.is_match(device)) {
            let path = format!("{folder}/{device}/stats");
            for (file, name, kind, factor, help) in FIGURES {
                out.sample(kind, name, help, &[("device", device)], ctx.number(&path, file)? as f64 * factor);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn drives_but_not_their_other_names() {
        let files: Vec<(String, &str)> = super::FIGURES
            .iter()
            .enumerate()
            .map(|(number, (file, ..))| {
                (format!("sys/class/scsi_tape/st0/stats/{file}"), ["5\n", "1000000000\n"][usize::from(number == 1)])
            })
            .collect();
        let mut files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        files.push(("sys/class/scsi_tape/nst0/", ""));
        files.push(("sys/class/scsi_tape/st0a/", ""));
        check(
            "tapestats",
            &files,
            |_| {},
            &expect![[r##"
            # TYPE node_tape_io_now gauge
            node_tape_io_now{device="st0"} 5
            # TYPE node_tape_io_others_total counter
            node_tape_io_others_total{device="st0"} 5
            # TYPE node_tape_io_time_seconds_total counter
            node_tape_io_time_seconds_total{device="st0"} 1
            # TYPE node_tape_read_bytes_total counter
            node_tape_read_bytes_total{device="st0"} 5
            # TYPE node_tape_read_time_seconds_total counter
            node_tape_read_time_seconds_total{device="st0"} 5e-09
            # TYPE node_tape_reads_completed_total counter
            node_tape_reads_completed_total{device="st0"} 5
            # TYPE node_tape_residual_total counter
            node_tape_residual_total{device="st0"} 5
            # TYPE node_tape_write_time_seconds_total counter
            node_tape_write_time_seconds_total{device="st0"} 5e-09
            # TYPE node_tape_writes_completed_total counter
            node_tape_writes_completed_total{device="st0"} 5
            # TYPE node_tape_written_bytes_total counter
            node_tape_written_bytes_total{device="st0"} 5
        "##]],
        );
        check("tapestats", &files, |config| config.tapestats.ignored_devices = "st".into(), &expect![[""]]);
    }
}
