//! `bcache`: how well caches in front of slow disks work.

use super::Collector;
use super::config::{ConfigError, UnixConfig};
use super::context::{CollectError, Collected, Ctx};
use crate::base::{Exposition, Kind};

struct Bcache {
    priorities: bool,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    Ok(Box::new(Bcache { priorities: config.bcache.priority_stats }))
}

type Figure = (&'static str, &'static str, Kind);

/// File and metric of a set of caches.
const SET: [Figure; 10] = [
    ("average_key_size", "node_bcache_average_key_size_sectors", Kind::Gauge),
    ("btree_cache_size", "node_bcache_btree_cache_size_bytes", Kind::Gauge),
    ("cache_available_percent", "node_bcache_cache_available_percent", Kind::Gauge),
    ("congested", "node_bcache_congested", Kind::Gauge),
    ("root_usage_percent", "node_bcache_root_usage_percent", Kind::Gauge),
    ("tree_depth", "node_bcache_tree_depth", Kind::Gauge),
    ("internal/active_journal_entries", "node_bcache_active_journal_entries", Kind::Gauge),
    ("internal/btree_nodes", "node_bcache_btree_nodes", Kind::Gauge),
    (READ_DURATION, "node_bcache_btree_read_average_duration_seconds", Kind::Gauge),
    ("internal/cache_read_races", "node_bcache_cache_read_races_total", Kind::Counter),
];
/// The name says microseconds, the figures are nanoseconds.
const READ_DURATION: &str = "internal/btree_read_average_duration_us";
/// File and metric of a slow disk.
const BACKING: [Figure; 7] = [
    ("dirty_data", "node_bcache_dirty_data_bytes", Kind::Gauge),
    ("stats_total/bypassed", "node_bcache_bypassed_bytes_total", Kind::Counter),
    ("stats_total/cache_hits", "node_bcache_cache_hits_total", Kind::Counter),
    ("stats_total/cache_misses", "node_bcache_cache_misses_total", Kind::Counter),
    ("stats_total/cache_bypass_hits", "node_bcache_cache_bypass_hits_total", Kind::Counter),
    ("stats_total/cache_bypass_misses", "node_bcache_cache_bypass_misses_total", Kind::Counter),
    ("stats_total/cache_miss_collisions", "node_bcache_cache_miss_collisions_total", Kind::Counter),
];
/// Line of `writeback_rate_debug` and metric.
const WRITEBACK: [(&str, &str); 5] = [
    ("target:", "node_bcache_dirty_target_bytes"),
    ("rate:", "node_bcache_writeback_rate"),
    ("proportional:", "node_bcache_writeback_rate_proportional_term"),
    ("integral:", "node_bcache_writeback_rate_integral_term"),
    ("change:", "node_bcache_writeback_change"),
];
/// File and metric of a fast disk.
const CACHE: [Figure; 3] = [
    ("io_errors", "node_bcache_io_errors", Kind::Gauge),
    ("metadata_written", "node_bcache_metadata_written_bytes_total", Kind::Counter),
    ("written", "node_bcache_written_bytes_total", Kind::Counter),
];
/// Line of `priority_stats` and metric.
const PRIORITIES: [(&str, &str); 2] =
    [("Unused:", "node_bcache_priority_stats_unused_percent"), ("Metadata:", "node_bcache_priority_stats_metadata_percent")];
const HELP: &str = "A figure of bcache.";

impl Collector for Bcache {
    fn name(&self) -> &'static str {
        "bcache"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/fs/bcache", ctx.sys);
        for uuid in ctx.names(&folder).unwrap_or_default().iter().filter(|name| name.contains('-')) {
            let set = format!("{folder}/{uuid}");
            for (file, name, kind) in SET {
                let unit = if file == READ_DURATION { 1e-9 } else { 1.0 };
                out.sample(kind, name, HELP, &[("uuid", uuid)], figure(ctx, &set, file)? * unit);
            }
            for (_, device) in ctx.numbered(&set, "bdev") {
                backing(ctx, out, &format!("{set}/{device}"), &[("backing_device", &device), ("uuid", uuid)])?;
            }
            for (_, device) in ctx.numbered(&set, "cache") {
                self.cache(ctx, out, &format!("{set}/{device}"), &[("cache_device", &device), ("uuid", uuid)])?;
            }
        }
        Ok(())
    }
}

impl Bcache {
    fn cache(&self, ctx: &Ctx, out: &mut Exposition, path: &str, labels: &[(&str, &str)]) -> Collected {
        for (file, name, kind) in CACHE {
            out.sample(kind, name, HELP, labels, figure(ctx, path, file)?);
        }
        if self.priorities {
            lines(ctx, out, path, "priority_stats", &PRIORITIES, labels)?;
        }
        Ok(())
    }
}

fn backing(ctx: &Ctx, out: &mut Exposition, path: &str, labels: &[(&str, &str)]) -> Collected {
    for (file, name, kind) in BACKING {
        out.sample(kind, name, HELP, labels, figure(ctx, path, file)?);
    }
    let readaheads = figure(ctx, path, "stats_total/cache_readaheads")?;
    if readaheads != 0.0 {
        out.counter("node_bcache_cache_readaheads_total", HELP, labels, readaheads);
    }
    lines(ctx, out, path, "writeback_rate_debug", &WRITEBACK, labels)
}

/// Adds a gauge for each line that begins with one of `names`; its value is the last word.
fn lines(ctx: &Ctx, out: &mut Exposition, path: &str, file: &str, names: &[(&str, &str)], labels: &[(&str, &str)]) -> Collected {
    let text = ctx.join(path, file)?;
    for (word, name) in names {
        let found = text.lines().find(|line| line.starts_with(word)).and_then(|line| line.split_whitespace().next_back());
        let value = found.map_or(Some(0.0), |field| plain(field.trim_end_matches("/sec").trim_end_matches('%')));
        let value = value.ok_or_else(|| CollectError::parse(format!("{path}/{file}"), format!("no number after `{word}`")))?;
        out.gauge(name, HELP, labels, value);
    }
    Ok(())
}

/// The number in a file; zero when there is no such file.
fn figure(ctx: &Ctx, path: &str, file: &str) -> Collected<f64> {
    match ctx.join(path, file) {
        Ok(text) => {
            plain(text.trim()).ok_or_else(|| CollectError::parse(format!("{path}/{file}"), format!("`{}` is no number", text.trim())))
        }
        Err(error) if error.is_missing() => Ok(0.0),
        Err(error) => Err(error),
    }
}

/// `1.5k` as 1996: the kernel writes the fraction in tenths of 1024, not of 1000.
fn plain(text: &str) -> Option<f64> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let power = text.chars().last().and_then(|last| "kMGTPEZY".find(last)).map(|at| at + 1);
    let value = match power {
        None => text.parse::<f64>().ok()?.trunc(),
        Some(power) => {
            let number = &text[..text.len() - 1];
            let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
            let mantissa = whole.parse::<f64>().ok()? + fraction.parse::<f64>().ok()? / 10.24;
            (mantissa * 1024_f64.powi(i32::try_from(power).ok()?)).trunc()
        }
    };
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::plain;
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn a_set_with_a_disk_and_a_cache() {
        let files = [
            ("sys/fs/bcache/deaddd54-c735/tree_depth", "1\n"),
            ("sys/fs/bcache/deaddd54-c735/internal/btree_read_average_duration_us", "1305\n"),
            ("sys/fs/bcache/deaddd54-c735/bdev0/dirty_data", "4k\n"),
            ("sys/fs/bcache/deaddd54-c735/bdev0/stats_total/cache_readaheads", "13\n"),
            (
                "sys/fs/bcache/deaddd54-c735/bdev0/writeback_rate_debug",
                "rate:\t\t1.1M/sec\ndirty:\t\t20.4G\ntarget:\t\t20.4G\nproportional:\t427.5k\nintegral:\t-882.0k\nchange:\t\t321.5k/sec\nnext io:\t17ms\n",
            ),
            ("sys/fs/bcache/deaddd54-c735/cache0/written", "0\n"),
            ("sys/fs/bcache/deaddd54-c735/cache0/priority_stats", "Unused:\t\t99%\nMetadata:\t0%\nAverage:\t10473\n"),
        ];
        check(
            "bcache",
            &files,
            |config| config.bcache.priority_stats = true,
            &expect![[r##"
            # TYPE node_bcache_active_journal_entries gauge
            node_bcache_active_journal_entries{uuid="deaddd54-c735"} 0
            # TYPE node_bcache_average_key_size_sectors gauge
            node_bcache_average_key_size_sectors{uuid="deaddd54-c735"} 0
            # TYPE node_bcache_btree_cache_size_bytes gauge
            node_bcache_btree_cache_size_bytes{uuid="deaddd54-c735"} 0
            # TYPE node_bcache_btree_nodes gauge
            node_bcache_btree_nodes{uuid="deaddd54-c735"} 0
            # TYPE node_bcache_btree_read_average_duration_seconds gauge
            node_bcache_btree_read_average_duration_seconds{uuid="deaddd54-c735"} 1.305e-06
            # TYPE node_bcache_bypassed_bytes_total counter
            node_bcache_bypassed_bytes_total{backing_device="bdev0",uuid="deaddd54-c735"} 0
            # TYPE node_bcache_cache_available_percent gauge
            node_bcache_cache_available_percent{uuid="deaddd54-c735"} 0
            # TYPE node_bcache_cache_bypass_hits_total counter
            node_bcache_cache_bypass_hits_total{backing_device="bdev0",uuid="deaddd54-c735"} 0
            # TYPE node_bcache_cache_bypass_misses_total counter
            node_bcache_cache_bypass_misses_total{backing_device="bdev0",uuid="deaddd54-c735"} 0
            # TYPE node_bcache_cache_hits_total counter
            node_bcache_cache_hits_total{backing_device="bdev0",uuid="deaddd54-c735"} 0
            # TYPE node_bcache_cache_miss_collisions_total counter
            node_bcache_cache_miss_collisions_total{backing_device="bdev0",uuid="deaddd54-c735"} 0
            # TYPE node_bcache_cache_misses_total counter
            node_bcache_cache_misses_total{backing_device="bdev0",uuid="deaddd54-c735"} 0
            # TYPE node_bcache_cache_read_races_total counter
            node_bcache_cache_read_races_total{uuid="deaddd54-c735"} 0
            # TYPE node_bcache_cache_readaheads_total counter
            node_bcache_cache_readaheads_total{backing_device="bdev0",uuid="deaddd54-c735"} 13
            # TYPE node_bcache_congested gauge
            node_bcache_congested{uuid="deaddd54-c735"} 0
            # TYPE node_bcache_dirty_data_bytes gauge
            node_bcache_dirty_data_bytes{backing_device="bdev0",uuid="deaddd54-c735"} 4096
            # TYPE node_bcache_dirty_target_bytes gauge
            node_bcache_dirty_target_bytes{backing_device="bdev0",uuid="deaddd54-c735"} 2.189426688e+10
            # TYPE node_bcache_io_errors gauge
            node_bcache_io_errors{cache_device="cache0",uuid="deaddd54-c735"} 0
            # TYPE node_bcache_metadata_written_bytes_total counter
            node_bcache_metadata_written_bytes_total{cache_device="cache0",uuid="deaddd54-c735"} 0
            # TYPE node_bcache_priority_stats_metadata_percent gauge
            node_bcache_priority_stats_metadata_percent{cache_device="cache0",uuid="deaddd54-c735"} 0
            # TYPE node_bcache_priority_stats_unused_percent gauge
            node_bcache_priority_stats_unused_percent{cache_device="cache0",uuid="deaddd54-c735"} 99
            # TYPE node_bcache_root_usage_percent gauge
            node_bcache_root_usage_percent{uuid="deaddd54-c735"} 0
            # TYPE node_bcache_tree_depth gauge
            node_bcache_tree_depth{uuid="deaddd54-c735"} 1
            # TYPE node_bcache_writeback_change gauge
            node_bcache_writeback_change{backing_device="bdev0",uuid="deaddd54-c735"} 329204
            # TYPE node_bcache_writeback_rate gauge
            node_bcache_writeback_rate{backing_device="bdev0",uuid="deaddd54-c735"} 1.150976e+06
            # TYPE node_bcache_writeback_rate_integral_term gauge
            node_bcache_writeback_rate_integral_term{backing_device="bdev0",uuid="deaddd54-c735"} -903168
            # TYPE node_bcache_writeback_rate_proportional_term gauge
            node_bcache_writeback_rate_proportional_term{backing_device="bdev0",uuid="deaddd54-c735"} 437748
            # TYPE node_bcache_written_bytes_total counter
            node_bcache_written_bytes_total{cache_device="cache0",uuid="deaddd54-c735"} 0
        "##]],
        );
    }

    #[test]
    fn short_numbers() {
        for (text, expected) in
            [("542k", Some(555_008.0)), ("1.5k", Some(1524.0)), ("-2M", Some(-2_097_152.0)), ("12", Some(12.0)), ("", None), ("x", None)]
        {
            assert_eq!(plain(text), expected, "{text}");
        }
    }
}
