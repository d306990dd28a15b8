//! `zoneinfo`: pages of each zone of memory.

use super::Collector;
use super::context::{Collected, Ctx};
use crate::base::{Exposition, Kind};

pub(super) struct Zoneinfo;

/// Figures that are gauges: the name in the file, and what the metric is called after `node_zoneinfo_`.
const GAUGES: [(&str, &str); 26] = [
    ("nr_free_pages", "nr_free_pages"),
    ("min", "min_pages"),
    ("low", "low_pages"),
    ("high", "high_pages"),
    ("scanned", "scanned_pages"),
    ("spanned", "spanned_pages"),
    ("present", "present_pages"),
    ("managed", "managed_pages"),
    ("nr_active_anon", "nr_active_anon_pages"),
    ("nr_inactive_anon", "nr_inactive_anon_pages"),
    ("nr_isolated_anon", "nr_isolated_anon_pages"),
    ("nr_anon_pages", "nr_anon_pages"),
    ("nr_anon_transparent_hugepages", "nr_anon_transparent_hugepages"),
    ("nr_active_file", "nr_active_file_pages"),
    ("nr_inactive_file", "nr_inactive_file_pages"),
    ("nr_isolated_file", "nr_isolated_file_pages"),
    ("nr_file_pages", "nr_file_pages"),
    ("nr_slab_reclaimable", "nr_slab_reclaimable_pages"),
    ("nr_slab_unreclaimable", "nr_slab_unreclaimable_pages"),
    ("nr_mlock_stack", "nr_mlock_stack_pages"),
    ("nr_kernel_stack", "nr_kernel_stacks"),
    ("nr_mapped", "nr_mapped_pages"),
    ("nr_dirty", "nr_dirty_pages"),
    ("nr_writeback", "nr_writeback_pages"),
    ("nr_unevictable", "nr_unevictable_pages"),
    ("nr_shmem", "nr_shmem_pages"),
];
/// Figures that are counters; the metric ends in `_total`.
const COUNTERS: [&str; 8] =
    ["nr_dirtied", "nr_written", "numa_hit", "numa_miss", "numa_foreign", "numa_interleave", "numa_local", "numa_other"];
const HELP: &str = "A figure of the zone.";

impl Collector for Zoneinfo {
    fn name(&self) -> &'static str {
        "zoneinfo"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("zoneinfo")?;
        let (mut node, mut zone) = ("", "");
        for line in text.lines() {
            let mut fields = line.split_whitespace();
            let (Some(key), Some(value)) = (fields.next(), fields.next()) else { continue };
            if key == "Node" {
                (node, zone) = (value.trim_end_matches(','), fields.nth(1).unwrap_or_default());
                continue;
            }
            let labels = [("node", node), ("zone", zone)];
            if key == "protection:" {
                let list = line.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(list, _)| list);
                for (index, number) in list.split(", ").enumerate() {
                    if let Ok(pages) = number.parse() {
                        out.gauge(&format!("node_zoneinfo_protection_{index}"), HELP, &labels, pages);
                    }
                }
                continue;
            }
            let Ok(value) = value.parse() else { continue };
            if let Some((_, name)) = GAUGES.iter().find(|(figure, _)| *figure == key) {
                out.sample(Kind::Gauge, &format!("node_zoneinfo_{name}"), HELP, &labels, value);
            } else if COUNTERS.contains(&key) {
                out.sample(Kind::Counter, &format!("node_zoneinfo_{key}_total"), HELP, &labels, value);
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
    fn a_zone() {
        let text = "Node 0, zone      DMA\n  per-node stats\n      nr_inactive_anon 95612\n      nr_dirtied   1189097\n  pages free     2949\n        min      8\n        protection: (0, 2039, 32)\n      numa_hit     5\n    cpu: 0\n              high:  0\nNode 1, zone   Normal\n        min      9\n";
        check(
            "zoneinfo",
            &[("proc/zoneinfo", text)],
            |_| {},
            &expect![[r##"
            # TYPE node_zoneinfo_min_pages gauge
            node_zoneinfo_min_pages{node="0",zone="DMA"} 8
            node_zoneinfo_min_pages{node="1",zone="Normal"} 9
            # TYPE node_zoneinfo_nr_dirtied_total counter
            node_zoneinfo_nr_dirtied_total{node="0",zone="DMA"} 1.189097e+06
            # TYPE node_zoneinfo_nr_inactive_anon_pages gauge
            node_zoneinfo_nr_inactive_anon_pages{node="0",zone="DMA"} 95612
            # TYPE node_zoneinfo_numa_hit_total counter
            node_zoneinfo_numa_hit_total{node="0",zone="DMA"} 5
            # TYPE node_zoneinfo_protection_0 gauge
            node_zoneinfo_protection_0{node="0",zone="DMA"} 0
            # TYPE node_zoneinfo_protection_1 gauge
            node_zoneinfo_protection_1{node="0",zone="DMA"} 2039
            # TYPE node_zoneinfo_protection_2 gauge
            node_zoneinfo_protection_2{node="0",zone="DMA"} 32
        "##]],
        );
    }
}
