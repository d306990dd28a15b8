//! `ksmd`: how the kernel merges equal pages of memory.

use super::Collector;
use super::context::{Collected, Ctx};
use crate::base::{Exposition, Kind};

pub(super) struct Ksmd;

/// File, metric, type and factor.
const FILES: [(&str, &str, Kind, f64); 9] = [
    ("full_scans", "node_ksmd_full_scans_total", Kind::Counter, 1.0),
    ("merge_across_nodes", "node_ksmd_merge_across_nodes", Kind::Gauge, 1.0),
    ("pages_shared", "node_ksmd_pages_shared", Kind::Gauge, 1.0),
    ("pages_sharing", "node_ksmd_pages_sharing", Kind::Gauge, 1.0),
    ("pages_to_scan", "node_ksmd_pages_to_scan", Kind::Gauge, 1.0),
    ("pages_unshared", "node_ksmd_pages_unshared", Kind::Gauge, 1.0),
    ("pages_volatile", "node_ksmd_pages_volatile", Kind::Gauge, 1.0),
    ("run", "node_ksmd_run", Kind::Gauge, 1.0),
    ("sleep_millisecs", "node_ksmd_sleep_seconds", Kind::Gauge, 1000.0),
];

impl Collector for Ksmd {
    fn name(&self) -> &'static str {
        "ksmd"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/kernel/mm/ksm", ctx.sys);
        for (file, name, kind, unit) in FILES {
            out.sample(kind, name, "A figure of the merging of equal pages.", &[], ctx.number(&folder, file)? as f64 / unit);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn every_file_is_a_metric() {
        let paths: Vec<String> = super::FILES.iter().map(|(file, ..)| format!("sys/kernel/mm/ksm/{file}")).collect();
        let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "20\n")).collect();
        check(
            "ksmd",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_ksmd_full_scans_total counter
            node_ksmd_full_scans_total 20
            # TYPE node_ksmd_merge_across_nodes gauge
            node_ksmd_merge_across_nodes 20
            # TYPE node_ksmd_pages_shared gauge
            node_ksmd_pages_shared 20
            # TYPE node_ksmd_pages_sharing gauge
            node_ksmd_pages_sharing 20
            # TYPE node_ksmd_pages_to_scan gauge
            node_ksmd_pages_to_scan 20
            # TYPE node_ksmd_pages_unshared gauge
            node_ksmd_pages_unshared 20
            # TYPE node_ksmd_pages_volatile gauge
            node_ksmd_pages_volatile 20
            # TYPE node_ksmd_run gauge
            node_ksmd_run 20
            # TYPE node_ksmd_sleep_seconds gauge
            node_ksmd_sleep_seconds 0.02
        "#]],
        );
    }
}
