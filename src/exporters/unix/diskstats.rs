//! `diskstats`: what block devices read, wrote and discarded, and what udev knows about them.

use super::Collector;
use super::config::{ConfigError, DeviceFilter, UnixConfig};
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::{Exposition, Kind};

/// Sectors are counted in units of 512 bytes, whatever the device uses.
const SECTOR: f64 = 512.0;
const MILLISECOND: f64 = 0.001;

/// The figures of a line after device number and name: metric, type, factor and help text.
const FIGURES: [(&str, Kind, f64, &str); 17] = [
    ("node_disk_reads_completed_total", Kind::Counter, 1.0, "Reads completed."),
    ("node_disk_reads_merged_total", Kind::Counter, 1.0, "Reads merged with a neighbour."),
    ("node_disk_read_bytes_total", Kind::Counter, SECTOR, "Bytes read."),
    ("node_disk_read_time_seconds_total", Kind::Counter, MILLISECOND, "Seconds spent by all reads."),
    ("node_disk_writes_completed_total", Kind::Counter, 1.0, "Writes completed."),
    ("node_disk_writes_merged_total", Kind::Counter, 1.0, "Writes merged with a neighbour."),
    ("node_disk_written_bytes_total", Kind::Counter, SECTOR, "Bytes written."),
    ("node_disk_write_time_seconds_total", Kind::Counter, MILLISECOND, "Seconds spent by all writes."),
    ("node_disk_io_now", Kind::Gauge, 1.0, "Requests in progress."),
    ("node_disk_io_time_seconds_total", Kind::Counter, MILLISECOND, "Seconds with a request in progress."),
    ("node_disk_io_time_weighted_seconds_total", Kind::Counter, MILLISECOND, "Seconds with a request in progress, times the requests."),
    ("node_disk_discards_completed_total", Kind::Counter, 1.0, "Discards completed."),
    ("node_disk_discards_merged_total", Kind::Counter, 1.0, "Discards merged with a neighbour."),
    ("node_disk_discarded_sectors_total", Kind::Counter, 1.0, "Sectors discarded."),
    ("node_disk_discard_time_seconds_total", Kind::Counter, MILLISECOND, "Seconds spent by all discards."),
    ("node_disk_flush_requests_total", Kind::Counter, 1.0, "Flushes completed."),
    ("node_disk_flush_requests_time_seconds_total", Kind::Counter, MILLISECOND, "Seconds spent by all flushes."),
];

/// Properties of an ATA disk that are numbers.
const ATA: [(&str, &str, &str); 3] = [
    ("ID_ATA_WRITE_CACHE", "node_disk_ata_write_cache", "Whether the disk has a write cache."),
    ("ID_ATA_WRITE_CACHE_ENABLED", "node_disk_ata_write_cache_enabled", "Whether the write cache is on."),
    ("ID_ATA_ROTATION_RATE_RPM", "node_disk_ata_rotation_rate_rpm", "Rotations per minute; 0 for a disk without moving parts."),
];

struct Diskstats {
    filter: DeviceFilter,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    let exclude = if config.disk.device_include.is_empty() { config.disk.device_exclude.as_str() } else { "" };
    let filter = DeviceFilter::new(("disk.device_exclude", exclude), ("disk.device_include", &config.disk.device_include))?;
    Ok(Box::new(Diskstats { filter }))
}

impl Collector for Diskstats {
    fn name(&self) -> &'static str {
        "diskstats"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("diskstats")?;
        for line in text.lines() {
            let mut fields = line.split_whitespace();
            let (Some(major), Some(minor), Some(device)) = (fields.next(), fields.next(), fields.next()) else {
                return Err(CollectError::parse("diskstats", format!("no device in `{line}`")));
            };
            if self.filter.ignores(device) {
                continue;
            }
            for ((name, kind, factor, help), field) in FIGURES.iter().zip(fields) {
                out.sample(*kind, name, help, &[("device", device)], parse_float(field, "diskstats")? * factor);
            }
            udev(ctx, out, device, major, minor);
        }
        Ok(())
    }
}

fn udev(ctx: &Ctx, out: &mut Exposition, device: &str, major: &str, minor: &str) {
    let text = ctx.join(&ctx.udev, &format!("b{major}:{minor}")).ok();
    let text = text.as_deref().unwrap_or_default();
    let get = |key: &str| property(text, key).unwrap_or_default();
    // The serial number printed on the disk; else the one that tells the disks of this machine apart.
    let serial = Some(get("SCSI_IDENT_SERIAL")).filter(|serial| !serial.is_empty()).unwrap_or_else(|| get("ID_SERIAL_SHORT"));
    out.gauge(
        "node_disk_info",
        "What udev knows about the device.",
        &[
            ("device", device),
            ("major", major),
            ("minor", minor),
            ("model", get("ID_MODEL")),
            ("path", get("ID_PATH")),
            ("revision", get("ID_REVISION")),
            ("serial", serial),
            ("wwn", get("ID_WWN")),
        ],
        1.0,
    );
    if text.is_empty() {
        return;
    }
    if !get("ID_FS_TYPE").is_empty() {
        let labels = [
            ("device", device),
            ("type", get("ID_FS_TYPE")),
            ("usage", get("ID_FS_USAGE")),
            ("uuid", get("ID_FS_UUID")),
            ("version", get("ID_FS_VERSION")),
        ];
        out.gauge("node_disk_filesystem_info", "The file system on the device.", &labels, 1.0);
    }
    if !get("DM_NAME").is_empty() {
        let labels = [
            ("device", device),
            ("lv_layer", get("DM_LV_LAYER")),
            ("lv_name", get("DM_LV_NAME")),
            ("name", get("DM_NAME")),
            ("uuid", get("DM_UUID")),
            ("vg_name", get("DM_VG_NAME")),
        ];
        out.gauge("node_disk_device_mapper_info", "What the device mapper calls the device.", &labels, 1.0);
    }
    if !get("ID_ATA").is_empty() {
        for (key, name, help) in ATA {
            if let Some(value) = property(text, key).and_then(|value| value.parse().ok()) {
                out.gauge(name, help, &[("device", device)], value);
            }
        }
    }
}

/// The value of a device property: lines of udev's database that begin with `E:`.
fn property<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().filter_map(|line| line.strip_prefix("E:")?.split_once('=')).find(|(name, _)| *name == key).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn old_kernels_have_fewer_figures_and_partitions_are_left_out() {
        let text = "   8       0 sda 25 4 2000 70 14 9 4000 60 3 80 130\n   8       1 sda1 1 1 1 1 1 1 1 1 1 1 1\n";
        check(
            "diskstats",
            &[("proc/diskstats", text)],
            |_| {},
            &expect![[r#"
            # TYPE node_disk_info gauge
            node_disk_info{device="sda",major="8",minor="0",model="",path="",revision="",serial="",wwn=""} 1
            # TYPE node_disk_io_now gauge
            node_disk_io_now{device="sda"} 3
            # TYPE node_disk_io_time_seconds_total counter
            node_disk_io_time_seconds_total{device="sda"} 0.08
            # TYPE node_disk_io_time_weighted_seconds_total counter
            node_disk_io_time_weighted_seconds_total{device="sda"} 0.13
            # TYPE node_disk_read_bytes_total counter
            node_disk_read_bytes_total{device="sda"} 1.024e+06
            # TYPE node_disk_read_time_seconds_total counter
            node_disk_read_time_seconds_total{device="sda"} 0.07
            # TYPE node_disk_reads_completed_total counter
            node_disk_reads_completed_total{device="sda"} 25
            # TYPE node_disk_reads_merged_total counter
            node_disk_reads_merged_total{device="sda"} 4
            # TYPE node_disk_write_time_seconds_total counter
            node_disk_write_time_seconds_total{device="sda"} 0.06
            # TYPE node_disk_writes_completed_total counter
            node_disk_writes_completed_total{device="sda"} 14
            # TYPE node_disk_writes_merged_total counter
            node_disk_writes_merged_total{device="sda"} 9
            # TYPE node_disk_written_bytes_total counter
            node_disk_written_bytes_total{device="sda"} 2.048e+06
        "#]],
        );
    }

    #[test]
    fn udev_describes_the_device() {
        let udev = "S:disk/by-id/x\nE:ID_MODEL=FAST\nE:ID_SERIAL_SHORT=S1\nE:ID_FS_TYPE=ext4\nE:ID_FS_UUID=u-1\nE:DM_NAME=vg-root\nE:DM_VG_NAME=vg\nE:ID_ATA=1\nE:ID_ATA_ROTATION_RATE_RPM=7200\n";
        let configure = |config: &mut crate::unix::config::UnixConfig| config.disk.device_include = "^sda1$".into();
        check(
            "diskstats",
            &[("proc/diskstats", "8 1 sda1\n"), ("udev/b8:1", udev)],
            configure,
            &expect![[r#"
            # TYPE node_disk_ata_rotation_rate_rpm gauge
            node_disk_ata_rotation_rate_rpm{device="sda1"} 7200
            # TYPE node_disk_device_mapper_info gauge
            node_disk_device_mapper_info{device="sda1",lv_layer="",lv_name="",name="vg-root",uuid="",vg_name="vg"} 1
            # TYPE node_disk_filesystem_info gauge
            node_disk_filesystem_info{device="sda1",type="ext4",usage="",uuid="u-1",version=""} 1
            # TYPE node_disk_info gauge
            node_disk_info{device="sda1",major="8",minor="1",model="FAST",path="",revision="",serial="S1",wwn=""} 1
        "#]],
        );
    }
}
