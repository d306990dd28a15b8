//! `btrfs`: space and errors of Btrfs file systems.

mod ioctl;

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Collected, Ctx};
use super::{Collector, filesystem};
use crate::base::Exposition;
use ioctl::Device;

pub(super) struct Btrfs;

/// Bytes of a sector in `/sys/block`.
const SECTOR: u64 = 512;

impl Collector for Btrfs {
    fn name(&self) -> &'static str {
        "btrfs"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/fs/btrfs", ctx.sys);
        let names: Vec<String> = ctx.names(&folder).unwrap_or_default().into_iter().filter(|name| name.contains('-')).collect();
        if names.is_empty() {
            return Ok(());
        }
        let mounted = mounted(ctx);
        for name in names {
            let path = format!("{folder}/{name}");
            let uuid = ctx.attribute(&path, "metadata_uuid")?.filter(|uuid| !uuid.is_empty()).unwrap_or_else(|| name.clone());
            let label = ctx.attribute(&path, "label")?.unwrap_or_default();
            out.gauge("node_btrfs_info", "Label of the file system.", &[("label", &label), ("uuid", &uuid)], 1.0);
            let reserve = figure(ctx, &path, "allocation/global_rsv_size")?;
            out.gauge("node_btrfs_global_rsv_size_bytes", "Size of the global reserve.", &[("uuid", &uuid)], reserve as f64);
            let devices = ctx.names(&format!("{path}/devices"))?;
            for group in ["data", "metadata", "system"] {
                allocation(ctx, out, &format!("{path}/allocation/{group}"), group, &uuid, devices.len())?;
            }
            match mounted.get(&uuid.replace('-', "")) {
                Some(devices) => devices.iter().for_each(|device| details(out, device, &uuid)),
                None => {
                    for device in devices {
                        let sectors = figure(ctx, &path, &format!("devices/{device}/size"))?;
                        out.gauge(
                            "node_btrfs_device_size_bytes",
                            SIZE,
                            &[("device", &device), ("uuid", &uuid)],
                            sectors.wrapping_mul(SECTOR) as f64,
                        );
                    }
                }
            }
        }
        Ok(())
    }
}

const SIZE: &str = "Size of a device of the file system.";

/// What the file systems that are mounted say about their devices, by their id without dashes.
fn mounted(ctx: &Ctx) -> BTreeMap<String, Vec<Device>> {
    let mut found = BTreeMap::new();
    let mut done = BTreeSet::new();
    for mount in filesystem::mounts(ctx).unwrap_or_default() {
        if mount.fstype != "btrfs" || done.contains(&mount.device) {
            continue;
        }
        match ioctl::devices(&format!("{}{}", ctx.root, mount.point)) {
            Ok((uuid, devices)) => {
                done.insert(mount.device);
                found.entry(uuid).or_insert(devices);
            }
            // Another mount of the same file system may answer.
            Err(error) => tracing::debug!(path = mount.point, %error, "cannot ask the file system about its devices"),
        }
    }
    found
}

fn details(out: &mut Exposition, device: &Device, uuid: &str) {
    let name = device.path.rsplit('/').next().unwrap_or_default();
    let labels = [("btrfs_dev_uuid", device.uuid.as_str()), ("device", name), ("uuid", uuid)];
    out.gauge("node_btrfs_device_size_bytes", SIZE, &labels, device.total as f64);
    out.gauge(
        "node_btrfs_device_unused_bytes",
        "Bytes of the device that nothing uses.",
        &labels,
        device.total.wrapping_sub(device.used) as f64,
    );
    for (kind, count) in ["write", "read", "flush", "corruption", "generation"].into_iter().zip(device.errors) {
        let labels = [labels[0], labels[1], ("type", kind), labels[2]];
        out.counter("node_btrfs_device_errors_total", "Errors of the device, by kind.", &labels, count as f64);
    }
}

fn allocation(ctx: &Ctx, out: &mut Exposition, path: &str, group: &str, uuid: &str, devices: usize) -> Collected {
    let labels = [("block_group_type", group), ("uuid", uuid)];
    out.gauge("node_btrfs_reserved_bytes", "Bytes reserved, by use.", &labels, figure(ctx, path, "bytes_reserved")? as f64);
    for mode in ctx.names(path)? {
        let folder = format!("{path}/{mode}");
        if !std::path::Path::new(&folder).is_dir() {
            continue;
        }
        let labels = [labels[0], ("mode", mode.as_str()), labels[1]];
        out.gauge("node_btrfs_used_bytes", "Bytes used, by use and layout.", &labels, figure(ctx, &folder, "used_bytes")? as f64);
        out.gauge("node_btrfs_size_bytes", "Bytes allocated, by use and layout.", &labels, figure(ctx, &folder, "total_bytes")? as f64);
        out.gauge(
            "node_btrfs_allocation_ratio",
            "Bytes on disk for a byte of data, by use and layout.",
            &labels,
            ratio(&mode, devices as f64),
        );
    }
    Ok(())
}

fn ratio(mode: &str, devices: f64) -> f64 {
    match mode {
        "single" | "raid0" => 1.0,
        "dup" | "raid1" | "raid10" => 2.0,
        "raid1c3" => 3.0,
        "raid1c4" => 4.0,
        "raid5" => devices / (devices - 1.0),
        "raid6" => devices / (devices - 2.0),
        _ => 0.0,
    }
}

/// The number in a file; zero when there is none.
fn figure(ctx: &Ctx, path: &str, file: &str) -> Collected<u64> {
    Ok(ctx.attribute(path, file)?.and_then(|text| text.parse().ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn what_sysfs_knows_without_a_mount() {
        let files = [
            ("sys/fs/btrfs/features/", ""),
            ("sys/fs/btrfs/0abb23a9-579b/label", "fixture\n"),
            ("sys/fs/btrfs/0abb23a9-579b/devices/loop25/size", "20971520\n"),
            ("sys/fs/btrfs/0abb23a9-579b/devices/loop26/size", "20971520\n"),
            ("sys/fs/btrfs/0abb23a9-579b/devices/loop27/size", "20971520\n"),
            ("sys/fs/btrfs/0abb23a9-579b/allocation/global_rsv_size", "16777216\n"),
            ("sys/fs/btrfs/0abb23a9-579b/allocation/data/bytes_reserved", "7\n"),
            ("sys/fs/btrfs/0abb23a9-579b/allocation/data/raid5/total_bytes", "2147483648\n"),
            ("sys/fs/btrfs/0abb23a9-579b/allocation/data/raid5/used_bytes", "808189952\n"),
            ("sys/fs/btrfs/0abb23a9-579b/allocation/metadata/bytes_reserved", "0\n"),
            ("sys/fs/btrfs/0abb23a9-579b/allocation/system/bytes_reserved", "0\n"),
        ];
        check(
            "btrfs",
            &files,
            |_| {},
            &expect![[r##"
            # TYPE node_btrfs_allocation_ratio gauge
            node_btrfs_allocation_ratio{block_group_type="data",mode="raid5",uuid="0abb23a9-579b"} 1.5
            # TYPE node_btrfs_device_size_bytes gauge
            node_btrfs_device_size_bytes{device="loop25",uuid="0abb23a9-579b"} 1.073741824e+10
            node_btrfs_device_size_bytes{device="loop26",uuid="0abb23a9-579b"} 1.073741824e+10
            node_btrfs_device_size_bytes{device="loop27",uuid="0abb23a9-579b"} 1.073741824e+10
            # TYPE node_btrfs_global_rsv_size_bytes gauge
            node_btrfs_global_rsv_size_bytes{uuid="0abb23a9-579b"} 1.6777216e+07
            # TYPE node_btrfs_info gauge
            node_btrfs_info{label="fixture",uuid="0abb23a9-579b"} 1
            # TYPE node_btrfs_reserved_bytes gauge
            node_btrfs_reserved_bytes{block_group_type="data",uuid="0abb23a9-579b"} 7
            node_btrfs_reserved_bytes{block_group_type="metadata",uuid="0abb23a9-579b"} 0
            node_btrfs_reserved_bytes{block_group_type="system",uuid="0abb23a9-579b"} 0
            # TYPE node_btrfs_size_bytes gauge
            node_btrfs_size_bytes{block_group_type="data",mode="raid5",uuid="0abb23a9-579b"} 2.147483648e+09
            # TYPE node_btrfs_used_bytes gauge
            node_btrfs_used_bytes{block_group_type="data",mode="raid5",uuid="0abb23a9-579b"} 8.08189952e+08
        "##]],
        );
    }
}
